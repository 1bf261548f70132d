//! Parts of several pages.

use jiff::Timestamp;
use maud::{Markup, html};

use super::labels::said;
use super::layout::forgery_field;
use crate::connectors::ConnectorKind;
use crate::error::Advice;
use crate::french::{self, Tone};
use crate::json::{ByTable, CountsAnswer};
use crate::serve::access::Access;
use crate::serve::app::meter::Reading;

/// The CSS class of a tone.
fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Busy => "busy",
        Tone::Warning => "warning",
        Tone::Faint | Tone::Strong => "faint",
    }
}

/// French name of a type of connector.
pub(super) fn label_of(kind: &str) -> &str {
    ConnectorKind::named(kind).map_or(kind, |kind| kind.label)
}

/// A status as a coloured word.
pub(super) fn badge((text, tone): (&str, Tone)) -> Markup {
    html! { span.badge.(class(tone)) { (text) } }
}

/// A time stamp, for people and for machines.
pub(super) fn instant(rfc3339: &str) -> Markup {
    html! { time datetime=(rfc3339) { (french::instant(rfc3339)) } }
}

/// A time stamp, and how long ago that was.
pub(super) fn instant_and_age(rfc3339: &str) -> Markup {
    html! {
        (instant(rfc3339))
        @if let Some(age) = age(rfc3339) { ", " (age) }
    }
}

/// How long ago a time stamp was, on one line.
pub(super) fn age(rfc3339: &str) -> Option<String> {
    let age = french::ago(rfc3339, Timestamp::now())?;
    Some(age.replace(' ', "\u{a0}"))
}

/// The buttons that test and sync connector `name`, for the form `actions`.
pub(super) fn actions(name: &str) -> Markup {
    html! {
        button form="actions" formaction={ "/connectors/" (name) "/test" } { "Test" (of(name)) }
        button.primary form="actions" formaction={ "/connectors/" (name) "/sync" } { "Sync" (of(name)) }
    }
}

/// What a button is about: screen readers read it, and the place shows it to all others.
pub(super) fn of(name: &str) -> Markup {
    html! { i { " de " (name) } }
}

/// A form that syncs `name` with more options: hidden fields and their values.
pub(super) fn sync_form(
    access: &Access,
    name: &str,
    options: &[(&str, &str)],
    label: &str,
) -> Markup {
    html! {
        form.actions method="post" {
            (forgery_field(access))
            @for (option, value) in options { input type="hidden" name=(option) value=(value); }
            button formaction={ "/connectors/" (name) "/sync" } { (label) }
        }
    }
}

/// Offers to sync `name` again without the shrink limit, where `errors` advise that.
pub(super) fn allow_shrink(
    access: &Access,
    name: &str,
    errors: &[String],
    table: Option<&str>,
) -> Markup {
    let advice = Advice::AllowShrink.to_string();
    let is_advised = errors.iter().any(|error| error.contains(&advice));
    let mut options = vec![("allow_shrink", "1")];
    options.extend(table.map(|table| ("source", table)));
    html! {
        @if is_advised {
            (sync_form(access, name, &options, "Relancer en autorisant cette suppression"))
        }
    }
}

/// Progress of the sync of `name`: `reading`, where this server runs it. Without the script, the page reloads by
/// itself.
pub(super) fn progress(name: &str, reading: Option<&Reading>) -> Markup {
    let share = reading.and_then(Reading::percent);
    html! {
        div.progress data-progress=(name) {
            progress aria-label={ "Synchronisation de " (name) } max=[share.map(|_| 100)] value=[share] {}
            p { "Synchronisation en cours" @if let Some(share) = share { " : " (share) " %" } @else { "…" } }
            @if reading.is_some() {
                button form="actions" formaction={ "/connectors/" (name) "/stop" } { "Arrêter" i { " la synchronisation de " (name) } }
            } @else {
                p.help { "Lancée par un autre programme : elle s'arrête là où elle a été lancée." }
            }
        }
    }
}

/// Reloads a page without the script while a sync is running.
pub(super) fn refresh_without_script(is_syncing: bool) -> Markup {
    html! {
        @if is_syncing { noscript { meta http-equiv="refresh" content="3"; } }
    }
}

/// Row counts of a run, one table per row, without tables that were not read.
pub(super) fn records(records: &ByTable<CountsAnswer>) -> Markup {
    let filled: Vec<_> = records.filled().collect();
    html! {
        @if filled.is_empty() {
            p { "Aucune ligne lue." }
        } @else {
            div.wide tabindex="0" role="region" aria-label="Lignes par table" {
                table.stack.counts {
                    thead { tr {
                        th scope="col" { "Table" }
                        @for title in french::COUNTED { th.number scope="col" { (title) } }
                    } }
                    tbody {
                        @for (table, counts) in filled {
                            tr {
                                th scope="row" { (table.label()) }
                                @for (title, number) in french::COUNTED.iter().zip(counts.numbers()) {
                                    td.number data-title=(title) { (french::count(number)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Most messages of one kind shown for a run. `crmreco show NAME --json` has all of them.
const MOST_MESSAGES: usize = 20;

/// Most rows of a table on a page without further pages.
pub(super) const MOST_ROWS: usize = 200;

/// Messages of a run under a title; empty without messages.
pub(super) fn messages(title: &str, tone: Tone, messages: &[String]) -> Markup {
    html! {
        @if !messages.is_empty() {
            div.messages.(class(tone)) {
                p { strong { (title) } }
                ul {
                    @for message in messages.iter().take(MOST_MESSAGES) { li { (said(message)) } }
                    @if messages.len() > MOST_MESSAGES { li { (others(messages.len() - MOST_MESSAGES)) } }
                }
            }
        }
    }
}

/// `et 980 autres`: the number of entries not shown.
pub(super) fn others(count: usize) -> String {
    french::plural(
        count as u64,
        "autre n'est pas montré ici",
        "autres ne sont pas montrés ici",
    )
}

/// Labels of the links to the previous and the next entries.
pub(super) type Ways = (&'static str, &'static str);

/// A page of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub(super) offset: u64,
    pub(super) shown: u64,
    pub(super) limit: u64,
    pub(super) total: u64,
}

/// Links to the previous and the next entries. `path` includes the start of a query.
pub(super) fn pager(path: &str, (before, after): Ways, slice: Slice) -> Markup {
    let Slice {
        offset,
        shown,
        limit,
        total,
    } = slice;
    let next = offset.saturating_add(shown);
    // From beyond the end, the previous entries are the last ones.
    let previous = offset.min(total).saturating_sub(limit);
    html! {
        @if offset > 0 || next < total {
            nav.pager aria-label="Pages" {
                @if offset > 0 {
                    a rel="prev" href={ (path) "offset=" (previous) } { "← " (before) }
                }
                @if shown > 0 {
                    span { (french::count(offset.saturating_add(1))) " à " (french::count(next)) " sur " (french::count(total)) }
                }
                @if shown > 0 && next < total {
                    a rel="next" href={ (path) "offset=" (next) } { (after) " →" }
                }
            }
        }
    }
}
