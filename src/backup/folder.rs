//! The folder of backups: names, the newest one, and how many are kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::warn;

use super::archive::Reader;
use super::manifest::Manifest;
use super::stamp;
use crate::error::{Error, Result, io_reason};
use crate::home::{Home, create_folder};

const PREFIX: &str = "crmreco-";
const ENDING: &str = ".tar.zst";

/// Prefix of a backup that is being written; the name of the home follows.
const TEMPORARY: &str = ".crmreco-backup-";

/// Where backups of `home` go, where no other folder is given.
pub fn default_folder(home: &Home) -> PathBuf {
    home.folder().join("backups")
}

/// The newest backup of `home`: in the folder of its last one, else in the default one.
pub fn newest(home: &Home) -> Result<PathBuf> {
    let last = stamp::last(home);
    let folder = last.as_ref().and_then(|stamp| stamp.file.parent());
    let folder = folder.map_or_else(|| default_folder(home), Path::to_owned);
    let id = last.map(|stamp| stamp.home_id);
    let newest = of_home(&folder, id.as_deref())
        .into_iter()
        .max_by_key(|(_, manifest)| manifest.created_at);
    let none = || {
        Error::store(format!(
            "Aucune sauvegarde de ce dossier de données dans {}",
            folder.display()
        ))
        .hint("Faites-en une, ou donnez le chemin d'un fichier")
    };
    newest.map(|(path, _)| path).ok_or_else(none)
}

/// The folder at `path`, which exists: a missing one may be a disk that is not mounted. The default one is created.
pub(super) fn require(path: &Path, home: &Home) -> Result<()> {
    if path == default_folder(home) {
        return create_folder(path).map_err(|error| unwritable(path, &error));
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(unwritable(path, &io::ErrorKind::NotADirectory.into())),
        Err(error) => Err(unwritable(path, &error)),
    }
}

/// Name of a backup of this instant; in UTC, so that names sort by time.
pub(super) fn name(at: Timestamp, attempt: u32) -> String {
    let again = match attempt {
        0 => String::new(),
        again => format!("-{}", again + 1),
    };
    format!("{PREFIX}{}{again}{ENDING}", instant(at))
}

/// An instant as part of a name of a file, on all systems.
pub(super) fn instant(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    at.strftime("%Y-%m-%dT%H-%M-%SZ").to_string()
}

/// Prefix of the temporary files of `home_id`.
pub(super) fn temporary(home_id: &str) -> String {
    format!("{TEMPORARY}{home_id}-")
}

/// Deletes the files in `folder` whose names begin with `prefix`, which killed commands left. The caller holds the lock.
pub(super) fn remove_leftovers(folder: &Path, prefix: &str) {
    for path in files(folder) {
        if name_of(&path).starts_with(prefix) {
            // What cannot be deleted does no harm.
            let _ = fs::remove_file(path);
        }
    }
}

/// Deletes the backups of `home_id` in `folder` but the `keep` newest; returns the deleted ones. Those of others, and
/// files that cannot be read, stay.
pub(super) fn rotate(folder: &Path, home_id: &str, keep: usize) -> Vec<PathBuf> {
    let mut backups = of_home(folder, Some(home_id));
    backups.sort_by_key(|(path, manifest)| (manifest.created_at, path.clone()));
    let surplus = backups.len().saturating_sub(keep);
    let removed = backups.into_iter().take(surplus).map(|(path, _)| path);
    removed
        .filter(|path| {
            let deleted = fs::remove_file(path);
            if let Err(error) = &deleted {
                warn!(path = %path.display(), %error, "old backup not deleted");
            }
            deleted.is_ok()
        })
        .collect()
}

/// The backups in `folder`, of `home_id` or of all homes.
fn of_home(folder: &Path, home_id: Option<&str>) -> Vec<(PathBuf, Manifest)> {
    let files = files(folder).into_iter().filter(|path| {
        let name = name_of(path);
        name.starts_with(PREFIX) && name.ends_with(ENDING)
    });
    let read = files.filter_map(|path| {
        let manifest = Reader::open(&path).and_then(Reader::manifest).ok()?;
        Some((path, manifest))
    });
    read.filter(|(_, manifest)| home_id.is_none_or(|id| id == manifest.home_id))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.map(|entry| entry.path()).collect()
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The error of a backup that cannot be written to `folder`.
pub(super) fn unwritable(folder: &Path, error: &io::Error) -> Error {
    let advice = match error.kind() {
        io::ErrorKind::NotFound => "Créez ce dossier, ou branchez le disque qui le contient",
        io::ErrorKind::StorageFull => {
            "Libérez de la place, ou gardez moins de sauvegardes ; les anciennes sont intactes"
        }
        _ => "Vérifiez le droit d'y écrire ; les anciennes sauvegardes sont intactes",
    };
    Error::store(format!(
        "La sauvegarde n'a pas pu être écrite dans {} : {}",
        folder.display(),
        io_reason(error)
    ))
    .hint(advice)
}
