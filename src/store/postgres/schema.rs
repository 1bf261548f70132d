//! The schema's versions on a server. Each migration is an SQL file, applied once, in order, in one transaction that also
//! sets the version. A released file never changes: each change is a new file. A schema of a newer crmreco is refused and
//! left unchanged.
//!
//! Where the extension Citus is installed, the tables are distributed by estate.

use std::thread;
use std::time::Duration;

use postgres::Transaction;
use postgres::error::SqlState;
use tracing::info;

use super::server::Server;
use crate::error::{Error, Result};

/// Migration number `n` brings the schema from version `n` to `n + 1`.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_initial.sql")];

/// Tries where other machines create or migrate the schema too.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(200);

type Attempt<T> = std::result::Result<T, Failure>;

enum Failure {
    Server(postgres::Error),
    Ours(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Self {
        Self::Server(error)
    }
}

/// The version of the schema; `None` where there is none. Fails for that of a newer crmreco.
pub(super) fn version(server: &Server) -> Result<Option<usize>> {
    let name = server.sql("@schema_version");
    let exists = server.read(|client| {
        let row = client.query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&name])?;
        Ok(row.try_get::<_, bool>(0)?)
    })?;
    if !exists {
        return Ok(None);
    }
    let sql = server.sql("SELECT version FROM @schema_version");
    let version = server.read(|client| {
        let row = client.query_opt(&sql, &[])?;
        Ok(row.map(|row| row.try_get::<_, i64>(0)).transpose()?)
    })?;
    let version = usize::try_from(version.unwrap_or(0)).unwrap_or_default();
    require_known(version)?;
    Ok(Some(version).filter(|version| *version > 0))
}

/// Whether the schema is at the newest version.
pub(super) fn is_newest(version: Option<usize>) -> bool {
    version == Some(MIGRATIONS.len())
}

/// Creates the schema or brings it to the newest version.
pub(super) fn migrate(server: &Server) -> Result<()> {
    if is_newest(version(server)?) {
        return Ok(());
    }
    retried(|| create(server))?;
    retried(|| apply(server))
}

/// Tries again while others create or hold what `attempt` does.
fn retried(mut attempt: impl FnMut() -> Attempt<()>) -> Result<()> {
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt() {
            Ok(()) => return Ok(()),
            Err(Failure::Server(error)) if tries < TRIES && is_of_others(&error) => {
                thread::sleep(PAUSE);
            }
            Err(Failure::Server(error)) => return Err(error.into()),
            Err(Failure::Ours(error)) => return Err(error),
        }
    }
}

/// Whether `error` comes of another machine that does the same at the same time.
fn is_of_others(error: &postgres::Error) -> bool {
    let same = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::DUPLICATE_TABLE,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::INTERNAL_ERROR,
    ];
    super::failure::is_retryable(error) || error.code().is_some_and(|code| same.contains(code))
}

/// Creates the schema with the row of its version.
fn create(server: &Server) -> Attempt<()> {
    server.transaction(|to| {
        let schema = server.schema();
        let known = to.query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema])?;
        if known.is_none() {
            // A role that owns its schema may lack the right to create one: then it is not asked to.
            to.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {schema}"))?;
        }
        to.batch_execute(&server.sql(
            "CREATE TABLE IF NOT EXISTS @schema_version (id BIGINT PRIMARY KEY CHECK (id = 1), version BIGINT NOT NULL,
                 identity TEXT NOT NULL)",
        ))?;
        to.execute(
            &server.sql(
                "INSERT INTO @schema_version SELECT 1, 0, $1
                 WHERE NOT EXISTS (SELECT 1 FROM @schema_version)",
            ),
            &[&crate::store::sqlite::token()],
        )?;
        Ok(())
    })
}

/// Applies the migrations that are missing. The row of the version is written first: others wait for it.
fn apply(server: &Server) -> Attempt<()> {
    server.transaction(|to| {
        to.batch_execute("SET LOCAL lock_timeout = '2s'")?;
        let row = to.query_one(
            &server.sql("UPDATE @schema_version SET version = version RETURNING version"),
            &[],
        )?;
        let version = usize::try_from(row.try_get::<_, i64>(0)?).unwrap_or_default();
        require_known(version)?;
        for migration in MIGRATIONS.iter().skip(version) {
            to.batch_execute(&server.sql(migration))?;
        }
        distribute(server, to)?;
        let newest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        to.execute(
            &server.sql("UPDATE @schema_version SET version = $1"),
            &[&newest],
        )?;
        info!(from = version, to = newest, "schema migrated");
        Ok(())
    })
}

/// Distributes the tables by estate where Citus is installed, those that it does not know yet.
fn distribute(server: &Server, to: &mut Transaction<'_>) -> Attempt<()> {
    let has_citus = to.query_opt("SELECT 1 FROM pg_extension WHERE extname = 'citus'", &[])?;
    if has_citus.is_none() {
        return Ok(());
    }
    let schema = server.schema();
    let tables = to.query(
        "SELECT c.relname::text, EXISTS (SELECT 1 FROM pg_attribute AS a
                 WHERE a.attrelid = c.oid AND a.attname = 'estate' AND NOT a.attisdropped)
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relkind = 'r'
             AND NOT EXISTS (SELECT 1 FROM pg_dist_partition AS p WHERE p.logicalrelid = c.oid)
         ORDER BY c.relname",
        &[&schema],
    )?;
    for table in tables {
        let (name, has_estate): (String, bool) = (table.try_get(0)?, table.try_get(1)?);
        let name = format!("{schema}.{name}");
        if has_estate {
            to.execute(
                "SELECT create_distributed_table($1::text::regclass, 'estate')",
                &[&name],
            )?;
        } else {
            to.execute(
                "SELECT create_reference_table($1::text::regclass)",
                &[&name],
            )?;
        }
    }
    Ok(())
}

/// Fails for the version of a newer crmreco.
fn require_known(version: usize) -> Result<()> {
    let newest = MIGRATIONS.len();
    if version <= newest {
        return Ok(());
    }
    Err(Error::store(format!(
        "La base de données vient d'une version plus récente de crmreco (schéma {version}, celle-ci connaît {newest})"
    ))
    .hint("Mettez crmreco à jour ; la base n'a pas été touchée"))
}

/// What tells this database, schema and estate from all others.
pub(super) fn identity(server: &Server) -> Result<String> {
    let sql = server.sql("SELECT identity FROM @schema_version");
    let identity = server.read(|client| {
        let row = client.query_one(&sql, &[])?;
        Ok(row.try_get::<_, String>(0)?)
    })?;
    Ok(format!(
        "{identity}/{}/{}",
        server.schema(),
        server.estate()
    ))
}
