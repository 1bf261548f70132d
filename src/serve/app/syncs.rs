//! The syncs started from here: each on a thread of its own, under the same lock as the command line's.

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

/// Syncs at the same time; further ones queue. Each takes some 30 MiB, and they write one after the other anyhow.
const MOST_AT_ONCE: usize = 4;

/// Those under way, by connector.
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

/// How far a sync has come in the file or model it reads.
#[derive(Debug, Clone, Default)]
pub(in crate::serve) struct Reading {
    pub(in crate::serve) table: Option<Table>,
    pub(in crate::serve) unit: Option<String>,
    pub(in crate::serve) bytes: u64,
    /// 0: nobody knows.
    pub(in crate::serve) of_bytes: u64,
    pub(in crate::serve) rows: u64,
}

/// What a sync tells its progress to.
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
    /// How far each has come.
    pub(in crate::serve) fn readings(&self) -> Vec<(String, Reading)> {
        self.with(|meters| {
            let readings = meters.iter();
            let readings =
                readings.map(|(name, meter)| (name.clone(), meter.with(|now| now.clone())));
            readings.collect()
        })
    }

    /// The connectors of those that run or wait for their turn.
    pub(in crate::serve) fn names(&self) -> BTreeSet<String> {
        self.with(|meters| meters.keys().cloned().collect())
    }

    /// Whether none is under way.
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

/// Starts a sync of connector `name`; what it comes to can be waited for. It goes on when nobody waits any more, even
/// where it had to wait for its turn.
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

/// Waits for a turn, then syncs on a thread of its own.
async fn in_turn(under_way: UnderWay, meter: Arc<Meter>, options: Options) -> Result<Outcome> {
    let turn = Arc::clone(&under_way.app.syncs.gate).acquire_owned().await;
    under_way.app.stop.check()?;
    let name = format!("sync {}", under_way.name);
    let (tell, told) = oneshot::channel();
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
        // Nobody may be waiting any more.
        let _ = tell.send(result);
    };
    let started = thread::Builder::new().name(name).spawn(work);
    started.map_err(Error::no_thread)?;
    outcome(told).await
}

/// A sync that is counted among those under way as long as the value lives.
struct UnderWay {
    app: Arc<App>,
    name: String,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.app.syncs.end(&self.name);
    }
}

/// What a thread or a task has to tell in the end.
pub(in crate::serve) async fn outcome<T, E>(
    told: impl Future<Output = std::result::Result<Result<T>, E>>,
) -> Result<T> {
    told.await.unwrap_or_else(|_| {
        Err(Error::store("Le travail s'est arrêté sans rien dire")
            .hint("Relancez le serveur avec -v et recommencez : le journal dira où"))
    })
}
