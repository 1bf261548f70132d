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
use super::meter::{Meter, Reading};
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::Lock;
use crate::sync::{self, Options, Outcome};

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
