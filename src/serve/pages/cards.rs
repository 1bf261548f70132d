//! The cards of the connectors on the first page.

use std::borrow::Cow;
use std::collections::BTreeMap;

use maud::{Markup, html};

use super::charts;
use super::labels::said;
use super::layout::forgery_field;
use super::parts::{self, label_of};
use super::search::{Search, search_form};
use crate::french;
use crate::json::{ConnectorAnswer, ListAnswer};
use crate::serve::access::Access;
use crate::serve::app::meter::Reading;

/// Most cards of a page, which stays below 60 kB unless names are long.
const MOST_CARDS: usize = 50;

/// Fewest connectors that can be searched: fewer fit a screen or two.
const FEWEST_SEARCHED: usize = 12;

/// Longest error in a card: where they are many, fifty of them stay below 60 kB.
const MOST_ERROR_CHARS: usize = 160;
const MOST_ERROR_CHARS_OF_MANY: usize = 56;

/// Contents of the first page.
#[derive(Debug)]
pub(in crate::serve) struct Overview {
    pub(in crate::serve) answer: ListAnswer,
    /// The connector that was just removed.
    pub(in crate::serve) removed: Option<String>,
    /// Rows that removed connectors left.
    pub(in crate::serve) leftovers: Vec<(String, u64)>,
    pub(in crate::serve) search: Search,
    /// Cards before the first one shown.
    pub(in crate::serve) offset: u64,
    /// Accepted rows of the latest runs, by connector.
    pub(in crate::serve) accepted: BTreeMap<String, Vec<u64>>,
    /// Progress of the syncs of this server.
    pub(in crate::serve) readings: BTreeMap<String, Reading>,
}

/// The cards that `overview` searches, those with errors first.
pub(super) fn cards(access: &Access, overview: &Overview) -> Markup {
    let connectors = &overview.answer.connectors.0;
    let mut found: Vec<_> = connectors
        .iter()
        .filter(|one| overview.search.finds(one))
        .collect();
    // By the last result, which a sync that runs leaves in place: a card stays where the mouse is.
    found.sort_by_key(|(_, one)| one.status != "error" && one.last_error.is_none());
    let offset = usize::try_from(overview.offset).unwrap_or(usize::MAX);
    let shown = found.iter().skip(offset).take(MOST_CARDS);
    let slice = parts::Slice {
        offset: overview.offset,
        shown: shown.len() as u64,
        limit: MOST_CARDS as u64,
        total: found.len() as u64,
    };
    html! {
        @if connectors.len() >= FEWEST_SEARCHED {
            (search_form(&overview.search, connectors))
            @if !overview.search.is_all() {
                p role="status" { (french::plural(found.len() as u64, "connecteur trouvé", "connecteurs trouvés")) " sur " (connectors.len()) }
            }
        }
        form #actions.actions method="post" {
            (forgery_field(access))
            ul.cards { @for (name, connector) in shown { (card(name, connector, overview)) } }
        }
        (parts::pager(&overview.search.path(), ("Précédents", "Suivants"), slice))
    }
}

fn card(name: &str, connector: &ConnectorAnswer, overview: &Overview) -> Markup {
    let error = connector.last_error.as_deref();
    let most = if overview.answer.connectors.0.len() < FEWEST_SEARCHED {
        MOST_ERROR_CHARS
    } else {
        MOST_ERROR_CHARS_OF_MANY
    };
    html! {
        li.card.(connector.status) {
            h3 { (name) (parts::badge(french::connector_status(connector.status))) }
            p.kind { (label_of(&connector.r#type)) }
            @if let Some(rows) = overview.accepted.get(name) { (charts::sparkline(rows)) }
            p {
                "Dernière sync : "
                @match &connector.last_sync { Some(at) => (when(at)), None => "jamais" }
                @if connector.last_sync != connector.last_success {
                    br; "Dernière réussite : "
                    @match &connector.last_success { Some(at) => (parts::age(at).unwrap_or_else(|| french::instant(at))), None => "jamais" }
                }
            }
            @if let Some(error) = error { p.fault { (said(&format!("Erreur : {}", shortened(error, most)))) } }
            @if connector.status == "syncing" { (parts::progress(name, overview.readings.get(name))) }
            // Their classes would be a fiftieth of the page: the stylesheet knows them by their place.
            div {
                button formaction={ "/connectors/" (name) "/test" } { "Test" (parts::of(name)) }
                button formaction={ "/connectors/" (name) "/sync" } { "Sync" (parts::of(name)) }
                a href={ "/connectors/" (name) } { "Détails" (parts::of(name)) }
            }
        }
    }
}

/// A time stamp and its age as a text without an element, which would weigh as much again.
fn when(rfc3339: &str) -> String {
    let at = french::instant(rfc3339).replace(' ', "\u{a0}");
    match parts::age(rfc3339) {
        Some(age) => format!("{at}, {age}"),
        None => at,
    }
}

/// The first `most` characters of an error, for a card; the connector's page shows all of it.
fn shortened(error: &str, most: usize) -> Cow<'_, str> {
    let Some((end, _)) = error.char_indices().nth(most) else {
        return error.into();
    };
    let kept = error.get(..end).unwrap_or_default();
    let whole_words = kept.rsplit_once(' ').map_or(kept, |(words, _)| words);
    format!("{whole_words} …").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_cut_between_words_and_only_when_it_must_be() {
        let short = "é".repeat(100);
        assert_eq!(shortened(&short, 100), short);
        let long = "mot ".repeat(60);
        let cut = shortened(&long, 100);
        assert!(cut.ends_with("mot …"), "{cut}");
        assert!(cut.chars().count() <= 102);
        assert!(shortened(&"x".repeat(300), 100).starts_with(&"x".repeat(100)));
    }
}
