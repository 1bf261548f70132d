//! Cursors: how far each source has been read.

use rusqlite::{Connection, params};

use super::database::Store;
use crate::canonical::{Cursors, Table};
use crate::error::Result;
use crate::store::requests::CursorChanges;

/// Writes the cursors of a table of a source.
pub(super) fn keep(
    db: &Connection,
    run_id: i64,
    (source, table): (&str, Table),
    marks: &CursorChanges<'_>,
) -> Result<()> {
    let mut delete = db.prepare_cached(
        "DELETE FROM cursors WHERE source = ?1 AND table_name = ?2 AND mark = ?3",
    )?;
    for mark in marks.unset {
        delete.execute(params![source, table.sql_name(), mark])?;
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO cursors VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET label = excluded.label, run_id = excluded.run_id",
    )?;
    for cursor in marks.set {
        insert.execute(params![
            source,
            table.sql_name(),
            cursor.mark,
            cursor.label,
            run_id
        ])?;
    }
    Ok(())
}

impl Store {
    /// Writes the cursors of `table` of `source` when nothing else was written.
    pub fn note(
        &self,
        run_id: i64,
        source: &str,
        table: Table,
        marks: &CursorChanges<'_>,
    ) -> Result<()> {
        if marks.set.is_empty() && marks.unset.is_empty() {
            return Ok(());
        }
        self.write(|db| keep(db, run_id, (source, table), marks))
    }

    /// Reads the cursors of `table` of `source`.
    pub fn cursors(&self, source: &str, table: Table) -> Result<Cursors> {
        let mut statement = self.db.prepare_cached(
            "SELECT mark, label, run_id FROM cursors WHERE source = ?1 AND table_name = ?2",
        )?;
        let rows = statement.query_map(params![source, table.sql_name()], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
