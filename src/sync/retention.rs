//! Deletion of old history.

use jiff::civil::Time;
use jiff::{Timestamp, Zoned};
use tracing::warn;

use crate::error::{Error, Result};
use crate::home::Home;
use crate::registry::Registry;
use crate::stop::Stop;
use crate::store::{Pruned, Store, remove_unregistered};

/// Deletes what is older than `registry` keeps it. With `dry_run`, counts it and deletes nothing.
pub fn prune(home: &Home, registry: &Registry, dry_run: bool, stop: &Stop) -> Result<Pruned> {
    let before = registry.retention()?.before(Timestamp::now());
    let registered: Vec<&str> = registry.all().map(|one| one.name.as_str()).collect();
    // A missing database is not created.
    let store = Store::open_existing(home, &[], || stop.check())?;
    let pruned = || store.prune(before, &registered, || stop.check());
    if dry_run {
        return store.dry_run(None, || stop.check(), pruned);
    }
    remove_unregistered(home, &registered);
    pruned()
}

/// Prunes after run `run_id`, if it is the first success of that day. A failed prune does not fail the sync.
pub(super) fn prune_daily(
    store: &Store,
    home: &Home,
    registry: &Registry,
    run_id: i64,
    now: &Zoned,
) {
    let pruned = || -> Result<()> {
        let midnight = now.with().time(Time::midnight()).build();
        let midnight = midnight.map_or(now.timestamp(), |midnight| midnight.timestamp());
        if store.has_succeeded_since(midnight, run_id)? {
            return Ok(());
        }
        let before = registry.retention()?.before(now.timestamp());
        let registered: Vec<&str> = registry.all().map(|one| one.name.as_str()).collect();
        remove_unregistered(home, &registered);
        // A sync does not wait for other writers to prune: the next day does it.
        store.prune(before, &registered, || {
            Err(Error::store("Un autre programme écrit dans la base"))
        })?;
        Ok(())
    };
    if let Err(error) = pruned() {
        warn!(%error, "history not pruned");
    }
}
