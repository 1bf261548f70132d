//! A write transaction that ends by its own: committed when said, rolled back when dropped.
//! Inside another one (a rehearsal) it becomes a savepoint of it.

use std::time::Instant;

use rusqlite::Connection;

use super::{WRITE_PATIENCE, failure};
use crate::error::Result;

#[derive(Debug)]
pub(super) struct WriteScope<'s> {
    db: &'s Connection,
    nested: bool,
    open: bool,
}

impl<'s> WriteScope<'s> {
    /// Takes the write lock, queueing behind other writers. `waiting` is called now and then while
    /// the lock is held elsewhere; its error ends the wait.
    pub(super) fn begin(
        db: &'s Connection,
        mut waiting: impl FnMut() -> Result<()>,
    ) -> Result<Self> {
        let nested = !db.is_autocommit();
        if nested {
            db.execute_batch("SAVEPOINT scope")?;
        } else {
            let since = Instant::now();
            while let Err(error) = db.execute_batch("BEGIN IMMEDIATE") {
                if !failure::is_busy(&error) || since.elapsed() > WRITE_PATIENCE {
                    return Err(error.into());
                }
                waiting()?;
            }
        }
        Ok(Self {
            db,
            nested,
            open: true,
        })
    }

    /// Makes everything since [`WriteScope::begin`] last.
    pub(super) fn commit(mut self) -> Result<()> {
        let sql = if self.nested {
            "RELEASE scope"
        } else {
            "COMMIT"
        };
        self.db.execute_batch(sql)?;
        self.open = false;
        Ok(())
    }
}

impl Drop for WriteScope<'_> {
    fn drop(&mut self) {
        if !self.open || self.db.is_autocommit() {
            return; // SQLite already rolled back by itself, as it does when the disk is full.
        }
        let sql = if self.nested {
            "ROLLBACK TO scope; RELEASE scope"
        } else {
            "ROLLBACK"
        };
        // Nothing better can be done about a rollback that fails: closing the file rolls back too.
        let _ = self.db.execute_batch(sql);
    }
}
