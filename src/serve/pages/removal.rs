//! The page that asks before a connector is removed.

use maud::{Markup, html};

use super::layout::{Page, forgery_field};
use crate::serve::access::Access;

/// What may be removed.
#[derive(Debug)]
pub(in crate::serve) struct Removal<'a> {
    pub(in crate::serve) name: &'a str,
    /// False: only rows and history are left of it.
    pub(in crate::serve) is_registered: bool,
}

/// The page that asks.
pub(in crate::serve) fn removal(access: &Access, removal: &Removal<'_>) -> Page {
    let name = removal.name;
    let title = if removal.is_registered {
        format!("Supprimer {name} ?")
    } else {
        format!("Effacer les lignes de {name} ?")
    };
    let main = html! {
        h1 { (title) }
        form.panel method="post" action={ "/connectors/" (name) "/remove" } {
            (forgery_field(access))
            @if removal.is_registered { (of_registered()) } @else { (of_leftovers()) }
            div.buttons {
                @if removal.is_registered {
                    button { "Supprimer, garder les lignes" }
                    button.danger name="purge" value="1" { "Supprimer avec ses lignes" }
                } @else {
                    button.danger name="purge" value="1" { "Effacer" }
                }
                a.button href=(if removal.is_registered { format!("/connectors/{name}") } else { "/connectors".to_owned() }) { "Annuler" }
            }
        }
    };
    Page::new(&title, access, &main)
}

fn of_registered() -> Markup {
    html! {
        p { "Ses réglages seront retirés, et il ne sera plus synchronisé." }
        p { "Ses lignes (clients, vins, ventes, stock, contacts) et son historique restent en base, ou sont effacés avec lui. "
            "Rien n'est changé à la source." }
    }
}

fn of_leftovers() -> Markup {
    html! {
        p { "Ce connecteur a été retiré, et ses lignes sont restées en base." }
        p { "Elles seront effacées, avec son historique. Rien n'est changé à la source." }
    }
}
