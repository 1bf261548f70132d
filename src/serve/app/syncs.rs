//! Syncs started by the server: each on its own thread, under the same lock as those of the command line.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::App;
use crate::canonical::Table;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::Lock;
use crate::sync::{self, Options, Outcome, Progress};

/// Most simultaneous syncs; others queue. Each takes some 30 MiB, and they write one after the other.
const MOST_AT_ONCE: usize = 4;

/// Pause between two checks for a stop of a queued sync.
const TICK: Duration = Duration::from_millis(100);

/// Running and queued syncs, by connector.
#[derive(Debug)]
pub(in crate::serve) struct Syncs {
    works: Mutex<BTreeMap<String, Work>>,
    gate: Arc<Semaphore>,
}

impl Default for Syncs {
    fn default() -> Self {
        Self {
            works: Mutex::default(),
            gate: Arc::new(Semaphore::new(MOST_AT_ONCE)),
        }
    }
}

/// A running or queued sync.
#[derive(Debug, Clone)]
struct Work {
    meter: Arc<Meter>,
    stop: Stop,
}

/// Progress of a sync: of the run, and in the file or model that it reads.
#[derive(Debug, Clone, Default)]
pub(in crate::serve) struct Reading {
    pub(in crate::serve) table: Option<Table>,
    pub(in crate::serve) unit: Option<String>,
    pub(in crate::serve) bytes: u64,
    /// 0: unknown.
    pub(in crate::serve) of_bytes: u64,
    pub(in crate::serve) rows: u64,
    /// Size of the finished units.
    ended_bytes: u64,
    /// Size of all units; 0: unknown.
    pub(in crate::serve) run_of_bytes: u64,
}

impl Reading {
    /// Bytes of all units read so far. A file that is read twice does not count beyond the whole.
    pub(in crate::serve) fn run_bytes(&self) -> u64 {
        (self.ended_bytes + self.bytes).min(self.run_of_bytes)
    }

    /// The share of all units read so far, in per cent; `None` when unknown.
    pub(in crate::serve) fn percent(&self) -> Option<u64> {
        (self.run_bytes() * 100).checked_div(self.run_of_bytes)
    }

    /// The progress between two units.
    fn between_units(&self) -> Self {
        Self {
            ended_bytes: self.ended_bytes + self.of_bytes,
            run_of_bytes: self.run_of_bytes,
            ..Self::default()
        }
    }
}

/// Receives the progress of a sync.
#[derive(Debug, Default)]
struct Meter(Mutex<Reading>);

impl Meter {
    fn with<T>(&self, work: impl FnOnce(&mut Reading) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Meter {
    fn planned(&self, bytes: u64) {
        self.with(|reading| reading.run_of_bytes = bytes);
    }

    fn unit_started(&self, _connector: &str, table: Table, unit: &str, bytes: u64) {
        self.with(|reading| {
            *reading = Reading {
                table: Some(table),
                unit: Some(unit.to_owned()),
                of_bytes: bytes,
                ..reading.between_units()
            };
        });
    }

    fn advanced(&self, bytes: u64, rows: u64) {
        self.with(|reading| (reading.bytes, reading.rows) = (bytes, rows));
    }

    fn unit_finished(&self) {
        self.with(|reading| *reading = reading.between_units());
    }
}

impl Syncs {
    /// Progress of each running sync.
    pub(in crate::serve) fn readings(&self) -> BTreeMap<String, Reading> {
        self.with(|works| {
            let readings = works.iter();
            let readings =
                readings.map(|(name, work)| (name.clone(), work.meter.with(|now| now.clone())));
            readings.collect()
        })
    }

    /// Progress of the sync of `name`, if this server runs one.
    pub(in crate::serve) fn reading(&self, name: &str) -> Option<Reading> {
        self.with(|works| {
            works
                .get(name)
                .map(|work| work.meter.with(|now| now.clone()))
        })
    }

    /// The connectors with a running or queued sync.
    pub(in crate::serve) fn names(&self) -> BTreeSet<String> {
        self.with(|works| works.keys().cloned().collect())
    }

    /// Whether the sync of `name` is running or queued.
    pub(in crate::serve) fn has(&self, name: &str) -> bool {
        self.with(|works| works.contains_key(name))
    }

    /// Whether no sync is running or queued.
    pub(in crate::serve) fn are_over(&self) -> bool {
        self.with(|works| works.is_empty())
    }

    /// Requests the sync of `name` to stop; false when this server runs none.
    pub(in crate::serve) fn stop(&self, name: &str) -> bool {
        self.with(|works| works.get(name).map(|work| work.stop.request()).is_some())
    }

    fn begin(&self, name: &str, stop: Stop) -> Result<Work> {
        self.with(|works| match works.entry(name.to_owned()) {
            Entry::Occupied(_) => Err(Lock::busy(name)),
            Entry::Vacant(place) => {
                let meter = Arc::default();
                Ok(place.insert(Work { meter, stop }).clone())
            }
        })
    }

    fn end(&self, name: &str) {
        self.with(|works| works.remove(name));
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Work>) -> T) -> T {
        work(&mut self.works.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Starts a sync of connector `name`; returns a receiver of its result. The sync goes on when the receiver is
/// dropped, even while it is queued.
pub(in crate::serve) fn start(
    app: &Arc<App>,
    name: &str,
    options: Options,
) -> Result<JoinHandle<Result<Outcome>>> {
    let work = app.syncs.begin(name, app.stop.of_one())?;
    let under_way = UnderWay {
        app: Arc::clone(app),
        name: name.to_owned(),
    };
    Ok(tokio::spawn(in_turn(under_way, work, options)))
}

/// Queues, then syncs on its own thread.
async fn in_turn(under_way: UnderWay, work: Work, options: Options) -> Result<Outcome> {
    let turn = turn(&under_way.app.syncs.gate, &work.stop).await?;
    let name = format!("sync {}", under_way.name);
    let (sender, receiver) = oneshot::channel();
    let thread = move || {
        let _turn = turn;
        let Work { meter, stop } = &work;
        let UnderWay { app, name } = &under_way;
        let result = app
            .registry()
            .and_then(|known| sync::sync(&app.home, &known, name, &options, meter.as_ref(), stop));
        if let Err(error) = &result {
            error.log(Some(name));
        }
        drop(under_way);
        // The receiver may have been dropped.
        let _ = sender.send(result);
    };
    let started = thread::Builder::new().name(name).spawn(thread);
    started.map_err(Error::no_thread)?;
    outcome(receiver).await
}

/// Waits for one of the places of simultaneous syncs; `stop` ends the wait.
async fn turn(gate: &Arc<Semaphore>, stop: &Stop) -> Result<OwnedSemaphorePermit> {
    let mut place = pin!(Arc::clone(gate).acquire_owned());
    loop {
        stop.check()?;
        // The semaphore is never closed: only time ends a wait.
        if let Ok(Ok(turn)) = timeout(TICK, place.as_mut()).await {
            stop.check()?;
            return Ok(turn);
        }
    }
}

/// Guard of a running or queued sync: dropping it removes the entry.
struct UnderWay {
    app: Arc<App>,
    name: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.app.syncs.end(&self.name);
    }
}

/// The result of a thread or a task.
pub(in crate::serve) async fn outcome<T, E>(
    receiver: impl Future<Output = std::result::Result<Result<T>, E>>,
) -> Result<T> {
    receiver.await.unwrap_or_else(|_| {
        Err(Error::store("Le travail s'est arrêté sans rien dire")
            .hint("Relancez le serveur avec -v et recommencez : le journal dira où"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_all_files() {
        let meter = Meter::default();
        let percent = || meter.with(|reading| reading.percent());
        assert_eq!(percent(), None);
        meter.planned(1000);
        meter.unit_started("cave", Table::Customers, "clients.csv", 200);
        meter.advanced(100, 10);
        assert_eq!(percent(), Some(10));
        meter.unit_finished();
        assert_eq!(percent(), Some(20));
        meter.unit_started("cave", Table::SalesLines, "ventes.csv", 800);
        meter.advanced(400, 10);
        assert_eq!(percent(), Some(60));
        meter.unit_finished();
        // A file that is read again.
        meter.unit_started("cave", Table::SalesLines, "ventes.csv", 800);
        meter.advanced(400, 10);
        assert_eq!(percent(), Some(100));
    }
}
