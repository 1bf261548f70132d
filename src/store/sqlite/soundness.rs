//! Whether the database file is sound.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::database::Store;
use crate::error::Result;

impl Store {
    /// The first defect that SQLite finds in the file, in its own words; `None` in a sound one. Reads the whole file, but
    /// does not compare indexes with tables (<https://sqlite.org/pragma.html#pragma_quick_check>).
    pub fn defect(&self) -> Result<Option<String>> {
        defect(&self.db)
    }

    /// The start of the newest run of all sources.
    pub fn newest_start(&self) -> Result<Option<Timestamp>> {
        let newest: Option<String> = self
            .db
            .query_row(
                "SELECT started_at FROM runs ORDER BY run_id DESC LIMIT 1",
                [],
                |row| row.get(0),
            )
            .optional()?;
        Ok(newest.and_then(|at| at.parse().ok()))
    }

    /// The start of the open run of `source`, where it has one.
    pub fn running_since(&self, source: &str) -> Result<Option<Timestamp>> {
        let sql = "SELECT started_at FROM runs WHERE source = ?1 AND status = 'running' ORDER BY run_id DESC LIMIT 1";
        let since: Option<String> = self
            .db
            .query_row(sql, [source], |row| row.get(0))
            .optional()?;
        Ok(since.and_then(|at| at.parse().ok()))
    }
}

pub(super) fn defect(db: &Connection) -> Result<Option<String>> {
    let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(Some(found).filter(|found| found != "ok"))
}
