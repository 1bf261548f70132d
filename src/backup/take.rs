//! Making a backup.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

use jiff::Timestamp;
use tracing::{debug, info};

use super::archive::Parts;
use super::lock::HomeLock;
use super::manifest::{FORMAT, Manifest, Sums};
use super::settings::Settings;
use super::stamp::{self, Stamp};
use super::work::{self, WorkFolder};
use super::{archive, folder};
use crate::error::{Advice, Error, ErrorKind, Result, io_reason};
use crate::home::{Home, narrow, sync_folder};
use crate::stop::Stop;
use crate::store::{DatabaseCopy, TableSum, copy_database};

/// Names of one instant that are tried.
const TRIES: u32 = 100;

/// Where a backup goes.
pub enum Destination<'a> {
    /// A new file in this folder, of which so many of the newest are kept.
    Folder(PathBuf, usize),
    /// Whatever reads it: a pipe to another machine.
    Stream(&'a mut dyn Write),
}

/// Which backup to make.
pub struct Request<'a> {
    /// The home to back up.
    pub home: &'a Home,
    /// Where the backup goes.
    pub to: Destination<'a>,
    /// Whether the settings keep their secrets.
    pub with_secrets: bool,
}

/// A backup that was made.
#[derive(Debug)]
pub struct Taken {
    /// The backup; `None` where it was written to a stream.
    pub file: Option<PathBuf>,
    /// Its size in bytes.
    pub bytes: u64,
    /// What it holds.
    pub manifest: Manifest,
    /// Rows and checksums of its tables.
    pub sums: Sums,
    /// Older backups that were deleted.
    pub removed: Vec<PathBuf>,
}

/// Makes a backup. Syncs may run meanwhile: it holds the state of one instant. An older backup is deleted only once the
/// new one is whole and on disk. Fails with [`ErrorKind::Busy`] while another backup or a restore of the home runs, and
/// where the database is damaged.
pub fn take(request: Request<'_>, stop: &Stop) -> Result<Taken> {
    let taken = take_locked(request, stop);
    taken.map_err(|error| super::stopped_as(error, "Sauvegarde"))
}

fn take_locked(request: Request<'_>, stop: &Stop) -> Result<Taken> {
    let home = request.home;
    super::require_file(home)?;
    if !home.database().exists() {
        return Err(nothing(home));
    }
    if let Destination::Folder(folder, _) = &request.to {
        folder::require(folder, home)?;
    }
    let _lock = HomeLock::take(home)?;
    let work_in = work::folder_of_database(home);
    work::remove_leftovers(&work_in);
    folder::remove_leftovers(home.folder(), stamp::TEMPORARY);
    let work = WorkFolder::new_in(&work_in)?;
    let settings = if request.with_secrets {
        Settings::whole(home)?
    } else {
        Settings::masked(home, &work.join("settings.env"))?
    };
    let copy = work.join("crmreco.db");
    let created_at = Timestamp::now();
    copy_database(&home.database(), &copy, || stop.check())?;
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created_at,
        home_id: stamp::home_id(home)?,
        schema: DatabaseCopy::open(&copy)?.schema()?,
        bytes: size(&copy)?,
        has_secrets: request.with_secrets && settings.text.is_some(),
        masked: settings.masked,
    };
    let parts = Parts {
        manifest: &manifest,
        database: &copy,
        settings: settings.text.as_deref(),
    };
    let packing = Packing { parts, stop };
    let taken = match request.to {
        Destination::Folder(folder, keep) => packing.to_folder(home, &folder, keep)?,
        Destination::Stream(out) => packing.to_stream(out)?,
    };
    info!(
        bytes = taken.bytes,
        removed = taken.removed.len(),
        "backup made"
    );
    Ok(taken)
}

fn size(path: &Path) -> Result<u64> {
    let found = std::fs::metadata(path).map_err(|error| {
        let why = io_reason(&error);
        Error::store(format!("La copie de la base a disparu : {why}")).because(error)
    })?;
    Ok(found.len())
}

/// A copy of the database on its way into an archive.
struct Packing<'p> {
    parts: Parts<'p>,
    stop: &'p Stop,
}

impl Packing<'_> {
    /// Packs the copy while another thread reads it whole; fails where it is damaged.
    fn write(&self, out: impl Write, cannot: impl FnOnce(std::io::Error) -> Error) -> Result<Sums> {
        let Self { parts, stop } = self;
        thread::scope(|scope| {
            let path = parts.database;
            let checking = thread::Builder::new().spawn_scoped(scope, || checked(path, stop));
            let checking = checking.map_err(Error::no_thread)?;
            let tables = || match checking.join() {
                Ok(tables) => tables,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            let mut waiting = || stop.check();
            let written = archive::write(out, *parts, tables, &mut waiting);
            written.map_err(|error| of_writing(error, cannot))
        })
    }

    fn to_folder(&self, home: &Home, folder: &Path, keep: usize) -> Result<Taken> {
        let manifest = self.parts.manifest;
        let temporary = folder::temporary(&manifest.home_id);
        folder::remove_leftovers(folder, &temporary);
        let cannot = |error: std::io::Error| folder::unwritable(folder, &error);
        let mut file = tempfile::Builder::new()
            .prefix(&temporary)
            .suffix(".tmp")
            .tempfile_in(folder)
            .map_err(cannot)?;
        narrow(file.as_file()).map_err(cannot)?;
        let sums = self.write(file.as_file_mut(), cannot)?;
        file.as_file().sync_all().map_err(cannot)?;
        let bytes = file.as_file().metadata().map_err(cannot)?.len();
        let path = persist(file, folder, manifest.created_at).map_err(cannot)?;
        sync_folder(folder);
        let stamp = Stamp {
            home_id: manifest.home_id.clone(),
            at: manifest.created_at,
            file: std::path::absolute(&path).unwrap_or_else(|_| path.clone()),
        };
        stamp.write(home)?;
        Ok(Taken {
            removed: folder::rotate(folder, &manifest.home_id, keep),
            file: Some(path),
            bytes,
            manifest: manifest.clone(),
            sums,
        })
    }

    fn to_stream(&self, out: &mut dyn Write) -> Result<Taken> {
        let cannot = |error: std::io::Error| {
            let why = io_reason(&error);
            Error::store(format!(
                "La sauvegarde n'a pas pu être écrite jusqu'au bout sur la sortie standard : {why}"
            ))
            .hint("Ce que le programme suivant a reçu est incomplet : effacez-le")
        };
        let mut counted = Counted { out, bytes: 0 };
        let sums = self.write(&mut counted, cannot)?;
        counted.flush().map_err(cannot)?;
        Ok(Taken {
            file: None,
            bytes: counted.bytes,
            manifest: self.parts.manifest.clone(),
            sums,
            removed: Vec::new(),
        })
    }
}

/// Reads the copy at `path` whole; its sums. Fails where it is damaged.
fn checked(path: &Path, stop: &Stop) -> Result<Vec<TableSum>> {
    let copy = DatabaseCopy::open(path)?;
    if let Some(defect) = copy.defect()? {
        return Err(damaged(&defect));
    }
    let sums = copy.sums(|| stop.check());
    debug!("copy read");
    sums
}

/// Gives the finished file a name that no other has.
fn persist(
    mut file: tempfile::NamedTempFile,
    folder: &Path,
    at: Timestamp,
) -> std::io::Result<PathBuf> {
    for attempt in 0..TRIES {
        let path = folder.join(folder::name(at, attempt));
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                file = error.file;
            }
            Err(error) => return Err(error.error),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

/// A request to stop comes through the archive as an error of its reader.
fn of_writing(error: std::io::Error, cannot: impl FnOnce(std::io::Error) -> Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => cannot(error),
    }
}

struct Counted<'o> {
    out: &'o mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(buffer)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

fn nothing(home: &Home) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!(
            "Rien à sauvegarder : {} n'existe pas encore",
            home.database().display()
        ),
    )
    .hint("Synchronisez d'abord")
    .advise(Advice::ChooseHome)
}

fn damaged(defect: &str) -> Error {
    Error::store(format!(
        "La base est abîmée, SQLite dit : {defect}. Aucune sauvegarde n'en a été faite"
    ))
    .hint("Remettez une sauvegarde faite avant ; les anciennes sont intactes")
    .advise(Advice::FullRefresh)
}
