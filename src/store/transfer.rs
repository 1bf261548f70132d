//! The move of a database: from a file to a server, or back.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::postgres::{self, Server};
use super::results::Moved;
use super::sqlite;
use crate::error::{Error, Result, io_reason};
use crate::home::Home;

/// Endings of the names of a SQLite file and of its logs.
const FILES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Copies the database of `from` to the place of `to`, and proves both equal; neither is deleted. The caller holds the
/// locks of all connectors. `waiting` is called while others write; its error ends the move.
pub fn transfer(from: &Home, to: &Home, mut waiting: impl FnMut() -> Result<()>) -> Result<Moved> {
    if from.server() == to.server() {
        return Err(Error::config("La base est déjà là : rien n'a été déplacé"));
    }
    match (from.server(), to.server()) {
        (None, Some(server)) => {
            let file = sqlite::Store::open_existing(&from.database(), &mut waiting)?;
            postgres::send(&file, &Server::connect(server)?)
        }
        (Some(server), None) => {
            let server = Server::connect(server)?;
            let moved = into_file(&server, &to.database(), waiting)?;
            for ending in FILES {
                let _ = fs::remove_file(beside(&from.working_copy(), ending));
            }
            Ok(moved)
        }
        _ => Err(Error::config(
            "D'un serveur à un autre, la base passe par un fichier : rien n'a été déplacé",
        )
        .hint("Déplacez-la d'abord vers un fichier, puis de là vers l'autre serveur")),
    }
}

/// Fills a new file, and gives it the name `path`. A file of that name gets another one.
fn into_file(
    server: &Server,
    path: &Path,
    mut waiting: impl FnMut() -> Result<()>,
) -> Result<Moved> {
    let new = beside(path, "moving");
    for ending in FILES {
        let _ = fs::remove_file(beside(&new, ending));
    }
    let file = sqlite::Store::open_waiting(&new, &mut waiting)?;
    let moved = postgres::receive(server, &file)?;
    // Closed, a file has all its rows in itself, and no log beside it.
    drop(file);
    if path.exists() {
        drop(sqlite::Store::open_waiting(path, &mut waiting)?);
        let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        rename(path, &beside(path, &format!("before-{now}")))?;
    }
    rename(&new, path)?;
    Ok(moved)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(|error| {
        Error::store(format!(
            "{} ne peut pas être renommé : {}",
            from.display(),
            io_reason(&error)
        ))
        .because(error)
    })
}

/// `path` with `ending` after its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    if !ending.is_empty() {
        if !ending.starts_with('-') {
            name.push(".");
        }
        name.push(ending);
    }
    PathBuf::from(name)
}
