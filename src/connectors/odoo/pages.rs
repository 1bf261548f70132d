//! Pages by key: what is read can grow and shrink meanwhile without a row being skipped or read twice.

use std::cell::Cell;

use serde_json::{Value, json};

use super::call::{Answered, Call, Pending};
use super::domain::Domain;
use super::failure::Failure;
use super::row::Row;
use super::session::Session;
use crate::error::Error;

/// Rows a page.
const ROWS: usize = 1_000;

/// Numbers alone a page: as many bytes as some hundred rows.
const IDS: usize = 10_000;

/// Pages of one size that are answered before a larger one is tried.
const GOOD_PAGES: usize = 5;

/// No page gets smaller: what fails with so few rows fails for another reason.
const FEWEST: usize = 25;

/// How many rows to ask for: half where the server has had enough, and more again once it has answered for a while.
/// At once would be to fail at every other page, each time at the price of a worker and its two minutes.
#[derive(Debug)]
struct PageSize {
    now: Cell<usize>,
    /// Pages answered since it last changed.
    good: Cell<usize>,
    most: usize,
}

impl PageSize {
    fn of(most: usize) -> Self {
        Self {
            now: Cell::new(most),
            good: Cell::new(0),
            most,
        }
    }

    fn shrink(&self) {
        self.now.set((self.now.get() / 2).max(FEWEST));
        self.good.set(0);
    }

    fn answered(&self) {
        self.good.set(self.good.get() + 1);
        if self.good.get() >= GOOD_PAGES {
            self.now.set((self.now.get() * 2).min(self.most));
            self.good.set(0);
        }
    }
}

/// The pages of a model. While one is worked on, the server may already be asked for the next.
pub(super) struct Pages<'a> {
    session: &'a Session,
    model: &'a str,
    domain: &'a Domain,
    /// Which fields to read; none: the numbers alone.
    fields: Option<&'a Value>,
    size: PageSize,
    /// The last number seen.
    last: u64,
    /// Rows still to come at most, where that is known.
    left: Option<usize>,
    /// The next page, where it has been asked for.
    pending: Option<Pending<'a>>,
    /// How many rows were asked for last.
    asked: Cell<usize>,
    is_over: bool,
}

impl<'a> Pages<'a> {
    /// The rows of `model` in `domain`, with `fields`, in the order of their numbers.
    pub(super) fn of_rows(
        session: &'a Session,
        model: &'a str,
        domain: &'a Domain,
        fields: &'a Value,
    ) -> Self {
        Self::new(session, model, domain, (Some(fields), ROWS))
    }

    fn new(
        session: &'a Session,
        model: &'a str,
        domain: &'a Domain,
        (fields, most): (Option<&'a Value>, usize),
    ) -> Self {
        Self {
            session,
            model,
            domain,
            fields,
            size: PageSize::of(most),
            last: 0,
            left: None,
            pending: None,
            asked: Cell::new(0),
            is_over: false,
        }
    }

    /// There are no more than `rows`: once they are there, no further page is asked for.
    #[must_use]
    pub(super) fn at_most(self, rows: usize) -> Self {
        Self {
            left: Some(rows),
            is_over: rows == 0,
            ..self
        }
    }

    /// The next page, once it is there; nothing after the last.
    pub(super) fn next(&mut self) -> Result<Option<Answered<'a>>, Failure> {
        if self.is_over {
            return Ok(None);
        }
        let mut pending = self.pending.take();
        let answer = self.session.retrying(
            self.model,
            |attempt| {
                let pending = pending.take().map_or_else(|| self.ask(attempt), Ok)?;
                self.session.finish(&pending)
            },
            |failure| {
                if failure.is_overload() {
                    self.size.shrink();
                }
            },
        )?;
        self.size.answered();
        Ok(Some(answer))
    }

    /// Takes note of the numbers on the page at hand, and asks for the page after it unless it is the last: the
    /// server then works on it while this one is read.
    pub(super) fn go_on(
        &mut self,
        ids: impl Iterator<Item = Result<u64, Failure>>,
    ) -> Result<(), Failure> {
        let mut rows = 0;
        let last = last_of(ids.inspect(|_| rows += 1), self.last)?;
        self.left = self.left.map(|left| left.saturating_sub(rows));
        self.is_over = rows < self.asked.get() || self.left == Some(0);
        self.last = last.unwrap_or(self.last);
        if !self.is_over {
            self.pending = Some(self.ask(1)?);
        }
        Ok(())
    }

    fn ask(&self, attempt: usize) -> Result<Pending<'a>, Failure> {
        let limit = self.size.now.get();
        self.asked.set(limit);
        let above = self.domain.clone().and("id", ">", self.last).to_value();
        let (method, arguments) = match self.fields {
            Some(fields) => (
                "search_read",
                json!({"domain": above, "fields": fields, "order": "id", "limit": limit}),
            ),
            None => (
                "search",
                json!({"domain": above, "order": "id", "limit": limit}),
            ),
        };
        let call = Call::new(self.model, method, attempt);
        self.session.begin(call, arguments)
    }
}

/// Hands every page of `pages` to `take`.
pub(super) fn each_page(
    mut pages: Pages<'_>,
    mut take: impl FnMut(&[Row<'_>]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    while let Some(answer) = pages.next()? {
        let page: Vec<Row<'_>> = answer.read()?;
        pages.go_on(page.iter().map(Row::id))?;
        take(&page)?;
    }
    Ok(())
}

/// Hands the numbers of the rows of `model` in `domain`, rising, page by page, to `take`.
pub(super) fn each_id_page(
    session: &Session,
    model: &str,
    domain: &Domain,
    mut take: impl FnMut(&[u64]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut pages = Pages::new(session, model, domain, (None, IDS));
    while let Some(answer) = pages.next()? {
        let ids: Vec<u64> = answer.read()?;
        pages.go_on(ids.iter().copied().map(Ok))?;
        take(&ids)?;
    }
    Ok(())
}

/// The last of the numbers of a page. They must rise from `after` on: rows that come again would never end, and
/// one that comes out of order would hide those between.
fn last_of(
    ids: impl Iterator<Item = Result<u64, Failure>>,
    after: u64,
) -> Result<Option<u64>, Failure> {
    let mut last = None;
    for id in ids {
        let id = id?;
        if id <= last.unwrap_or(after) {
            return Err(goes_round());
        }
        last = Some(id);
    }
    Ok(last)
}

fn goes_round() -> Failure {
    let error = Error::source_failed(
        "Odoo renvoie des lignes déjà lues, ou en désordre, au lieu des suivantes",
    );
    error
        .hint("Un mandataire rend peut-être d'anciennes réponses : il ne doit rien garder de ce qui vient d'Odoo")
        .into()
}
