//! The page of one connector: status, settings, and history with counts that unfold.

use std::sync::Arc;

use jiff::Timestamp;
use maud::{Markup, html};

use super::icons::Icon;
use super::labels::said;
use super::layout::{Page, forgery_field};
use super::parts::{self, label_of};
use super::rejects;
use super::row_trends::rows;
use super::sales_trends::sales;
use crate::canonical::Table;
use crate::connectors::{ConnectorKind, Words};
use crate::french::{self, Tone};
use crate::json::{LogsAnswer, ReceiptAnswer, RejectsAnswer, ShowAnswer, SyncAnswer, local};
use crate::retention::Retention;
use crate::serve::access::Access;
use crate::serve::app::meter::Reading;
use crate::store::{MonthOfSales, RowsAt};

/// Contents of the page.
#[derive(Debug)]
pub(in crate::serve) struct Details {
    pub(in crate::serve) shown: ShowAnswer,
    pub(in crate::serve) words: Words,
    pub(in crate::serve) logs: LogsAnswer,
    /// The first rejects of each listed run with rejects.
    pub(in crate::serve) rejects: Vec<RejectsAnswer>,
    /// The receipt of each listed run.
    pub(in crate::serve) receipts: Vec<ReceiptAnswer>,
    /// How long history is kept.
    pub(in crate::serve) retention: Option<Retention>,
    /// Remarks about the settings.
    pub(in crate::serve) cautions: Vec<String>,
    /// The run that is unfolded.
    pub(in crate::serve) open_run: Option<i64>,
    /// Progress of a sync of this server.
    pub(in crate::serve) reading: Option<Reading>,
    pub(in crate::serve) trends: Trends,
}

/// Series for the charts of a connector.
#[derive(Debug, Default)]
pub(in crate::serve) struct Trends {
    /// Rows after each sync, the oldest first.
    pub(in crate::serve) rows: Vec<RowsAt>,
    /// Sales by month, the oldest first.
    pub(in crate::serve) sales: Arc<Vec<MonthOfSales>>,
}

/// What was just done with a connector.
#[derive(Debug, Clone, Copy)]
pub(in crate::serve) enum News {
    Registered,
    Changed,
}

/// The page of `details`. `news`: what led to it.
pub(in crate::serve) fn detail(access: &Access, details: &Details, news: Option<News>) -> Page {
    let name = &details.shown.connector_name;
    let is_syncing = details.shown.status.status == "syncing";
    let main = html! {
        (parts::refresh_without_script(is_syncing))
        p { a href="/connectors" { "← Retour" } }
        @if let Some(news) = news {
            div.alert.good role="status" { p { "✓ Connecteur '" (name) "' "
                @match news { News::Registered => "enregistré avec succès", News::Changed => "modifié" } } }
        }
        @for caution in &details.cautions { p.messages.warning { "! " (said(caution)) } }
        div.title {
            div { h1 { (name) } p.subtitle { "Type : " (label_of(&details.shown.status.r#type)) } }
            div.buttons {
                (parts::actions(name))
                a.button href={ "/connectors/" (name) "/edit" } { "Modifier" }
                a.button href={ "/connectors/" (name) "/remove" } { "Supprimer" }
            }
        }
        form #actions.actions method="post" { (forgery_field(access)) }
        (status(access, details))
        (options(access, name))
        (rows(&details.trends.rows))
        (sales(&details.trends.sales))
        (history(details))
        (settings(details))
    };
    Page::new(name, access, &main)
}

fn status(access: &Access, details: &Details) -> Markup {
    let shown = &details.shown;
    let status = &shown.status;
    // Of the newest run, also on the pages of older ones.
    let errors = shown.sync_logs.first().map_or(&[][..], |log| &log.errors);
    html! {
        section.panel aria-labelledby="statut" {
            h2 #statut { (Icon::Clipboard.draw()) "Statut" }
            dl.facts {
                dt { "Statut" }
                dd { (parts::badge(french::connector_status(status.status))) }
                dt { "Dernière sync" }
                dd { @match &status.last_sync { Some(at) => (parts::instant_and_age(at)), None => "jamais" } }
                dt { "Dernière réussite" }
                dd { @match &status.last_success { Some(at) => (parts::instant_and_age(at)), None => "jamais" } }
                dt { "Type" }
                dd { (label_of(&status.r#type)) }
            }
            @if status.status == "syncing" { (parts::progress(&shown.connector_name, details.reading.as_ref())) }
            @if let Some(error) = &status.last_error { p.fault { (said(&format!("Erreur : {error}"))) } }
            (parts::allow_shrink(access, &shown.connector_name, errors, None))
        }
    }
}

/// The options of `sync`, for the rare sync that needs one.
fn options(access: &Access, name: &str) -> Markup {
    let checkboxes = [
        (
            "full",
            "Tout relire",
            "Relit tous les fichiers ou modèles, même ceux qui n'ont pas changé",
        ),
        (
            "dry_run",
            "Essai à blanc",
            "Dit ce qui changerait, et ne change rien",
        ),
        (
            "allow_shrink",
            "Autoriser la suppression",
            "Laisse un relevé supprimer plus d'un cinquième d'une table",
        ),
    ];
    html! {
        details.panel #options {
            summary { "Synchroniser autrement" }
            form.actions method="post" {
                (forgery_field(access))
                div.field {
                    label for="source" { "Tables" }
                    select #source name="source" {
                        option value="" { "Toutes" }
                        @for table in Table::ALL { option value=(table.option_name()) { (table.label()) } }
                    }
                }
                div.field {
                    label for="last_sync" { "Changements depuis (facultatif)" }
                    input #last_sync name="last_sync" type="datetime-local" step="1" aria-describedby="last_sync-aide";
                    p.help #last_sync-aide { "Au lieu de la dernière lecture" }
                }
                @for (field, label, help) in checkboxes {
                    div.check {
                        input id=(field) type="checkbox" name=(field) value="1" aria-describedby={ (field) "-aide" };
                        label for=(field) { (label) }
                        p.help id={ (field) "-aide" } { (help) }
                    }
                }
                button formaction={ "/connectors/" (name) "/sync" } { "Lancer" i { " la synchronisation de " (name) } }
            }
        }
    }
}

fn settings(details: &Details) -> Markup {
    let shown = &details.shown;
    let kind = &shown.status.r#type;
    html! {
        section aria-labelledby="reglages" {
            h2 #reglages { "Réglages" }
            details.panel #reglages-details {
                summary { "Voir les réglages" }
                dl.facts { @for (key, value) in &shown.config.0 { dt { (label_of_setting(kind, key)) } dd { (value) } } }
            }
        }
    }
}

/// Label of a setting in the form; its key without one.
fn label_of_setting<'k>(kind: &str, key: &'k str) -> &'k str {
    let kind = ConnectorKind::named(kind).ok();
    let mut specs = kind.into_iter().flat_map(|kind| kind.settings);
    let spec = specs.find(|spec| spec.key == key);
    let field = spec.and_then(|spec| spec.field.as_ref());
    field.map_or(key, |field| field.label)
}

fn history(details: &Details) -> Markup {
    let logs = &details.logs;
    let path = format!("/connectors/{}?", logs.connector_name);
    let slice = parts::Slice {
        offset: logs.offset,
        shown: logs.logs.len() as u64,
        limit: logs.limit,
        total: logs.total,
    };
    html! {
        section aria-labelledby="historique" {
            h2 #historique { (Icon::Chart.draw()) "Historique des synchronisations" }
            @if logs.logs.is_empty() {
                p.empty { @if logs.total == 0 { "Jamais synchronisé." } @else { "Rien de plus ancien." } }
            } @else {
                div.runs {
                    div.run.heads aria-hidden="true" {
                        @for title in ["Date", "Statut", "Lignes", "Durée", "Erreurs", "Avertissements", "Rejets"] {
                            span { (title) }
                        }
                    }
                    @for log in &logs.logs { (run(log, details)) }
                }
            }
            (parts::pager(&path, ("Plus récentes", "Plus anciennes"), slice))
            @if let Some(retention) = details.retention { (kept(retention)) }
        }
    }
}

/// What is kept, and since when.
fn kept(retention: Retention) -> Markup {
    let days = french::plural(retention.days.into(), "jour", "jours");
    let since = local(retention.before(Timestamp::now()));
    html! {
        p.subtitle {
            "Historique, messages et lignes rejetées sont gardés " (days) " (" (Retention::VARIABLE) ") : ce qui est d'avant le "
            (parts::instant(&since)) " est effacé à la première synchronisation réussie du jour."
        }
    }
}

/// A run: its counts on one line, which unfolds.
fn run(log: &SyncAnswer, details: &Details) -> Markup {
    let run_id = log.run_id.unwrap_or_default();
    let rejected = log.rejected();
    let duration = match log.status {
        "running" => "—".to_owned(),
        _ => french::duration(log.duration_seconds),
    };
    let kept = details.rejects.iter();
    let kept = kept.filter(|kept| kept.run_id == log.run_id);
    let receipt = details.receipts.iter();
    let mut receipt = receipt.filter(|one| one.run_id == log.run_id && !one.units.is_empty());
    html! {
        details id={ "sync-n-" (run_id) } open[details.open_run == Some(run_id)] {
            summary.run {
                span { (parts::instant(&log.timestamp)) }
                span { (parts::badge(french::run_status(log.status))) }
                (count("Lignes", log.accepted(), Tone::Strong))
                span { span.label { "Durée" } (duration) }
                (count("Erreurs", log.errors.len() as u64, Tone::Bad))
                (count("Avertissements", log.warnings.len() as u64, Tone::Warning))
                (count("Rejets", rejected, Tone::Warning))
            }
            div.unfolded {
                (parts::records(&log.records))
                @if let Some(receipt) = receipt.next() {
                    p { (said(&receipt.message)) " — "
                        a href={ "/connectors/" (receipt.connector_name) "/receipt?run=" (run_id) } {
                            "Voir le reçu" i { " de la synchronisation n° " (run_id) } } }
                }
                (parts::messages("Erreurs", Tone::Bad, &log.errors))
                (parts::messages("Avertissements", Tone::Warning, &log.warnings))
                @for page in kept {
                    h3 { "Lignes rejetées" }
                    (rejects::table(page, details.words))
                    @if page.total > page.rejects.len() as u64 {
                        p { a href={ "/connectors/" (page.connector_name) "/rejects?run=" (run_id) } {
                            "Voir les " (french::count(page.total)) " lignes rejetées" } }
                    }
                }
            }
        }
    }
}

/// A number and its name; the name is shown where there are no columns.
fn count(label: &str, value: u64, tone: Tone) -> Markup {
    let class = match tone {
        _ if value == 0 => "none",
        Tone::Bad => "is-bad",
        Tone::Warning => "is-warning",
        _ => "some",
    };
    html! { span.(class) { span.label { (label) } (french::count(value)) } }
}
