//! Rows that could not be understood.

use maud::{Markup, html};

use super::layout::Page;
use super::parts;
use crate::answers::RejectsAnswer;
use crate::canonical::Table;
use crate::connectors::Words;
use crate::french;
use crate::serve::access::Access;

/// The page of the rejects of a run. `words`: what its connector calls its parts.
pub(in crate::serve) fn rejects(access: &Access, answer: &RejectsAnswer, words: Words) -> Page {
    let name = &answer.connector_name;
    let run_id = answer.run_id.unwrap_or_default();
    let path = format!(
        "/connectors/{name}/rejects?run={run_id}&limit={}&",
        answer.limit
    );
    let shown = answer.rejects.len() as u64;
    let main = html! {
        p { a href={ "/connectors/" (name) } { "← Retour à " (name) } }
        h1 { "Lignes rejetées" }
        @if answer.total == 0 {
            p.empty { "Aucune ligne rejetée." }
        } @else {
            p.subtitle { "Synchronisation n° " (run_id) " : "
                (french::plural(answer.total, "ligne rejetée", "lignes rejetées")) }
            p { "Corrigez-les dans la source, puis synchronisez de nouveau : elles entreront comme les autres." }
            (table(answer, words))
            (parts::pager(&path, answer.offset, shown, answer.limit, answer.total))
        }
    };
    Page::new("Lignes rejetées", Some(access), &main)
}

/// The table of a page of rejects.
pub(super) fn table(answer: &RejectsAnswer, words: Words) -> Markup {
    let label = |name| Table::from_report_name(name).map_or(name, Table::label);
    html! {
        div.wide tabindex="0" role="region" aria-label="Lignes rejetées" {
            table {
                thead { tr {
                    @for title in ["Table", words.part, words.position, "Colonne", "Valeur", "Raison"] {
                        th scope="col" { (title) }
                    }
                } }
                tbody {
                    @for reject in &answer.rejects {
                        tr {
                            td { (label(reject.table)) }
                            td { (reject.origin) }
                            td { (reject.position) }
                            td { (reject.column.as_deref().unwrap_or("—")) }
                            td { (reject.value.as_deref().unwrap_or("—")) }
                            td { (reject.reason) }
                        }
                    }
                }
            }
        }
    }
}
