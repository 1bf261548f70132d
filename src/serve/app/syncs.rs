//! Syncs started by the server: each on its own thread, under the same lock as those of the command line.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

use super::App;
use crate::canonical::Table;
use crate::error::{Error, Result};
use crate::store::Lock;
use crate::sync::{self, Options, Outcome, Progress};

/// Most simultaneous syncs; others queue. Each takes some 30 MiB, and they write one after the other.
const MOST_AT_ONCE: usize = 4;

/// Running and queued syncs, by connector.
#[derive(Debug)]
pub(in crate::serve) struct Syncs {
    meters: Mutex<BTreeMap<String, Arc<Meter>>>,
    gate: Arc<Semaphore>,
}

impl Default for Syncs {
    fn default() -> Self {
        Self {
            meters: Mutex::default(),
            gate: Arc::new(Semaphore::new(MOST_AT_ONCE)),
        }
    }
}

/// Progress of a sync in the file or model that it reads.
#[derive(Debug, Clone, Default)]
pub(in crate::serve) struct Reading {
    pub(in crate::serve) table: Option<Table>,
    pub(in crate::serve) unit: Option<String>,
    pub(in crate::serve) bytes: u64,
    /// 0: unknown.
    pub(in crate::serve) of_bytes: u64,
    pub(in crate::serve) rows: u64,
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
    fn unit_started(&self, _connector: &str, table: Table, unit: &str, bytes: u64) {
        self.with(|reading| {
            *reading = Reading {
                table: Some(table),
                unit: Some(unit.to_owned()),
                of_bytes: bytes,
                ..Reading::default()
            };
        });
    }

    fn advanced(&self, bytes: u64, rows: u64) {
        self.with(|reading| (reading.bytes, reading.rows) = (bytes, rows));
    }

    fn unit_finished(&self) {
        self.with(|reading| *reading = Reading::default());
    }
}

impl Syncs {
    /// Progress of each running sync.
    pub(in crate::serve) fn readings(&self) -> Vec<(String, Reading)> {
        self.with(|meters| {
            let readings = meters.iter();
            let readings =
                readings.map(|(name, meter)| (name.clone(), meter.with(|now| now.clone())));
            readings.collect()
        })
    }

    /// The connectors with a running or queued sync.
    pub(in crate::serve) fn names(&self) -> BTreeSet<String> {
        self.with(|meters| meters.keys().cloned().collect())
    }

    /// Whether no sync is running or queued.
    pub(in crate::serve) fn are_over(&self) -> bool {
        self.with(|meters| meters.is_empty())
    }

    fn begin(&self, name: &str) -> Result<Arc<Meter>> {
        self.with(|meters| match meters.entry(name.to_owned()) {
            Entry::Occupied(_) => Err(Lock::busy(name)),
            Entry::Vacant(place) => Ok(Arc::clone(place.insert(Arc::default()))),
        })
    }

    fn end(&self, name: &str) {
        self.with(|meters| meters.remove(name));
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Arc<Meter>>) -> T) -> T {
        work(&mut self.meters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Starts a sync of connector `name`; returns a receiver of its result. The sync goes on when the receiver is
/// dropped, even while it is queued.
pub(in crate::serve) fn start(
    app: &Arc<App>,
    name: &str,
    options: Options,
) -> Result<JoinHandle<Result<Outcome>>> {
    let meter = app.syncs.begin(name)?;
    let under_way = UnderWay {
        app: Arc::clone(app),
        name: name.to_owned(),
    };
    Ok(tokio::spawn(in_turn(under_way, meter, options)))
}

/// Queues, then syncs on its own thread.
async fn in_turn(under_way: UnderWay, meter: Arc<Meter>, options: Options) -> Result<Outcome> {
    let turn = Arc::clone(&under_way.app.syncs.gate).acquire_owned().await;
    under_way.app.stop.check()?;
    let name = format!("sync {}", under_way.name);
    let (sender, receiver) = oneshot::channel();
    let work = move || {
        let _turn = turn;
        let UnderWay { app, name } = &under_way;
        let result = app.registry().and_then(|known| {
            sync::sync(&app.home, &known, name, &options, meter.as_ref(), &app.stop)
        });
        if let Err(error) = &result {
            error.log(Some(name));
        }
        drop(under_way);
        // The receiver may have been dropped.
        let _ = sender.send(result);
    };
    let started = thread::Builder::new().name(name).spawn(work);
    started.map_err(Error::no_thread)?;
    outcome(receiver).await
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
