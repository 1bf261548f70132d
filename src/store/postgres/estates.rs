//! All estates of a schema, and the roles that read one of them.
//!
//! A role reads by policies of its own, one for each table, with the name of its estate in them: a policy that read a
//! setting could be talked round with SET.

use std::collections::BTreeMap;

use postgres::Transaction;

use super::schema;
use super::server::Server;
use super::statement::query;
use crate::error::{Error, ErrorKind, Result};
use crate::report::RunStatus;
use crate::store::results::{ConnectorState, EstateState, NamedState};

/// Tables that nobody reads but who loads: the key of the hashes that recognise erased customers, and who syncs.
const PRIVATE: [&str; 2] = ["erasure_secret", "leases"];

/// The connectors of all estates, with the state of each.
const CONNECTORS: &str = "
    SELECT c.estate, c.name, c.type, newest.status, ended.ended_at, runs.succeeded_at,
        (SELECT m.message FROM @run_messages AS m
         WHERE m.estate = c.estate AND m.run_id = ended.run_id AND m.level = 'error'
         ORDER BY m.ordinal LIMIT 1)
    FROM @connectors AS c
    LEFT JOIN (SELECT estate, source, max(run_id) AS newest,
                   max(run_id) FILTER (WHERE ended_at IS NOT NULL) AS ended,
                   max(ended_at) FILTER (WHERE status = 'success') AS succeeded_at
               FROM @runs GROUP BY estate, source) AS runs
        ON runs.estate = c.estate AND runs.source = c.name
    LEFT JOIN @runs AS newest ON newest.estate = c.estate AND newest.run_id = runs.newest
    LEFT JOIN @runs AS ended ON ended.estate = c.estate AND ended.run_id = runs.ended
    ORDER BY c.estate, c.name";

/// The estates of the schema that the role may read, by name.
pub(in crate::store) fn estates(server: &Server) -> Result<Vec<EstateState>> {
    if schema::version(server)?.is_none() {
        return Ok(Vec::new());
    }
    server.at_one_instant(|| {
        let mut found: BTreeMap<String, EstateState> = BTreeMap::new();
        let of = |name: &str| EstateState {
            name: name.to_owned(),
            rows: 0,
            connectors: Vec::new(),
        };
        for row in server.read(|client| Ok(query(client, &server.sql(CONNECTORS), &[])?))? {
            let name: String = row.try_get(0)?;
            let status: Option<String> = row.try_get(3)?;
            let estate = found.entry(name.clone()).or_insert_with(|| of(&name));
            estate.connectors.push(NamedState {
                name: row.try_get(1)?,
                kind: row.try_get(2)?,
                state: ConnectorState {
                    newest: status.as_deref().map(RunStatus::parse),
                    last_sync: row.try_get(4)?,
                    last_success: row.try_get(5)?,
                    last_error: row.try_get(6)?,
                },
            });
        }
        let sql = server.sql("SELECT estate, sum(rows)::bigint FROM @row_counts GROUP BY estate");
        for row in server.read(|client| Ok(query(client, &sql, &[])?))? {
            let (name, rows): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            let estate = found.entry(name.clone()).or_insert_with(|| of(&name));
            estate.rows = rows.try_into().unwrap_or(0);
        }
        Ok(found.into_values().collect())
    })
}

/// Lets `role` read the estate of `server`, and no other.
pub(in crate::store) fn grant_reader(server: &Server, role: &str) -> Result<()> {
    schema::migrate(server)?;
    server.transaction(|to| {
        require_role(to, role)?;
        let reader = identifier(role);
        let estate = server.estate().replace('\'', "''");
        for table in tables(server, to)? {
            let name = server.sql(&format!("@{table}"));
            to.batch_execute(&format!(
                "DROP POLICY IF EXISTS {reader} ON {name};
                 CREATE POLICY {reader} ON {name} FOR SELECT TO {reader} USING (estate = '{estate}');
                 ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;
                 GRANT SELECT ON {name} TO {reader}"
            ))?;
        }
        to.batch_execute(&format!(
            "GRANT USAGE ON SCHEMA {} TO {reader}; GRANT SELECT ON {} TO {reader}",
            server.schema(),
            server.sql("@schema_version")
        ))?;
        Ok(())
    })
}

/// Takes from `role` what [`grant_reader`] gave.
pub(in crate::store) fn revoke_reader(server: &Server, role: &str) -> Result<()> {
    schema::migrate(server)?;
    server.transaction(|to| {
        require_role(to, role)?;
        let reader = identifier(role);
        for table in tables(server, to)? {
            let name = server.sql(&format!("@{table}"));
            to.batch_execute(&format!(
                "DROP POLICY IF EXISTS {reader} ON {name}; REVOKE SELECT ON {name} FROM {reader}"
            ))?;
        }
        to.batch_execute(&format!(
            "REVOKE SELECT ON {} FROM {reader}; REVOKE USAGE ON SCHEMA {} FROM {reader}",
            server.sql("@schema_version"),
            server.schema()
        ))?;
        Ok(())
    })
}

/// The tables with an estate that a reader may read.
fn tables(server: &Server, to: &mut Transaction<'_>) -> Result<Vec<String>> {
    let rows = to.query(
        "SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'estate' AND NOT a.attisdropped
         WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY 1",
        &[&server.schema()],
    )?;
    let names = rows.iter().map(|row| row.try_get(0));
    let mut names: Vec<String> = names.collect::<std::result::Result<_, _>>()?;
    names.retain(|name| !PRIVATE.contains(&name.as_str()));
    Ok(names)
}

fn require_role(to: &mut Transaction<'_>, role: &str) -> Result<()> {
    let row = to.query_opt(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = $1",
        &[&role],
    )?;
    match row.map(|row| row.try_get(0)).transpose()? {
        Some(false) => Ok(()),
        Some(true) => Err(Error::config(format!(
            "Le rôle « {role} » voit tout (SUPERUSER ou BYPASSRLS) : rien n'a été changé"
        ))
        .hint("Choisissez un rôle sans ces droits")),
        None => Err(Error::new(
            ErrorKind::NotFound,
            format!("Aucun rôle ne s'appelle « {role} » sur ce serveur : rien n'a été changé"),
        )
        .hint("Créez-le d'abord sur le serveur : CREATE ROLE … LOGIN")),
    }
}

/// A name as an identifier of SQL.
fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
