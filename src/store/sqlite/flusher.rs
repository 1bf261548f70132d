//! Flushes the write-ahead log to disk during a load, so that the commit does not have to flush all of it: on a slow
//! disk this saves a twentieth of the time of a new export.

use std::fs::File;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

/// Growth of the log, in bytes, that triggers a flush.
const STEP: u64 = 4 * 1024 * 1024;

/// Pause between two checks of the log.
const PAUSE: Duration = Duration::from_millis(20);

/// A thread that runs until this is dropped. Its failures have no consequence: the commit flushes the rest.
#[derive(Debug)]
pub(super) struct Flusher {
    /// Dropping the sender stops the thread.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    /// Starts flushing the write-ahead log of `db`.
    pub(super) fn of(db: &Connection) -> Self {
        // SQLite locks the database and the log's index, never the log itself: opening it is safe.
        let path = db.path().filter(|path| !path.is_empty());
        let log = path.map(|path| format!("{path}-wal"));
        let log = log.and_then(|path| File::open(path).ok());
        let (end, ended) = channel::<()>();
        let flush = |log| {
            thread::Builder::new()
                .spawn(move || flush(&log, &ended))
                .ok()
        };
        let thread = log.and_then(flush);
        Self {
            end: Some(end),
            thread,
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.end.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn flush(log: &File, ended: &Receiver<()>) {
    let mut flushed = length(log);
    while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        let written = length(log);
        // A log that restarted within its old length does not grow: the commit flushes it.
        if written >= flushed + STEP {
            if log.sync_data().is_err() {
                return;
            }
            flushed = written;
        }
    }
}

fn length(log: &File) -> u64 {
    log.metadata().map_or(0, |log| log.len())
}
