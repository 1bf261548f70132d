//! The database of a backup, on its way into the place of another one.

use std::path::Path;

use rusqlite::Connection;
use tracing::debug;

use super::backup::copy_pages;
use super::database::Store;
use super::log_size;
use crate::error::{Advice, Error, Result};

/// A restored database beside the one that it is to replace.
#[derive(Debug)]
pub struct Replacement {
    restored: Store,
    /// The database that is replaced; `None` where there is none, or where it is too damaged to be opened.
    current: Option<Store>,
}

impl Replacement {
    /// Opens the database at `copy`, migrating it as needed, and the one at `database`. Fails where another account,
    /// another program or a newer crmreco wrote the latter. `waiting` is called while others use it; its error ends the
    /// wait.
    pub fn open(
        copy: &Path,
        database: &Path,
        mut waiting: impl FnMut() -> Result<()>,
    ) -> Result<Self> {
        let restored = Store::open_waiting(copy, &mut waiting)?;
        let current = database
            .exists()
            .then(|| Store::open_waiting(database, waiting));
        let current = match current.transpose() {
            Err(error) if error.advice().contains(&Advice::FullRefresh) => {
                debug!(%error, "damaged database to be replaced");
                None
            }
            opened => opened?,
        };
        Ok(Self { restored, current })
    }

    /// Whether there is a database that can be opened.
    pub const fn has_current(&self) -> bool {
        self.current.is_some()
    }

    /// Erases again the customers who were erased from the current database since the backup; `now` as in
    /// [`LoadTarget`](crate::store::LoadTarget). Returns the number of these erasures.
    pub fn erase_again(&self, now: &str, waiting: impl FnMut() -> Result<()>) -> Result<u64> {
        let erased = match &self.current {
            Some(current) => self.restored.erase_again(current, now)?,
            None => 0,
        };
        self.restored.overwrite_erased(waiting)?;
        Ok(erased)
    }

    /// Puts all content of the restored database in the place of the current one's, in one transaction: others, who may
    /// have it open, read all of the old content or all of the new one. Does nothing without a current one. `waiting` is
    /// called while others write; its error ends the wait, and nothing is changed.
    pub fn replace(&mut self, mut waiting: impl FnMut() -> Result<()>) -> Result<()> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        let restored = &self.restored.db;
        // Only a new file accepts another page size.
        let size = page_size(&current.db)?;
        if page_size(restored)? != size {
            restored.pragma_update(None, "journal_mode", "DELETE")?;
            restored.pragma_update(None, "page_size", size)?;
            restored.execute_batch("VACUUM")?;
        }
        current.db.pragma_update(None, "synchronous", "FULL")?;
        copy_pages(restored, &mut current.db, &mut waiting)?;
        // The old content is still in the log. Where a reader keeps it, the next command empties it.
        if let Err(error) = log_size::empty(&current.db, || Err(Error::store("occupée"))) {
            debug!(%error, "log of the replaced database left for later");
        }
        Ok(())
    }

    /// Closes the restored database, which is then one file without a log beside it.
    pub fn into_file(self) -> Result<()> {
        self.restored.into_file()
    }
}

fn page_size(db: &Connection) -> Result<i64> {
    Ok(db.pragma_query_value(None, "page_size", |row| row.get(0))?)
}
