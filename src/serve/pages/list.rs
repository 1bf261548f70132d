//! The first page: all connectors, totals and recent syncs.

use std::borrow::Cow;

use maud::{Markup, html};

use super::layout::Page;
use super::parts;
use crate::connectors::ConnectorKind;
use crate::french;
use crate::json::{ConnectorAnswer, ListAnswer, SyncAnswer};
use crate::serve::access::Access;

const TITLE: &str = "Sources de données";

/// Longest error in a card: fifty cards with errors stay below 60 kB.
const MOST_ERROR_CHARS: usize = 100;

/// The page of `answer`.
pub(in crate::serve) fn list(access: &Access, answer: &ListAnswer) -> Page {
    let connectors = &answer.connectors.0;
    let is_syncing = connectors.iter().any(|(_, one)| one.status == "syncing");
    let main = html! {
        (parts::refresh_without_script(is_syncing))
        div.title {
            div { h1 { (TITLE) } p.subtitle { "Gérez vos connecteurs" } }
            a.button.primary href="/connectors/new" { "+ Ajouter un connecteur" }
        }
        (totals(answer))
        (parts::actions_form(access))
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
                ul.cards { @for (name, connector) in connectors { (card(name, connector)) } }
            }
        }
        section aria-labelledby="syncs" {
            h2 #syncs { "Dernières synchronisations" }
            @if answer.recent_syncs.is_empty() {
                p.empty { "Aucune synchronisation encore." }
            } @else {
                (recent(&answer.recent_syncs))
            }
        }
    };
    Page::new(TITLE, Some(access), &main)
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

fn card(name: &str, connector: &ConnectorAnswer) -> Markup {
    html! {
        li.card.(connector.status) {
            div.head {
                h3 { (name) }
                (parts::badge(french::connector_status(connector.status)))
            }
            p.kind { (label_of(&connector.r#type)) }
            p { "Dernière sync : "
                @match &connector.last_sync { Some(at) => (parts::instant(at)), None => "jamais" } }
            @if let Some(error) = &connector.last_error { p.fault { (french::with_no_break_spaces(&format!("Erreur : {}", shortened(error)))) } }
            @if connector.status == "syncing" { (parts::progress(name)) }
            div.buttons {
                (parts::actions(name))
                a.button href={ "/connectors/" (name) } id={ "details-" (name) }
                    aria-label={ "Détails de " (name) } { "Détails" }
            }
        }
    }
}

/// The start of an error, for a card; the connector's page shows all of it.
fn shortened(error: &str) -> Cow<'_, str> {
    let Some((end, _)) = error.char_indices().nth(MOST_ERROR_CHARS) else {
        return error.into();
    };
    let kept = error.get(..end).unwrap_or_default();
    let whole_words = kept.rsplit_once(' ').map_or(kept, |(words, _)| words);
    format!("{whole_words} …").into()
}

fn recent(runs: &[SyncAnswer]) -> Markup {
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
                    @for run in runs {
                        tr {
                            td { (parts::instant(&run.timestamp)) }
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

/// French name of a type of connector.
pub(super) fn label_of(kind: &str) -> &str {
    ConnectorKind::named(kind).map_or(kind, |kind| kind.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_cut_between_words_and_only_when_it_must_be() {
        let short = "é".repeat(MOST_ERROR_CHARS);
        assert_eq!(shortened(&short), short);
        let long = "mot ".repeat(60);
        let cut = shortened(&long);
        assert!(cut.ends_with("mot …"), "{cut}");
        assert!(cut.chars().count() <= MOST_ERROR_CHARS + 2);
        assert!(shortened(&"x".repeat(300)).starts_with(&"x".repeat(MOST_ERROR_CHARS)));
    }
}
