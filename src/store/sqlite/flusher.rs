//! Brings the write-ahead log to the disk while a load writes it, so that the commit does not wait for all of it at
//! once: on a slow disk, a twentieth of the time of a new export.

use std::fs::File;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

/// Bytes that the log grows by before it is worth the disk's while.
const STEP: u64 = 4 * 1024 * 1024;

/// Between two looks at the log.
const PAUSE: Duration = Duration::from_millis(20);

/// A thread at work until this is dropped. Whatever it fails at, the commit does as ever.
#[derive(Debug)]
pub(super) struct Flusher {
    /// Hangs up when it is dropped.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    /// Looks after the write-ahead log of `db`.
    pub(super) fn of(db: &Connection) -> Self {
        // SQLite locks the database and its index of the log, never the log: it may be opened beside it.
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
        // A log begun anew within its old length does not grow: the commit flushes that.
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
