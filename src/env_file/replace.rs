//! Replaces a file in one step: a full temporary file beside it, then a rename.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::home;

/// The folder of a file.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Prefix and suffix of a rewrite's temporary file, unlike other programs' names.
const TEMPORARY: (&str, &str) = (".env.crmreco-", ".tmp");

/// Deletes the temporary files of killed rewrites: they contain keys, perhaps of removed connectors.
pub(super) fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMPORARY.0) && name.ends_with(TEMPORARY.1) {
            // A file that cannot be deleted does not prevent the edit.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Replaces the file at `target` in one step.
pub(super) fn write_atomically(target: &Path, text: &str) -> io::Result<()> {
    let folder = parent(target);
    // Readable by its owner alone from the start: it contains keys.
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY.0)
        .suffix(TEMPORARY.1)
        .tempfile_in(folder)?;
    // A umask may have removed rights of its owner too.
    home::narrow(file.as_file())?;
    keep_owner(target, file.as_file())?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    home::sync_folder(folder);
    Ok(())
}

/// Keeps the owner: an edit with `sudo` must not lock the owner out of a file that only its owner may read.
#[cfg(unix)]
fn keep_owner(target: &Path, file: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    match fs::metadata(target) {
        Ok(old) if old.uid() != file.metadata()?.uid() => fchown(file, Some(old.uid()), None),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn keep_owner(_target: &Path, _file: &File) -> io::Result<()> {
    Ok(())
}
