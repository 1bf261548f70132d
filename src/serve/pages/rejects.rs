//! The page of rejects.

use maud::{Markup, html};

use super::layout::Page;
use super::parts;
use crate::canonical::Table;
use crate::connectors::Words;
use crate::french;
use crate::json::{RejectAnswer, RejectsAnswer};
use crate::serve::access::Access;

/// The page of the rejects of a run. `words`: names of the parts of the connector's source.
pub(in crate::serve) fn rejects(access: &Access, answer: &RejectsAnswer, words: Words) -> Page {
    let name = &answer.connector_name;
    let run_id = answer.run_id.unwrap_or_default();
    let path = format!(
        "/connectors/{name}/rejects?run={run_id}&limit={}&",
        answer.limit
    );
    let slice = parts::Slice {
        offset: answer.offset,
        shown: answer.rejects.len() as u64,
        limit: answer.limit,
        total: answer.total,
    };
    let main = html! {
        p { a href={ "/connectors/" (name) } { "← Retour à " (name) } }
        h1 { "Lignes rejetées" }
        @if answer.total == 0 {
            p.empty { "Aucune ligne rejetée." }
        } @else {
            p.subtitle { "Synchronisation n° " (run_id) " : "
                (french::plural(answer.total, "ligne rejetée", "lignes rejetées")) }
            p { a.button href={ "/connectors/" (name) "/rejects.csv?run=" (run_id) } { "Télécharger en CSV" } }
            p { "Corrigez-les dans la source, puis synchronisez de nouveau : elles entreront comme les autres." }
            (table(answer, words))
            (parts::pager(&path, ("Précédentes", "Suivantes"), slice))
        }
    };
    Page::new("Lignes rejetées", access, &main)
}

/// The table of a page of rejects.
pub(super) fn table(answer: &RejectsAnswer, words: Words) -> Markup {
    let titles = reject_titles(words);
    html! {
        div.wide tabindex="0" role="region" aria-label="Lignes rejetées" {
            table.stack {
                thead { tr {
                    @for title in titles {
                        th scope="col" { (title) }
                    }
                } }
                tbody {
                    @for reject in &answer.rejects {
                        tr {
                            @for (title, cell) in titles.iter().zip(reject_cells(reject)) {
                                td data-title=(title) { (or_dash(cell)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Headings of the columns of rejects, on pages and in files.
pub(in crate::serve) fn reject_titles(words: Words) -> [&'static str; 6] {
    [
        "Table",
        words.part,
        words.position,
        "Colonne",
        "Valeur",
        "Raison",
    ]
}

/// The cells of a reject under these headings.
pub(in crate::serve) fn reject_cells(reject: &RejectAnswer) -> [&str; 6] {
    [
        Table::from_report_name(reject.table).map_or(reject.table, Table::label),
        &reject.origin,
        &reject.position,
        reject.column.as_deref().unwrap_or_default(),
        reject.value.as_deref().unwrap_or_default(),
        &reject.reason,
    ]
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "—" } else { text }
}
