//! Putting a backup back.
//!
//! The backup is verified, migrated and taught the newer erasures beside the database. A database that works is then
//! replaced by one transaction of SQLite's own: others may have it open, and see all of the old state or all of the new
//! one. Where there is none, or one that cannot be opened, the file takes its place by a rename.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tracing::{info, warn};

use super::folder::instant;
use super::lock::{HomeLock, SyncLocks};
use super::manifest::{Manifest, Sums};
use super::verify::{Verified, verify_in};
use super::work::{self, WorkFolder};
use crate::error::{Error, Result, io_reason};
use crate::home::{Home, beside, linked, narrow, sync_file, sync_folder};
use crate::registry::Registry;
use crate::stop::Stop;
use crate::store::{self, Replacement, copy_database};

/// A verified backup that can be put back.
#[derive(Debug)]
pub struct Restoration<'a> {
    home: &'a Home,
    registry: &'a Registry,
    verified: Verified,
    _lock: HomeLock,
}

/// What became of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsFate {
    /// The home's own stay.
    Kept,
    /// The home had none and has those of the backup; the values of these variables are missing.
    Restored(Vec<String>),
    /// Neither has any.
    None,
    /// They could not be written.
    Failed(String),
}

/// Result of a restore.
#[derive(Debug)]
pub struct Restored {
    /// What was restored.
    pub manifest: Manifest,
    /// Rows and checksums of the tables of the backup.
    pub sums: Sums,
    /// The database that was replaced; `None` where there was none.
    pub before: Option<PathBuf>,
    /// Whether the database that was replaced could not be opened: its erasures are unknown.
    pub was_damaged: bool,
    /// Erasures that are newer than the backup, and were done again.
    pub erased_again: u64,
    /// What became of the settings.
    pub settings: SettingsFate,
}

impl<'a> Restoration<'a> {
    /// Verifies the backup at `path`; nothing is changed yet. Fails with
    /// [`ErrorKind::Busy`](crate::error::ErrorKind::Busy) while a connector of `registry` is synced, and with
    /// [`ErrorKind::Data`](crate::error::ErrorKind::Data) where the backup is not whole.
    pub fn prepare(
        path: &Path,
        home: &'a Home,
        registry: &'a Registry,
        stop: &Stop,
    ) -> Result<Self> {
        let is_new = !home.folder().exists();
        let prepared = Self::prepare_in(path, home, registry, stop);
        if prepared.is_err() && is_new {
            // Only where it is empty but for our lock.
            let _ = fs::remove_file(super::lock::path(home));
            let _ = fs::remove_dir(home.folder());
        }
        prepared.map_err(|error| super::stopped_as(error, "Restauration"))
    }

    fn prepare_in(
        path: &Path,
        home: &'a Home,
        registry: &'a Registry,
        stop: &Stop,
    ) -> Result<Self> {
        super::require_file(home)?;
        // A file that is no backup creates no home.
        super::archive::Reader::open(path)?.manifest()?;
        home.create()?;
        let lock = HomeLock::take(home)?;
        // Before a long wait; taken again before anything is changed.
        drop(SyncLocks::take(home, registry)?);
        let folder = work::folder_of_database(home);
        work::remove_leftovers(&folder);
        let verified = verify_in(path, WorkFolder::new_in(&folder)?, stop)?;
        Ok(Self {
            home,
            registry,
            verified,
            _lock: lock,
        })
    }

    /// What the backup holds.
    pub fn verified(&self) -> &Verified {
        &self.verified
    }

    /// Whether there is a database, which would be replaced.
    pub fn replaces(&self) -> bool {
        self.home.database().exists()
    }

    /// Puts the backup back. Killed at any instant, the database is the old one or the restored one. What fails changes
    /// nothing.
    pub fn restore(self, stop: &Stop) -> Result<Restored> {
        let restored = self.restore_locked(stop);
        restored.map_err(|error| super::stopped_as(error, "Restauration"))
    }

    fn restore_locked(self, stop: &Stop) -> Result<Restored> {
        let _locks = SyncLocks::take(self.home, self.registry)?;
        let (copy, database) = (self.verified.database(), self.home.database());
        let existed = self.replaces();
        let replacement = Replacement::open(&copy, &database, || stop.check())?;
        let now = Timestamp::now();
        let erased_again = replacement.erase_again(&store::instant(now), || stop.check())?;
        let was_damaged = existed && !replacement.has_current();
        let before = self.before(now);
        if replacement.has_current() {
            self.replace(replacement, &before, stop)?;
        } else {
            replacement.into_file()?;
            stop.check()?;
            self.install(&copy, existed.then_some(&before))
                .map_err(|error| unwritable(self.home, &error))?;
        }
        info!(erased_again, was_damaged, "database restored");
        Ok(Restored {
            settings: self.restore_settings(),
            before: existed.then_some(before),
            was_damaged,
            erased_again,
            manifest: self.verified.manifest,
            sums: self.verified.sums,
        })
    }

    /// Where the database that is replaced is kept: a name that no file has.
    fn before(&self, now: Timestamp) -> PathBuf {
        let path = beside(&self.home.database(), &format!(".before-{}", instant(now)));
        let mut others = (2..).map(|again| beside(&path, &format!("-{again}")));
        if path.exists() {
            others.find(|path| !path.exists()).unwrap_or(path)
        } else {
            path
        }
    }

    /// Keeps a copy of the database at `before`, and replaces its content.
    fn replace(&self, mut replacement: Replacement, before: &Path, stop: &Stop) -> Result<()> {
        let copy = self.verified.work.join("before.db");
        copy_database(&self.home.database(), &copy, || stop.check())?;
        let kept = sync_file(&copy).and_then(|()| move_to(&copy, before));
        kept.map_err(|error| unwritable(self.home, &error))?;
        let replaced = replacement.replace(|| stop.check());
        if replaced.is_err() {
            // Nothing was replaced, so nothing needs to be kept.
            let _ = fs::remove_file(before);
        }
        replaced
    }

    /// Puts the file at `copy` where the database is to be. One that cannot be opened is kept at `before` first, with its
    /// log, by a second name: at no instant is there no database.
    fn install(&self, copy: &Path, before: Option<&PathBuf>) -> std::io::Result<()> {
        let database = linked(&self.home.database())?;
        sync_file(copy)?;
        if let Some(before) = before {
            keep(&database, before)?;
            for ending in ["-wal", "-journal"] {
                let log = beside(&database, ending);
                if log.exists() {
                    keep(&log, &beside(before, ending))?;
                    fs::remove_file(log)?;
                }
            }
        }
        // Shared memory of a log that is gone.
        match fs::remove_file(beside(&database, "-shm")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        move_to(copy, &database)
    }

    /// Gives the settings of the backup to a home that has none. A failure does not undo the restored database.
    fn restore_settings(&self) -> SettingsFate {
        let path = self.home.env_file();
        if path.exists() {
            return SettingsFate::Kept;
        }
        let Some(text) = &self.verified.settings else {
            return SettingsFate::None;
        };
        match write_new(&path, text) {
            Ok(()) => SettingsFate::Restored(self.verified.manifest.masked.clone()),
            Err(error) => {
                warn!(%error, "settings not restored");
                SettingsFate::Failed(io_reason(&error))
            }
        }
    }
}

/// A second name for a file; a copy where the file system has no links.
fn keep(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).and_then(|_| sync_file(to)))
}

fn move_to(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::rename(from, to)?;
    if let Some(folder) = to.parent() {
        sync_folder(folder);
    }
    Ok(())
}

/// Writes a new file that only its owner may read, whole or not at all.
fn write_new(path: &Path, text: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".env.crmreco-")
        .suffix(".tmp")
        .tempfile_in(folder)?;
    narrow(file.as_file())?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(folder);
    Ok(())
}

fn unwritable(home: &Home, error: &std::io::Error) -> Error {
    Error::store(format!(
        "La base n'a pas pu être remplacée dans {} : {}. Rien n'a été changé",
        home.folder().display(),
        io_reason(error)
    ))
    .hint("Vérifiez le droit d'y écrire et la place libre, puis recommencez")
}
