//! The database's schema versions. Each migration is an SQL file, applied once, in order, in one transaction that
//! also sets `user_version`. A released file never changes: each change is a new file. A database of a newer crmreco,
//! or of another program, is refused and left unchanged.

use rusqlite::Connection;
use tracing::info;

use super::scope::WriteScope;
use crate::error::{Advice, Error, Result};

/// Migration number `n` brings the database from version `n` to `n + 1`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_run_phases.sql"),
    include_str!("migrations/0003_plain_checks.sql"),
    include_str!("migrations/0004_left_aside.sql"),
    include_str!("migrations/0005_erasures.sql"),
    include_str!("migrations/0006_company_key.sql"),
];

/// Written in the file's header (`PRAGMA application_id`): "crmr" in ASCII.
const APPLICATION_ID: i32 = 0x6372_6d72;

/// Migrates `db` to the newest version. `waiting` is called while others write; its error ends the wait.
pub(super) fn migrate(db: &Connection, waiting: impl FnMut() -> Result<()>) -> Result<()> {
    if is_newest(db)? {
        return Ok(());
    }
    let scope = WriteScope::begin(db, None, waiting)?;
    let current = version(db)?;
    if current == 0 {
        refuse_strangers(db)?;
        db.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    let done = usize::try_from(current).unwrap_or(usize::MAX);
    for sql in MIGRATIONS.iter().skip(done) {
        db.execute_batch(sql)?;
    }
    db.pragma_update(None, "user_version", newest())?;
    scope.commit()?;
    info!(from = current, to = newest(), "database migrated");
    Ok(())
}

/// Whether `db` is at the newest version.
pub(super) fn is_newest(db: &Connection) -> Result<bool> {
    Ok(version(db)? == newest())
}

fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// The schema version of `db`; fails when a newer crmreco or another program wrote it.
pub(super) fn version(db: &Connection) -> Result<i64> {
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > newest() {
        return Err(Error::store(format!(
            "La base de données vient d'une version plus récente de crmreco (schéma {version}, celle-ci connaît {})",
            newest()
        ))
        .hint("Mettez crmreco à jour ; la base n'a pas été touchée"));
    }
    let owner: i32 = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if version > 0 && owner != APPLICATION_ID {
        return Err(stranger());
    }
    Ok(version)
}

/// Fails for an SQLite file with tables of another program.
fn refuse_strangers(db: &Connection) -> Result<()> {
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 { Err(stranger()) } else { Ok(()) }
}

fn stranger() -> Error {
    Error::store("Le fichier crmreco.db appartient à un autre programme")
        .hint("Déplacez-le ; il n'a pas été touché")
        .advise(Advice::ChooseHome)
}
