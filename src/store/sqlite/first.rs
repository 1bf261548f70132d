//! The first sync of a database that holds no rows yet.
//!
//! With a write-ahead log each page is written twice: to the log, and then to the file. New pages at the end of the
//! file do not need a log: truncating the file undoes them. A rollback journal keeps only the pages that existed
//! before, and makes a first sync a quarter faster. The price: a load locks the database against readers, so they
//! read a copy of the earlier state, which is nearly empty.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tracing::debug;

use super::database::Store;
use super::failure::unwritable;
use super::scope::BUSY_TIMEOUT;
use super::{failure, migrations, segments};
use crate::error::Result;
use crate::home::{beside, create_file, is_at, open_file};

/// How long a reader waits for a lock before it assumes that a load holds it.
const GLANCE: Duration = Duration::from_millis(100);

/// The database uses a rollback journal instead of its write-ahead log until this is dropped, or until another
/// process opens the database between two loads.
#[derive(Debug)]
pub struct FirstSync<'s> {
    db: &'s Connection,
    /// Copy of the earlier state, for readers.
    before: PathBuf,
    /// The lock on the copy: while it is held, the copy is in use.
    _lock: File,
}

impl Store {
    /// Prepares the loads of a run into a database without rows. `None` when it has rows, or when another process has
    /// it open: loads then use the write-ahead log.
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
        let lock = open(&before).map_err(|error| unwritable(&error))?;
        lock.try_lock().map_err(|error| unwritable(&error.into()))?;
        // Before it was locked, another process may have deleted it as abandoned.
        if !is_at(&lock, &before) {
            return Err(unwritable(&std::io::ErrorKind::NotFound.into()));
        }
        db.execute("VACUUM INTO ?1", [before.to_string_lossy()])?;
        let first = Self {
            db,
            before,
            _lock: lock,
        };
        // Does not wait for other connections.
        switch_journal(db, "DELETE")?;
        // With a rollback journal, NORMAL can corrupt the file on power failure.
        db.pragma_update(None, "synchronous", "FULL")?;
        Ok(first)
    }
}

impl Drop for FirstSync<'_> {
    fn drop(&mut self) {
        // From here on, readers use the database itself.
        clear(&self.before);
        // A reader prevents the switch; the next process that opens the database makes it.
        let switched = switch_journal(self.db, "WAL")
            .and_then(|()| self.db.pragma_update(None, "synchronous", "NORMAL"));
        if let Err(error) = switched {
            debug!(%error, "write-ahead log left for later");
        }
    }
}

/// Returns busy where `db` has rows and a rollback journal (set by another tool) that a reader keeps from being
/// switched: a load would wait for that reader at its end, and all readers would wait for the load.
pub(super) fn require_log(db: &Connection) -> rusqlite::Result<()> {
    let journal = || db.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    if journal()? != "delete" || is_empty(db)? {
        return Ok(());
    }
    match switch_journal(db, "WAL") {
        Err(error) if failure::is_busy(&error) => Err(error),
        // Full disk, or a file system without shared memory: a rollback journal works too.
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

/// Sets the journal mode of `db`, unless others have it open.
fn switch_journal(db: &Connection, journal: &str) -> rusqlite::Result<()> {
    db.busy_timeout(Duration::ZERO)?;
    let switched = db.pragma_update(None, "journal_mode", journal);
    db.busy_timeout(BUSY_TIMEOUT)?;
    switched
}

/// The state of the database at `path` before the first sync that locks it; `None` when none does.
pub(super) fn before_load(path: &Path) -> Result<Option<Connection>> {
    // SQLite too names its side files after the target of symbolic links.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let copy = copy_of(&path);
    if !is_in_use(&copy) || !is_locked(&path) {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // The sync may have ended: then the database itself can be read.
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

/// Whether a running first sync owns `copy`. Deletes the copy of a process that was killed or failed.
fn is_in_use(copy: &Path) -> bool {
    let Ok(file) = open(copy) else {
        return false;
    };
    let is_in_use = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    // Another sync may have created a new copy: only delete the one that was opened.
    if !is_in_use && is_at(&file, copy) {
        clear(copy);
    }
    is_in_use
}

/// Deletes the copy that a first sync of the database `db` left when it was killed.
pub(super) fn forget_abandoned_copy(db: &Connection) {
    if let Some(path) = db.path().filter(|path| !path.is_empty()) {
        is_in_use(&copy_of(Path::new(path)));
    }
}

fn open(copy: &Path) -> std::io::Result<File> {
    open_file(OpenOptions::new().read(true), copy)
}

fn clear(copy: &Path) {
    for path in [copy.to_path_buf(), beside(copy, "-journal")] {
        // A file that cannot be deleted is deleted next time.
        let _ = fs::remove_file(path);
    }
}

/// Whether another process holds an exclusive lock on the database at `path`.
fn is_locked(path: &Path) -> bool {
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

/// Whether all tables are empty.
fn is_empty(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row(
        "SELECT coalesce(sum(rows), 0) = 0 FROM row_counts",
        [],
        |row| row.get(0),
    )
}
