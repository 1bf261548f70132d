//! A write transaction that is rolled back unless committed. Inside another one (a dry run) it is a savepoint.

use std::fmt::Debug;
use std::thread;
use std::time::Duration;

use rusqlite::Connection;
use tracing::{debug, info, warn};

use super::failure;
use crate::error::Result;
use crate::stopwatch::Stopwatch;

/// How long a command waits for a short lock of another program.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a load queues behind other loads before it gives up.
const WRITE_PATIENCE: Duration = Duration::from_secs(600);

/// A wait that is logged.
const NOTABLE: Duration = Duration::from_millis(100);

/// Pause between two attempts, where SQLite has not waited by itself.
const PAUSE: Duration = Duration::from_millis(10);

/// With a write-ahead log, others can still read, as with `IMMEDIATE`; with a rollback journal (first sync, see
/// [`first`](super::first)), readers would keep the load from writing its pages.
const BEGIN: &str = "BEGIN EXCLUSIVE";

/// Publishes what is written to a working copy.
pub(in crate::store) trait Publisher: Debug + Send {
    /// Publishes the changes of the open transaction of `db`, just before it commits. An error rolls it back.
    fn publish(&self, db: &Connection) -> Result<()>;
}

#[derive(Debug)]
pub(super) struct WriteScope<'s> {
    db: &'s Connection,
    publisher: Option<&'s dyn Publisher>,
    nested: bool,
    open: bool,
}

impl<'s> WriteScope<'s> {
    /// Takes the write lock, queueing behind other writers. `waiting` is called repeatedly while another connection
    /// holds the lock; its error ends the wait.
    pub(super) fn begin(
        db: &'s Connection,
        publisher: Option<&'s dyn Publisher>,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Self> {
        patiently(waiting, || Self::try_begin(db, publisher))
    }

    /// Takes the write lock, waiting no longer than the connection's busy timeout.
    pub(super) fn try_begin(
        db: &'s Connection,
        publisher: Option<&'s dyn Publisher>,
    ) -> rusqlite::Result<Self> {
        let nested = !db.is_autocommit();
        db.execute_batch(if nested { "SAVEPOINT scope" } else { BEGIN })?;
        Ok(Self {
            db,
            publisher,
            nested,
            open: true,
        })
    }

    /// Rolls back to [`WriteScope::begin`], and begins again: waiting writers may go first.
    pub(super) fn restart(&mut self, waiting: impl FnMut() -> Result<()>) -> Result<()> {
        if self.nested {
            return Ok(self.db.execute_batch("ROLLBACK TO scope")?);
        }
        self.db.execute_batch("ROLLBACK")?;
        patiently(waiting, || self.db.execute_batch(BEGIN))
    }

    /// Commits everything since [`WriteScope::begin`].
    pub(super) fn commit(mut self) -> Result<()> {
        match self.publisher.filter(|_| !self.nested) {
            None if self.nested => self.db.execute_batch("RELEASE scope")?,
            None => self.db.execute_batch("COMMIT")?,
            Some(publisher) => {
                publisher.publish(self.db)?;
                // It is published: a copy that cannot commit is only out of date.
                if let Err(error) = self.db.execute_batch("COMMIT") {
                    warn!(%error, "working copy left as it was");
                    return Ok(());
                }
            }
        }
        self.open = false;
        Ok(())
    }
}

/// Retries as long as others hold the lock. `waiting` is called in between; its error ends the wait.
pub(super) fn patiently<T>(
    mut waiting: impl FnMut() -> Result<()>,
    mut attempt: impl FnMut() -> rusqlite::Result<T>,
) -> Result<T> {
    let watch = Stopwatch::start();
    loop {
        match attempt() {
            Err(error) if failure::is_busy(&error) && watch.elapsed() < WRITE_PATIENCE => {
                debug!(seconds = watch.seconds(), "database held by another writer");
                waiting()?;
                thread::sleep(PAUSE);
            }
            ended => {
                if watch.elapsed() >= NOTABLE {
                    info!(seconds = watch.seconds(), "waited for the database");
                }
                return Ok(ended?);
            }
        }
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
        // A failed rollback needs no handling: closing the file rolls back too.
        let _ = self.db.execute_batch(sql);
    }
}
