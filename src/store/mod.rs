//! Where data rests: one SQLite file. Nothing outside this module knows SQL.
//!
//! Writers take the database's write lock for one table's load at a time; readers never wait: the write-ahead log holds
//! what is written, or, while a database is loaded for the first time, a copy holds what was there before.

mod catalog;
mod cursors;
mod failure;
mod figures;
mod first;
mod flusher;
mod held;
mod history;
mod load;
mod migrations;
mod missing;
mod phases;
mod presence;
mod purge;
mod rejects;
mod replaced;
mod row_counts;
mod scope;
mod segments;
mod statements;
mod totals;
mod unwritable;
mod upsert;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Row};
use scope::WriteScope;
use smol_str::SmolStr;
use tempfile::TempDir;
use tracing::debug;

pub use cursors::Marks;
pub(crate) use failure::unwritable;
pub use figures::{Gathered, Unknown};
pub use first::FirstSync;
pub(crate) use history::instant;
pub use history::{LogPage, Message, RunEnd, RunLog, RunStatus};
pub use load::{Brake, Counts, Load, LoadMode, LoadReport, LoadTarget};
pub use missing::Missing;
pub use phases::{Phase, Phases, RunPhases};
pub use presence::Presence;
pub use rejects::RejectPage;
pub use replaced::Replaced;
pub use totals::{ConnectorState, SyncTotals, TableTotals};
use unwritable::Unwritable;
pub use upsert::Repeated;

use crate::error::{Error, Result};
use crate::home::create_file;

/// How long a command waits for a lock that another program holds for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a load queues behind other loads before it gives up.
const WRITE_PATIENCE: Duration = Duration::from_secs(600);

/// Examples kept of each thing worth a warning.
const EXAMPLES: usize = 3;

/// Pages of the write-ahead log from which a commit copies them to the database: 64 MiB, where pages are of today's size.
const WAL_PAGES: u32 = 8192;

/// An open database at the newest version.
#[derive(Debug)]
pub struct Store {
    db: Connection,
    /// What `db` is a copy in, where the database itself cannot be read in its place.
    _copy: Option<TempDir>,
}

impl Store {
    /// Opens the database at `path`, creating or upgrading it as needed.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_waiting(path, || Ok(()))
    }

    /// As [`Store::open`]; `waiting` is called while others create or upgrade it, and its error ends the wait.
    pub fn open_waiting(path: &Path, waiting: impl FnMut() -> Result<()>) -> Result<Self> {
        // What SQLite creates, others could read; what it puts beside a file takes that file's mode. Where none can be
        // made, it says why better than we can.
        let _ = create_file(path);
        let mut waiting = waiting;
        let store = Self::prepare(Connection::open(path)?, &mut waiting)?;
        scope::patiently(waiting, || first::require_log(&store.db))?;
        Ok(store)
    }

    /// Opens the database at `path` when there is one; otherwise an empty one that leaves no trace,
    /// so that looking at a new home folder creates nothing in it. While it is loaded for the first time, what is read
    /// is what was there before. One that cannot be written is read all the same.
    pub fn open_to_read(path: &Path) -> Result<Self> {
        if let Some(db) = first::before_load(path)? {
            return Ok(Self { db, _copy: None });
        }
        Self::open_to_rehearse(path, || Ok(())).or_else(|error| {
            let opened = unwritable::is_cause_of(&error).then(|| unwritable::open(path));
            let Unwritable { db, copy } = opened.flatten().ok_or(error)?;
            Ok(Self { db, _copy: copy })
        })
    }

    /// As [`Store::open_to_read`], but what is read is never a copy. `waiting` is called while others create, upgrade or
    /// load it, and its error ends the wait.
    pub fn open_to_rehearse(path: &Path, waiting: impl FnMut() -> Result<()>) -> Result<Self> {
        if !path.exists() {
            return Self::temporary();
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::prepare(Connection::open_with_flags(path, flags)?, waiting)
    }

    /// The folder it lies in, where there is room for what it may grow by.
    pub fn folder(&self) -> PathBuf {
        folder_of(&self.db)
    }

    /// A database of our own on disk, gone when it is closed. SQLite's empty name means just that.
    fn temporary() -> Result<Self> {
        Self::prepare(Connection::open("")?, || Ok(()))
    }

    fn prepare(db: Connection, mut waiting: impl FnMut() -> Result<()>) -> Result<Self> {
        // SQLite itself waits for nobody here: of two who meet on a new database, one must try again.
        db.busy_timeout(Duration::ZERO)?;
        // 16 KiB pages load a new database a tenth faster, 4 KiB ones a tenth slower; but where few rows change, more is
        // written of 16 KiB pages, a tenth of the time, and 4 KiB ones gain nothing. Only a new file takes it.
        db.pragma_update(None, "page_size", 8 * 1024)?;
        scope::patiently(&mut waiting, || use_log(&db))?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.pragma_update(None, "foreign_keys", true)?;
        // KiB of private tables held in memory; by default 500 pages, 4 MiB.
        db.pragma_update(Some("temp"), "cache_size", -1024)?;
        // A small page cache costs no time in key order and keeps memory flat.
        db.pragma_update(None, "cache_size", -8 * 1024)?;
        // Pages written before they are copied to the file: tables loaded one after the other are copied at once.
        db.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
        // A plan that hangs on the values bound is made anew each time others are: a quarter of the time of `list`.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        migrations::migrate(&db, waiting)?;
        segments::register(&db)?;
        debug!(path = db.path(), "database open");
        Ok(Self { db, _copy: None })
    }

    /// Runs `work` in one short write transaction.
    fn write<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.write_waiting(|| Ok(()), work)
    }

    /// As [`Store::write`]; `waiting` is called while others write, and its error ends the wait.
    fn write_waiting<T>(
        &self,
        waiting: impl FnMut() -> Result<()>,
        work: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let scope = WriteScope::begin(&self.db, waiting)?;
        let value = work(&self.db)?;
        scope.commit()?;
        Ok(value)
    }

    /// As [`Store::write`], but does nothing while somebody else writes.
    fn write_unless_busy(&self, work: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        self.db.busy_timeout(Duration::ZERO)?;
        let begun = WriteScope::try_begin(&self.db);
        self.db.busy_timeout(BUSY_TIMEOUT)?;
        // Busy, or a disk that cannot be written: whoever only looks has no need to write.
        let Ok(scope) = begun else { return Ok(()) };
        work(&self.db)?;
        scope.commit()
    }

    /// Runs `work`, which only looks, on the database as it is at one instant, whatever others write meanwhile.
    pub fn at_one_instant<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let _snapshot = self.db.unchecked_transaction()?;
        work()
    }

    /// Runs `work` for what it says, then undoes everything it wrote. `waiting` is called while others write; its
    /// error ends the wait.
    pub fn rehearse<T>(
        &self,
        waiting: impl FnMut() -> Result<()>,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let scope = WriteScope::begin(&self.db, waiting)?;
        let value = work();
        drop(scope);
        value
    }
}

/// Gives `db` a write-ahead log. One that a first sync left without, and that cannot have it now, for somebody reads it
/// or the disk is full, does as well.
fn use_log(db: &Connection) -> rusqlite::Result<()> {
    let journal = || db.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    if journal()? == "delete" {
        let switched = db.pragma_update(None, "journal_mode", "WAL");
        if !migrations::is_newest(db).unwrap_or(false) {
            switched?;
        }
    }
    // In WAL, NORMAL may lose the last commit to a power cut but never tears one.
    if journal()? == "wal" {
        db.pragma_update(None, "synchronous", "NORMAL")?;
    }
    Ok(())
}

/// The folder the database lies in; the system's temporary one when it is nowhere.
fn folder_of(db: &Connection) -> PathBuf {
    let path = db.path().map(Path::new).and_then(Path::parent);
    let path = path.filter(|path| !path.as_os_str().is_empty());
    path.map_or_else(std::env::temp_dir, Path::to_path_buf)
}

/// The text in a column that is never empty, within itself where it is short.
fn short_text(row: &Row<'_>, column: usize) -> rusqlite::Result<SmolStr> {
    Ok(SmolStr::new(row.get_ref(column)?.as_str()?))
}

/// A count as SQLite keeps it. No table holds 2⁶³ rows.
fn to_sql(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as SQLite gives it back; never negative in our tables.
fn from_sql(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// The database cannot be used at all: nothing else can be said of it.
fn unreadable(what: &str) -> Error {
    Error::store(what)
        .hint("Remettez une sauvegarde, ou déplacez le fichier et relancez `sync --full` : tout sera relu des sources")
}
