//! The channel between the reading and the writing thread: batches of rows, whose memory is reused. It is bounded:
//! memory stays constant.

use std::cell::Cell;
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Progress;
use super::guard::{Fate, Guard};
use crate::canonical::rows::{Record, Rows};
use crate::canonical::{Cursor, Erased, Person, Reject, Table, push_nameless};
use crate::connectors::Sink;
use crate::error::{Error, Result};
use crate::report::{Expected, UnitHeld};
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
    /// A row of the customer whom this erasure erased was left out. Its key, where they come under a new one.
    KeptOut(i64, Option<String>),
    /// All rows under a key prefix are deleted, and the reason.
    RemoveAll(String, String),
    /// First and last day of the unit, ISO 8601.
    Covers(String, String),
    Remember(Cursor),
    Forget(String),
    /// What the open unit held besides its rows, and its size in bytes.
    Held(UnitHeld, u64),
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
    /// Asks whether there is an existing row under this key.
    HasRow(String, SyncSender<bool>),
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
            Self::HasRow(key, answer) => {
                let _ = answer.send(source_keys.has_row(&key)?);
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
    unit_bytes: u64,
    rows_in_unit: u64,
    /// Rows of the open unit that were left aside or kept out, and those among them that came before.
    aside_in_unit: u64,
    repeats_in_unit: u64,
    /// Time spent waiting for the writer.
    waited: Cell<Duration>,
    /// The connector and the table being loaded.
    of: (&'a str, Table),
    progress: &'a dyn Progress,
    stop: &'a Stop,
    gathered: Option<&'a mut Gathered>,
    /// Where customers were erased.
    guard: Option<Guard<'a>>,
}

/// Creates the channel for one table of a connector; `gathered` collects its rows on the way, and those of the
/// `erased` customers are kept out.
pub(super) fn event_channel<'a>(
    of: (&'a str, Table),
    progress: &'a dyn Progress,
    stop: &'a Stop,
    gathered: Option<&'a mut Gathered>,
    erased: Option<&'a Erased>,
) -> (EventSender<'a>, EventReceiver) {
    let (events, incoming) = sync_channel(DEPTH);
    let (spent, recycled) = channel();
    let sender = EventSender {
        events,
        spent: recycled,
        rows: Rows::default(),
        unit: String::new(),
        unit_bytes: 0,
        rows_in_unit: 0,
        aside_in_unit: 0,
        repeats_in_unit: 0,
        waited: Cell::default(),
        of,
        progress,
        stop,
        gathered,
        guard: erased.map(|erased| Guard::new(erased, of.1)),
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
        if self.guard.is_some() {
            self.keep_out_erased()?;
        }
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

    /// Takes rows of erased customers out of the batch, and their names out of sales lines and of their contacts.
    fn keep_out_erased(&mut self) -> Result<()> {
        let fates = self.fates();
        if fates.iter().all(|fate| matches!(fate, Fate::Kept)) {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.rows);
        let mut kept = Rows::default();
        for (row, fate) in rows.iter().zip(&fates) {
            match fate {
                Fate::Nameless(key, alias) => push_nameless(&mut kept, &row, key, alias),
                fate => {
                    let (unit, position) = row.source_ref().rsplit_once(':').unwrap_or_default();
                    if !self.is_out(fate, row.key(), (unit, position))?
                        && let Some(guard) = &self.guard
                    {
                        guard.push_kept(&mut kept, &row);
                    }
                }
            }
        }
        self.rows = kept;
        Ok(())
    }

    fn fates(&mut self) -> Vec<Fate> {
        let Some(guard) = &mut self.guard else {
            return Vec::new();
        };
        let rows = self.rows.iter();
        rows.map(|row| guard.fate_of(&row)).collect()
    }

    /// Whether a row under `key` at `position` of `unit` is left out; it is then counted, once.
    fn is_out(&mut self, fate: &Fate, key: &str, (unit, position): (&str, &str)) -> Result<bool> {
        let (erasure, new_key) = match fate {
            Fate::Out(erasure) => (*erasure, None),
            // A customer who was there already and was not erased may share a telephone with one who was.
            Fate::OutIfNew(erasure) if !self.has_row(key)? => (*erasure, Some(key.to_owned())),
            _ => return Ok(false),
        };
        let is_first = self.guard.as_mut().is_some_and(|guard| {
            if let Some(key) = &new_key {
                guard.learn(key, erasure);
            }
            guard.is_first(unit, position)
        });
        if is_first {
            self.send_entry(Entry::KeptOut(erasure, new_key))?;
        } else {
            self.repeats_in_unit += 1;
        }
        Ok(true)
    }

    fn has_row(&self, key: &str) -> Result<bool> {
        let (answer, answered) = sync_channel(1);
        self.send(Event::Ask(Question::HasRow(key.to_owned(), answer)))?;
        self.waiting(|| answered.recv()).map_err(|_| hung_up())
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
        self.unit_bytes = bytes;
        self.rows_in_unit = 0;
        self.aside_in_unit = 0;
        self.repeats_in_unit = 0;
        if let Some(guard) = &mut self.guard {
            guard.begin_unit();
        }
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

    fn erased(&self) -> Option<&Erased> {
        self.guard.as_ref().map(Guard::erased)
    }

    fn keeps_out(&mut self, position: u64, person: &Person<'_>) -> Result<bool> {
        let Some(guard) = &self.guard else {
            return Ok(false);
        };
        let fate = guard.fate_of_person(person);
        let unit = self.unit.clone();
        let is_out = self.is_out(&fate, person.key, (&unit, &position.to_string()))?;
        self.aside_in_unit += u64::from(is_out);
        Ok(is_out)
    }

    fn reject(&mut self, mut reject: Reject, key: Option<&str>) -> Result<()> {
        self.rows_in_unit += 1;
        if let Some(guard) = &self.guard {
            if let Some(erasure) = guard.rejected(&reject, key) {
                let (unit, position) = (self.unit.clone(), reject.position);
                self.is_out(&Fate::Out(erasure), "", (&unit, &position))?;
                return Ok(());
            }
            let is_theirs = |text: &String| guard.erased().is_theirs(text);
            reject.value = reject.value.take().filter(|value| !is_theirs(value));
            reject.row = reject
                .row
                .take()
                .filter(|row| !row.cells.iter().any(is_theirs));
        }
        self.send_entry(Entry::Reject(reject, key.map(str::to_owned)))
    }

    fn left_aside(&mut self, row: Option<(&str, &str)>) -> Result<()> {
        self.aside_in_unit += 1;
        if row.is_some() {
            self.flush()?; // The row may be among them.
        }
        let row = row.map(|(key, customer)| {
            let guard = self.guard.as_mut();
            let nameless = guard.and_then(|guard| guard.nameless(key, customer));
            nameless.unwrap_or_else(|| (key.to_owned(), customer.to_owned()))
        });
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

    fn given(&self) -> u64 {
        self.rows_in_unit + self.aside_in_unit
    }

    fn held(&mut self, mut held: UnitHeld) -> Result<()> {
        self.flush()?; // It may find rows that are kept out again.
        held.lines = held.lines.saturating_sub(self.repeats_in_unit);
        self.send_entry(Entry::Held(held, self.unit_bytes))
    }

    fn keep_unit(&mut self, cursor: Cursor) -> Result<()> {
        self.flush()?;
        self.progress.unit_finished();
        self.send_entry(Entry::KeepUnit(cursor))
    }

    fn discard_unit(&mut self) -> Result<()> {
        self.rows.clear();
        if let Some(guard) = &mut self.guard {
            guard.discard_unit();
        }
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
