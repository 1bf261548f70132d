//! What survives a power cut.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a rename in `folder` survive a power cut. Where that fails (some network drives), a power cut restores the
/// complete old file: not an error.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_folder: &Path) {}

/// Makes the content of the file at `path` survive a power cut.
pub(crate) fn sync_file(path: &Path) -> io::Result<()> {
    // Windows flushes a file only for who may write to it.
    let file: File = OpenOptions::new().read(true).write(true).open(path)?;
    file.sync_all()
}
