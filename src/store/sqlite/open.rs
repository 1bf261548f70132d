//! Opening, creating and migrating the database file.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tracing::debug;

use super::database::Store;
use super::scope::{self, BUSY_TIMEOUT};
use super::unwritable::{self, Unwritable};
use super::{first, log_size, migrations, segments};
use crate::error::{Advice, Error, Result, io_reason};
use crate::home::{check_owner, create_file};

/// Log size, in pages, from which a commit copies it to the database: 64 MiB with 8 KiB pages.
const WAL_PAGES: u32 = 8192;

impl Store {
    /// Opens the database at `path`, creating or migrating it as needed.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_waiting(path, || Ok(()))
    }

    /// Like [`Store::open`]; `waiting` is called while others create or migrate it, and its error ends the wait.
    pub fn open_waiting(path: &Path, waiting: impl FnMut() -> Result<()>) -> Result<Self> {
        // Created with our mode because others could read a file that SQLite creates; its side files get the same
        // mode. When creation fails, SQLite's error below is the better one.
        check_ours(path)?;
        let _ = create_file(path);
        let mut waiting = waiting;
        let store = Self::prepare(Connection::open(path)?, &mut waiting)?;
        scope::patiently(waiting, || first::require_log(&store.db))?;
        Ok(store)
    }

    /// Waits when the write-ahead log is too large for another load; fails when a reader keeps it from restarting.
    /// `waiting` is called meanwhile; its error ends the wait.
    pub fn bound_log(&self, waiting: impl FnMut() -> Result<()>) -> Result<()> {
        log_size::bound(&self.db, waiting)
    }

    /// Opens the database at `path` for reading. Without one, returns an empty temporary database, so that reading a
    /// new home folder creates nothing in it. During a first sync, reads the earlier state. Also opens a read-only
    /// database.
    pub fn open_to_read(path: &Path) -> Result<Self> {
        check_ours(path)?;
        if let Some(db) = first::before_load(path)? {
            return Ok(Self {
                db,
                _copy: None,
                publisher: None,
            });
        }
        Self::open_existing(path, || Ok(())).or_else(|error| {
            let opened = unwritable::is_cause_of(&error).then(|| unwritable::open(path));
            let Unwritable { db, copy } = opened.flatten().ok_or(error)?;
            Ok(Self {
                db,
                _copy: copy,
                publisher: None,
            })
        })
    }

    /// Like [`Store::open_to_read`], but never reads a copy. `waiting` is called while others create, migrate or load
    /// the database, and its error ends the wait.
    pub fn open_existing(path: &Path, waiting: impl FnMut() -> Result<()>) -> Result<Self> {
        check_ours(path)?;
        if !path.exists() {
            return Self::temporary();
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::prepare(Connection::open_with_flags(path, flags)?, waiting)
    }

    /// A temporary database on disk, deleted when closed: the meaning of an empty name in SQLite.
    pub(in crate::store) fn temporary() -> Result<Self> {
        Self::prepare(Connection::open("")?, || Ok(()))
    }

    fn prepare(db: Connection, mut waiting: impl FnMut() -> Result<()>) -> Result<Self> {
        // SQLite does not wait here: when two processes create a database at once, one must retry.
        db.busy_timeout(Duration::ZERO)?;
        // 16 KiB pages load a new database a tenth faster, 4 KiB ones a tenth slower; but with few changed rows, 16
        // KiB pages cost a tenth more time and 4 KiB ones gain nothing. Only a new file accepts a page size.
        db.pragma_update(None, "page_size", 8 * 1024)?;
        scope::patiently(&mut waiting, || use_log(&db))?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.pragma_update(None, "foreign_keys", true)?;
        // In KiB, for the temporary tables; the default is 500 pages, 4 MiB.
        db.pragma_update(Some("temp"), "cache_size", -1024)?;
        // Loads in key order need only a small page cache, and memory stays constant.
        db.pragma_update(None, "cache_size", -8 * 1024)?;
        // A large limit lets tables loaded one after the other be copied to the file at once.
        db.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
        // Without it, SQLite prepares a statement again for each new bound value: a quarter of the time of `list`.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        migrations::migrate(&db, waiting)?;
        segments::register(&db)?;
        debug!(path = db.path(), "database open");
        Ok(Self {
            db,
            _copy: None,
            publisher: None,
        })
    }
}

/// Fails where the database at `path` belongs to another account, which could read what is loaded.
fn check_ours(path: &Path) -> Result<()> {
    check_owner(path).map_err(|error| {
        let (path, why) = (path.display(), io_reason(&error));
        Error::config(format!("{path} ne peut pas être utilisé : {why}"))
            .hint("Demandez d'où il vient, et retirez-le s'il n'est pas de vous")
            .advise(Advice::ChooseHome)
    })
}

/// Sets write-ahead logging. A database that a first sync left without it works as it is when a reader or a full disk
/// prevents the switch.
fn use_log(db: &Connection) -> rusqlite::Result<()> {
    let journal = || db.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
    if journal()? == "delete" {
        let switched = db.pragma_update(None, "journal_mode", "WAL");
        if !migrations::is_newest(db).unwrap_or(false) {
            switched?;
        }
    }
    // In WAL mode, NORMAL can lose the last commit on power failure but never corrupts the file.
    if journal()? == "wal" {
        db.pragma_update(None, "synchronous", "NORMAL")?;
    }
    Ok(())
}
