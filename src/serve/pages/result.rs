//! The result of a test or a sync. The script shows the same in a dialog.

use maud::{Markup, html};

use super::labels::said;
use super::layout::Page;
use super::parts;
use crate::canonical::Table;
use crate::connectors::Words;
use crate::french::{self, Tone};
use crate::json::{SyncAnswer, TestAnswer};
use crate::serve::access::Access;
use crate::sync::{Options, Outcome};

/// The page of a test.
pub(in crate::serve) fn tested(access: &Access, answer: &TestAnswer, kind: &str) -> Page {
    let name = &answer.connector_name;
    let title = format!("Test de {name}");
    page(access, name, &title, &test_result(answer, kind))
}

/// The result of a test of a connector of type `kind`.
pub(super) fn test_result(answer: &TestAnswer, kind: &str) -> Markup {
    let part = Words::of(kind).part;
    html! {
        div.alert.(tone(answer.success)) { p { (said(&answer.message)) } }
        @if !answer.checks.is_empty() {
            div.wide tabindex="0" role="region" aria-label="Ce qui a été trouvé" {
                table.stack {
                    thead { tr {
                        th scope="col" { "Lisible" }
                        th scope="col" { (part) }
                        th.number scope="col" { "Lignes" }
                        th scope="col" { "Constat" }
                    } }
                    tbody {
                        @for check in answer.checks.iter().take(parts::MOST_ROWS) {
                            tr {
                                td data-title="Lisible" { @if check.ok { "✓ oui" } @else { "✗ non" } }
                                td data-title=(part) { (check.name) }
                                td.number data-title="Lignes" { (check.rows.map_or("—".to_owned(), french::count)) }
                                td data-title="Constat" { (said(&check.detail)) }
                            }
                        }
                    }
                }
            }
            @if answer.checks.len() > parts::MOST_ROWS {
                p { (parts::others(answer.checks.len() - parts::MOST_ROWS)) }
            }
        }
    }
}

/// The page of a finished sync with `options`.
pub(in crate::serve) fn synced(
    access: &Access,
    outcome: &Outcome,
    answer: &SyncAnswer,
    options: &Options,
) -> Page {
    let name = &answer.connector_name;
    let already_read = outcome.already_read;
    let seconds = french::duration(answer.duration_seconds);
    let message = match answer.status {
        "success" if answer.dry_run => {
            format!("✓ Essai à blanc réussi en {seconds} : rien n'a été écrit")
        }
        "success" => format!("✓ Synchronisation réussie en {seconds}"),
        "interrupted" => "✗ Synchronisation interrompue, rien n'est resté à moitié fait".to_owned(),
        _ if answer.dry_run => format!("✗ L'essai à blanc a échoué au bout de {seconds}"),
        _ => format!("✗ La synchronisation a échoué au bout de {seconds}"),
    };
    let table = options.table.map(Table::option_name);
    let has_rows = answer.records.filled().next().is_some();
    let files = french::plural(
        already_read as u64,
        "fichier déjà lu, inchangé",
        "fichiers déjà lus, inchangés",
    );
    let result = html! {
        div.alert.(tone(answer.success)) { p { (message) } }
        (parts::messages("Erreurs", Tone::Bad, &answer.errors))
        (parts::allow_shrink(access, name, &answer.errors, table))
        @if has_rows { (parts::records(&answer.records)) }
        @if already_read > 0 {
            p { @if answer.success && !has_rows { "Rien de nouveau : " } (files) }
        }
        (parts::messages("Avertissements", Tone::Warning, &answer.warnings))
        @if let Some(run_id) = answer.run_id.filter(|_| has_rows) {
            p { a href={ "/connectors/" (name) "/receipt?run=" (run_id) } { "Voir le reçu" } }
        }
        @if let Some(run_id) = answer.run_id.filter(|_| answer.rejected() > 0) {
            p { a href={ "/connectors/" (name) "/rejects?run=" (run_id) } { "Voir les lignes rejetées" } }
        }
    };
    page(access, name, &format!("Synchronisation de {name}"), &result)
}

fn page(access: &Access, name: &str, title: &str, result: &Markup) -> Page {
    let main = html! {
        section #resultat {
            h1 #resultat-titre { (title) }
            (result)
        }
        p { a href={ "/connectors/" (name) } { "← Retour à " (name) } }
    };
    Page::new(title, access, &main)
}

fn tone(success: bool) -> &'static str {
    if success { "good" } else { "bad" }
}
