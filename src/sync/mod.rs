//! The sync: extract, normalise and load, table by table, under one lock and in one history.

mod channel;
mod merges;
mod progress;
mod retention;
mod spool;
mod table;
mod wording;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tracing::{error, error_span, info, warn};

pub use progress::{Progress, Silent};
pub use retention::prune;

use crate::canonical::Table;
use crate::connectors::{Connector, Known, Reading, RejectLimit, Request, Words};
use crate::error::{Advice, Error, ErrorKind, Result};
use crate::french::{listed, plural};
use crate::home::Home;
use crate::registry::Registry;
use crate::report::{Message, Phase, RunLog, RunPhases, RunStatus};
use crate::stop::Stop;
use crate::stopwatch::Stopwatch;
use crate::store::{Lock, RunEnd, ShrinkLimit, Store};

/// Options of a sync.
#[derive(Debug, Clone)]
pub struct Options {
    /// The one table to load; `None` loads all.
    pub table: Option<Table>,
    /// Read changes since this time stamp instead of the cursors.
    pub since: Option<Timestamp>,
    /// Full refresh: read everything again.
    pub full: bool,
    /// Dry run: report what would change, without a write.
    pub dry_run: bool,
    /// Whether a snapshot may delete more than a fifth of a table.
    pub shrink_limit: ShrinkLimit,
}

/// Parses `2025-12-27T16:00:00` (local time) or an RFC 3339 time stamp, for [`Options::since`].
pub fn parse_since(text: &str) -> Option<Timestamp> {
    let local = || {
        let local = text.parse::<DateTime>().ok()?;
        Some(local.to_zoned(TimeZone::system()).ok()?.timestamp())
    };
    text.parse::<Timestamp>().ok().or_else(local)
}

/// Result of a sync.
#[derive(Debug)]
pub struct Outcome {
    /// The run as stored in the history; that of a dry run is not stored.
    pub log: RunLog,
    /// Number of files or models that were read before and have not changed.
    pub already_read: usize,
    /// The signal that stopped the sync, if one did.
    pub stopped_by: Option<i32>,
    /// What to do about the failures, in addition to the run's messages.
    pub advice: Vec<Advice>,
}

/// A running sync.
struct Run<'a> {
    store: &'a Store,
    connector: &'a str,
    /// Style of the texts about rejects.
    words: Words,
    id: i64,
    /// Time stamp of the written rows.
    now: String,
    today: Date,
    /// The first run that is kept: cursors of missing files from older runs may be deleted.
    first_kept: i64,
    shrink_limit: ShrinkLimit,
    reject_limit: RejectLimit,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    messages: Vec<Message>,
    advice: Vec<Advice>,
    /// Tables committed so far, and the accepted rows of each.
    committed: Vec<(Table, u64)>,
    phases: RunPhases,
    already_read: usize,
}

/// Syncs connector `name` of `registry`.
pub fn sync(
    home: &Home,
    registry: &Registry,
    name: &str,
    options: &Options,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome> {
    let _span = error_span!("sync", connector = name).entered();
    let kind = registry.get(name)?.kind.clone();
    let connector = registry.open(name)?;
    let kept_from = registry.retention()?.before(Timestamp::now());
    let run = |store: &Store| {
        let connector = connector.as_ref();
        let who = (name, kind.as_str(), connector);
        run(store, who, options, kept_from, progress, stop)
    };
    if options.dry_run {
        let store = Store::open_for_dry_run(&home.database(), || stop.check())?;
        return store.dry_run(|| stop.check(), || run(&store));
    }
    let _lock = Lock::take(home, name)?;
    let store = Store::open_waiting(&home.database(), || stop.check())?;
    store.close_dead_runs(name, Timestamp::now())?;
    store.bound_log(|| stop.check())?;
    let outcome = run(&store)?;
    if outcome.log.status == RunStatus::Success {
        retention::prune_daily(&store, home, registry, outcome.log.run_id, &Zoned::now());
    }
    Ok(outcome)
}

fn run(
    store: &Store,
    (name, kind, connector): (&str, &str, &dyn Connector),
    options: &Options,
    kept_from: Timestamp,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome> {
    let watch = Stopwatch::start();
    let now = Zoned::now();
    let mut run = Run {
        store,
        connector: name,
        words: Words::of(kind),
        id: store.start_run(name, kind, now.timestamp(), || stop.check())?,
        now: crate::store::instant(now.timestamp()),
        today: now.date(),
        first_kept: store.first_run_since(kept_from)?,
        shrink_limit: options.shrink_limit,
        reject_limit: connector.reject_limit(),
        progress,
        stop,
        messages: Vec::new(),
        advice: Vec::new(),
        committed: Vec::new(),
        phases: RunPhases::default(),
        already_read: 0,
    };
    log_begin(&run, kind, options);
    let tables = options
        .table
        .map_or_else(|| Table::ALL.to_vec(), |table| vec![table]);
    let stopped_by = match run.load_tables(connector, options, &tables) {
        Ok(()) => None,
        Err(error) => {
            let error = run.with_committed(error);
            run.fail(&error);
            match error.kind() {
                ErrorKind::Stopped(signal) => Some(signal),
                _ => None,
            }
        }
    };
    let end = RunEnd {
        status: run.status(stopped_by.is_some()),
        at: Timestamp::now(),
        duration_seconds: watch.seconds(),
        asked: &tables,
        messages: &run.messages,
        phases: &run.phases,
    };
    // A stopped run does not wait for other writers: the next command closes it.
    let finished = store.finish_run(run.id, &end, || stop.check());
    finished.map_err(|error| run.with_committed(error))?;
    info!(
        run_id = run.id,
        status = end.status.as_str(),
        seconds = end.duration_seconds,
        "run ended"
    );
    let log = store.run(run.id)?;
    Ok(Outcome {
        log: log.ok_or_else(|| Error::store("L'historique de cette synchronisation a disparu"))?,
        already_read: run.already_read,
        stopped_by,
        advice: run.advice,
    })
}

fn log_begin(run: &Run<'_>, kind: &str, options: &Options) {
    info!(
        run_id = run.id,
        kind,
        table = options.table.map(Table::report_name),
        since = options.since.map(tracing::field::display),
        full = options.full,
        dry_run = options.dry_run,
        "run begun"
    );
}

impl Run<'_> {
    fn load_tables(
        &mut self,
        connector: &dyn Connector,
        options: &Options,
        tables: &[Table],
    ) -> Result<()> {
        let mut watch = Stopwatch::start();
        let mut request = Request {
            tables: tables.to_vec(),
            since: options.since,
            full: options.full,
            allow_shrink: options.shrink_limit == ShrinkLimit::Lifted,
            today: self.today,
            stop: self.stop.clone(),
            known: std::collections::BTreeMap::new(),
        };
        for &table in tables {
            let known = Known {
                cursors: self.store.cursors(self.connector, table)?,
                rows: self.store.row_count(self.connector, table)?,
                first_kept: self.first_kept,
            };
            request.known.insert(table, known);
        }
        self.stop.check()?;
        let plan = connector.plan(&request);
        self.phases.run.add(Phase::Plan, watch.lap());
        let plan = plan?;
        info!(
            tables = plan.readings.len(),
            already_read = plan.already_read,
            seconds = self.phases.run.seconds(Phase::Plan),
            "planned"
        );
        for warning in &plan.warnings {
            warn!(warning, "planned without");
        }
        self.already_read = plan.already_read;
        self.messages
            .extend(plan.warnings.into_iter().map(Message::Warning));
        for error in &plan.errors {
            self.fail(error);
        }
        self.load(plan.readings)?;
        watch.lap();
        self.store
            .refresh_segments(self.connector, self.id, &self.now, self.today, || {
                self.stop.check()
            })?;
        self.phases.run.add(Phase::Segments, watch.lap());
        Ok(())
    }

    /// Loads the tables one after the other.
    fn load(&mut self, readings: Vec<Box<dyn Reading>>) -> Result<()> {
        let _first = if readings.is_empty() {
            None
        } else {
            self.store.first_sync()?
        };
        for mut reading in readings {
            self.stop.check()?;
            table::load(self, reading.as_mut())?;
        }
        Ok(())
    }

    /// Records an error that fails the run.
    fn fail(&mut self, error: &Error) {
        let steps = error.advice().iter();
        let steps = steps.filter(|step| !matches!(step, Advice::Text(_)));
        self.advice.extend(steps.cloned());
        self.fail_with(error.full_text());
    }

    /// A database or disk error with what it leaves unchanged: tables committed before it.
    fn with_committed(&self, error: Error) -> Error {
        let committed = self.committed.iter().filter(|(_, rows)| *rows > 0);
        let named: Vec<String> = committed
            .map(|(table, rows)| {
                let rows = plural(*rows, "ligne", "lignes");
                format!("{} ({rows})", table.label())
            })
            .collect();
        if error.kind() != ErrorKind::Store || named.is_empty() {
            return error;
        }
        error.keeping(&format!("déjà enregistré, et gardé : {}", listed(&named)))
    }

    fn fail_with(&mut self, error: String) {
        error!(error, "failed");
        self.messages.push(Message::Error(error));
    }

    fn status(&self, is_stopped: bool) -> RunStatus {
        let has_failed = self
            .messages
            .iter()
            .any(|message| matches!(message, Message::Error(_)));
        match (is_stopped, has_failed) {
            (true, _) => RunStatus::Interrupted,
            (false, true) => RunStatus::Error,
            (false, false) => RunStatus::Success,
        }
    }
}
