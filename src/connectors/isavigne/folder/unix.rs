//! The folder's handle on Unix: every file is opened relative to it with `O_NOFOLLOW` (POSIX `openat`).

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path};
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, openat, statat};
use rustix::io::Errno;

use super::{Denied, Entry, EntryKind};

/// Write permission for others.
const WRITABLE_BY_ALL: u32 = 0o002;

/// An open folder, its owner and mode.
#[derive(Debug)]
pub(super) struct Handle {
    folder: OwnedFd,
    owner: u32,
    is_writable_by_all: bool,
}

impl Handle {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(CWD, path, flags, Mode::empty())?;
        let file = File::from(folder);
        let metadata = file.metadata()?;
        Ok(Self {
            folder: file.into(),
            owner: metadata.uid(),
            is_writable_by_all: metadata.mode() & WRITABLE_BY_ALL != 0,
        })
    }

    pub(super) fn names(&self, _path: &Path) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.folder)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        Ok(names)
    }

    pub(super) fn look(&self, path: &Path, name: &OsStr) -> Result<Entry, Denied> {
        let stat =
            statat(&self.folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
            return self.entry(&stat);
        }
        let (folder, last) = self.behind_link(path, name)?;
        let folder = folder.as_ref().unwrap_or(&self.folder);
        let stat = statat(folder, &last, AtFlags::SYMLINK_NOFOLLOW).map_err(io::Error::from)?;
        self.entry(&stat)
    }

    fn entry(&self, stat: &Stat) -> Result<Entry, Denied> {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => EntryKind::File,
            FileType::Directory => EntryKind::Folder,
            _ => EntryKind::Other,
        };
        if kind == EntryKind::File {
            self.refuse_second_name(stat.st_nlink > 1, stat.st_uid)?;
        }
        Ok(Entry {
            kind,
            modified: modified(stat),
        })
    }

    /// Fails for a file with several hard links, if another account than its owner may have created this one.
    fn refuse_second_name(&self, has_others: bool, owner: u32) -> Result<(), Denied> {
        if has_others && (owner != self.owner || self.is_writable_by_all) {
            return Err(Denied::SecondName);
        }
        Ok(())
    }

    pub(super) fn file(&self, path: &Path, name: &OsStr) -> Result<File, Denied> {
        let opened = match open_at(&self.folder, name) {
            // The errors of `O_NOFOLLOW` for a link: POSIX, and FreeBSD.
            Err(Errno::LOOP | Errno::MLINK) => {
                let (folder, last) = self.behind_link(path, name)?;
                open_at(folder.as_ref().unwrap_or(&self.folder), &last)
            }
            opened => opened,
        };
        let file = File::from(opened.map_err(|error| match error {
            Errno::LOOP | Errno::MLINK => Denied::Outside,
            // A socket, or a device without a driver.
            Errno::NXIO | Errno::NODEV => Denied::NotAFile,
            error => Denied::Io(error.into()),
        })?);
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Denied::NotAFile);
        }
        self.refuse_second_name(metadata.nlink() > 1, metadata.uid())?;
        Ok(file)
    }

    /// The target of the link called `name`: the folder within this one that contains it (`None` for this one), and
    /// its name there. No link is followed on the way, so that a change meanwhile cannot lead elsewhere.
    fn behind_link(
        &self,
        path: &Path,
        name: &OsStr,
    ) -> Result<(Option<OwnedFd>, OsString), Denied> {
        let home = fs::canonicalize(path)?;
        let real = fs::canonicalize(path.join(name))?;
        let within = real.strip_prefix(&home).map_err(|_| Denied::Outside)?;
        let mut parts: Vec<&OsStr> = Vec::new();
        for component in within.components() {
            match component {
                Component::Normal(part) => parts.push(part),
                _ => return Err(Denied::Outside),
            }
        }
        // A link to the folder itself.
        let Some(last) = parts.pop() else {
            return Ok((None, ".".into()));
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut folder = None;
        for part in parts {
            let from = folder.as_ref().unwrap_or(&self.folder);
            let next = openat(from, part, flags, Mode::empty()).map_err(io::Error::from)?;
            folder = Some(next);
        }
        Ok((folder, last.to_owned()))
    }
}

/// Opens `name`, which is not a link, without blocking: a file that was listed may have become a pipe.
fn open_at(folder: &OwnedFd, name: &OsStr) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NOCTTY;
    match openat(folder, name, flags | OFlags::NONBLOCK, Mode::empty()) {
        // A file server may first have to revoke another client's lease: wait for that.
        Err(Errno::AGAIN) => wait_for(folder, name, flags),
        opened => opened,
    }
}

/// Opens the file `name` in blocking mode. A handle that only refers to it (`O_PATH`) first proves that it is a file,
/// and is then opened.
#[cfg(target_os = "linux")]
fn wait_for(folder: &OwnedFd, name: &OsStr, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    use std::os::fd::AsRawFd;
    let named = openat(folder, name, flags | OFlags::PATH, Mode::empty())?;
    let stat = rustix::fs::fstat(&named)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Errno::AGAIN);
    }
    let path = format!("/proc/self/fd/{}", named.as_raw_fd());
    openat(CWD, path, flags - OFlags::NOFOLLOW, Mode::empty())
}

#[cfg(not(target_os = "linux"))]
fn wait_for(folder: &OwnedFd, name: &OsStr, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Errno::AGAIN);
    }
    openat(folder, name, flags, Mode::empty())
}

fn modified(stat: &Stat) -> SystemTime {
    let nanoseconds = u32::try_from(stat.st_mtime_nsec).unwrap_or_default();
    let within = Duration::from_nanos(nanoseconds.into());
    let seconds = Duration::from_secs(stat.st_mtime.unsigned_abs());
    let at = if stat.st_mtime < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(seconds)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(seconds)
    };
    at.and_then(|at| at.checked_add(within))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
