//! The load of one table: read on one thread, written on this one, committed as a whole.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use tracing::{Span, info};

use super::channel::{Entry, Event, EventReceiver, event_channel};
use super::merges::Merges;
use super::run::Run;
use super::spool::Spool;
use super::wording;
use crate::canonical::rows::Rows;
use crate::canonical::{Catalog, Cursor, Erased, Reject, Table};
use crate::connectors::Reading;
use crate::error::{Advice, Error, ErrorKind, Result};
use crate::report::{Counts, Expected, Message, Phase, Phases, SourceTotals, gap};
use crate::stop::Stop;
use crate::stopwatch::Stopwatch;
use crate::store::{CursorChanges, Gathered, Load, LoadMode, LoadTarget, SourceKeys};

/// Most rejects stored for a table that fails: its load is rolled back, and these say why.
const MOST_KEPT_REJECTS: usize = 10_000;

/// Most bytes of their rows.
const MOST_KEPT_BYTES: usize = 16 * 1024 * 1024;

/// Loads the rows of `reading`. A failure of the table becomes a message of the run; an error stops the run.
pub(super) fn load(run: &mut Run<'_>, reading: &mut dyn Reading) -> Result<()> {
    let table = reading.table();
    info!(
        table = table.report_name(),
        bytes = reading.size(),
        "table begun"
    );
    let mut written = Written::default();
    let loaded = load_whole(run, reading, &mut written);
    run.messages.append(&mut written.warnings);
    run.kept_out.append(&mut written.kept_out);
    run.messages.extend(written.merges.warning(table));
    for failure in written.failures.drain(..) {
        run.fail_with(failure);
    }
    let phases = run.phases.tables.entry(table).or_default();
    phases.add_all(&written.phases);
    match loaded {
        Ok(()) => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::Stopped(_)) => Err(error),
        Err(error) => {
            let rejected = written.rejected;
            let counts = Counts {
                read: rejected,
                rejected,
                ..Counts::default()
            };
            let error = run.with_committed(error);
            run.fail(&error);
            run.store
                .record_failed_table(run.id, run.connector, table, &counts, &written.rejects)
        }
    }
}

/// State of the writer for one table.
#[derive(Default)]
struct Written {
    cursors: Vec<Cursor>,
    /// Cursors to write without having read their files, and cursors to delete.
    notes: Vec<Cursor>,
    forgotten: Vec<String>,
    /// Errors that fail the run although the table is loaded.
    failures: Vec<String>,
    /// Sales that came again with another customer.
    merges: Merges,
    /// The first rejects, each with the key of its row where it is known, and the number of all rejects.
    rejects: Vec<(Reject, Option<String>)>,
    /// Bytes of their rows.
    kept_bytes: usize,
    rejected: u64,
    /// Erasures of the customers who were kept out.
    kept_out: BTreeSet<i64>,
    warnings: Vec<Message>,
    /// What the source says of the rows.
    expected: Vec<Expected>,
    /// Time spent in each phase.
    phases: Phases,
    is_unit_open: bool,
    /// Number of rejects, changed customers and customers kept out when the open unit began: discarding the unit
    /// discards its own.
    before_unit: (u64, Merges, BTreeSet<i64>),
}

fn load_whole(run: &mut Run<'_>, reading: &mut dyn Reading, written: &mut Written) -> Result<()> {
    let table = reading.table();
    let is_snapshot = reading.is_snapshot();
    let source_keys = run.store.source_keys(run.connector, table)?;
    let (mut load, read, gathered) = fill(run, reading, &source_keys, written)?;
    let failed = match read {
        Ok(()) => None,
        // Files before the one that failed are complete: an increment keeps them.
        Err(error) if error.is_of_source() && !is_snapshot && !written.cursors.is_empty() => {
            Some(error)
        }
        Err(error) => return Err(error),
    };
    if written.is_unit_open {
        written.put(&mut load, Entry::DiscardUnit, run.stop)?;
    }
    check_rejects(run, table, (&load, &source_keys), written.first_reject())?;
    run.stop.check()?;
    let is_read = !written.cursors.is_empty();
    // A file that waits is read again later.
    if is_read && failed.is_none() && written.notes.is_empty() {
        load.is_reread()?;
    }
    written.cursors.append(&mut written.notes);
    let changes = CursorChanges {
        set: &written.cursors,
        unset: &written.forgotten,
    };
    if is_snapshot && !is_read {
        drop(load); // Nothing was read: the last count stands.
        return run.store.note(run.id, run.connector, table, &changes);
    }
    if compares_with_source(run, table)? {
        load.compare_with(written.expected.clone());
    }
    let report = load.finish(run.shrink_limit, &changes, gathered)?;
    written.phases.add_all(&report.phases);
    log_committed(table, &report.counts, &written.phases);
    run.committed.push((table, report.counts.accepted()));
    let first = written.first_reject();
    run.messages
        .extend(wording::warnings(table, &report, first, run.words));
    warn_of_gaps(run, table, &written.expected)?;
    if let Some(error) = failed {
        run.fail(&error);
    }
    Ok(())
}

/// Warns where the stored rows are not what the source says of them.
fn warn_of_gaps(run: &mut Run<'_>, table: Table, expected: &[Expected]) -> Result<()> {
    if !compares_with_source(run, table)? {
        return Ok(());
    }
    for expected in expected {
        let keys = (expected.keys.0.as_str(), expected.keys.1.as_str());
        let column = expected.column.as_deref();
        let (rows, euros) = run.store.stored(run.connector, table, keys, column)?;
        let stored = SourceTotals { rows, euros };
        let found = gap(table, expected, &stored);
        run.messages.extend(found.map(Message::Warning));
    }
    Ok(())
}

/// Whether the source counts the rows of `table` that are stored. It still counts erased customers; their sales lines
/// are stored, without a name.
fn compares_with_source(run: &Run<'_>, table: Table) -> Result<bool> {
    let is_of_people = matches!(table, Table::Customers | Table::ContactHistory);
    Ok(!is_of_people || run.store.erased(run.connector)?.is_none())
}

/// Reads `reading` into an open load. Returns it with the error that ended the reading, if one did, and with the lines
/// collected for the customer figures.
fn fill<'r>(
    run: &'r Run<'_>,
    reading: &mut dyn Reading,
    source_keys: &SourceKeys<'_>,
    written: &mut Written,
) -> Result<(Load<'r>, Result<()>, Option<Gathered>)> {
    let catalog = match reading.table() {
        Table::SalesLines | Table::StockLevels => run.store.catalog(run.connector)?,
        _ => Catalog::default(),
    };
    let erased = run.store.erased(run.connector)?;
    let erased = erased.as_ref();
    if reading.is_remote() {
        let mut spool = Spool::new(&run.store.folder())?;
        let (time, read) = read_while(run, reading, (&catalog, erased), None, |receiver| {
            spool.fill(receiver, source_keys)
        });
        written.phases.add(Phase::Read, time);
        read?;
        let mut load = begin(run, reading, &mut written.phases)?;
        spool.replay(|entry| written.take(&mut load, entry, run.stop).map(drop))?;
        return Ok((load, Ok(()), None));
    }
    let mut load = begin(run, reading, &mut written.phases)?;
    let mut gathered = load.gathering()?;
    let (time, read) = read_while(
        run,
        reading,
        (&catalog, erased),
        gathered.as_mut(),
        |receiver| write(&mut load, source_keys, receiver, written, run.stop),
    );
    written.phases.add(Phase::Read, time);
    Ok((load, read, gathered))
}

/// Opens the load for `reading`, and adds the time spent waiting for other writers.
fn begin<'r>(run: &'r Run<'_>, reading: &dyn Reading, phases: &mut Phases) -> Result<Load<'r>> {
    let target = LoadTarget {
        source: run.connector,
        table: reading.table(),
        run_id: run.id,
        now: &run.now,
        today: run.today,
    };
    let mode = match (reading.is_snapshot(), reading.is_remote()) {
        (true, true) => LoadMode::Sweep,
        (true, false) => LoadMode::Snapshot,
        (false, _) if reading.is_of_periods() => LoadMode::Period,
        (false, _) => LoadMode::Increment,
    };
    let watch = Stopwatch::start();
    let load = if reading.replaces_keys() {
        run.store.begin_replacing(target, mode, || run.stop.check())
    } else {
        run.store.begin_load(target, mode, || run.stop.check())
    };
    phases.add(Phase::Wait, watch.elapsed());
    let mut load = load?;
    if let Some(rule) = reading.key_rule() {
        load.set_key_rule(rule);
    }
    if run.reads_since && reading.is_remote() {
        load.keep_rejects_open();
    }
    Ok(load)
}

fn log_committed(table: Table, counts: &Counts, phases: &Phases) {
    info!(
        table = table.report_name(),
        read = counts.read,
        inserted = counts.inserted,
        updated = counts.updated,
        unchanged = counts.unchanged,
        deleted = counts.deleted,
        rejected = counts.rejected,
        left_aside = counts.left_aside,
        read_seconds = phases.seconds(Phase::Read),
        wait_seconds = phases.seconds(Phase::Wait),
        write_seconds = phases.seconds(Phase::Write),
        figures_seconds = phases.seconds(Phase::Figures),
        commit_seconds = phases.seconds(Phase::Commit),
        "table committed"
    );
}

/// Reads on its own thread while `keep` takes the entries, and returns the reading time without waits for `keep`. An
/// error of `keep` has precedence.
fn read_while(
    run: &Run<'_>,
    reading: &mut dyn Reading,
    (catalog, erased): (&Catalog, Option<&Erased>),
    gathered: Option<&mut Gathered>,
    keep: impl FnOnce(&EventReceiver) -> Result<()>,
) -> (Duration, Result<()>) {
    thread::scope(|scope| {
        let (mut sender, receiver) = event_channel(
            (run.connector, reading.table()),
            run.progress,
            run.stop,
            gathered,
            erased,
        );
        let span = Span::current();
        let reader = thread::Builder::new().spawn_scoped(scope, move || {
            let _entered = span.enter();
            let watch = Stopwatch::start();
            let read = reading.read(catalog, &mut sender);
            (watch.elapsed().saturating_sub(sender.waited()), read)
        });
        let reader = match reader {
            Ok(reader) => reader,
            Err(error) => return (Duration::ZERO, Err(Error::no_thread(error))),
        };
        let kept = keep(&receiver);
        drop(receiver); // Unblocks a reader that waits to send.
        let (time, read) = reader.join().unwrap_or_else(|_| {
            let error = Error::source_failed("La lecture s'est arrêtée sans dire pourquoi");
            let error = error.hint(
                "C'est un défaut de crmreco : signalez-le avec le fichier ou le modèle en cause",
            );
            (Duration::ZERO, Err(error))
        });
        (time, kept.and(read))
    })
}

/// Writes what the reader sends, until it ends.
fn write(
    load: &mut Load<'_>,
    source_keys: &SourceKeys<'_>,
    receiver: &EventReceiver,
    written: &mut Written,
    stop: &Stop,
) -> Result<()> {
    while let Ok(event) = receiver.events.recv() {
        match event {
            Event::Ask(question) => question.answer(source_keys)?,
            Event::Entry(entry) => {
                if let Some(rows) = written.take(load, entry, stop)? {
                    receiver.give_back(rows);
                }
            }
        }
    }
    Ok(())
}

impl Written {
    /// Writes one entry. Returns the memory of its rows.
    fn take(&mut self, load: &mut Load<'_>, entry: Entry, stop: &Stop) -> Result<Option<Rows>> {
        let watch = Stopwatch::start();
        let spent = self.put(load, entry, stop);
        self.phases.add(Phase::Write, watch.elapsed());
        spent
    }

    fn reject(&mut self, load: &mut Load<'_>, reject: Reject, key: Option<&str>) -> Result<()> {
        load.reject(&reject, key)?;
        self.rejected += 1;
        if self.rejects.len() < MOST_KEPT_REJECTS {
            self.keep(reject, key);
        }
        Ok(())
    }

    fn first_reject(&self) -> Option<&Reject> {
        self.rejects.first().map(|(reject, _)| reject)
    }

    /// Keeps a reject in case the table fails; without its cells once there are too many.
    fn keep(&mut self, mut reject: Reject, key: Option<&str>) {
        if let Some(row) = &mut reject.row {
            let cells = row.cells.iter().chain(&row.headers);
            self.kept_bytes += cells.map(String::len).sum::<usize>();
            if self.kept_bytes > MOST_KEPT_BYTES {
                row.cells = Vec::new();
                row.headers = Vec::new();
            }
        }
        self.rejects.push((reject, key.map(str::to_owned)));
    }

    fn put(&mut self, load: &mut Load<'_>, entry: Entry, stop: &Stop) -> Result<Option<Rows>> {
        match entry {
            Entry::BeginUnit(label) => {
                load.begin_unit(&label)?;
                self.is_unit_open = true;
                self.before_unit = (self.rejected, self.merges.clone(), self.kept_out.clone());
            }
            Entry::Rows(mut rows) => {
                for conflict in load.write(&mut rows)? {
                    self.merges.add(&conflict);
                    self.reject(load, load.explain(&conflict), Some(&conflict.key))?;
                }
                return Ok(Some(rows));
            }
            Entry::Reject(reject, key) => {
                self.reject(load, reject, key.as_deref())?;
            }
            Entry::LeftAside(row) => load.skip(row)?,
            Entry::KeptOut(erasure, new_key) => {
                load.skip(None)?;
                self.kept_out.insert(erasure);
                if let Some(key) = new_key {
                    load.learn(erasure, &key)?;
                }
            }
            Entry::RemoveAll(prefix, why) => {
                let removed = load.remove_all(&prefix)?;
                if removed > 0 {
                    self.warnings
                        .push(Message::Warning(format!("{removed} {why}")));
                }
            }
            Entry::Covers(first, last) => load.covers(&first, &last),
            Entry::Remember(cursor) => self.notes.push(cursor),
            Entry::Forget(mark) => self.forgotten.push(mark),
            Entry::Fail(error) => self.failures.push(error),
            Entry::Held(held, bytes) => load.hold(held, bytes),
            Entry::KeepUnit(cursor) => {
                load.keep_unit(&cursor.mark)?;
                self.is_unit_open = false;
                self.cursors.push(cursor);
            }
            Entry::DiscardUnit => {
                load.discard_unit(|| stop.check())?;
                self.is_unit_open = false;
                (self.rejected, self.merges, self.kept_out) = std::mem::take(&mut self.before_unit);
                let kept = usize::try_from(self.rejected).unwrap_or(usize::MAX);
                self.rejects.truncate(kept);
            }
            Entry::Warn(warning) => self.warnings.push(Message::Warning(warning)),
            Entry::Expect(expected) => self.expected.push(expected),
        }
        Ok(None)
    }
}

fn check_rejects(
    run: &Run<'_>,
    table: Table,
    (load, source_keys): (&Load<'_>, &SourceKeys<'_>),
    first: Option<&Reject>,
) -> Result<()> {
    if run.accepts_rejects {
        return Ok(());
    }
    let limit = run.reject_limit;
    let counts = load.counts();
    // A person said that the others may stay out.
    let rejected = counts.rejected.saturating_sub(load.ignored());
    if rejected > 0 && counts.accepted() == 0 && source_keys.count()? == 0 {
        return Err(
            Error::data(wording::nothing_accepted(table, rejected, first, run.words))
                .advise(Advice::ShowRejects(run.connector.to_owned())),
        );
    }
    // Relative to all rows that the source confirms, not only those changed since the last sync.
    let of = counts.read.max(source_keys.count()?);
    if !limit.is_exceeded(rejected, of) {
        return Ok(());
    }
    Err(Error::data(wording::too_many_rejects(
        table,
        limit,
        (rejected, of),
        first,
        run.words,
    ))
    .advise(Advice::ShowRejects(run.connector.to_owned()))
    .and_hint("Ou relevez le réglage MAX_REJECTS"))
}
