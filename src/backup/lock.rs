//! One backup or restore of a home at a time, and no sync beside a restore.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::path::PathBuf;

use crate::error::{Error, ErrorKind, Result};
use crate::home::{Home, holder, open_or_create};
use crate::registry::Registry;
use crate::store::{Lock, Store, remove_unregistered, untakable};

/// Held as long as the value lives.
#[derive(Debug)]
pub(super) struct HomeLock {
    _file: File,
}

impl HomeLock {
    /// Takes the lock for backups of `home`, or fails with [`ErrorKind::Busy`].
    pub(super) fn take(home: &Home) -> Result<Self> {
        let path = path(home);
        let cannot = |error| untakable(&path, error);
        let file = open_or_create(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(busy(holder(&file))),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }
}

/// The file that is locked.
pub(super) fn path(home: &Home) -> PathBuf {
    home.folder().join("crmreco.backup.lock")
}

fn busy(holder: Option<String>) -> Error {
    let holder = holder.map(|holder| format!(" ({holder})"));
    Error::new(
        ErrorKind::Busy,
        format!(
            "Une autre sauvegarde ou restauration de ce dossier est en cours{} : rien n'a été fait",
            holder.unwrap_or_default()
        ),
    )
    .hint("Attendez qu'elle ait fini, puis recommencez")
}

/// The locks of all connectors: those that are registered, that have rows, and that hold a lock.
#[derive(Debug)]
pub(super) struct SyncLocks {
    home: Home,
    registered: Vec<String>,
    held: Vec<Lock>,
}

impl SyncLocks {
    /// Takes the locks of all connectors, or fails with [`ErrorKind::Busy`] while one of them is synced.
    pub(super) fn take(home: &Home, registry: &Registry) -> Result<Self> {
        let registered: Vec<String> = registry.all().map(|one| one.name.clone()).collect();
        let mut names: BTreeSet<String> = registered.iter().cloned().collect();
        // A damaged database names none.
        let in_database = Store::open_to_read(home).and_then(|store| store.sources_with_rows());
        names.extend(in_database.unwrap_or_default());
        names.extend(lock_files(home));
        let mut locks = Self {
            home: home.clone(),
            registered,
            held: Vec::new(),
        };
        for name in names {
            locks.held.push(Lock::take(home, &name)?);
        }
        Ok(locks)
    }
}

impl Drop for SyncLocks {
    fn drop(&mut self) {
        self.held.clear();
        // Those of connectors that are not registered are no use to anybody.
        let registered: Vec<&str> = self.registered.iter().map(String::as_str).collect();
        remove_unregistered(&self.home, &registered);
    }
}

/// The connectors with a lock file.
fn lock_files(home: &Home) -> Vec<String> {
    let folder = home.lock_file("x");
    let entries = folder.parent().map(fs::read_dir);
    let entries = entries.into_iter().flatten().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "lock"));
    paths
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect()
}
