//! One table's load: read on one thread, written on this one, committed whole.

use std::thread;

use super::pipe::{Event, Outlet, pipe};
use super::{Run, wording};
use crate::canonical::{Catalog, Cursor, Reject, Table};
use crate::connectors::Reading;
use crate::error::{Error, Kind, Result};
use crate::store::{Counts, Load, LoadMode, LoadTarget, Message};

/// Rejects kept of a table that fails: its load leaves nothing else, and these tell why.
const MOST_KEPT_REJECTS: usize = 1_000;

/// Loads what `reading` reads. What goes wrong with the table becomes a message of the run; an error stops
/// the run itself.
pub(super) fn load(run: &mut Run<'_>, reading: &mut dyn Reading) -> Result<()> {
    let table = reading.table();
    let mut written = Written::default();
    let loaded = load_whole(run, reading, &mut written);
    run.messages.append(&mut written.warnings);
    match loaded {
        Ok(()) => Ok(()),
        Err(error) if matches!(error.kind(), Kind::Stopped(_)) => Err(error),
        Err(error) => {
            let rejected = written.rejected;
            let counts = Counts {
                read: rejected,
                rejected,
                ..Counts::default()
            };
            run.messages.push(Message::Error(error.full_text()));
            run.store
                .record_failed_table(run.id, run.connector, table, &counts, &written.rejects)
        }
    }
}

/// What the writer has seen of one table.
#[derive(Default)]
struct Written {
    cursors: Vec<Cursor>,
    /// The first rejects, and how many there are in all.
    rejects: Vec<Reject>,
    rejected: u64,
    warnings: Vec<Message>,
    is_unit_open: bool,
    /// Rejects when the open unit began: a unit that is discarded takes its own with it.
    before_unit: u64,
}

fn load_whole(run: &mut Run<'_>, reading: &mut dyn Reading, written: &mut Written) -> Result<()> {
    let table = reading.table();
    let is_snapshot = reading.is_snapshot();
    let catalog = match table {
        Table::SalesLines | Table::StockLevels => run.store.catalog(run.connector)?,
        _ => Catalog::new(),
    };
    let target = LoadTarget {
        source: run.connector,
        table,
        run_id: run.id,
        now: &run.now,
        today: run.today,
    };
    let mode = if is_snapshot {
        LoadMode::Snapshot
    } else {
        LoadMode::Increment
    };
    let mut load = Load::begin(run.store, target, mode, || run.stop.check())?;
    let read = thread::scope(|scope| {
        let (mut inlet, outlet) = pipe(run.connector, run.progress, run.stop);
        let reader = scope.spawn(move || reading.read(&catalog, &mut inlet));
        write(&mut load, &outlet, written)?;
        drop(outlet); // A reader that still has something to say must not wait for ever.
        reader.join().unwrap_or_else(|_| {
            Err(
                Error::source_failed("La lecture s'est arrêtée sans dire pourquoi")
                    .hint("C'est un défaut de crmreco : signalez-le avec le fichier en cause"),
            )
        })
    });
    let failed = match read {
        Ok(()) => None,
        // Files before the one that failed are whole: an increment keeps them.
        Err(error) if error.is_of_source() && !is_snapshot && !written.cursors.is_empty() => {
            Some(error)
        }
        Err(error) => return Err(error),
    };
    if written.is_unit_open {
        load.discard_unit()?;
    }
    check_rejects(run, table, &load, written.rejects.first())?;
    if is_snapshot && written.cursors.is_empty() {
        return Ok(()); // Nothing was read: the last count stands.
    }
    run.stop.check()?;
    let report = load.finish(run.brake, &written.cursors)?;
    run.messages.extend(wording::warnings(table, &report));
    if let Some(error) = failed {
        run.messages.push(Message::Error(error.full_text()));
    }
    Ok(())
}

/// Writes what the reader sends, until it hangs up.
fn write(load: &mut Load<'_>, outlet: &Outlet, written: &mut Written) -> Result<()> {
    while let Ok(event) = outlet.events.recv() {
        match event {
            Event::BeginUnit => {
                load.begin_unit()?;
                written.is_unit_open = true;
                written.before_unit = written.rejected;
            }
            Event::Rows(rows) => {
                load.write(&rows)?;
                outlet.give_back(rows);
            }
            Event::Reject(reject, key) => {
                load.reject(&reject, key.as_deref())?;
                written.rejected += 1;
                if written.rejects.len() < MOST_KEPT_REJECTS {
                    written.rejects.push(reject);
                }
            }
            Event::KeepUnit(cursor) => {
                load.keep_unit()?;
                written.is_unit_open = false;
                written.cursors.push(cursor);
            }
            Event::DiscardUnit => {
                load.discard_unit()?;
                written.is_unit_open = false;
                written.rejected = written.before_unit;
                let kept = usize::try_from(written.rejected).unwrap_or(usize::MAX);
                written.rejects.truncate(kept);
            }
            Event::Present(keys) => load.present(&keys)?,
            Event::AskMissing(after, answer) => {
                // A reader that hung up no longer wants to know.
                let _ = answer.send(load.missing(&after)?);
            }
            Event::AskOldRows(answer) => {
                let _ = answer.send(load.keeps_old_rows()?);
            }
            Event::Warn(warning) => written.warnings.push(Message::Warning(warning)),
        }
    }
    Ok(())
}

fn check_rejects(
    run: &Run<'_>,
    table: Table,
    load: &Load<'_>,
    first: Option<&Reject>,
) -> Result<()> {
    let limit = run.reject_limit;
    let rejected = load.counts().rejected;
    // Of all the rows the source vouches for, not of the few that changed since the last sync.
    let of = load.vouched_for()?;
    if !limit.is_exceeded(rejected, of) {
        return Ok(());
    }
    Err(Error::data(wording::too_many_rejects(
        table, limit, (rejected, of), first, run.words,
    )).hint(format!(
        "Voyez-les toutes avec « crmreco logs {} --rejects », corrigez-les à la source, ou relevez le réglage MAX_REJECTS",
        run.connector
    )))
}
