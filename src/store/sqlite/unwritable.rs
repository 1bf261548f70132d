//! Reading a database that cannot be written: a read-only disk, a home of another account.
//!
//! With a write-ahead log, SQLite writes beside the database even to read it. Where it cannot, and there is no log,
//! the file alone is complete and is opened as immutable (<https://sqlite.org/uri.html#uriimmutable>). A database
//! with a log is copied first.

use std::error::Error as _;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use rusqlite::{Connection, Error as Sqlite, ErrorCode, OpenFlags};
use tempfile::TempDir;
use tracing::debug;

use super::{migrations, segments};
use crate::error::Error;
use crate::home::beside;

/// A database opened for reading only, and the folder of its copy where it is one.
pub(super) struct Unwritable {
    pub(super) db: Connection,
    pub(super) copy: Option<TempDir>,
}

/// Whether `error` means that a database could not be opened for lack of write permission.
pub(super) fn is_cause_of(error: &Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    let code = cause.and_then(Sqlite::sqlite_error_code);
    matches!(
        code,
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied)
    )
}

/// Opens the database at `path` for reading; `None` where that fails too, or where its schema is older.
pub(super) fn open(path: &Path) -> Option<Unwritable> {
    let log = beside(path, "-wal");
    let has_log = fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    let opened = if has_log {
        let folder = tempfile::tempdir().ok()?;
        let copy = folder.path().join("crmreco.db");
        fs::copy(path, &copy).ok()?;
        fs::copy(&log, beside(&copy, "-wal")).ok()?;
        let db = Connection::open(&copy).ok()?;
        Unwritable {
            db,
            copy: Some(folder),
        }
    } else {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let db = Connection::open_with_flags(immutable(path), flags).ok()?;
        Unwritable { db, copy: None }
    };
    if !migrations::is_newest(&opened.db).unwrap_or(false) {
        return None;
    }
    segments::register(&opened.db).ok()?;
    debug!(path = %path.display(), has_log, "database that cannot be written");
    Some(opened)
}

/// URI of an immutable file.
pub(super) fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(*byte));
            }
            // Writing to a String cannot fail.
            other => drop(write!(uri, "%{other:02X}")),
        }
    }
    uri + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_any_sign_is_a_uri() {
        let uri = immutable(Path::new("/srv/cave à vin/a?b#c%.db"));
        assert_eq!(
            uri,
            "file:/srv/cave%20%C3%A0%20vin/a%3Fb%23c%25.db?immutable=1"
        );
    }
}
