//! The home folder, which contains all files of crmreco.

mod links;
mod modes;
mod patience;
mod server;
mod sync;

use std::path::{Path, PathBuf};

pub(crate) use links::linked;
pub(crate) use modes::{
    check_owner, create_file, create_folder, narrow, open_file, open_or_create, open_ours,
};
pub(crate) use patience::{holder, is_at, lock, other_holder};
pub(crate) use sync::{sync_file, sync_folder};

pub use server::DatabaseServer;

use crate::error::{Advice, Error, Result, io_reason};

/// A home folder, which may not exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    folder: PathBuf,
    server: Option<DatabaseServer>,
}

impl Home {
    /// The home at `folder`.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            server: None,
        }
    }

    /// The platform's data folder for crmreco.
    pub fn of_platform() -> Result<Self> {
        let data = dirs::data_dir().ok_or_else(|| {
            Error::config("Aucun dossier de données sur ce système").advise(Advice::ChooseHome)
        })?;
        Ok(Self::at(data.join("crmreco")))
    }

    /// The same home, with its database on `server` in place of a file.
    #[must_use]
    pub fn on(self, server: Option<DatabaseServer>) -> Self {
        Self { server, ..self }
    }

    /// The server with the database; `None` where it is the file [`Home::database`].
    pub const fn server(&self) -> Option<&DatabaseServer> {
        self.server.as_ref()
    }

    /// Path of the SQLite file in which loads for a server are worked out; a copy, which can be deleted at any time.
    pub fn working_copy(&self) -> PathBuf {
        self.folder.join("working-copy.db")
    }

    /// Path of the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Path of the file with the connectors' settings.
    pub fn env_file(&self) -> PathBuf {
        self.folder.join(".env")
    }

    /// Path of the database.
    pub fn database(&self) -> PathBuf {
        self.folder.join("crmreco.db")
    }

    /// Path of the file that is locked while `connector` is synced.
    pub fn lock_file(&self, connector: &str) -> PathBuf {
        self.folder.join("locks").join(format!("{connector}.lock"))
    }

    /// The path in a setting; relative paths are relative to the home folder.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Creates the folder if it is missing, readable by its owner alone.
    pub fn create(&self) -> Result<()> {
        modes::mend_empty(&self.folder);
        create_folder(&self.folder).map_err(|error| {
            Error::store(format!(
                "Le dossier {} ne peut pas être créé : {}",
                self.folder.display(),
                io_reason(&error)
            ))
            .advise(Advice::ChooseHome)
            .because(error)
        })
    }

    /// Whether the folder belongs to another account, which can replace the files in it.
    pub fn is_of_another(&self) -> bool {
        check_owner(&self.folder).is_err()
    }

    /// Its files and folders that other accounts may read.
    pub fn open_to_others(&self) -> Vec<PathBuf> {
        modes::open_to_others(&self.folder)
    }

    /// Removes the rights of other accounts on its files; returns the changed paths.
    pub fn mend_rights(&self) -> Vec<PathBuf> {
        modes::mend(&self.folder)
    }
}

/// The path of a file beside the one at `path`, whose name it has with `ending` after it.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
