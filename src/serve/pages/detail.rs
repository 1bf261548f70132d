//! The page of one connector: status, settings, and history with counts that unfold.

use jiff::Timestamp;
use maud::{Markup, html};

use super::layout::Page;
use super::list::label_of;
use super::{parts, rejects};
use crate::connectors::{ConnectorKind, Words};
use crate::french::{self, Tone};
use crate::json::{LogsAnswer, RejectsAnswer, ShowAnswer, SyncAnswer, local};
use crate::retention::Retention;
use crate::serve::access::Access;

/// Contents of the page.
#[derive(Debug)]
pub(in crate::serve) struct Details {
    pub(in crate::serve) shown: ShowAnswer,
    pub(in crate::serve) words: Words,
    pub(in crate::serve) logs: LogsAnswer,
    /// The first rejects of each listed run with rejects.
    pub(in crate::serve) rejects: Vec<RejectsAnswer>,
    /// How long history is kept.
    pub(in crate::serve) retention: Option<Retention>,
    /// A remark about the settings.
    pub(in crate::serve) caution: Option<String>,
}

/// The page of `details`. `is_new`: the connector was just registered.
pub(in crate::serve) fn detail(access: &Access, details: &Details, is_new: bool) -> Page {
    let name = &details.shown.connector_name;
    let is_syncing = details.shown.status.status == "syncing";
    let main = html! {
        (parts::refresh_without_script(is_syncing))
        p { a href="/connectors" { "← Retour" } }
        @if is_new {
            div.alert.good role="status" { p { "✓ Connecteur '" (name) "' enregistré avec succès" } }
        }
        div.title {
            div { h1 { (name) } p.subtitle { "Type : " (label_of(&details.shown.status.r#type)) } }
            div.buttons { (parts::actions(name)) }
        }
        (parts::actions_form(access))
        (status(&details.shown))
        (history(details))
        (settings(details))
    };
    Page::new(name, Some(access), &main)
}

fn status(shown: &ShowAnswer) -> Markup {
    let status = &shown.status;
    html! {
        section.panel aria-labelledby="statut" {
            h2 #statut { "Statut" }
            dl.facts {
                dt { "Statut" }
                dd { (parts::badge(french::connector_status(status.status))) }
                dt { "Dernière sync" }
                dd { @match &status.last_sync { Some(at) => (parts::instant(at)), None => "jamais" } }
                dt { "Type" }
                dd { (label_of(&status.r#type)) }
            }
            @if status.status == "syncing" { (parts::progress(&shown.connector_name)) }
            @if let Some(error) = &status.last_error { p.fault { (french::with_no_break_spaces(&format!("Erreur : {error}"))) } }
        }
    }
}

fn settings(details: &Details) -> Markup {
    let shown = &details.shown;
    let kind = &shown.status.r#type;
    html! {
        section aria-labelledby="reglages" {
            h2 #reglages { "Réglages" }
            @if let Some(caution) = &details.caution { p.advice { "! " (french::with_no_break_spaces(caution)) } }
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
            h2 #historique { "Historique des synchronisations" }
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
    html! {
        details id={ "sync-n-" (run_id) } {
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
