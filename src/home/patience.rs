//! Waiting for a lock of another process: for a limited time, and with the process number where the system provides
//! it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Longer than crmreco holds the lock of the home folder; no longer than the timeout of a web request.
const PATIENCE: Duration = Duration::from_secs(5);

const PAUSE: Duration = Duration::from_millis(50);

/// Takes the lock of `file` within [`PATIENCE`]. Returns whether it did.
pub(crate) fn lock(file: &File) -> io::Result<bool> {
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if begun.elapsed() >= PATIENCE => return Ok(false),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Whether the open `file` is still the file at `path`.
#[cfg(unix)]
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let number = |found: std::fs::Metadata| (found.dev(), found.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => number(open) == number(named),
        _ => false,
    }
}

/// Where open files cannot be deleted, it is always the same.
#[cfg(not(unix))]
pub(crate) fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// The process that holds the lock of `file`, as `processus 1234 (rsync)`, where the system provides it.
pub(crate) fn holder(file: &File) -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        let inode = file.metadata().ok()?.ino();
        holders_of(&locks, "FLOCK", inode).next().map(named)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        None
    }
}

/// Another process that holds a record lock in `file`, as SQLite uses them.
pub(crate) fn other_holder(file: &File) -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        let inode = file.metadata().ok()?.ino();
        let mut holders = holders_of(&locks, "POSIX", inode);
        holders.find(|id| *id != std::process::id()).map(named)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        None
    }
}

/// `processus 1234, rsync`
#[cfg(target_os = "linux")]
fn named(id: u32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
    match name.trim() {
        "" => format!("processus {id}"),
        name => format!("processus {id}, {name}"),
    }
}

/// The processes that hold locks of a `kind` on the file with `inode`, from lines of `/proc/locks` such as
/// `1: FLOCK  ADVISORY  WRITE 1234 08:01:131075 0 EOF` (proc(5)). Devices are not compared because some file systems
/// show another one there. Waiting processes and those invisible to this process are left out.
#[cfg(target_os = "linux")]
fn holders_of(locks: &str, kind: &str, inode: u64) -> impl Iterator<Item = u32> {
    let ending = format!(":{inode}");
    locks.lines().filter_map(move |line| {
        let mut words = line.split_whitespace().skip(1);
        let is_of_kind = words.next() == Some(kind);
        let id = words.nth(2)?.parse().ok()?;
        let is_of_file = words.next()?.ends_with(&ending);
        (is_of_kind && is_of_file && id > 0).then_some(id)
    })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_found_by_the_file_s_number() {
        let locks = "1: POSIX  ADVISORY  READ 11 08:01:77 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 1234 08:01:77 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 99 08:01:77 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 0 08:01:78 0 EOF\n";
        let holders = |kind, inode| holders_of(locks, kind, inode).collect::<Vec<_>>();
        assert_eq!(holders("FLOCK", 77), [1234]);
        assert_eq!(holders("POSIX", 77), [11]);
        assert!(holders("FLOCK", 7).is_empty());
        assert!(holders("FLOCK", 78).is_empty());
    }
}
