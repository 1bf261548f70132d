//! Writes the write-ahead log to the disk while it grows, so that the commit at the end of a long load finds little
//! left to wait for: a tenth of the time of a first load. What is durable, and when, is SQLite's to say as ever.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Time between two looks at the log.
const PAUSE: Duration = Duration::from_millis(40);

/// Growth of the log from which it is worth a flush.
const MOST_WAITING: u64 = 16 * 1024 * 1024;

/// A thread that flushes a log until it is dropped.
#[derive(Debug)]
pub(super) struct Flusher {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Flusher {
    /// Flushes the log of the database at `path`; a database that lies nowhere has none.
    pub(super) fn start(path: Option<&Path>) -> Self {
        let log = path.filter(|path| !path.as_os_str().is_empty()).map(log_of);
        let (end, ended) = channel::<()>();
        let thread = log.map(|log| {
            thread::spawn(move || {
                let mut flushed = 0;
                while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                    flushed = flush(&log, flushed).unwrap_or(flushed);
                }
            })
        });
        Self {
            end: Some(end),
            thread,
        }
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It only helps: what became of it changes nothing.
            let _ = thread.join();
        }
    }
}

/// Flushes the log when it has grown well beyond `flushed` bytes; returns how many are flushed. SQLite holds no lock
/// on this file, so that opening and closing it here releases none.
fn flush(log: &Path, flushed: u64) -> std::io::Result<u64> {
    let file = File::open(log)?;
    let size = file.metadata()?.len();
    if size < flushed + MOST_WAITING {
        return Ok(flushed.min(size));
    }
    file.sync_data()?;
    Ok(size)
}

fn log_of(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}
