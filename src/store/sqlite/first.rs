//! The first sync of a database that holds no rows yet.
//!
//! A write-ahead log keeps every page until it is copied to the file: each is written twice. Pages that lengthen a
//! file need none: cut it back, and they never were. With a rollback journal, which keeps only the pages that were
//! there before, a first sync takes a quarter less time. Its loads then hold the database for themselves; whoever only
//! looks meanwhile is shown a copy of what was there before, which is next to nothing.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tracing::debug;

use super::database::Store;
use super::failure::unwritable;
use super::scope::BUSY_TIMEOUT;
use super::{failure, migrations, segments};
use crate::error::Result;
use crate::home::{create_file, is_at};

/// How long whoever only looks waits for a lock before it is taken for that of a load.
const GLANCE: Duration = Duration::from_millis(100);

/// The database has a rollback journal in place of its write-ahead log, until this is dropped, or until somebody opens
/// the database between two loads.
#[derive(Debug)]
pub struct FirstSync<'s> {
    db: &'s Connection,
    /// What was there before, for whoever only looks.
    before: PathBuf,
    /// Its lock says that somebody is at work whom it belongs to.
    _lock: File,
}

impl Store {
    /// Makes ready for the loads of a run into a database that holds no rows. `None` when it does, or when somebody else
    /// has it open: loads then go the way they always go.
    pub fn first_sync(&self) -> Result<Option<FirstSync<'_>>> {
        let db = &self.db;
        let Some(path) = db.path().filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let before = copy_of(Path::new(path));
        if !db.is_autocommit() || is_in_use(&before) || !is_empty(db)? {
            return Ok(None);
        }
        match FirstSync::begin(db, before) {
            Ok(first) => Ok(Some(first)),
            Err(error) => {
                debug!(%error, "first sync with a write-ahead log");
                is_in_use(&copy_of(Path::new(path))); // A copy that was begun goes.
                Ok(None)
            }
        }
    }
}

impl<'s> FirstSync<'s> {
    fn begin(db: &'s Connection, before: PathBuf) -> Result<Self> {
        create_file(&before).map_err(|error| unwritable(&error))?;
        let lock = File::open(&before).map_err(|error| unwritable(&error))?;
        lock.try_lock().map_err(|error| unwritable(&error.into()))?;
        // Before it was locked, somebody may have taken it for one that was left.
        if !is_at(&lock, &before) {
            return Err(unwritable(&std::io::ErrorKind::NotFound.into()));
        }
        db.execute("VACUUM INTO ?1", [before.to_string_lossy()])?;
        let first = Self {
            db,
            before,
            _lock: lock,
        };
        // Whoever has the database open may go on reading it: they are not waited for.
        switch_journal(db, "DELETE")?;
        // With a rollback journal, NORMAL may tear a file when the power fails.
        db.pragma_update(None, "synchronous", "FULL")?;
        Ok(first)
    }
}

impl Drop for FirstSync<'_> {
    fn drop(&mut self) {
        // From now on the database itself is to be looked at.
        clear(&self.before);
        // While somebody reads, it cannot be switched; who opens it next does it.
        let switched = switch_journal(self.db, "WAL")
            .and_then(|()| self.db.pragma_update(None, "synchronous", "NORMAL"));
        if let Err(error) = switched {
            debug!(%error, "write-ahead log left for later");
        }
    }
}

/// Busy where `db` holds rows and has a rollback journal that a tool gave it, and that somebody who reads it keeps it from
/// losing: a load into it would wait for him at its end, and whoever only looks would wait for the load.
pub(super) fn require_log(db: &Connection) -> rusqlite::Result<()> {
    let journal = || db.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    if journal()? != "delete" || is_empty(db)? {
        return Ok(());
    }
    match switch_journal(db, "WAL") {
        Err(error) if failure::is_busy(&error) => Err(error),
        // A disk that is full, one that cannot have it: a rollback journal does as well.
        _ => db.pragma_update(
            None,
            "synchronous",
            if journal()? == "wal" {
                "NORMAL"
            } else {
                "FULL"
            },
        ),
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
    // SQLite too names what it puts beside a database after the file that links lead to.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let copy = copy_of(&path);
    if !is_in_use(&copy) || !is_held(&path) {
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

/// Whether a first sync that is alive has made `copy`; what one left that was killed, or failed, is taken away.
fn is_in_use(copy: &Path) -> bool {
    let Ok(file) = File::open(copy) else {
        return false;
    };
    let is_in_use = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    // Another one may be there by now: it is somebody's.
    if !is_in_use && is_at(&file, copy) {
        clear(copy);
    }
    is_in_use
}

fn clear(copy: &Path) {
    for path in [copy.to_path_buf(), beside(copy, "-journal")] {
        // Whatever stays is taken away the next time.
        let _ = fs::remove_file(path);
    }
}

/// Whether the database at `path` can only be read once somebody else is done with it.
fn is_held(path: &Path) -> bool {
    let look = || {
        let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.busy_timeout(GLANCE)?;
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    };
    matches!(look(), Err(error) if failure::is_busy(&error))
}

fn copy_of(database: &Path) -> PathBuf {
    beside(database, "-before")
}

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Whether no table holds any row.
fn is_empty(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row(
        "SELECT coalesce(sum(rows), 0) = 0 FROM row_counts",
        [],
        |row| row.get(0),
    )
}
