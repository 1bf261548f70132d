//! The first page: all connectors, totals and recent syncs.

use maud::{Markup, html};

use super::cards::{Overview, cards};
use super::icons::Icon;
use super::layout::Page;
use super::parts::{self, label_of};
use crate::french;
use crate::json::{ListAnswer, SyncAnswer};
use crate::serve::access::Access;

const TITLE: &str = "Sources de données";

/// The page of `overview`.
pub(in crate::serve) fn list(access: &Access, overview: &Overview) -> Page {
    let answer = &overview.answer;
    let connectors = &answer.connectors.0;
    let is_syncing = connectors.iter().any(|(_, one)| one.status == "syncing");
    let main = html! {
        (parts::refresh_without_script(is_syncing))
        @if let Some(name) = &overview.removed {
            div.alert.good role="status" { p { "✓ '" (name) "' retiré" } }
        }
        div.title {
            div { h1 { (Icon::Database.draw()) (TITLE) } p.subtitle { "Gérez vos connecteurs" } }
            div.buttons {
                @if connectors.len() > 1 {
                    button form="actions" formaction="/connectors/api/sync-all" { "Tout synchroniser" }
                }
                a.button.primary href="/connectors/new" { "+ Ajouter un connecteur" }
            }
        }
        (totals(answer))
        section aria-labelledby="connecteurs" {
            h2 #connecteurs { "Connecteurs" }
            @if connectors.is_empty() {
                div.empty {
                    p { "Aucun connecteur n'est enregistré." }
                    p { "Un connecteur dit où sont vos clients, vos vins, vos ventes et votre stock : "
                        "un dossier d'exports iSaVigne, ou un serveur Odoo." }
                    p { a href="/connectors/new" { "Ajoutez le premier" } }
                }
            } @else {
                (cards(access, overview))
            }
        }
        @if !overview.leftovers.is_empty() { (leftovers(&overview.leftovers)) }
        section aria-labelledby="syncs" {
            h2 #syncs { (Icon::Chart.draw()) "Dernières synchronisations" }
            @if answer.recent_syncs.is_empty() {
                p.empty { "Aucune synchronisation encore." }
            } @else {
                (recent(answer))
            }
        }
    };
    Page::at("/connectors", TITLE, access, &main)
}

/// Rows of connectors that were removed without them.
fn leftovers(leftovers: &[(String, u64)]) -> Markup {
    html! {
        section.panel aria-labelledby="restes" {
            h2 #restes { "Lignes de connecteurs retirés" }
            p.help { "Ces connecteurs ont été retirés, et leurs lignes sont restées en base." }
            ul.leftovers {
                @for (name, rows) in leftovers.iter().take(parts::MOST_ROWS) {
                    li {
                        span { strong { (name) } " : " (french::plural(*rows, "ligne", "lignes")) }
                        a.button href={ "/connectors/" (name) "/remove" } { "Effacer" i { " les lignes de " (name) } }
                    }
                }
            }
        }
    }
}

fn totals(answer: &ListAnswer) -> Markup {
    let healthy = answer.status.connectors_by_status.0.iter();
    let healthy = healthy.filter(|(status, _)| status == "healthy");
    let healthy: usize = healthy.map(|(_, count)| *count).sum();
    let totals = [
        (
            "Connecteurs",
            answer.status.connectors_registered.to_string(),
        ),
        ("Sains", healthy.to_string()),
        ("Synchronisations", french::count(answer.status.total_syncs)),
        (
            "Lignes en base",
            french::count(answer.metrics.total_records_synced),
        ),
    ];
    html! {
        dl.totals { @for (label, value) in totals { div { dt { (label) } dd { (value) } } } }
    }
}

fn recent(answer: &ListAnswer) -> Markup {
    let connectors = &answer.connectors.0;
    let is_registered = |run: &SyncAnswer| {
        connectors
            .iter()
            .any(|(name, _)| *name == run.connector_name)
    };
    html! {
        div.wide tabindex="0" role="region" aria-label="Tableau des synchronisations" {
            table.recent {
                thead { tr {
                    th scope="col" { "Date" }
                    th scope="col" { "Connecteur" }
                    th.spare scope="col" { "Type" }
                    th scope="col" { "Statut" }
                    th.number scope="col" { "Lignes" }
                    th.number.spare scope="col" { "Durée" }
                } }
                tbody {
                    @for run in &answer.recent_syncs {
                        tr {
                            td { @if is_registered(run) { (link(run)) } @else { (parts::instant(&run.timestamp)) } }
                            td { (run.connector_name) }
                            td.spare { (run.connector_type.as_deref().map_or("—", label_of)) }
                            td { (parts::badge(french::run_status(run.status))) }
                            @if run.status == "running" {
                                td.number { "—" }
                                td.number.spare { "—" }
                            } @else {
                                td.number { (french::count(run.accepted())) }
                                td.number.spare { (french::duration(run.duration_seconds)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The time stamp of a run as a link to its details; its area is the whole row.
fn link(run: &SyncAnswer) -> Markup {
    let run_id = run.run_id.unwrap_or_default();
    html! {
        a href={ "/connectors/" (run.connector_name) "?run=" (run_id) "#sync-n-" (run_id) } {
            (french::instant(&run.timestamp))
        }
    }
}
