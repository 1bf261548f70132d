//! The sync: extract, normalise and load, table by table, under one lock and in one history.

mod channel;
mod erase;
mod execute;
mod guard;
mod inbox;
mod merges;
mod named_connector;
mod options;
mod progress;
#[cfg(feature = "postgres")]
mod relocate;
mod rename;
mod replay;
mod retention;
mod run;
mod spool;
mod table;
mod wording;

use jiff::{Timestamp, Zoned};
use tracing::error_span;

pub use erase::{Erasure, erase, find_customer};
pub use inbox::{Actor, Fixed, RowChanges, entry as inbox_entry};
pub use named_connector::NamedConnector;
pub use options::{Failure, Options, Outcome, parse_since};
pub use progress::{Progress, Silent};
#[cfg(feature = "postgres")]
pub use relocate::relocate;
pub use rename::{finish_renames, rename};
pub use replay::Replayed;
pub use retention::prune;

use crate::connectors::Words;
use crate::error::Result;
use crate::home::Home;
use crate::registry::{self, Registry};
use crate::report::RunStatus;
use crate::retention::Retention;
use crate::stop::Stop;
use crate::store::{Lock, Store};

/// Syncs connector `name` of `registry` into the database of `home`. The first success of a day deletes history that is
/// older than it is kept.
pub fn sync(
    home: &Home,
    registry: &Registry,
    name: &str,
    options: &Options,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome> {
    let _span = error_span!("sync", connector = name).entered();
    let kind = registry.get(name)?.kind.as_str();
    let connector = registry.open(name)?;
    let one = NamedConnector {
        name,
        kind,
        words: Words::of(kind),
        connector: connector.as_ref(),
    };
    let retention = registry.retention()?;
    // Between the reading of the settings and the lock, another process may have removed or renamed the connector.
    let ready = || match registry.confirm(name)? {
        Some(old) => rename::finish(home, registry, (&old, name), stop),
        None => Ok(()),
    };
    let prune = |store: &Store, run_id| {
        retention::prune_daily(store, home, registry, run_id, &Zoned::now());
    };
    let around = Around {
        ready,
        succeeded: prune,
    };
    sync_into(home, &one, retention, options, progress, stop, around)
}

/// Syncs `one`, which need not be registered, into the database of `home`; creates both if they are missing. Deletes no
/// history. Fails where another process syncs a connector of that name, or where the name could not be registered.
pub fn sync_connector(
    home: &Home,
    one: &NamedConnector<'_>,
    options: &Options,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome> {
    let _span = error_span!("sync", connector = one.name).entered();
    registry::check_name(one.name)?;
    let retention = Retention::of_setting(None)?;
    let around = Around {
        ready: || Ok(()),
        succeeded: |_: &Store, _| (),
    };
    sync_into(home, one, retention, options, progress, stop, around)
}

/// What is done around a run.
struct Around<R, S> {
    /// Called once the lock is held; its error ends the sync.
    ready: R,
    /// Called with the store and the number of a run that succeeded.
    succeeded: S,
}

/// Syncs `one` under its lock.
fn sync_into(
    home: &Home,
    one: &NamedConnector<'_>,
    retention: Retention,
    options: &Options,
    progress: &dyn Progress,
    stop: &Stop,
    around: Around<impl FnOnce() -> Result<()>, impl FnOnce(&Store, i64)>,
) -> Result<Outcome> {
    let kept_from = retention.before(Timestamp::now());
    let run = |store: &Store| execute::execute(store, one, options, kept_from, progress, stop);
    if options.dry_run {
        let store = Store::open_existing(home, &[], || stop.check())?;
        return store.dry_run(Some(one.name), || stop.check(), || run(&store));
    }
    let lock = Lock::take(home, one.name)?;
    (around.ready)()?;
    let store = Store::open_waiting(home, &[&lock], || stop.check())?;
    store.close_dead_runs(one.name, Timestamp::now())?;
    store.bound_log(|| stop.check())?;
    erase::finish(&store, stop);
    let outcome = run(&store)?;
    if outcome.log.status == RunStatus::Success {
        (around.succeeded)(&store, outcome.log.run_id);
    }
    Ok(outcome)
}
