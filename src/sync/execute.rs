//! The life of a run: begun in the history, planned, loaded table by table, ended in the history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{Timestamp, Zoned};
use tracing::{info, warn};

use super::NamedConnector;
use super::options::{Options, Outcome};
use super::progress::Progress;
use super::run::Run;
use super::table;
use super::wording;
use crate::canonical::Table;
use crate::connectors::{Connector, Known, Reading, Request};
use crate::error::{Error, ErrorKind, Result};
use crate::report::{Message, Phase, RunPhases};
use crate::stop::Stop;
use crate::stopwatch::Stopwatch;
use crate::store::{RunEnd, ShrinkLimit, Store};

/// Runs `one` on `store`, and keeps it in the history. `kept_from`: history from before may be deleted.
pub(super) fn execute(
    store: &Store,
    one: &NamedConnector<'_>,
    options: &Options,
    kept_from: Timestamp,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome> {
    let watch = Stopwatch::start();
    let mut run = begin(store, one, options, kept_from, progress, stop)?;
    let tables = options
        .table
        .map_or_else(|| Table::ALL.to_vec(), |table| vec![table]);
    let stopped_by = match load_tables(&mut run, one.connector, options, &tables) {
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
    run.messages.extend(wording::kept_out(run.kept_out.len()));
    end(run, &tables, &watch, stopped_by)
}

/// Begins a run in the history.
fn begin<'a>(
    store: &'a Store,
    one: &NamedConnector<'a>,
    options: &Options,
    kept_from: Timestamp,
    progress: &'a dyn Progress,
    stop: &'a Stop,
) -> Result<Run<'a>> {
    let now = Zoned::now();
    let &NamedConnector {
        name,
        kind,
        words,
        connector,
    } = one;
    let run = Run {
        store,
        connector: name,
        words,
        id: store.start_run(name, kind, now.timestamp(), || stop.check())?,
        now: crate::store::instant(now.timestamp()),
        today: now.date(),
        first_kept: store.first_run_since(kept_from)?,
        shrink_limit: options.shrink_limit,
        reject_limit: connector.reject_limit(),
        accepts_rejects: options.accepts_rejects,
        reads_since: options.since.is_some(),
        progress,
        stop,
        messages: Vec::new(),
        failures: Vec::new(),
        committed: Vec::new(),
        kept_out: BTreeSet::new(),
        phases: RunPhases::default(),
        already_read: 0,
    };
    log_begun(&run, kind, options);
    Ok(run)
}

/// Ends `run` in the history.
fn end(
    run: Run<'_>,
    tables: &[Table],
    watch: &Stopwatch,
    stopped_by: Option<i32>,
) -> Result<Outcome> {
    let (store, stop) = (run.store, run.stop);
    let end = RunEnd {
        status: run.status(stopped_by.is_some()),
        at: Timestamp::now(),
        duration_seconds: watch.seconds(),
        asked: tables,
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
        failures: run.failures,
    })
}

fn log_begun(run: &Run<'_>, kind: &str, options: &Options) {
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

fn load_tables(
    run: &mut Run<'_>,
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
        today: run.today,
        stop: run.stop.clone(),
        known: BTreeMap::new(),
    };
    for &table in tables {
        let known = Known {
            cursors: run.store.cursors(run.connector, table)?,
            rows: run.store.row_count(run.connector, table)?,
            first_kept: run.first_kept,
            corrections: Arc::new(run.store.corrections_of(run.connector, table)?),
            rereads: run.store.rereads(run.connector, table)?,
        };
        request.known.insert(table, known);
    }
    run.stop.check()?;
    let plan = connector.plan(&request);
    run.phases.run.add(Phase::Plan, watch.lap());
    let plan = plan?;
    info!(
        tables = plan.readings.len(),
        already_read = plan.already_read,
        seconds = run.phases.run.seconds(Phase::Plan),
        "planned"
    );
    for warning in &plan.warnings {
        warn!(warning, "planned without");
    }
    run.already_read = plan.already_read;
    run.messages
        .extend(plan.warnings.into_iter().map(Message::Warning));
    for error in &plan.errors {
        run.fail(error);
    }
    load(run, plan.readings)?;
    watch.lap();
    run.store
        .refresh_segments(run.connector, run.id, &run.now, run.today, || {
            run.stop.check()
        })?;
    run.phases.run.add(Phase::Segments, watch.lap());
    Ok(())
}

/// Loads the tables one after the other.
fn load(run: &mut Run<'_>, readings: Vec<Box<dyn Reading>>) -> Result<()> {
    let _first = if readings.is_empty() {
        None
    } else {
        run.store.first_sync()?
    };
    let bytes = readings.iter().map(|reading| reading.size());
    run.progress.planned(bytes.sum());
    for mut reading in readings {
        run.stop.check()?;
        table::load(run, reading.as_mut())?;
    }
    Ok(())
}
