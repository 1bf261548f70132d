//! The export folder, opened once: its files are opened relative to its handle, never by path. An account that can
//! write to the folder can replace a file by a link at any time; checking a path says nothing about what is opened
//! later.
//!
//! Links within the folder are followed. The opened file is checked again: it must be a regular file, and not a hard
//! link to a file of another account.

#[cfg(any(not(unix), test))]
mod portable;
#[cfg(unix)]
mod unix;

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

#[cfg(not(unix))]
use self::portable::Handle;
#[cfg(unix)]
use self::unix::Handle;
use crate::error::{Error, ErrorKind, Result, io_reason};
use crate::stop::Stop;

/// An open folder of exports.
#[derive(Debug)]
pub(super) struct ExportFolder {
    path: PathBuf,
    handle: Handle,
    stop: Stop,
}

/// Description of a folder entry, without opening it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: EntryKind,
    pub(super) modified: SystemTime,
}

/// The kinds of entries that are treated differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    File,
    Folder,
    /// A pipe, a socket, a device.
    Other,
}

/// Why an entry cannot be opened or described.
#[derive(Debug)]
pub(super) enum Denied {
    /// An I/O error.
    Io(io::Error),
    /// It is a link to a target outside the folder.
    Outside,
    /// It is a hard link to a file of another account than the folder's owner.
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "only Unix tells the owner of a file")
    )]
    SecondName,
    /// It is not a regular file.
    NotAFile,
}

impl From<io::Error> for Denied {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Denied {
    /// The reason, in French.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Io(error) => io_reason(error),
            Self::Outside => "c'est un lien qui mène hors du dossier".to_owned(),
            Self::SecondName => {
                "c'est un second nom (lien physique) du fichier de quelqu'un d'autre ; déposez-en une copie".to_owned()
            }
            Self::NotAFile => "ce n'est pas un fichier ordinaire".to_owned(),
        }
    }

    /// The error for a file that was readable when the folder was listed.
    fn into_error(self) -> Error {
        const PUT_BACK: &str = "Remettez l'export à sa place, puis relancez la synchronisation";
        match self {
            Self::Io(error) => unreadable(error),
            Self::NotAFile => {
                Error::source_failed("ce n'est plus un fichier ordinaire").hint(PUT_BACK)
            }
            Self::Outside | Self::SecondName => {
                Error::source_failed(format!("fichier refusé, {}", self.reason())).hint(PUT_BACK)
            }
        }
    }
}

impl ExportFolder {
    /// Opens the folder at `path`, which may be a link. Reads from it end when `stop` is requested.
    pub(super) fn open(path: &Path, stop: &Stop) -> io::Result<Self> {
        Ok(Self {
            handle: Handle::open(path)?,
            path: path.to_owned(),
            stop: stop.clone(),
        })
    }

    /// The names of its entries.
    pub(super) fn names(&self) -> io::Result<Vec<std::ffi::OsString>> {
        self.handle.names(&self.path)
    }

    /// Describes the entry called `name`; follows links within the folder.
    pub(super) fn look(&self, name: &OsStr) -> std::result::Result<Entry, Denied> {
        self.handle.look(&self.path, name)
    }

    /// Opens the file called `name` for reading. Does not block on a pipe.
    pub(super) fn file(&self, name: &OsStr) -> Result<Source> {
        // Fails when the folder was moved or unmounted: its contents are no longer those of the setting.
        std::fs::metadata(&self.path).map_err(unreadable)?;
        let file = self.handle.file(&self.path, name);
        Ok(Source {
            file: file.map_err(Denied::into_error)?,
            stop: self.stop.clone(),
        })
    }
}

/// An open export. Every read fails once a stop was requested, which ends hashing, inflating and parsing.
#[derive(Debug)]
pub(super) struct Source {
    file: File,
    stop: Stop,
}

impl Source {
    /// Current metadata of the file.
    pub(super) fn metadata(&self) -> io::Result<std::fs::Metadata> {
        self.file.metadata()
    }

    /// Fails once a stop was requested.
    pub(super) fn check_stop(&self) -> Result<()> {
        self.stop.check()
    }
}

/// The error for a failed read of an export, or the request to stop that caused it.
pub(super) fn unreadable(error: io::Error) -> Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    if let Some(ErrorKind::Stopped(signal)) = inner.map(Error::kind) {
        return Error::stopped(signal);
    }
    Error::source_failed(format!("lecture impossible, {}", io_reason(&error)))
        .hint("Vérifiez le fichier et le partage réseau, puis relancez la synchronisation")
        .because(error)
}

#[cfg(test)]
impl From<File> for Source {
    fn from(file: File) -> Self {
        Self {
            file,
            stop: Stop::default(),
        }
    }
}

impl Read for &Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stop.check().map_err(io::Error::other)?;
        (&self.file).read(buffer)
    }
}

impl Seek for &Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        (&self.file).seek(to)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buffer)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        (&self.file).seek(to)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
