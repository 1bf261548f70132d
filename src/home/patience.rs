//! Locks that somebody else may hold: waited for, but not for ever, and with his number told where the system knows it.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// Longer than any of us holds the lock of the home folder; no longer than who waits for a page will wait.
const PATIENCE: Duration = Duration::from_secs(5);

const PAUSE: Duration = Duration::from_millis(50);

/// Takes the lock of `file` within [`PATIENCE`]. Says whether it did.
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

/// Who holds the lock of `file`, as `processus 1234 (rsync)`, where the system tells.
pub(crate) fn holder(file: &File) -> Option<String> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        let id = holder_of(&locks, file.metadata().ok()?.ino())?;
        let name = std::fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
        Some(match name.trim() {
            "" => format!("processus {id}"),
            name => format!("processus {id}, {name}"),
        })
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = file;
        None
    }
}

/// The process that holds the lock of the file numbered `inode`, as `/proc/locks` has it:
/// `1: FLOCK  ADVISORY  WRITE 1234 08:01:131075 0 EOF` (proc(5)). Devices are not compared: some file systems give
/// another one there.
#[cfg(target_os = "linux")]
fn holder_of(locks: &str, inode: u64) -> Option<u32> {
    let ending = format!(":{inode}");
    let found = locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        let is_ours = words.next() == Some("FLOCK");
        let id = words.nth(2)?;
        let file = words.next()?;
        (is_ours && file.ends_with(&ending)).then(|| id.parse().ok())?
    });
    // Zero: a process that this one cannot see.
    found.filter(|id| *id > 0)
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
        assert_eq!(holder_of(locks, 77), Some(1234));
        assert_eq!(holder_of(locks, 7), None);
        assert_eq!(holder_of(locks, 78), None);
    }
}
