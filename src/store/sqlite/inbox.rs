//! The inbox of rejected rows: written by loads, listed and settled by people.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Row, params, params_from_iter};

use super::database::Store;
use super::values::{from_sql, to_sql};
use crate::canonical::{Reject, RowId, Table};
use crate::error::Result;
use crate::message::cut_message;
use crate::store::inbox::{InboxEntry, InboxPage, InboxQuery, RejectGroup, RejectState};

/// Who rejects: source, run and time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rejecting<'a> {
    pub(super) source: &'a str,
    pub(super) run_id: i64,
    pub(super) now: &'a str,
}

/// What a load does with the inbox.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LoadInbox {
    /// Rejects that are ignored.
    pub(super) ignored: u64,
    /// Whether entries that the units read do not confirm stay open.
    pub(super) keeps_open: bool,
}

/// Puts `reject` into the inbox, or counts once more the entry of the same row, which is open again unless it is ignored.
/// Whether it is.
pub(super) fn put(
    db: &Connection,
    by: &Rejecting<'_>,
    reject: &Reject,
    key: Option<&str>,
) -> Result<bool> {
    let row = reject.row.as_deref();
    let has_cells = row.is_some_and(|row| !row.cells.is_empty());
    let id = row.map_or_else(|| id_without_cells(reject, key), |row| row.id);
    let list = |texts: &[String]| serde_json::to_string(texts).unwrap_or_default();
    let headers = row.filter(|_| has_cells).map(|row| list(&row.headers));
    let cells = row.filter(|_| has_cells).map(|row| list(&row.cells));
    let cut = |text: &str| cut_message(text).into_owned();
    let state: String = db
        .prepare_cached(
            "INSERT INTO reject_rows VALUES
                 (?1, ?2, ?3, 'open', NULL, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13, ?14, ?14, 1)
             ON CONFLICT DO UPDATE SET
                 state = iif(state = 'ignored', state, 'open'), note = iif(state = 'ignored', note, NULL),
                 origin = excluded.origin, position = excluded.position, column_name = excluded.column_name,
                 value = excluded.value, reason = excluded.reason, key = coalesce(excluded.key, key),
                 headers = coalesce(excluded.headers, headers), cells = coalesce(excluded.cells, cells),
                 times = times + (last_run <> excluded.last_run),
                 last_run = excluded.last_run, last_seen = excluded.last_seen
             RETURNING state",
        )?
        .query_row(
            params![
                by.source,
                reject.table.report_name(),
                id.to_string(),
                cut(&reject.origin),
                cut(&reject.position),
                reject.column.as_deref().map(cut),
                reject.value.as_deref().map(cut),
                cut(&reject.reason),
                key,
                headers,
                cells,
                row.is_some_and(|row| row.is_cut),
                by.run_id,
                by.now,
            ],
            |row| row.get(0),
        )?;
    Ok(state == RejectState::Ignored.as_str())
}

/// A row without cells is known by its key, or by its place.
fn id_without_cells(reject: &Reject, key: Option<&str>) -> RowId {
    if let Some(key) = key {
        return RowId::of_name(reject.table, key);
    }
    let place = format!("{}:{}", reject.origin, reject.position);
    RowId::of_name(reject.table, &place)
}

/// Closes the entries of `table` that were rejected from the unit `origin` before, and were not by the run that has just
/// read it whole.
pub(super) fn close_unit(
    db: &Connection,
    by: &Rejecting<'_>,
    table: Table,
    origin: &str,
) -> Result<()> {
    db.prepare_cached(
        "UPDATE reject_rows SET state = 'closed', note = iif(state = 'fixed', 'replayed', 'source_mended')
         WHERE source = ?1 AND table_name = ?2 AND origin = ?3 AND last_run < ?4 AND (state = 'open' OR state = 'fixed')",
    )?
    .execute(params![by.source, table.report_name(), origin, by.run_id])?;
    Ok(())
}

/// Closes the entries of all earlier snapshots of `table`.
pub(super) fn close_older(db: &Connection, by: &Rejecting<'_>, table: Table) -> Result<()> {
    db.prepare_cached(
        "UPDATE reject_rows SET state = 'closed', note = 'superseded'
         WHERE source = ?1 AND table_name = ?2 AND last_run < ?3 AND (state = 'open' OR state = 'fixed')",
    )?
    .execute(params![by.source, table.report_name(), by.run_id])?;
    Ok(())
}

impl Store {
    /// A page of the inbox, the newest entries first.
    pub fn inbox(&self, query: &InboxQuery<'_>) -> Result<InboxPage> {
        let (filter, mut values) = filter(query);
        let count = format!("SELECT count(*) FROM reject_rows WHERE {filter}");
        let total: i64 = self
            .db
            .query_row(&count, params_from_iter(&values), |row| row.get(0))?;
        values.push(Sql::Integer(to_sql(query.limit)));
        values.push(Sql::Integer(to_sql(query.offset)));
        let mut select = self.db.prepare(&format!(
            "SELECT {COLUMNS} FROM reject_rows WHERE {filter}
             ORDER BY last_run DESC, source, table_name, origin, CAST(position AS INTEGER), row_hash LIMIT ? OFFSET ?"
        ))?;
        let entries = select.query_map(params_from_iter(&values), entry)?;
        let entries = entries.collect::<rusqlite::Result<_>>()?;
        let total = from_sql(total);
        let lists_open = query.state == Some(RejectState::Open) && query.table.is_none();
        let open = if lists_open {
            total
        } else {
            self.open_rejects(query.source)?
        };
        Ok(InboxPage {
            total,
            open,
            entries,
        })
    }

    /// The number of open entries of `source`, or of all.
    pub fn open_rejects(&self, source: Option<&str>) -> Result<u64> {
        let open: i64 = self.db.query_row(
            "SELECT count(*) FROM reject_rows WHERE (?1 IS NULL OR source = ?1) AND state = 'open'",
            [source],
            |row| row.get(0),
        )?;
        Ok(from_sql(open))
    }

    /// The entries of the inbox by table, column, value and reason, the most frequent first.
    pub fn inbox_groups(&self, query: &InboxQuery<'_>) -> Result<Vec<RejectGroup>> {
        let (filter, mut values) = filter(query);
        values.push(Sql::Integer(to_sql(query.limit)));
        let mut select = self.db.prepare(&format!(
            "SELECT source, table_name, column_name, value, reason, count(*) FROM reject_rows WHERE {filter}
             GROUP BY source, table_name, column_name, value, reason ORDER BY 6 DESC, 1, 2, 3, 4 LIMIT ?"
        ))?;
        let groups = select.query_map(params_from_iter(&values), |row| {
            Ok(RejectGroup {
                source: row.get(0)?,
                table: table(row, 1)?,
                column: row.get(2)?,
                value: row.get(3)?,
                reason: row.get(4)?,
                count: from_sql(row.get(5)?),
            })
        })?;
        Ok(groups.collect::<rusqlite::Result<_>>()?)
    }

    /// The entries of `source` whose number begins with `id`; at most two.
    pub fn inbox_entries(&self, source: &str, id: &str) -> Result<Vec<InboxEntry>> {
        // The primary key has the table before the row.
        let tables = Table::ALL.map(|table| format!("'{}'", table.report_name()));
        let mut select = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM reject_rows WHERE source = ?1 AND table_name IN ({})
               AND row_hash >= ?2 AND row_hash < ?2 || 'g' ORDER BY row_hash LIMIT 2",
            tables.join(", ")
        ))?;
        let entries = select.query_map(params![source, id], entry)?;
        Ok(entries.collect::<rusqlite::Result<_>>()?)
    }

    /// Sets the state of an entry, and why. Whether there is such an entry.
    pub fn settle_reject(
        &self,
        source: &str,
        (table, id): (Table, RowId),
        state: RejectState,
        note: Option<&str>,
    ) -> Result<bool> {
        self.write(|db| {
            let changed = db.execute(
                "UPDATE reject_rows SET state = ?4, note = ?5
                 WHERE source = ?1 AND table_name = ?2 AND row_hash = ?3",
                params![
                    source,
                    table.report_name(),
                    id.to_string(),
                    state.as_str(),
                    note
                ],
            )?;
            Ok(changed > 0)
        })
    }
}

/// Columns of an entry, in the order in which [`entry`] reads them.
const COLUMNS: &str = "source, table_name, row_hash, state, note, origin, position, column_name, value, reason, headers,
    cells, is_cut, first_run, last_run, first_seen, last_seen, times";

/// The condition of `query`, and its values.
fn filter(query: &InboxQuery<'_>) -> (String, Vec<Sql>) {
    let mut conditions = vec!["1"];
    let mut values = Vec::new();
    let state = query.state.map(RejectState::as_str);
    let table = query.table.map(Table::report_name);
    for (condition, value) in [
        ("source = ?", query.source),
        ("state = ?", state),
        ("table_name = ?", table),
    ] {
        if let Some(value) = value {
            conditions.push(condition);
            values.push(Sql::Text(value.to_owned()));
        }
    }
    (conditions.join(" AND "), values)
}

fn table(row: &Row<'_>, at: usize) -> rusqlite::Result<Table> {
    let name: String = row.get(at)?;
    Ok(Table::from_report_name(&name).unwrap_or(Table::Customers))
}

fn entry(row: &Row<'_>) -> rusqlite::Result<InboxEntry> {
    let list = |at| -> rusqlite::Result<Vec<String>> {
        let text: Option<String> = row.get(at)?;
        let list = text.and_then(|text| serde_json::from_str(&text).ok());
        Ok(list.unwrap_or_default())
    };
    let id: String = row.get(2)?;
    let state: String = row.get(3)?;
    Ok(InboxEntry {
        source: row.get(0)?,
        table: table(row, 1)?,
        id: RowId::parse(&id).unwrap_or_else(|| RowId::of_name(Table::Customers, &id)),
        state: RejectState::parse(&state),
        note: row.get(4)?,
        origin: row.get(5)?,
        position: row.get(6)?,
        column: row.get(7)?,
        value: row.get(8)?,
        reason: row.get(9)?,
        headers: list(10)?,
        cells: list(11)?,
        is_cut: row.get(12)?,
        first_run: row.get(13)?,
        last_run: row.get(14)?,
        first_seen: row.get(15)?,
        last_seen: row.get(16)?,
        times: from_sql(row.get(17)?),
    })
}

/// Deletes entries that were closed before run `first_kept`; returns their number.
pub(super) fn prune(db: &Connection, first_kept: i64) -> Result<u64> {
    let delete = "DELETE FROM reject_rows WHERE state = 'closed' AND last_run < ?1";
    Ok(db.execute(delete, [first_kept])? as u64)
}

/// Deletes the entries of `source` that `is_theirs` finds to hold something of a person, and the corrections. The texts
/// given are the cells, the value and the reason; the flag says whether the row is about people.
pub(super) fn erase(
    db: &Connection,
    source: &str,
    mut is_theirs: impl FnMut(&[String], bool) -> bool,
) -> Result<()> {
    let mut select = db.prepare(
        "SELECT table_name, row_hash, coalesce(cells, '[]'), coalesce(value, ''), coalesce(key, ''), origin || ':' || position
         FROM reject_rows WHERE source = ?1",
    )?;
    let mut found = Vec::new();
    let mut rows = select.query([source])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let cells: String = row.get(2)?;
        let mut texts: Vec<String> = serde_json::from_str(&cells).unwrap_or_default();
        texts.extend([row.get(3)?, row.get(4)?, row.get(5)?]);
        let is_of_people = [Table::Customers, Table::ContactHistory]
            .map(Table::report_name)
            .contains(&name.as_str());
        if is_theirs(&texts, is_of_people) {
            found.push((name, row.get::<_, String>(1)?));
        }
    }
    drop(rows);
    let mut delete = db.prepare(
        "DELETE FROM reject_rows WHERE source = ?1 AND table_name = ?2 AND row_hash = ?3",
    )?;
    let mut of_row = db.prepare(
        "DELETE FROM corrections WHERE source = ?1 AND table_name = ?2 AND row_hash = ?3",
    )?;
    for (table, id) in &found {
        delete.execute(params![source, table, id])?;
        of_row.execute(params![source, table, id])?;
    }
    let mut select = db.prepare(
        "SELECT correction_id, old_value, new_value, coalesce(note, '') FROM corrections WHERE source = ?1",
    )?;
    let mut found = Vec::new();
    let mut rows = select.query([source])?;
    while let Some(row) = rows.next()? {
        let texts = [row.get(1)?, row.get(2)?, row.get(3)?];
        if is_theirs(&texts, false) {
            found.push(row.get::<_, i64>(0)?);
        }
    }
    drop(rows);
    for id in found {
        let delete = "DELETE FROM corrections WHERE source = ?1 AND correction_id = ?2";
        db.execute(delete, params![source, id])?;
    }
    Ok(())
}
