//! One sync per connector at a time: an OS file lock, which ends with its process; and a lease among the machines that
//! share a server.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tracing::debug;

use super::Store;
#[cfg(feature = "postgres")]
use super::postgres::{Lease, Taken};
use crate::error::{Advice, Error, ErrorKind, Result, io_reason};
use crate::home::{Home, create_folder, holder, is_at, open_or_create};

/// Commands that only read hold the lock for a moment to close dead runs: a sync retries.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(25);

/// Held as long as the value lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    /// Where the database is on a server: the same lock among all machines.
    #[cfg(feature = "postgres")]
    lease: Option<Lease>,
}

impl Lock {
    /// Takes the lock of `connector`, or fails with [`ErrorKind::Busy`].
    pub fn take(home: &Home, connector: &str) -> Result<Self> {
        for attempt in 0..TRIES {
            if attempt > 0 {
                thread::sleep(PAUSE);
            }
            if let Some(file) = lock_file(home, connector)? {
                debug!(connector, attempt = attempt + 1, "lock taken");
                return Self::among_machines(home, connector, file);
            }
            debug!(
                connector,
                attempt = attempt + 1,
                "lock held by another process"
            );
        }
        let file = File::open(home.lock_file(connector)).ok();
        Err(busy(connector, file.and_then(|file| holder(&file))))
    }

    /// The error when this process already syncs `connector`.
    pub fn busy(connector: &str) -> Error {
        busy(connector, None)
    }

    /// Releases the lock of a deleted connector, and deletes its file.
    pub fn remove(self, home: &Home, connector: &str) {
        // An empty lock file that stays does no harm.
        let _ = fs::remove_file(home.lock_file(connector));
    }

    /// The lock of a `file` that this process holds, where no other machine syncs `connector`.
    #[cfg(feature = "postgres")]
    fn among_machines(home: &Home, connector: &str, file: File) -> Result<Self> {
        let lease = match home.server() {
            None => None,
            Some(server) => match Lease::take(server, connector, &owner(home))? {
                Taken::Lease(lease) => Some(lease),
                Taken::Busy(holder) => return Err(busy(connector, Some(holder))),
            },
        };
        Ok(Self { _file: file, lease })
    }

    #[cfg(not(feature = "postgres"))]
    #[expect(clippy::unnecessary_wraps, reason = "a server can fail")]
    fn among_machines(_home: &Home, _connector: &str, file: File) -> Result<Self> {
        Ok(Self { _file: file })
    }

    #[cfg(feature = "postgres")]
    pub(super) const fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// The lock, unless another process or machine holds it.
    fn try_take(home: &Home, connector: &str) -> Result<Option<Self>> {
        let Some(file) = lock_file(home, connector)? else {
            return Ok(None);
        };
        match Self::among_machines(home, connector, file) {
            Ok(lock) => Ok(Some(lock)),
            Err(error) if error.kind() == ErrorKind::Busy => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What the leases of this home on this machine begin with; empty where the system does not tell. Who holds the lock of a
/// file knows that no other process does: a lease of the same owner is that of one that died. A machine is known by
/// its boot, and a home by its folder: neither a copied home nor a cloned machine has the same owner.
#[cfg(feature = "postgres")]
fn owner(home: &Home) -> String {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt;
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id");
        if let (Ok(boot), Ok(folder)) = (boot, fs::metadata(home.folder())) {
            let host = rustix::system::uname();
            let host = host.nodename().to_string_lossy();
            let all = format!("{boot}/{host}/{}/{}", folder.dev(), folder.ino());
            return format!("{:016x}", xxhash_rust::xxh3::xxh3_64(all.as_bytes()));
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = home;
    String::new()
}

/// The error where the system does not let the file at `path` be locked.
pub(crate) fn untakable(path: &Path, error: std::io::Error) -> Error {
    Error::store(format!(
        "Le verrou {} ne peut pas être pris : {}",
        path.display(),
        io_reason(&error)
    ))
    .hint("Vérifiez le droit d'écrire dans ce dossier")
    .because(error)
}

/// Locks the file of `connector`; `None` where another process holds it.
fn lock_file(home: &Home, connector: &str) -> Result<Option<File>> {
    let path = home.lock_file(connector);
    let cannot = |error| untakable(&path, error);
    home.create()?;
    if let Some(folder) = path.parent() {
        create_folder(folder).map_err(cannot)?;
    }
    let file = open_or_create(&path).map_err(cannot)?;
    match file.try_lock() {
        // The file was deleted while it was opened: another process would lock a new one.
        Ok(()) if !is_at(&file, &path) => Ok(None),
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

fn busy(connector: &str, holder: Option<String>) -> Error {
    let holder = holder
        .map(|holder| format!(" ({holder})"))
        .unwrap_or_default();
    Error::new(
        ErrorKind::Busy,
        format!("« {connector} » est déjà en cours de synchronisation{holder} : rien n'a été fait"),
    )
    .advise(Advice::WaitForSync)
}

/// Deletes the lock files of connectors that are not `registered`, unless a process holds them.
pub(crate) fn remove_unregistered(home: &Home, registered: &[&str]) {
    let folder = home.lock_file("x");
    let Some(Ok(entries)) = folder.parent().map(fs::read_dir) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_stem().and_then(|name| name.to_str());
        let is_lock = path.extension().is_some_and(|ending| ending == "lock");
        if is_lock
            && let Some(name) = name
            && !registered.contains(&name)
            && let Ok(Some(lock)) = Lock::try_take(home, name)
        {
            lock.remove(home, name);
        }
    }
}

/// Closes the runs whose process has ended as interrupted: those whose connector's lock is free.
pub fn close_dead_runs(home: &Home, store: &Store) -> Result<()> {
    for source in store.sources_running()? {
        if let Some(_lock) = Lock::try_take(home, &source)? {
            store.close_dead_runs(&source, Timestamp::now())?;
        }
    }
    Ok(())
}
