//! The folder in which copies are made and looked at: beside the database, whose disk has room for them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{Error, Result, io_reason};
use crate::home::Home;

/// Begins like the other files of a home, so that only its owner may read it.
const PREFIX: &str = "crmreco.backup-";

/// A temporary folder, deleted with the value.
#[derive(Debug)]
pub(super) struct WorkFolder(TempDir);

impl WorkFolder {
    /// A new one in `folder`.
    pub(super) fn new_in(folder: &Path) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let made = builder.tempdir_in(folder).map_err(|error| {
            Error::store(format!(
                "Le dossier {} ne peut pas recevoir de copie de la base : {}",
                folder.display(),
                io_reason(&error)
            ))
            .hint("Vérifiez le droit d'y écrire et la place libre")
            .because(error)
        })?;
        Ok(Self(made))
    }

    /// The path of `name` in it.
    pub(super) fn join(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// The folder of the database file of `home`, whose own may be a link to it.
pub(super) fn folder_of_database(home: &Home) -> PathBuf {
    let database = crate::home::linked(&home.database()).unwrap_or_else(|_| home.database());
    match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Deletes the work folders of commands that were killed. The caller holds the lock for backups.
pub(super) fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // A link is not followed, and what cannot be deleted does no harm.
        if is_ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
