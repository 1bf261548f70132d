//! Pages of a recorded query that were never asked in exactly this size: cut from the rows of those that were.
//!
//! Nothing is invented: where the recording does not say what follows a row, there is no answer.

use serde_json::{Value, json};

use super::call::{Call, is_after};
use super::exchange::{Exchange, Request};

/// A query that reads rows by key, apart from where its page starts, how long it is, and which rows it names.
#[derive(Debug)]
struct Query {
    /// All that must be the same in two pages of one query.
    rest: Value,
    after: u64,
    limit: usize,
    /// The rows that it names by their ids, in that order: `read`, or a term `["id", "in", […]]`.
    ids: Option<Vec<u64>>,
}

impl Query {
    /// None for what is not read by key: only the order of ids makes a page a piece of another.
    fn of(request: &Request) -> Option<Self> {
        let mut call = request.call()?;
        let by_key = ["search_read", "search"].contains(&call.method.as_str());
        if call.method != "read" && !(by_key && call.order() == Some("id")) {
            return None;
        }
        let (after, limit, ids) = (call.after().unwrap_or(0), call.limit(), named_ids(&call));
        let terms = call.domain().iter();
        let others: Vec<_> = terms
            .filter(|term| !is_after(term) && !names_ids(term))
            .cloned()
            .collect();
        call.arguments.insert("domain".to_owned(), json!(others));
        call.arguments.remove("limit");
        call.arguments.remove("ids");
        Some(Self {
            rest: json!([
                request.database,
                caller(request),
                call.model,
                call.method,
                call.arguments,
                ids.is_some()
            ]),
            after,
            limit: limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap()),
            ids,
        })
    }
}

fn names_ids(term: &Value) -> bool {
    term[0] == "id" && term[1] == "in"
}

fn named_ids(call: &Call) -> Option<Vec<u64>> {
    let term = call.domain().iter().find(|term| names_ids(term));
    let ids = term.map_or_else(|| call.arguments.get("ids"), |term| term.get(2))?;
    ids.as_array()?.iter().map(Value::as_u64).collect()
}

/// JSON-RPC names the database, the user and the key in every call.
fn caller(request: &Request) -> Option<&[Value]> {
    let args = request.body.pointer("/params/args")?.as_array()?;
    args.get(..3)
}

/// A recorded page: every row whose id is after `after`, up to `end`, or to the end of the table.
struct Page<'a> {
    after: u64,
    end: Option<u64>,
    rows: &'a [Value],
    ids: Option<Vec<u64>>,
}

impl<'a> Page<'a> {
    fn of(exchange: &'a Exchange, asked: &Query) -> Option<Self> {
        let query = Query::of(&exchange.request)?;
        if query.rest != asked.rest {
            return None;
        }
        let rows = exchange
            .response
            .result(exchange.request.is_rpc())?
            .as_array()?;
        // A full page does not say what comes after it.
        let full = rows.len() >= query.limit;
        Some(Self {
            after: query.after,
            end: rows.last().filter(|_| full).map(id),
            rows,
            ids: query.ids,
        })
    }

    fn tells_what_follows(&self, id: u64) -> bool {
        self.after <= id && self.end.is_none_or(|end| id < end)
    }
}

/// `search` answers ids, `search_read` rows.
fn id(row: &Value) -> u64 {
    let id = row.as_u64().or_else(|| row["id"].as_u64());
    id.unwrap_or_else(|| panic!("a row without id: {row}"))
}

/// The page that a request asks for, from the rows of the recorded pages of the same query.
pub fn cut(exchanges: &[Exchange], request: &Request) -> Option<Value> {
    let asked = Query::of(request)?;
    let pages: Vec<_> = exchanges
        .iter()
        .filter_map(|exchange| Page::of(exchange, &asked))
        .collect();
    let mut rows = match &asked.ids {
        Some(ids) => named(&pages, ids, asked.after)?,
        None => following(&pages, asked.after, asked.limit)?,
    };
    if asked.ids.is_some() && request.call()?.method != "read" {
        rows.sort_by_key(|row| id(row));
    }
    rows.truncate(asked.limit);
    Some(json!(rows))
}

/// At least `limit` rows after an id, or all there are.
fn following<'a>(pages: &[Page<'a>], after: u64, limit: usize) -> Option<Vec<&'a Value>> {
    let mut rows = Vec::new();
    let mut last = after;
    while rows.len() < limit {
        let page = pages.iter().find(|page| page.tells_what_follows(last))?;
        rows.extend(page.rows.iter().filter(|row| id(row) > last));
        let Some(end) = page.end else { break };
        last = end;
    }
    Some(rows)
}

/// The rows with these ids; None where one of them was in no recorded question. One that was asked for may be in no
/// answer: the user may not see it, or it is gone.
fn named<'a>(pages: &[Page<'a>], ids: &[u64], after: u64) -> Option<Vec<&'a Value>> {
    let mut rows = Vec::new();
    for wanted in ids.iter().filter(|wanted| **wanted > after) {
        let page = pages.iter().find(|page| {
            let named = page.ids.as_ref().is_some_and(|ids| ids.contains(wanted));
            named && page.after < *wanted && page.end.is_none_or(|end| *wanted <= end)
        })?;
        rows.extend(page.rows.iter().find(|row| id(row) == *wanted));
    }
    Some(rows)
}
