//! Pieces that several pages show.

use maud::{Markup, html};

use super::layout::forgery_field;
use crate::french::{self, Tone};
use crate::json::{ByTable, CountsAnswer};
use crate::serve::access::Access;

/// The stylesheet's name of a tone.
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

/// An instant, for people and for machines.
pub(super) fn instant(rfc3339: &str) -> Markup {
    html! { time datetime=(rfc3339) { (french::instant(rfc3339)) } }
}

/// The form that the buttons of [`actions`] send, wherever they stand. Once a page.
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

/// Where a page tells how far the sync of `name` has come. Without the script the page is asked for again by itself.
pub(super) fn progress(name: &str) -> Markup {
    html! {
        div.progress data-progress=(name) {
            progress aria-label={ "Synchronisation de " (name) } {}
            p { "Synchronisation en cours…" }
        }
    }
}

/// What makes a page without the script come again while somebody syncs.
pub(super) fn refresh_without_script(is_syncing: bool) -> Markup {
    html! {
        @if is_syncing { noscript { meta http-equiv="refresh" content="3"; } }
    }
}

/// What became of the rows of a run, one table a row. Tables of which nothing was read are left out.
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

/// Messages of one kind that a page shows of a run. All of them are in `crmreco show NAME --json`.
const MOST_MESSAGES: usize = 20;

/// Rows of one table that a page shows where it has no further pages.
pub(super) const MOST_ROWS: usize = 200;

/// Messages of a run under a title; nothing when there are none.
pub(super) fn messages(title: &str, tone: Tone, messages: &[String]) -> Markup {
    html! {
        @if !messages.is_empty() {
            div.messages.(class(tone)) {
                p { strong { (title) } }
                ul {
                    @for message in messages.iter().take(MOST_MESSAGES) { li { (french::held_together(message)) } }
                    @if messages.len() > MOST_MESSAGES { li { (others(messages.len() - MOST_MESSAGES)) } }
                }
            }
        }
    }
}

/// `et 980 autres`, of what is not shown.
pub(super) fn others(count: usize) -> String {
    french::plural(
        count as u64,
        "autre n'est pas montré ici",
        "autres ne sont pas montrés ici",
    )
}

/// What leads to the entries before those shown, and to those after them.
pub(super) type Ways = (&'static str, &'static str);

/// A page of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub(super) offset: u64,
    pub(super) shown: u64,
    pub(super) limit: u64,
    pub(super) total: u64,
}

/// Links to the entries before and after those shown. `path`: up to where a query goes on.
pub(super) fn pager(path: &str, (before, after): Ways, slice: Slice) -> Markup {
    let Slice {
        offset,
        shown,
        limit,
        total,
    } = slice;
    let next = offset.saturating_add(shown);
    // From beyond the end, the way back leads to the last entries.
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
