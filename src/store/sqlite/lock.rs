//! One sync per connector at a time: an OS file lock, which dies with its process.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tracing::debug;

use super::database::Store;
use crate::error::{Advice, Error, Kind, Result, io_reason};
use crate::home::{Home, create_folder, open_or_create};

/// Commands that look hold the lock for an instant, to close dead runs: a sync tries again past that.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(25);

/// Held as long as the value lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of `connector`, or fails with [`Kind::Busy`].
    pub fn take(home: &Home, connector: &str) -> Result<Self> {
        for attempt in 0..TRIES {
            if attempt > 0 {
                thread::sleep(PAUSE);
            }
            if let Some(lock) = Self::try_take(home, connector)? {
                debug!(connector, attempt = attempt + 1, "lock taken");
                return Ok(lock);
            }
            debug!(
                connector,
                attempt = attempt + 1,
                "lock held by another process"
            );
        }
        Err(Self::busy(connector))
    }

    /// The error of who comes while somebody else holds it.
    pub fn busy(connector: &str) -> Error {
        Error::new(
            Kind::Busy,
            format!("« {connector} » est déjà en cours de synchronisation : rien n'a été fait"),
        )
        .advise(Advice::WaitForSync)
    }

    fn try_take(home: &Home, connector: &str) -> Result<Option<Self>> {
        let path = home.lock_file(connector);
        let cannot = |error: std::io::Error| {
            Error::store(format!(
                "Le verrou {} ne peut pas être pris : {}",
                path.display(),
                io_reason(&error)
            ))
            .hint("Vérifiez le droit d'écrire dans ce dossier")
            .because(error)
        };
        home.create()?;
        if let Some(folder) = path.parent() {
            create_folder(folder).map_err(cannot)?;
        }
        let file = open_or_create(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }
}

/// Closes as interrupted the runs whose process no longer lives: those whose connector's lock is free.
pub fn close_dead_runs(home: &Home, store: &Store) -> Result<()> {
    for source in store.sources_running()? {
        if let Some(_lock) = Lock::try_take(home, &source)? {
            store.close_dead_runs(&source, Timestamp::now())?;
        }
    }
    Ok(())
}
