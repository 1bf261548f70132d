//! Parts of several pages.

use maud::{Markup, html};

use super::layout::forgery_field;
use crate::french::{self, Tone};
use crate::json::{ByTable, CountsAnswer};
use crate::serve::access::Access;

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

/// A status as a coloured word.
pub(super) fn badge((text, tone): (&str, Tone)) -> Markup {
    html! { span.badge.(class(tone)) { (text) } }
}

/// A time stamp, for people and for machines.
pub(super) fn instant(rfc3339: &str) -> Markup {
    html! { time datetime=(rfc3339) { (french::instant(rfc3339)) } }
}

/// The form of all [`actions`] buttons of a page. Once per page.
pub(super) fn actions_form(access: &Access) -> Markup {
    html! { form #actions method="post" { (forgery_field(access)) } }
}

/// The buttons that test and sync connector `name`.
pub(super) fn actions(name: &str) -> Markup {
    html! {
        button form="actions" formaction={ "/connectors/" (name) "/test" } id={ "test-" (name) }
            aria-label={ "Test de " (name) } { "Test" }
        button.primary form="actions" formaction={ "/connectors/" (name) "/sync" } id={ "sync-" (name) }
            aria-label={ "Sync de " (name) } { "Sync" }
    }
}

/// Progress of the sync of `name`. Without the script, the page reloads by itself.
pub(super) fn progress(name: &str) -> Markup {
    html! {
        div.progress data-progress=(name) {
            progress aria-label={ "Synchronisation de " (name) } {}
            p { "Synchronisation en cours…" }
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
                    @for message in messages.iter().take(MOST_MESSAGES) { li { (french::with_no_break_spaces(message)) } }
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
