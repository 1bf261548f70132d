//! Limits the size of the write-ahead log. The log restarts only where no reader uses an older state of the database:
//! one that never ends would let the log grow with each sync until the disk is full.

use std::fs::{self, File};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tracing::{debug, info};

use super::scope::BUSY_TIMEOUT;
use crate::error::{Error, ErrorKind, Result};
use crate::home;
use crate::home::beside;

/// Above this size, a load waits for the log to restart: four times the size of a log after a commit, and the size of
/// a load of a million lines.
const MOST_BYTES: u64 = 256 << 20;

/// Long enough for short readers and backups to end.
const PATIENCE: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(100);

/// Waits for the log of `db` to restart when it is too large; fails when a reader prevents that. `waiting` is called
/// meanwhile; its error ends the wait.
pub(super) fn bound(db: &Connection, waiting: impl FnMut() -> Result<()>) -> Result<()> {
    bound_at(db, (MOST_BYTES, PATIENCE), waiting)
}

/// Copies the log of `db` to the database and empties it; fails when a reader prevents that. `waiting` is called
/// meanwhile; its error ends the wait.
pub(super) fn empty(db: &Connection, waiting: impl FnMut() -> Result<()>) -> Result<()> {
    empty_at(db, PATIENCE, waiting)
}

fn empty_at(
    db: &Connection,
    patience: Duration,
    waiting: impl FnMut() -> Result<()>,
) -> Result<()> {
    let emptied = bound_at(db, (0, patience), waiting);
    emptied.map_err(|error| match error.kind() {
        ErrorKind::Store => {
            Error::store("Un autre programme lit la base, dont le journal ne peut pas être vidé")
                .hint("Fermez l'outil qui tient crmreco.db ouvert, ou terminez sa transaction")
        }
        _ => error,
    })
}

fn bound_at(
    db: &Connection,
    (most, patience): (u64, Duration),
    mut waiting: impl FnMut() -> Result<()>,
) -> Result<()> {
    let Some(path) = db.path().filter(|path| !path.is_empty()) else {
        return Ok(());
    };
    let path = Path::new(path);
    let begun = Instant::now();
    loop {
        let bytes = fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len());
        if bytes <= most {
            return Ok(());
        }
        debug!(bytes, "write-ahead log to begin anew");
        if !is_truncated(db)? {
            if begun.elapsed() >= patience {
                return Err(stuck(path, bytes));
            }
            waiting()?;
            thread::sleep(PAUSE);
            continue;
        }
        info!(bytes, "write-ahead log begun anew");
        return Ok(());
    }
}

/// Copies the log to the database and truncates it; false when a reader still uses an older state.
fn is_truncated(db: &Connection) -> Result<bool> {
    db.busy_timeout(Duration::ZERO)?;
    let is_busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    db.busy_timeout(BUSY_TIMEOUT)?;
    let is_busy: i64 = is_busy?;
    Ok(is_busy == 0)
}

fn stuck(path: &Path, bytes: u64) -> Error {
    let reader = File::open(beside(path, "-shm")).ok();
    let reader = reader.and_then(|shared| home::other_holder(&shared));
    let reader = reader
        .map(|reader| format!(" ({reader})"))
        .unwrap_or_default();
    Error::store(format!(
        "Un autre programme{reader} lit la base sans jamais finir : son journal tient déjà {} Mio, rien n'a été changé",
        bytes >> 20
    ))
    .hint("Fermez l'outil qui tient crmreco.db ouvert, ou terminez sa transaction, puis relancez la même commande")
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    fn grow(store: &Store) {
        for _ in 0..50 {
            let written = "UPDATE runs SET connector_type = hex(randomblob(2000))";
            store.db.execute(written, []).unwrap();
        }
    }

    #[test]
    fn a_log_begins_anew_once_its_reader_is_gone_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crmreco.db");
        let store = Store::open(&path).unwrap();
        let now = jiff::Timestamp::now();
        for _ in 0..10 {
            store.start_run("cave", "isavigne", now, || Ok(())).unwrap();
        }
        let reader = Store::open(&path).unwrap();
        reader.db.execute_batch("BEGIN").unwrap();
        let count = "SELECT count(*) FROM runs";
        let read: i64 = reader.db.query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(read, 10);
        grow(&store);
        let log = beside(&path, "-wal");
        let size = fs::metadata(&log).unwrap().len();
        let limits = (size / 2, Duration::from_millis(300));

        let mut waits = 0;
        let count_waits = || {
            waits += 1;
            Ok(())
        };
        let error = bound_at(&store.db, limits, count_waits).unwrap_err();
        assert!(error.full_text().contains("sans jamais finir"), "{error:?}");
        assert!(waits > 0);
        // A smaller log is left alone, without waiting.
        bound_at(&store.db, (size, Duration::ZERO), || Ok(())).unwrap();

        let error = empty_at(&store.db, Duration::ZERO, || Ok(())).unwrap_err();
        let text = error.full_text();
        assert!(
            text.contains("ne peut pas être vidé") && !text.contains("rien n'a"),
            "{text}"
        );

        reader.db.execute_batch("COMMIT").unwrap();
        bound_at(&store.db, limits, || Ok(())).unwrap();
        assert_eq!(fs::metadata(&log).unwrap().len(), 0);
    }
}
