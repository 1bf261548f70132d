//! Corrections of rejected rows, and which files are read again for them.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::Store;
use crate::canonical::{CellCorrection, Corrections, RowId, Table};
use crate::error::Result;
use crate::store::inbox::{Correction, CorrectionScope, NewCorrection};

/// Columns of a correction, in the order in which [`correction`] reads them.
const COLUMNS: &str =
    "correction_id, table_name, row_hash, field, old_value, new_value, note, author, at";

impl Store {
    /// The corrections in force of `source`, in the order in which they were made.
    pub fn corrections(&self, source: &str) -> Result<Vec<Correction>> {
        let mut select = self.db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM corrections WHERE source = ?1 AND undone_at IS NULL ORDER BY correction_id"
        ))?;
        let found = select.query_map([source], correction)?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    /// The corrections in force of `table` of `source`, as a reading applies them.
    pub fn corrections_of(&self, source: &str, table: Table) -> Result<Corrections> {
        let mut corrections = Corrections::default();
        let all = self.corrections(source)?.into_iter();
        for one in all.filter(|one| one.table == table) {
            match one.scope {
                CorrectionScope::Row(row) => {
                    corrections.by_row.entry(row).or_default().push(one.cell);
                }
                CorrectionScope::Value => corrections.by_value.push(one.cell),
            }
        }
        Ok(corrections)
    }

    /// Keeps `new` corrections of `source`, made at `now` by `author`, and returns their numbers. Entries of the inbox
    /// that they are of become fixed, and the files concerned are read again by the next sync. The caller holds the
    /// connector's lock.
    pub fn correct(
        &self,
        source: &str,
        new: &[NewCorrection],
        (author, now): (&str, &str),
    ) -> Result<Vec<i64>> {
        self.write(|db| {
            let mut numbers = Vec::new();
            for one in new {
                let row = match one.scope {
                    CorrectionScope::Row(row) => Some(row.to_string()),
                    CorrectionScope::Value => None,
                };
                let CellCorrection { field, old, new } = &one.cell;
                let scope = if row.is_some() { "row" } else { "value" };
                let table = one.table.report_name();
                let mut insert = db.prepare_cached(
                    "INSERT INTO corrections VALUES (?1,
                         (SELECT coalesce(max(correction_id), 0) + 1 FROM corrections WHERE source = ?1),
                         ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL) RETURNING correction_id",
                )?;
                let number: i64 = insert.query_row(
                    params![source, table, scope, row, field, old, new, one.note, author, now],
                    |row| row.get(0),
                )?;
                numbers.push(number);
                for fixed in &one.fixes {
                    let fix = "UPDATE reject_rows SET state = 'fixed', note = NULL
                        WHERE source = ?1 AND table_name = ?2 AND row_hash = ?3";
                    let mut fix = db.prepare_cached(fix)?;
                    fix.execute(params![source, table, fixed.to_string()])?;
                }
                read_again(db, source, one.table, row.as_deref())?;
            }
            Ok(numbers)
        })
    }

    /// Takes correction `number` of `source` back at `now`: its rows are read again as their source says them, and its
    /// entry is open again. Whether it was in force. The caller holds the connector's lock.
    pub fn undo_correction(&self, source: &str, number: i64, now: &str) -> Result<bool> {
        self.write(|db| {
            let undone = db.query_row(
                "UPDATE corrections SET undone_at = ?3
                 WHERE source = ?1 AND correction_id = ?2 AND undone_at IS NULL RETURNING table_name, row_hash",
                params![source, number, now],
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)),
            );
            let Some((name, row)) = undone.optional()? else {
                return Ok(false);
            };
            let table = Table::from_report_name(&name).unwrap_or(Table::Customers);
            // Without a correction left, the row is as its source says it.
            let open = "UPDATE reject_rows SET state = 'open', note = NULL
                WHERE source = ?1 AND table_name = ?2 AND row_hash = ?3 AND state = 'fixed' AND NOT EXISTS
                    (SELECT 1 FROM corrections AS c WHERE c.source = ?1 AND c.row_hash = ?3 AND c.undone_at IS NULL)";
            db.execute(open, params![source, name, row])?;
            read_again(db, source, table, row.as_deref())?;
            Ok(true)
        })
    }

    /// The files of `table` that are read again because corrections changed since they were read, each with the run from
    /// which on others are too. An empty name is any file.
    pub fn rereads(&self, source: &str, table: Table) -> Result<BTreeMap<String, i64>> {
        let mut select = self.db.prepare_cached(
            "SELECT origin, from_run FROM rereads WHERE source = ?1 AND table_name = ?2",
        )?;
        let found = select.query_map([source, table.report_name()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }
}

/// Has the file of `row` read again, with those read later: an older file read alone would restore old values. Without a
/// row, all files of `table`.
fn read_again(db: &Connection, source: &str, table: Table, row: Option<&str>) -> Result<()> {
    let mut select = db.prepare_cached(
        "SELECT cursors.mark, cursors.run_id FROM reject_rows JOIN cursors
           ON cursors.source = reject_rows.source AND cursors.table_name = ?4 AND cursors.mark = reject_rows.origin
         WHERE reject_rows.source = ?1 AND reject_rows.table_name = ?2 AND reject_rows.row_hash = ?3",
    )?;
    let found = select.query_row(
        params![source, table.report_name(), row, table.sql_name()],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)),
    );
    let (origin, from) = found.optional()?.unwrap_or_default();
    db.prepare_cached(
        "INSERT INTO rereads VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET from_run = min(from_run, excluded.from_run)",
    )?
    .execute(params![source, table.report_name(), origin, from])?;
    Ok(())
}

/// Records that the files `read` of `table`, all that are there, were read with the corrections in force.
pub(super) fn were_read<'r>(
    db: &Connection,
    source: &str,
    table: Table,
    read: impl Iterator<Item = &'r str>,
) -> Result<()> {
    let mut delete = db.prepare_cached(
        "DELETE FROM rereads WHERE source = ?1 AND table_name = ?2 AND origin = ?3",
    )?;
    for origin in read.chain([""]) {
        delete.execute([source, table.report_name(), origin])?;
    }
    Ok(())
}

fn correction(row: &Row<'_>) -> rusqlite::Result<Correction> {
    let name: String = row.get(1)?;
    let id: Option<String> = row.get(2)?;
    let id = id.as_deref().and_then(RowId::parse);
    Ok(Correction {
        number: row.get(0)?,
        table: Table::from_report_name(&name).unwrap_or(Table::Customers),
        scope: id.map_or(CorrectionScope::Value, CorrectionScope::Row),
        cell: CellCorrection {
            field: row.get(3)?,
            old: row.get(4)?,
            new: row.get(5)?,
        },
        note: row.get(6)?,
        author: row.get(7)?,
        at: row.get(8)?,
    })
}
