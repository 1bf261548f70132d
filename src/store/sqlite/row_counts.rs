//! Number of rows of each source in each table, updated by the loads: queries do not have to count millions.

use rusqlite::{Connection, params};

use super::database::Store;
use super::values::from_sql;
use super::values::to_sql;
use crate::canonical::Table;
use crate::error::Result;

impl Store {
    /// Number of rows of `source` in `table`.
    pub fn row_count(&self, source: &str, table: Table) -> Result<u64> {
        row_count(&self.db, source, table)
    }
}

/// Number of rows of `source` in `table`.
pub(super) fn row_count(db: &Connection, source: &str, table: Table) -> Result<u64> {
    let mut statement =
        db.prepare_cached("SELECT rows FROM row_counts WHERE source = ?1 AND table_name = ?2")?;
    let mut rows = statement.query(params![source, table.sql_name()])?;
    Ok(match rows.next()? {
        Some(row) => from_sql(row.get(0)?),
        None => 0,
    })
}

/// Stores the number of rows of `source` in `table`.
pub(super) fn set_row_count(db: &Connection, source: &str, table: Table, rows: u64) -> Result<()> {
    db.execute(
        "INSERT INTO row_counts VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET rows = excluded.rows",
        params![source, table.sql_name(), to_sql(rows)],
    )?;
    Ok(())
}
