//! File modes of a home folder: only its owner may read it, whatever the umask was when it was created.
//!
//! Files get mode 0600 and folders 0700; existing wider modes are narrowed. Only our own files are changed: links,
//! files of other accounts, and folders that contain more than a home (a project, `/tmp`) stay as they are.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tracing::warn;

use crate::error::Unusable;

/// Prefixes of the names in a home folder.
const OURS: &[&str] = &[".env", "crmreco.", "locks", "backups"];

/// Creates the folder at `path` and missing parents, readable by the owner alone.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER);
    builder.create(path)?;
    // The umask may have removed rights of the owner too.
    #[cfg(unix)]
    set(path, FOLDER)?;
    Ok(())
}

/// Links followed to a missing file.
const MOST_LINKS: usize = 40;

/// Creates an empty file at `path`, readable by its owner alone, unless one exists. Returns whether it did. A link to a
/// missing file stays a link: others could read what SQLite creates there.
pub(crate) fn create_file(path: &Path) -> io::Result<bool> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match options().write(true).create_new(true).open(&path) {
            Ok(file) => {
                narrow(&file)?;
                return Ok(true);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        match fs::read_link(&path) {
            Ok(to) if !path.exists() => path = path.parent().unwrap_or(&path).join(to),
            _ => return Ok(false),
        }
    }
    Ok(false)
}

/// Opens the file of the home at `path` for reading. Fails where it belongs to another account: see [`check_owner`].
pub(crate) fn open_ours(path: &Path) -> io::Result<File> {
    let file = open_file(OpenOptions::new().read(true), path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// Opens a file, and nothing else.
pub(crate) fn open_file(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    // The other end of a pipe is not waited for.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK);
    let file = options.open(path).map_err(|error| {
        if is_of_pipe(&error) {
            Unusable::NotAFile.into()
        } else {
            error
        }
    })?;
    match file.metadata()? {
        found if found.is_file() => Ok(file),
        found if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(Unusable::NotAFile.into()),
    }
}

/// Whether the system refuses to write to a pipe from which nobody reads.
#[cfg(unix)]
fn is_of_pipe(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENXIO)
}

#[cfg(not(unix))]
fn is_of_pipe(_error: &io::Error) -> bool {
    false
}

/// Fails where the file or folder at `path` belongs to another account, which could read what is written there or choose
/// what is read. Root's are trusted, and root trusts all.
pub(crate) fn check_owner(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(found) => check(&found),
        // What is missing is nobody's.
        Err(_) => Ok(()),
    }
}

#[cfg(unix)]
fn check(found: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let own = rustix::process::geteuid();
    if own.is_root() || found.uid() == own.as_raw() || found.uid() == 0 {
        return Ok(());
    }
    Err(Unusable::OfAnother.into())
}

#[cfg(not(unix))]
fn check(_found: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Opens the file at `path` for locking; creates it, readable by its owner alone, if it is missing.
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    create_file(path)?;
    open_file(options().write(true), path)
}

fn options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "modes are Unix's"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE);
    options
}

/// Narrows the modes of the home at `home`; returns the changed paths.
pub(super) fn mend(home: &Path) -> Vec<PathBuf> {
    let mut mended = Vec::new();
    for path in ours(home) {
        mend_one(&path, &mut mended);
    }
    if !mended.is_empty() {
        warn!(count = mended.len(), first = ?mended.first(), "rights narrowed to the owner's");
    }
    mended
}

/// What other accounts may read of the home at `home`, as far as it can be narrowed.
pub(super) fn open_to_others(home: &Path) -> Vec<PathBuf> {
    let mut open = ours(home);
    open.retain(|path| narrowed_mode(path).is_some());
    open
}

/// The home at `home`, if it is no more than one, and its files. The folder comes first: once it is narrowed, no other
/// account can replace files in it.
fn ours(home: &Path) -> Vec<PathBuf> {
    let mut ours = Vec::new();
    let Ok(home) = fs::canonicalize(home) else {
        return ours;
    };
    let inside = names_in(&home);
    let (own, foreign): (Vec<_>, Vec<_>) = inside.into_iter().partition(|path| is_ours(path));
    if foreign.is_empty() && is_a_home(&home) {
        ours.push(home);
    }
    for path in own {
        let within = if path.is_symlink() {
            Vec::new()
        } else {
            names_in(&path)
        };
        ours.push(path);
        ours.extend(within);
    }
    ours
}

/// Narrows the folder at `home`, which is about to become a home, if it is empty.
pub(super) fn mend_empty(home: &Path) {
    if fs::read_dir(home).is_ok_and(|mut entries| entries.next().is_none()) {
        mend_one(home, &mut Vec::new());
    }
}

/// The paths in `folder`; empty when it is not a folder.
fn names_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    OURS.iter().any(|ours| name.starts_with(ours))
}

/// Whether `folder` contains a home's settings or database.
fn is_a_home(folder: &Path) -> bool {
    [".env", "crmreco.db"]
        .iter()
        .any(|name| folder.join(name).exists())
}

#[cfg(unix)]
const FILE: u32 = 0o600;
#[cfg(unix)]
const FOLDER: u32 = 0o700;

#[cfg(unix)]
fn set(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Makes a newly created file readable by its owner alone.
#[cfg(unix)]
pub(crate) fn narrow(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(FILE))
}

#[cfg(not(unix))]
pub(crate) fn narrow(_file: &File) -> io::Result<()> {
    Ok(())
}

/// The mode that a file or folder should have, if its own is too wide and it is ours.
#[cfg(unix)]
fn narrowed_mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let found = fs::symlink_metadata(path).ok()?;
    let wanted = match (found.is_dir(), found.is_file()) {
        (true, _) => FOLDER,
        (_, true) => FILE,
        // A link, a pipe, a device.
        _ => return None,
    };
    let mode = found.permissions().mode() & 0o7777;
    // A sticky folder is shared on purpose, like /tmp.
    let is_closed = mode.trailing_zeros() >= 6;
    let is_kept = is_closed || mode & 0o1000 != 0;
    (!is_kept && found.uid() == rustix::process::geteuid().as_raw()).then_some(mode & wanted)
}

#[cfg(not(unix))]
fn narrowed_mode(_path: &Path) -> Option<u32> {
    None
}

/// Narrows the mode of one file or folder, if it is too wide and ours.
#[cfg(unix)]
fn mend_one(path: &Path, mended: &mut Vec<PathBuf>) {
    let Some(mode) = narrowed_mode(path) else {
        return;
    };
    match set(path, mode) {
        Ok(()) => mended.push(path.to_owned()),
        // A read-only disk: reported where writing is needed.
        Err(error) => tracing::debug!(path = %path.display(), %error, "rights stay as they are"),
    }
}

#[cfg(not(unix))]
fn mend_one(_path: &Path, _mended: &mut Vec<PathBuf>) {}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_home_is_narrowed_once_and_what_is_not_ours_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir_all(home.join("locks")).unwrap();
        for name in [".env", "crmreco.db", "crmreco.db-wal", "locks/cave.lock"] {
            fs::write(home.join(name), "").unwrap();
            set(&home.join(name), 0o666).unwrap();
        }
        let outside = folder.path().join("outside");
        fs::write(&outside, "").unwrap();
        set(&outside, 0o644).unwrap();
        std::os::unix::fs::symlink(&outside, home.join("crmreco.link")).unwrap();
        set(&home, 0o777).unwrap();
        set(&home.join("locks"), 0o755).unwrap();
        assert_eq!(mend(&home).len(), 6);
        assert_eq!((mode(&home), mode(&home.join("locks"))), (0o700, 0o700));
        assert_eq!(mode(&home.join("locks/cave.lock")), 0o600);
        assert_eq!(mode(&home.join(".env")), 0o600);
        assert_eq!(mode(&outside), 0o644);
        assert!(mend(&home).is_empty());
    }

    #[test]
    fn a_folder_that_is_more_than_a_home_keeps_its_own_mode() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("project");
        fs::create_dir_all(project.join("exports")).unwrap();
        fs::write(project.join(".env"), "").unwrap();
        set(&project.join(".env"), 0o644).unwrap();
        set(&project, 0o755).unwrap();
        set(&project.join("exports"), 0o775).unwrap();
        assert_eq!(mend(&project), [project.join(".env")]);
        assert_eq!(
            (mode(&project), mode(&project.join("exports"))),
            (0o755, 0o775)
        );
    }

    #[test]
    fn what_is_made_is_its_owner_s_alone() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("a/b");
        create_folder(&home).unwrap();
        assert_eq!(mode(&home), 0o700);
        assert!(create_file(&home.join("new")).unwrap());
        assert!(!create_file(&home.join("new")).unwrap());
        assert_eq!(mode(&home.join("new")), 0o600);
    }
}
