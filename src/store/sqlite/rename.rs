//! The name of a source in all tables: its change, and which names there are.

use rusqlite::Connection;
use tracing::info;

use super::database::Store;
use crate::error::{Advice, Error, Result};

/// The tables with a column `source`: read from the schema, so that a new table is not forgotten.
const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table'
    AND EXISTS (SELECT 1 FROM pragma_table_info(sqlite_schema.name) AS c WHERE c.name = 'source')";

impl Store {
    /// Gives the rows, rejects, cursors and history of `old` to `new`, in one transaction. `before_commit` is called
    /// when all rows are written; its error rolls everything back. `waiting` is called while others write. Fails where
    /// both names have rows or history; does nothing in the database where `old` has none.
    pub fn rename_source(
        &self,
        (old, new): (&str, &str),
        waiting: impl FnMut() -> Result<()>,
        before_commit: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        self.write_waiting(waiting, |db| {
            let tables = tables(db)?;
            let mut is_new_known = false;
            for table in tables.iter().filter(|table| is_of_rows(table)) {
                is_new_known |= has(db, table, new)?;
            }
            for table in tables {
                if has(db, &table, old)? {
                    if is_new_known {
                        return Err(both_known(new));
                    }
                    let sql = format!("UPDATE {table} SET source = ?2 WHERE source = ?1");
                    db.execute(&sql, [old, new])?;
                }
            }
            info!(old, new, "source renamed");
            before_commit()
        })
    }

    /// Whether `source` has rows, rejects, cursors or history.
    pub fn knows(&self, source: &str) -> Result<bool> {
        for table in tables(&self.db)? {
            if is_of_rows(&table) && has(&self.db, &table, source)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The sources with rows in the tables, by name.
    pub fn sources_with_rows(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT source FROM row_counts WHERE rows > 0 ORDER BY source";
        let mut statement = self.db.prepare_cached(sql)?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }
}

/// The error for a new name under which a removed connector left rows or history.
pub(in crate::store) fn both_known(new: &str) -> Error {
    Error::config(format!(
        "La base garde déjà des lignes ou un historique sous le nom « {new} »"
    ))
    .advise(Advice::PurgeLeftovers(new.to_owned()))
}

/// Whether `table` has rows or history of a source. Erasures are neither: they outlive a purge, and keep erased customers
/// out of the next connector of that name.
pub(in crate::store) fn is_of_rows(table: &str) -> bool {
    !table.starts_with("erasure")
}

pub(super) fn tables(db: &Connection) -> Result<Vec<String>> {
    let mut statement = db.prepare_cached(TABLES)?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

fn has(db: &Connection, table: &str, source: &str) -> Result<bool> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE source = ?1)");
    Ok(db
        .prepare_cached(&sql)?
        .query_row([source], |row| row.get(0))?)
}
