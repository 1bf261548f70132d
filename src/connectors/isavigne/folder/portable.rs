//! The folder on systems without `openat`: paths are resolved once, opened without following a link in the last
//! component, and resolved again to detect changes meanwhile.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Denied, Entry, EntryKind};

/// Opens a link itself instead of its target on Windows: `FILE_FLAG_OPEN_REPARSE_POINT`.
#[cfg(windows)]
const OPEN_LINK: u32 = 0x0020_0000;

/// The folder's real path.
#[derive(Debug)]
pub(super) struct Handle(PathBuf);

impl Handle {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        fs::canonicalize(path).map(Self)
    }

    pub(super) fn names(&self, _path: &Path) -> io::Result<Vec<OsString>> {
        let entries = fs::read_dir(&self.0)?;
        entries.map(|entry| Ok(entry?.file_name())).collect()
    }

    pub(super) fn look(&self, path: &Path, name: &OsStr) -> Result<Entry, Denied> {
        let metadata = fs::symlink_metadata(self.real(path, name)?)?;
        let kind = if metadata.is_file() {
            EntryKind::File
        } else if metadata.is_dir() {
            EntryKind::Folder
        } else {
            EntryKind::Other
        };
        Ok(Entry {
            kind,
            modified: metadata.modified()?,
        })
    }

    pub(super) fn file(&self, path: &Path, name: &OsStr) -> Result<File, Denied> {
        let real = self.real(path, name)?;
        let mut options = File::options();
        options.read(true);
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::custom_flags(&mut options, OPEN_LINK);
        let file = options.open(&real)?;
        if !file.metadata()?.is_file() {
            return Err(Denied::NotAFile);
        }
        if self.real(path, name)? != real {
            return Err(Denied::Outside);
        }
        Ok(file)
    }

    /// The target of `name`, within the folder.
    fn real(&self, path: &Path, name: &OsStr) -> Result<PathBuf, Denied> {
        let real = fs::canonicalize(path.join(name))?;
        if real.starts_with(&self.0) {
            Ok(real)
        } else {
            Err(Denied::Outside)
        }
    }
}
