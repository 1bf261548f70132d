//! What a file needs to be the working copy of a server.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, params};

use super::database::Store;
use super::history::instant;
use super::log_size;
use super::scope::{Publisher, WriteScope};
use crate::error::Result;
use crate::home::beside;
use crate::report::RunStatus;

impl Store {
    pub(in crate::store) const fn connection(&self) -> &Connection {
        &self.db
    }

    pub(in crate::store) fn is_autocommit(&self) -> bool {
        self.db.is_autocommit()
    }

    /// From now on, `publisher` publishes what is written.
    pub(in crate::store) fn publish_by(&mut self, publisher: Box<dyn Publisher>) {
        self.publisher = Some(publisher);
    }

    /// Runs `work` in one write transaction that is not published.
    pub(in crate::store) fn write_unpublished<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let scope = WriteScope::begin(&self.db, None, || Ok(()))?;
        let value = work(&self.db)?;
        scope.commit()?;
        Ok(value)
    }

    /// Writes the run that the server has begun.
    pub(in crate::store) fn note_run(
        &self,
        run_id: i64,
        source: &str,
        connector_type: &str,
        now: Timestamp,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let scope = WriteScope::begin(&self.db, None, waiting)?;
        // A server that was restored gives numbers again.
        self.db
            .execute("DELETE FROM runs WHERE run_id = ?1", [run_id])?;
        self.db.execute(
            "INSERT INTO runs (run_id, source, connector_type, status, started_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                run_id,
                source,
                connector_type,
                RunStatus::Running.as_str(),
                instant(now)
            ],
        )?;
        scope.commit()
    }

    /// Writes the whole file anew, without its free pages, and empties its log.
    pub(in crate::store) fn rewrite(&self) -> Result<()> {
        forget_freed(&self.db)
    }
}

/// Writes the file of `db` anew, without what its free pages still hold.
pub(in crate::store) fn forget_freed(db: &Connection) -> Result<()> {
    db.execute_batch("VACUUM")?;
    log_size::empty(db, || Ok(()))
}

/// Deletes a database file with its logs. What cannot be deleted fails where it is used next.
pub(in crate::store) fn remove_file(path: &Path) {
    for ending in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(beside(path, ending));
    }
}

/// A random name, unlike any other.
pub(in crate::store) fn token() -> String {
    let mut bytes = [0_u8; 16];
    // Without randomness, the process and the time tell it from others well enough.
    if SystemRandom::new().fill(&mut bytes).is_err() {
        let now = Timestamp::now().as_nanosecond();
        return format!("{}-{now}", std::process::id());
    }
    format!("{:032x}", u128::from_ne_bytes(bytes))
}
