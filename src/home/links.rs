//! Symbolic links.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The file to write for `path`, so that links stay links: where they lead, even to a missing file.
pub(crate) fn linked(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // A loop of links is refused by `canonicalize`, so this ends.
    loop {
        match fs::canonicalize(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::read_link(&path) {
                Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
                Err(_) => return Ok(path),
            },
            resolved => return resolved,
        }
    }
}
