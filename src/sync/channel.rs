//! The channel between the reading and the writing thread: batches of rows, whose memory is reused. It is bounded:
//! memory stays constant.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Progress;
use crate::canonical::rows::{Record, Rows};
use crate::canonical::{Cursor, Reject, Table};
use crate::connectors::{Expected, Sink};
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::{Gathered, SourceKeys};

/// Rows per batch; some 100 KiB of sales.
const BATCH: usize = 500;

/// Channel capacity, in batches.
const DEPTH: usize = 4;

/// A message of the reader, in order.
pub(super) enum Event {
    Entry(Entry),
    Ask(Question),
}

/// Data from the reader for the writer.
#[derive(Serialize, Deserialize)]
pub(super) enum Entry {
    BeginUnit(String),
    Rows(Rows),
    /// A reject, and the key of its row where it is known.
    Reject(Reject, Option<String>),
    /// A row that was skipped, with its key and customer where they are known.
    LeftAside(Option<(String, String)>),
    /// All rows under a key prefix are deleted, and the reason.
    RemoveAll(String, String),
    /// First and last day of the unit, ISO 8601.
    Covers(String, String),
    Remember(Cursor),
    Forget(String),
    KeepUnit(Cursor),
    DiscardUnit,
    Warn(String),
    /// What the source says of the rows.
    Expect(Expected),
    /// An error that fails the run, as full text.
    Fail(String),
}

/// Source keys from the reader, or its questions about them; the reader waits for the answer.
pub(super) enum Question {
    /// These keys are still in the source; their rows were not read.
    Present(Vec<String>),
    /// Asks which present keys after this one have no row.
    Missing(String, SyncSender<Vec<String>>),
    /// Asks whether an existing row stays in its old version because the new one was rejected.
    OldRows(SyncSender<bool>),
}

impl Question {
    pub(super) fn answer(self, source_keys: &SourceKeys<'_>) -> Result<()> {
        // A closed channel means that the reader failed: no answer needed.
        match self {
            Self::Present(keys) => source_keys.present(&keys)?,
            Self::Missing(after, answer) => {
                let _ = answer.send(source_keys.missing(&after)?);
            }
            Self::OldRows(answer) => {
                let _ = answer.send(source_keys.keeps_old_rows()?);
            }
        }
        Ok(())
    }
}

/// The writer's end of the channel.
pub(super) struct EventReceiver {
    pub(super) events: Receiver<Event>,
    spent: Sender<Rows>,
}

impl EventReceiver {
    /// Returns a batch's memory to the reader, which may have ended.
    pub(super) fn give_back(&self, rows: Rows) {
        let _ = self.spent.send(rows);
    }
}

/// The reader's end of the channel: a [`Sink`] that fills batches.
pub(super) struct EventSender<'a> {
    events: SyncSender<Event>,
    spent: Receiver<Rows>,
    rows: Rows,
    unit: String,
    rows_in_unit: u64,
    /// Time spent waiting for the writer.
    waited: Cell<Duration>,
    /// The connector and the table being loaded.
    of: (&'a str, Table),
    progress: &'a dyn Progress,
    stop: &'a Stop,
    gathered: Option<&'a mut Gathered>,
}

/// Creates the channel for one table of a connector; `gathered` collects its rows on the way.
pub(super) fn event_channel<'a>(
    of: (&'a str, Table),
    progress: &'a dyn Progress,
    stop: &'a Stop,
    gathered: Option<&'a mut Gathered>,
) -> (EventSender<'a>, EventReceiver) {
    let (events, incoming) = sync_channel(DEPTH);
    let (spent, recycled) = channel();
    let sender = EventSender {
        events,
        spent: recycled,
        rows: Rows::default(),
        unit: String::new(),
        rows_in_unit: 0,
        waited: Cell::default(),
        of,
        progress,
        stop,
        gathered,
    };
    let receiver = EventReceiver {
        events: incoming,
        spent,
    };
    (sender, receiver)
}

impl EventSender<'_> {
    fn send(&self, event: Event) -> Result<()> {
        self.waiting(|| self.events.send(event).map_err(|_| hung_up()))
    }

    /// Runs `wait` and adds its duration to the time waited.
    fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let value = wait();
        self.waited.set(self.waited.get() + begun.elapsed());
        value
    }

    /// Time spent waiting for the writer, so far.
    pub(super) fn waited(&self) -> Duration {
        self.waited.get()
    }

    fn send_entry(&self, entry: Entry) -> Result<()> {
        self.send(Event::Entry(entry))
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        if let Some(gathered) = &mut self.gathered {
            gathered.add(&self.rows)?;
        }
        let mut fresh = self.spent.try_recv().unwrap_or_default();
        fresh.clear();
        let full = std::mem::replace(&mut self.rows, fresh);
        self.send_rows(full)
    }

    /// Hashes rows while the writer is busy, which would otherwise have to do it.
    fn send_rows(&self, rows: Rows) -> Result<()> {
        match self.events.try_send(Event::Entry(Entry::Rows(rows))) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(_)) => Err(hung_up()),
            Err(TrySendError::Full(mut event)) => {
                if let Event::Entry(Entry::Rows(rows)) = &mut event {
                    rows.hash_rows();
                }
                self.send(event)
            }
        }
    }
}

impl Sink for EventSender<'_> {
    fn begin_unit(&mut self, label: &str, bytes: u64) -> Result<()> {
        label.clone_into(&mut self.unit);
        self.rows_in_unit = 0;
        let (connector, table) = self.of;
        self.progress.unit_started(connector, table, label, bytes);
        self.send_entry(Entry::BeginUnit(label.to_owned()))
    }

    fn row(&mut self, position: u64, record: &dyn Record) -> Result<()> {
        self.rows.push(&self.unit, position, record);
        self.rows_in_unit += 1;
        if self.rows.len() >= BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject, key: Option<&str>) -> Result<()> {
        self.rows_in_unit += 1;
        self.send_entry(Entry::Reject(reject, key.map(str::to_owned)))
    }

    fn left_aside(&mut self, row: Option<(&str, &str)>) -> Result<()> {
        if row.is_some() {
            self.flush()?; // The row may be among them.
        }
        let row = row.map(|(key, customer)| (key.to_owned(), customer.to_owned()));
        self.send_entry(Entry::LeftAside(row))
    }

    fn remove_all(&mut self, prefix: &str, why: &str) -> Result<()> {
        self.flush()?;
        self.send_entry(Entry::RemoveAll(prefix.to_owned(), why.to_owned()))
    }

    fn covers(&mut self, first: Date, last: Date) -> Result<()> {
        self.send_entry(Entry::Covers(first.to_string(), last.to_string()))
    }

    fn remember(&mut self, cursor: Cursor) -> Result<()> {
        self.send_entry(Entry::Remember(cursor))
    }

    fn forget(&mut self, mark: &str) -> Result<()> {
        self.send_entry(Entry::Forget(mark.to_owned()))
    }

    fn advance(&mut self, bytes: u64) -> Result<()> {
        self.stop.check()?;
        self.progress.advanced(bytes, self.rows_in_unit);
        Ok(())
    }

    fn keep_unit(&mut self, cursor: Cursor) -> Result<()> {
        self.flush()?;
        self.progress.unit_finished();
        self.send_entry(Entry::KeepUnit(cursor))
    }

    fn discard_unit(&mut self) -> Result<()> {
        self.rows.clear();
        self.progress.unit_finished();
        self.send_entry(Entry::DiscardUnit)
    }

    fn present(&mut self, keys: Vec<String>) -> Result<()> {
        self.send(Event::Ask(Question::Present(keys)))
    }

    fn missing(&mut self, after: &str) -> Result<Vec<String>> {
        self.flush()?;
        let (answer, answered) = sync_channel(1);
        self.send(Event::Ask(Question::Missing(after.to_owned(), answer)))?;
        self.waiting(|| answered.recv()).map_err(|_| hung_up())
    }

    fn keeps_old_rows(&mut self) -> Result<bool> {
        let (answer, answered) = sync_channel(1);
        self.send(Event::Ask(Question::OldRows(answer)))?;
        self.waiting(|| answered.recv()).map_err(|_| hung_up())
    }

    fn expect(&mut self, expected: Expected) -> Result<()> {
        self.send_entry(Entry::Expect(expected))
    }

    fn warn(&mut self, warning: String) {
        // When the writer has failed, its error counts, not this warning.
        let _ = self.send_entry(Entry::Warn(warning));
    }

    fn fail(&mut self, error: Error) {
        let _ = self.send_entry(Entry::Fail(error.full_text()));
    }
}

/// The error when the writer has failed; the writer's own error is reported.
fn hung_up() -> Error {
    Error::store("L'écriture s'est arrêtée")
}
