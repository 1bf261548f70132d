//! Backups of a home: one file with the database, its settings without secrets, and a manifest that says what is in it.
//!
//! [`take`](fn@take) makes one while syncs run, [`verify`](fn@verify) reads one whole and compares it with its manifest, and
//! [`Restoration`] puts one back. A backup is a tar archive compressed with Zstandard, so that it can be opened without
//! crmreco too.

mod archive;
mod folder;
mod lock;
mod manifest;
mod restore;
mod settings;
mod stamp;
mod take;
mod verify;
mod work;

pub use folder::{default_folder, newest};
pub use manifest::{Manifest, Sums};
pub use restore::{Restoration, Restored, SettingsFate};
pub use stamp::{Stamp, last};
pub use take::{Destination, Request, Taken, take};
pub use verify::{Verified, verify};

use crate::error::{Error, ErrorKind, Result};
use crate::home::Home;

/// Fails where the database of `home` is on a server, whose own tools take and restore its backups.
pub fn require_file(home: &Home) -> Result<()> {
    if home.server().is_none() {
        return Ok(());
    }
    Err(Error::config(
        "La base est sur un serveur PostgreSQL, que crmreco ne sauvegarde ni ne restaure",
    )
    .hint("Prenez les outils du serveur : pg_dump et pg_restore, ou ses sauvegardes continues"))
}

/// `error`, where it is that of a stopped sync, as one of `what`.
fn stopped_as(error: Error, what: &str) -> Error {
    match error.kind() {
        ErrorKind::Stopped(_) => Error::new(
            error.kind(),
            format!("{what} interrompue : rien n'a été changé"),
        )
        .hint("Relancez la même commande"),
        _ => error,
    }
}
