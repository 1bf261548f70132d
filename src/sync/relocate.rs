//! The move of the database of a home to a server, or back to a file.

use std::collections::BTreeSet;

use tracing::info;

use crate::error::Result;
use crate::home::Home;
use crate::registry::Registry;
use crate::stop::Stop;
use crate::store::{Lock, Moved, Store, transfer};

/// Copies the database of `home` to where `target`, the same home, has it; proves both equal; and then has `registry`
/// keep the new place. Killed at any instant, the database is where the settings say. Fails while a connector is synced.
pub fn relocate(home: &Home, target: &Home, registry: &Registry, stop: &Stop) -> Result<Moved> {
    let mut names: BTreeSet<String> = registry.all().map(|one| one.name.clone()).collect();
    if Store::exists(home) {
        names.extend(Store::open_to_read(home)?.sources_with_rows()?);
    }
    let locks = names.iter().map(|name| Lock::take(home, name));
    let _locks: Vec<Lock> = locks.collect::<Result<_>>()?;
    let moved = transfer(home, target, || stop.check())?;
    stop.check()?;
    registry.keep_database(target.server())?;
    info!("settings lead to the moved database");
    Ok(moved)
}
