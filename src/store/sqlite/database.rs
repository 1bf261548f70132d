//! The open database: who may write to it, and what of it is seen.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use super::scope::{BUSY_TIMEOUT, WriteScope};
use crate::error::Result;

/// An open database at the newest version.
#[derive(Debug)]
pub struct Store {
    pub(super) db: Connection,
    /// What `db` is a copy in, where the database itself cannot be read in its place.
    pub(super) _copy: Option<TempDir>,
}

impl Store {
    /// The folder it lies in, where there is room for what it may grow by.
    pub fn folder(&self) -> PathBuf {
        folder_of(&self.db)
    }

    /// Runs `work` in one short write transaction.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.write_waiting(|| Ok(()), work)
    }

    /// As [`Store::write`]; `waiting` is called while others write, and its error ends the wait.
    pub(super) fn write_waiting<T>(
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
    pub(super) fn write_unless_busy(
        &self,
        work: impl FnOnce(&Connection) -> Result<()>,
    ) -> Result<()> {
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
    pub fn dry_run<T>(
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

/// The folder the database lies in; the system's temporary one when it is nowhere.
pub(super) fn folder_of(db: &Connection) -> PathBuf {
    let path = db.path().map(Path::new).and_then(Path::parent);
    let path = path.filter(|path| !path.as_os_str().is_empty());
    path.map_or_else(std::env::temp_dir, Path::to_path_buf)
}
