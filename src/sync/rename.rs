//! Another name for a connector: its settings, rows, cursors, rejects and history.

use jiff::Timestamp;
use tracing::info;

use crate::error::{Error, ErrorKind, Result};
use crate::home::Home;
use crate::registry::Registry;
use crate::stop::Stop;
use crate::store::{Lock, Store};

/// Renames connector `old` of `registry` to `new`, in `.env` and in the database. Killed at any instant, it is done or
/// not done for the next command: the settings change just before the database commits, with a mark that
/// [`finish_renames`] and the next sync act upon. Fails with [`ErrorKind::Busy`] while either is synced, and where the
/// database knows the new name already; then nothing is changed.
pub fn rename(
    home: &Home,
    registry: &Registry,
    (old, new): (&str, &str),
    stop: &Stop,
) -> Result<()> {
    registry.require_renamable(old, new)?;
    let lock_of_old = Lock::take(home, old)?;
    let lock_of_new = Lock::take(home, new)?;
    let locks = [&lock_of_old, &lock_of_new];
    let done = rename_locked(home, registry, (old, new), &locks, stop);
    let unused = if done.is_ok() {
        (lock_of_old, old)
    } else {
        (lock_of_new, new)
    };
    unused.0.remove(home, unused.1);
    done.map_err(|error| match error.kind() {
        ErrorKind::Stopped(_) => {
            Error::new(error.kind(), "Renommage interrompu : rien n'a été changé")
                .hint("Relancez la même commande")
        }
        _ => error,
    })
}

fn rename_locked(
    home: &Home,
    registry: &Registry,
    names: (&str, &str),
    locks: &[&Lock],
    stop: &Stop,
) -> Result<()> {
    if !Store::exists(home) {
        return registry.rename_lines(names, false);
    }
    let (old, new) = names;
    let store = Store::open_waiting(home, locks, || stop.check())?;
    store.close_dead_runs(old, Timestamp::now())?;
    store.bound_log(|| stop.check())?;
    let mut is_marked = false;
    let renamed = store.rename_source(
        names,
        || stop.check(),
        || {
            stop.check()?;
            registry.rename_lines(names, true)?;
            is_marked = true;
            Ok(())
        },
    );
    if let Err(error) = renamed {
        if is_marked {
            // The database did not commit. Where this fails too, the mark stays, and the rename is done later.
            registry.rename_lines((new, old), false)?;
        }
        return Err(error);
    }
    registry.unmark(new)
}

/// Does the rest of the renames that were interrupted. Fails where one of the connectors is synced meanwhile.
pub fn finish_renames(home: &Home, registry: &Registry) -> Result<()> {
    for (new, old) in registry.renames() {
        let _lock = Lock::take(home, new)?;
        finish(home, registry, (old, new), &Stop::default())?;
    }
    Ok(())
}

/// Does the rest of a rename that was interrupted. The caller holds the lock of `new`.
pub(super) fn finish(
    home: &Home,
    registry: &Registry,
    (old, new): (&str, &str),
    stop: &Stop,
) -> Result<()> {
    let lock = Lock::take(home, old)?;
    if Store::exists(home) {
        let store = Store::open_waiting(home, &[&lock], || stop.check())?;
        store.close_dead_runs(old, Timestamp::now())?;
        store.rename_source((old, new), || stop.check(), || Ok(()))?;
    }
    registry.unmark(new)?;
    info!(old, new, "interrupted rename done");
    lock.remove(home, old);
    Ok(())
}
