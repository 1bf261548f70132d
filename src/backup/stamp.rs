//! The last backup of a home, remembered in it: the folder of its backups may be any.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, io_reason};
use crate::home::{Home, narrow, sync_folder};

/// Random bytes of the name of a home.
const ID_BYTES: usize = 8;

/// Prefix of the file while it is written.
pub(super) const TEMPORARY: &str = "crmreco.backup.tmp";

/// The last backup of a home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Random name of the home.
    pub home_id: String,
    /// The instant of the state that the backup holds.
    pub at: Timestamp,
    /// The backup.
    pub file: PathBuf,
}

impl Stamp {
    fn path(home: &Home) -> PathBuf {
        home.folder().join("crmreco.backup.json")
    }

    /// Puts it in the place of the last one.
    pub(super) fn write(&self, home: &Home) -> Result<()> {
        let cannot = |error: std::io::Error| unwritable(&Self::path(home), error);
        let text = serde_json::to_vec_pretty(self).map_err(|error| cannot(error.into()))?;
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(home.folder())
            .map_err(cannot)?;
        narrow(file.as_file()).map_err(cannot)?;
        file.write_all(&text).map_err(cannot)?;
        file.as_file().sync_all().map_err(cannot)?;
        file.persist(Self::path(home))
            .map_err(|error| cannot(error.error))?;
        sync_folder(home.folder());
        Ok(())
    }
}

/// The last backup of `home`, where one was made in a folder. A file that cannot be read counts as none.
pub fn last(home: &Home) -> Option<Stamp> {
    let text = fs::read(Stamp::path(home)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// The name of `home` in the manifests of its backups; a new one where it has none yet.
pub(super) fn home_id(home: &Home) -> Result<String> {
    if let Some(stamp) = last(home) {
        return Ok(stamp.home_id);
    }
    let mut bytes = [0; ID_BYTES];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| Error::store("Le système ne donne pas de nombres aléatoires"))?;
    Ok(super::manifest::hexadecimal(&bytes))
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::store(format!(
        "{} ne peut pas être écrit : {}",
        path.display(),
        io_reason(&error)
    ))
    .hint("Vérifiez le droit d'écrire dans ce dossier et la place libre")
    .because(error)
}
