//! How the database file is opened, made and upgraded.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tracing::debug;

use super::database::Store;
use super::scope::{self, BUSY_TIMEOUT};
use super::unwritable::{self, Unwritable};
use super::{first, log_size, migrations, segments};
use crate::error::Result;
use crate::home::create_file;

/// Pages of the write-ahead log from which a commit copies them to the database: 64 MiB, where pages are of today's size.
const WAL_PAGES: u32 = 8192;

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

    /// Waits where the write-ahead log has grown too large for another load; an error where somebody who reads the
    /// database keeps it from beginning anew. `waiting` is called meanwhile; its error ends the wait.
    pub fn bound_log(&self, waiting: impl FnMut() -> Result<()>) -> Result<()> {
        log_size::bound(&self.db, waiting)
    }

    /// Opens the database at `path` when there is one; otherwise an empty one that leaves no trace,
    /// so that looking at a new home folder creates nothing in it. While it is loaded for the first time, what is read
    /// is what was there before. One that cannot be written is read all the same.
    pub fn open_to_read(path: &Path) -> Result<Self> {
        if let Some(db) = first::before_load(path)? {
            return Ok(Self { db, _copy: None });
        }
        Self::open_for_dry_run(path, || Ok(())).or_else(|error| {
            let opened = unwritable::is_cause_of(&error).then(|| unwritable::open(path));
            let Unwritable { db, copy } = opened.flatten().ok_or(error)?;
            Ok(Self { db, _copy: copy })
        })
    }

    /// As [`Store::open_to_read`], but what is read is never a copy. `waiting` is called while others create, upgrade or
    /// load it, and its error ends the wait.
    pub fn open_for_dry_run(path: &Path, waiting: impl FnMut() -> Result<()>) -> Result<Self> {
        if !path.exists() {
            return Self::temporary();
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::prepare(Connection::open_with_flags(path, flags)?, waiting)
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
