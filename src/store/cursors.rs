//! How far each source has been read.

use rusqlite::params;

use super::Store;
use crate::canonical::{Cursors, Table};
use crate::error::Result;

impl Store {
    /// What has been read of `table` of `source`.
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
