//! The pages of the inbox of rejected rows: its list, the most frequent faults first, and one row as a form.

use maud::{Markup, html};

use super::labels::said;
use super::layout::{Page, forgery_field};
use super::parts;
use crate::canonical::{Table, reject, text};
use crate::connectors::Words;
use crate::french;
use crate::json::{CorrectionAnswer, GroupAnswer, InboxAnswer, InboxEntryAnswer, RejectShowAnswer};
use crate::serve::access::Access;
use crate::store::RejectState;

/// Most groups on the page.
const GROUPS: usize = 15;

/// Most corrections on the page.
const CORRECTIONS: usize = 20;

/// Longest text of a cell in a table.
const EXCERPT: usize = 120;

/// Contents of the list.
#[derive(Debug)]
pub(in crate::serve) struct Inbox<'a> {
    pub(in crate::serve) answer: &'a InboxAnswer,
    pub(in crate::serve) state: Option<RejectState>,
    pub(in crate::serve) table: Option<Table>,
    /// The corrections in force, where the page is of one connector.
    pub(in crate::serve) corrections: &'a [CorrectionAnswer],
}

/// The list.
pub(in crate::serve) fn inbox(access: &Access, page: &Inbox<'_>) -> Page {
    let answer = page.answer;
    let code = page.state.map_or("all", RejectState::as_str);
    let mut query = format!("state={code}&");
    if let Some(name) = &answer.connector_name {
        query = format!("connector={name}&{query}");
    }
    if let Some(table) = page.table {
        query = format!("{query}table={}&", table.option_name());
    }
    let slice = parts::Slice {
        offset: answer.offset,
        shown: answer.rejects.len() as u64,
        limit: answer.limit,
        total: answer.total,
    };
    let main = html! {
        h1 { "Lignes rejetées" @if let Some(name) = &answer.connector_name { " de " (name) } }
        p.subtitle { (french::plural(answer.open, "ligne à traiter", "lignes à traiter")) }
        (states(answer.connector_name.as_deref(), code))
        @if answer.total == 0 { p.empty { "Aucune ligne." } } @else {
            (groups(access, answer))
            (entries(&answer.rejects))
            (parts::pager(&format!("/rejects?{query}"), ("Précédentes", "Suivantes"), slice))
        }
        @if let Some(name) = &answer.connector_name { (corrections(access, name, page.corrections)) }
    };
    Page::at("/rejects", "Lignes rejetées", access, &main)
}

fn states(name: Option<&str>, here: &str) -> Markup {
    let all = [
        ("open", "À traiter"),
        ("fixed", "Corrigées, à rejouer"),
        ("ignored", "Laissées de côté"),
        ("closed", "Closes"),
        ("all", "Toutes"),
    ];
    let of = name.map_or_else(String::new, |name| format!("connector={name}&"));
    html! {
        nav.pager aria-label="États" {
            @for (code, label) in all {
                a href={ "/rejects?" (of) "state=" (code) } aria-current=[(code == here).then_some("page")] { (label) }
            }
        }
    }
}

/// The most frequent faults, each with a field to correct it wherever it occurs.
fn groups(access: &Access, answer: &InboxAnswer) -> Markup {
    let groups: Vec<&GroupAnswer> = answer.groups.iter().take(GROUPS).collect();
    html! {
        section aria-labelledby="fautes" {
            h2 #fautes { "Fautes les plus fréquentes" }
            ul.plain {
                @for (at, group) in groups.iter().enumerate() {
                    li {
                        p { strong { (french::count(group.count)) " ×" } " " (label_of(group.table)) " : " (said(&fault(group))) }
                        (fix_form(access, group, at))
                    }
                }
            }
        }
    }
}

fn fault(group: &GroupAnswer) -> String {
    let value = group
        .value
        .as_deref()
        .map(|value| text::excerpt(value, EXCERPT));
    reject::sentence(group.column.as_deref(), value.as_deref(), &group.reason)
}

/// Corrects a value wherever it occurs; nothing where there is no value to replace.
fn fix_form(access: &Access, group: &GroupAnswer, at: usize) -> Markup {
    let table = Table::from_report_name(group.table).map_or("", Table::option_name);
    let value = group
        .value
        .as_deref()
        .filter(|value| !value.trim().is_empty());
    html! {
        @if let (Some(column), Some(value)) = (&group.column, value) {
            form.actions method="post" action={ "/rejects/" (group.connector_name) "/fix" } {
                (forgery_field(access))
                input type="hidden" name="table" value=(table);
                input type="hidden" name="field" value=(column);
                input type="hidden" name="value" value=(value);
                input type="hidden" name="replay" value="1";
                div.field {
                    label for={ "corrige-" (at) } { "Lire plutôt" }
                    input id={ "corrige-" (at) } name="to" required;
                }
                button { "Corriger" i { " " (column) " « " (text::excerpt(value, EXCERPT)) " » de " (group.connector_name) } }
            }
        }
    }
}

fn entries(entries: &[InboxEntryAnswer]) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label="Lignes rejetées" {
            table.stack {
                thead { tr { @for title in ["Ligne", "Table", "Fichier ou modèle", "Place", "Faute", "État"] {
                    th scope="col" { (title) }
                } } }
                tbody { @for entry in entries { (row(entry)) } }
            }
        }
    }
}

fn row(entry: &InboxEntryAnswer) -> Markup {
    let value = entry
        .value
        .as_deref()
        .map(|value| text::excerpt(value, EXCERPT));
    let fault = reject::sentence(entry.column.as_deref(), value.as_deref(), &entry.reason);
    html! {
        tr {
            th scope="row" data-title="Ligne" {
                a href={ "/rejects/" (entry.connector_name) "/" (entry.reject_id) } { (entry.reject_id) } }
            td data-title="Table" { (label_of(entry.table)) }
            td data-title="Fichier ou modèle" { (entry.origin) }
            td data-title="Place" { (entry.position) }
            td data-title="Faute" { (said(&fault)) }
            td data-title="État" { (parts::badge(french::reject_state(entry.state))) }
        }
    }
}

/// The corrections in force of connector `name`, each with a button that takes it back.
pub(super) fn corrections(access: &Access, name: &str, corrections: &[CorrectionAnswer]) -> Markup {
    html! {
        @if !corrections.is_empty() {
            section aria-labelledby="corrections" {
                h2 #corrections { "Corrections en vigueur" }
                ul.plain {
                    @for one in corrections.iter().rev().take(CORRECTIONS) {
                        li {
                            form.actions method="post" action={ "/rejects/" (name) "/undo" } {
                                (forgery_field(access))
                                input type="hidden" name="correction" value=(one.correction_id);
                                p { "N° " (one.correction_id) ", " (label_of(one.table)) " : "
                                    (said(&format!("{} « {} » lu « {} »", one.field, text::excerpt(&one.old_value, EXCERPT),
                                        text::excerpt(&one.new_value, EXCERPT))))
                                    @if one.scope == "row" { " (une ligne)" } @else { " (partout)" } }
                                button { "Retirer" i { " la correction n° " (one.correction_id) } }
                            }
                        }
                    }
                }
                @if corrections.len() > CORRECTIONS { p { (parts::others(corrections.len() - CORRECTIONS)) } }
            }
        }
    }
}

/// The page of one row: a form with an input for each cell.
pub(in crate::serve) fn reject(access: &Access, answer: &RejectShowAnswer, words: Words) -> Page {
    let (name, entry) = (&answer.connector_name, &answer.reject);
    let fault = reject::sentence(
        entry.column.as_deref(),
        entry.value.as_deref(),
        &entry.reason,
    );
    let path = format!("/rejects/{name}/{}", entry.reject_id);
    let cells = entry
        .cells
        .as_ref()
        .map(|cells| &cells.0)
        .filter(|_| entry.replayable);
    let main = html! {
        p { a href={ "/rejects?connector=" (name) } { "← Lignes rejetées de " (name) } }
        h1 { "Ligne rejetée" }
        p.subtitle { (label_of(entry.table)) ", " (entry.origin) ", " (words.position.to_lowercase()) " " (entry.position) " "
            (parts::badge(french::reject_state(entry.state))) }
        p.fault { (said(&fault)) }
        @if !entry.suggestions.is_empty() { p { "Peut-être : " (said(&entry.suggestions.join(", "))) } }
        @if let Some(note) = entry.note.as_deref().filter(|_| entry.state == "ignored") { p { "Laissée de côté : " (said(note)) } }
        @if let Some(cells) = cells { (form(access, entry, cells, &path)) } @else {
            p { "Cette ligne ne peut pas être corrigée ici : corrigez-la à la source, puis synchronisez." }
        }
        @if entry.state != "closed" {
            form.panel method="post" action={ (path) "/ignore" } {
                (forgery_field(access))
                div.field { label for="reason" { "Pourquoi elle peut rester de côté" } input #reason name="reason" required; }
                button { "Laisser de côté" }
            }
        }
        (corrections(access, name, &entry.corrections))
    };
    Page::new("Ligne rejetée", access, &main)
}

fn form(
    access: &Access,
    entry: &InboxEntryAnswer,
    cells: &[(String, String)],
    path: &str,
) -> Markup {
    html! {
        form.panel method="post" action={ (path) "/fix" } {
            (forgery_field(access))
            @for (at, (header, cell)) in cells.iter().enumerate() {
                @let is_wrong = entry.column.as_deref() == Some(header.as_str());
                div.field {
                    label for={ "c" (at) } { (header) @if is_wrong { " — à corriger" } }
                    input id={ "c" (at) } name={ "c" (at) } value=(cell) aria-invalid=[is_wrong.then_some("true")];
                }
            }
            div.field { label for="note" { "Note (facultative)" } input #note name="note"; }
            div.buttons {
                button name="replay" value="1" { "Enregistrer et rejouer" }
                button { "Enregistrer" }
            }
        }
    }
}

fn label_of(table: &'static str) -> &'static str {
    Table::from_report_name(table).map_or(table, Table::label)
}
