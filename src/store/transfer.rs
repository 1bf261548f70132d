//! The move of a database: from a file to a server, or back.

use std::fs;
use std::path::Path;

use jiff::Timestamp;

use super::postgres::{self, Server};
use super::results::Moved;
use super::sqlite;
use crate::error::{Error, Result, io_reason};
use crate::home::{Home, beside, sync_file, sync_folder};

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
            sqlite::remove_file(&from.working_copy());
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
    let new = beside(path, ".moving");
    sqlite::remove_file(&new);
    let file = sqlite::Store::open_waiting(&new, &mut waiting)?;
    let moved = postgres::receive(server, &file)?;
    file.into_file()?;
    if path.exists() {
        sqlite::Store::open_waiting(path, &mut waiting)?.into_file()?;
        let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
        rename(path, &beside(path, &format!(".before-{now}")))?;
    }
    rename(&new, path)?;
    Ok(moved)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    let renamed = sync_file(from).and_then(|()| fs::rename(from, to));
    renamed.map_err(|error| {
        Error::store(format!(
            "{} ne peut pas être renommé : {}",
            from.display(),
            io_reason(&error)
        ))
        .hint("Vérifiez le droit d'écrire dans ce dossier et la place libre, puis relancez la même commande")
        .because(error)
    })?;
    if let Some(folder) = to.parent() {
        sync_folder(folder);
    }
    Ok(())
}
