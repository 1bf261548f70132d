//! The first sync of a database that holds no rows yet.
//!
//! A write-ahead log keeps every page until it is copied to the file: each is written twice. Pages that lengthen a
//! file need none: cut it back, and they never were. With a rollback journal, which keeps only the pages that were
//! there before, a first sync takes a third less time. Its loads then hold the database for themselves; whoever only
//! looks meanwhile is shown a copy of what was there before, which is next to nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tracing::debug;

use super::{BUSY_TIMEOUT, Store, failure, migrations, segments};
use crate::error::Result;

/// The database has a rollback journal in place of its write-ahead log, until this is dropped.
#[derive(Debug)]
pub struct FirstSync<'s> {
    db: &'s Connection,
    /// What was there before, for whoever only looks.
    before: PathBuf,
}

impl Store {
    /// Makes ready for loads into a database where run `run_id` alone has loaded anything. `None` when others did, or
    /// when somebody else has it open: loads then go the way they always go.
    pub fn first_sync(&self, run_id: i64) -> Result<Option<FirstSync<'_>>> {
        let db = &self.db;
        let Some(path) = db.path().filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        if !db.is_autocommit() {
            return Ok(None);
        }
        let before = copy_of(Path::new(path));
        let _ = fs::remove_file(&before); // Left by one that was killed.
        if !holds_only_rows_of(db, run_id)? {
            return Ok(None);
        }
        let first = FirstSync { db, before };
        match first.begin() {
            Ok(()) => Ok(Some(first)),
            Err(error) => {
                debug!(%error, "first sync with a write-ahead log");
                Ok(None)
            }
        }
    }
}

impl FirstSync<'_> {
    fn begin(&self) -> rusqlite::Result<()> {
        let before = self.before.to_string_lossy();
        self.db.execute("VACUUM INTO ?1", [before])?;
        // Whoever has the database open may go on reading it: they are not waited for.
        switch_journal(self.db, "DELETE")?;
        // With a rollback journal, NORMAL may tear a file when the power fails.
        self.db.pragma_update(None, "synchronous", "FULL")
    }
}

impl Drop for FirstSync<'_> {
    fn drop(&mut self) {
        // While somebody reads, it cannot be; who opens the database next does it.
        if let Err(error) = switch_journal(self.db, "WAL") {
            debug!(%error, "write-ahead log left for later");
        }
        let _ = self.db.pragma_update(None, "synchronous", "NORMAL");
        let _ = fs::remove_file(&self.before);
    }
}

/// Sets the journal of `db`, unless others have it open.
fn switch_journal(db: &Connection, journal: &str) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::ZERO)?;
    let switched = db.pragma_update(None, "journal_mode", journal);
    db.busy_timeout(BUSY_TIMEOUT)?;
    switched
}

/// What was in the database at `path` before the load of a first sync that holds it now; `None` when nothing does.
pub(super) fn before_load(path: &Path) -> Result<Option<Connection>> {
    let copy = copy_of(path);
    if !copy.exists() || !is_held(path) {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // It may be over by now: then the database itself can be read again.
    let Ok(before) = Connection::open_with_flags(copy, flags) else {
        return Ok(None);
    };
    if !migrations::is_newest(&before).unwrap_or(false) {
        return Ok(None);
    }
    segments::register(&before)?;
    debug!(path = before.path(), "database as before its first load");
    Ok(Some(before))
}

/// Whether the database at `path` can only be read once somebody else is done with it.
fn is_held(path: &Path) -> bool {
    let look = || {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.busy_timeout(Duration::ZERO)?;
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    };
    matches!(look(), Err(error) if failure::is_busy(&error))
}

fn copy_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-before");
    PathBuf::from(name)
}

/// Whether whatever the tables hold was loaded by run `run_id`.
fn holds_only_rows_of(db: &Connection, run_id: i64) -> rusqlite::Result<bool> {
    db.query_row(
        "SELECT (SELECT coalesce(sum(rows), 0) FROM row_counts)
              = (SELECT coalesce(sum(inserted), 0) FROM run_tables WHERE run_id = ?1)",
        [run_id],
        |row| row.get(0),
    )
}
