//! The login page, and the page after a login by URL.

use maud::{Markup, html};

use super::layout::{Page, forgery_field};
use crate::serve::access::Access;

/// The login page that leads to `next`.
pub(in crate::serve) fn login(access: &Access, next: &str, error: Option<&str>) -> Page {
    let main = html! {
        h1 { "Connexion" }
        form.panel.narrow method="post" action="/login" {
            (forgery_field(access))
            input type="hidden" name="next" value=(next);
            @if let Some(error) = error {
                div.alert.bad role="alert" { p #erreur { (error) } }
            }
            @if access.asks_for_code() { (code_field(error)) } @else { (token_field(error)) }
            div.buttons { button.primary type="submit" { "Entrer" } }
        }
    };
    Page::outside("Connexion", &main)
}

fn code_field(error: Option<&str>) -> Markup {
    html! {
        div.field {
            label for="code" { "Code" }
            input #code type="text" name="code" required autocomplete="one-time-code" autocapitalize="characters"
                spellcheck="false" aria-describedby=(described_by(error)) aria-invalid=[error.map(|_| "true")];
            p.help #aide { "Huit lettres et chiffres, affichés dans le terminal où « crmreco serve » a été lancé" }
        }
    }
}

fn token_field(error: Option<&str>) -> Markup {
    html! {
        // Password managers need a user name.
        input type="text" name="username" value="crmreco" autocomplete="username" hidden;
        div.field {
            label for="token" { "Jeton" }
            input #token type="password" name="token" required autocomplete="current-password"
                aria-describedby=(described_by(error)) aria-invalid=[error.map(|_| "true")];
            p.help #aide { "Celui que la personne qui a lancé le serveur vous a donné (CRMRECO_SERVE_TOKEN)" }
        }
    }
}

fn described_by(error: Option<&str>) -> &'static str {
    if error.is_some() {
        "erreur aide"
    } else {
        "aide"
    }
}

/// Leads to the first page. A redirect would not do: browsers do not send a `SameSite=Strict` cookie with requests
/// that another site or a file started, redirects included.
pub(in crate::serve) fn entered() -> Page {
    let main = html! {
        h1 { "Vous êtes connecté" }
        p { a href="/connectors" { "Continuer vers la liste des connecteurs" } }
    };
    Page::leading_to("/connectors", "Connexion", &main)
}
