//! The open database: write transactions and consistent reads.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use super::scope::{BUSY_TIMEOUT, Publisher, WriteScope};
use crate::error::Result;

/// An open database at the newest schema version.
#[derive(Debug)]
pub struct Store {
    pub(super) db: Connection,
    /// Folder of the temporary copy that `db` is, where the database itself cannot be opened for reading.
    pub(super) _copy: Option<TempDir>,
    /// Where `db` is a working copy: what publishes its changes.
    pub(super) publisher: Option<Box<dyn Publisher>>,
}

impl Store {
    /// The folder of the database file: its disk has room for temporary files as large as the data.
    pub fn folder(&self) -> PathBuf {
        folder_of(&self.db)
    }

    /// Takes the write lock. `waiting` is called while others hold it; its error ends the wait.
    pub(super) fn begin_writing(
        &self,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<WriteScope<'_>> {
        WriteScope::begin(&self.db, self.publisher.as_deref(), waiting)
    }

    /// Closes the database, which is then one file without a log beside it.
    pub(in crate::store) fn into_file(self) -> Result<()> {
        self.db.pragma_update(None, "journal_mode", "DELETE")?;
        self.db.close().map_err(|(_, error)| error.into())
    }

    /// Runs `work` in one short write transaction.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.write_waiting(|| Ok(()), work)
    }

    /// Like [`Store::write`]; `waiting` is called while another connection writes, and its error ends the wait.
    pub(super) fn write_waiting<T>(
        &self,
        waiting: impl FnMut() -> Result<()>,
        work: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let scope = self.begin_writing(waiting)?;
        let value = work(&self.db)?;
        scope.commit()?;
        Ok(value)
    }

    /// Like [`Store::write`], but does nothing while another connection writes.
    pub(super) fn write_unless_busy(
        &self,
        work: impl FnOnce(&Connection) -> Result<()>,
    ) -> Result<()> {
        self.db.busy_timeout(Duration::ZERO)?;
        let begun = WriteScope::try_begin(&self.db, self.publisher.as_deref());
        self.db.busy_timeout(BUSY_TIMEOUT)?;
        // Busy or not writable: a command that only reads does not need this write.
        let Ok(scope) = begun else { return Ok(()) };
        work(&self.db)?;
        scope.commit()
    }

    /// Runs `work`, which only reads, on one consistent state of the database, whatever others write meanwhile.
    pub fn at_one_instant<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let _snapshot = self.db.unchecked_transaction()?;
        work()
    }

    /// Runs `work`, returns its result and rolls back everything it wrote. `waiting` is called while another
    /// connection writes; its error ends the wait.
    pub fn dry_run<T>(
        &self,
        waiting: impl FnMut() -> Result<()>,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let scope = self.begin_writing(waiting)?;
        let value = work();
        drop(scope);
        value
    }
}

/// The folder of the database file; the system's temporary folder when it has no file.
pub(super) fn folder_of(db: &Connection) -> PathBuf {
    let path = db.path().map(Path::new).and_then(Path::parent);
    let path = path.filter(|path| !path.as_os_str().is_empty());
    path.map_or_else(std::env::temp_dir, Path::to_path_buf)
}
