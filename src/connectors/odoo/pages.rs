//! Pages by key: what is read can grow and shrink meanwhile without a row being skipped or read twice.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::domain::Domain;
use super::failure::Failure;
use super::session::Session;
use crate::error::Error;

/// Rows a page.
pub(super) const ROWS: usize = 1_000;

/// Numbers alone a page: as many bytes as some hundred rows.
pub(super) const IDS: usize = 10_000;

/// Pages of one size that are answered before a larger one is tried.
const GOOD_PAGES: usize = 5;

/// No page gets smaller: what fails with so few rows fails for another reason.
const FEWEST: usize = 25;

/// A row as Odoo sends it.
pub(super) type Row = Map<String, Value>;

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

/// Hands the rows of `model` in `domain`, in the order of their numbers, page by page, to `take`.
pub(super) fn each_page(
    session: &Session,
    model: &str,
    domain: &Domain,
    fields: &Value,
    mut take: impl FnMut(&[Row]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let ask = |domain: Value, limit: usize, attempt: usize| {
        let arguments = json!({"domain": domain, "fields": fields, "order": "id", "limit": limit});
        session.call_once(model, "search_read", arguments, attempt)
    };
    by_key(session, (model, domain), ROWS, ask, |page, after| {
        let rows = page.into_iter().map(|row| match row {
            Value::Object(row) => Ok(row),
            _ => Err(Failure::Garbled),
        });
        let rows = rows.collect::<Result<Vec<Row>, Failure>>()?;
        let last = last_of(rows.iter().map(id), after)?;
        take(&rows)?;
        Ok(last)
    })
}

/// Hands the numbers of the rows of `model` in `domain`, rising, page by page, to `take`.
pub(super) fn each_id_page(
    session: &Session,
    model: &str,
    domain: &Domain,
    mut take: impl FnMut(&[u64]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let ask = |domain: Value, limit: usize, attempt: usize| {
        let arguments = json!({"domain": domain, "order": "id", "limit": limit});
        session.call_once(model, "search", arguments, attempt)
    };
    by_key(session, (model, domain), IDS, ask, |page, after| {
        let ids = page.iter().map(|id| id.as_u64().ok_or(Failure::Garbled));
        let ids = ids.collect::<Result<Vec<u64>, Failure>>()?;
        let last = last_of(ids.iter().copied().map(Ok), after)?;
        take(&ids)?;
        Ok(last)
    })
}

/// Asks for page after page above the last number seen, until one is not full. `take` is told that number, and
/// returns the last one of its page; nothing for an empty page.
fn by_key(
    session: &Session,
    (model, domain): (&str, &Domain),
    most: usize,
    ask: impl Fn(Value, usize, usize) -> Result<Value, Failure>,
    mut take: impl FnMut(Vec<Value>, u64) -> Result<Option<u64>, Failure>,
) -> Result<(), Failure> {
    let size = PageSize::of(most);
    let mut last = 0;
    loop {
        let above = domain.clone().and("id", ">", last).to_value();
        let asked = Cell::new(0);
        let answer = session.retrying(
            model,
            |attempt| {
                asked.set(size.now.get());
                ask(above.clone(), asked.get(), attempt)
            },
            |failure| {
                if failure.is_overload() {
                    size.shrink();
                }
            },
        )?;
        size.answered();
        let Value::Array(page) = answer else {
            return Err(Failure::Garbled);
        };
        let is_last = page.len() < asked.get();
        match take(page, last)? {
            Some(highest) => last = highest,
            None => return Ok(()),
        }
        if is_last {
            return Ok(());
        }
    }
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

/// The number of a row.
pub(super) fn id(row: &Row) -> Result<u64, Failure> {
    row.get("id")
        .and_then(Value::as_u64)
        .ok_or(Failure::Garbled)
}

fn goes_round() -> Failure {
    let error = Error::source_failed(
        "Odoo renvoie des lignes déjà lues, ou en désordre, au lieu des suivantes",
    );
    error
        .hint("Un mandataire rend peut-être d'anciennes réponses : il ne doit rien garder de ce qui vient d'Odoo")
        .into()
}
