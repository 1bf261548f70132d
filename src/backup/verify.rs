//! Reading a backup whole, and comparing it with its manifest.

use std::path::{Path, PathBuf};

use super::archive::{Contents, Reader, other_than_said};
use super::manifest::{Manifest, Sums};
use super::work::WorkFolder;
use crate::error::{Error, Result};
use crate::home::Home;
use crate::stop::Stop;
use crate::store::DatabaseCopy;

/// A backup that is whole and sound, unpacked.
#[derive(Debug)]
pub struct Verified {
    /// What it holds.
    pub manifest: Manifest,
    /// Rows and checksums of its tables.
    pub sums: Sums,
    /// Size of the backup in bytes.
    pub bytes: u64,
    pub(super) settings: Option<Vec<u8>>,
    pub(super) work: WorkFolder,
}

impl Verified {
    /// The database of the backup.
    pub(super) fn database(&self) -> PathBuf {
        self.work.join("crmreco.db")
    }
}

/// Reads the backup at `path` whole: its checksums, its database as SQLite checks it, and the rows and sums of each table.
/// It is unpacked beside the database of `home`, or to the system's temporary folder where there is no home.
pub fn verify(path: &Path, home: &Home, stop: &Stop) -> Result<Verified> {
    let folder = super::work::folder_of_database(home);
    let work =
        WorkFolder::new_in(&folder).or_else(|_| WorkFolder::new_in(&std::env::temp_dir()))?;
    verify_in(path, work, stop).map_err(|error| super::stopped_as(error, "Vérification"))
}

pub(super) fn verify_in(path: &Path, work: WorkFolder, stop: &Stop) -> Result<Verified> {
    let to = work.join("crmreco.db");
    let Contents {
        manifest,
        sums,
        settings,
        bytes,
    } = Reader::open(path)?.extract(&to, || stop.check())?;
    // The errors of a damaged database speak of that of the home.
    let damaged = |error: Error| other_than_said(path).because(error);
    let copy = DatabaseCopy::open(&to).map_err(|error| error.at(path.display()))?;
    if copy.schema()? != manifest.schema || copy.defect().map_err(damaged)?.is_some() {
        return Err(other_than_said(path));
    }
    let found = copy.sums(|| stop.check());
    if found? != sums.tables {
        return Err(other_than_said(path));
    }
    Ok(Verified {
        manifest,
        sums,
        bytes,
        settings,
        work,
    })
}
