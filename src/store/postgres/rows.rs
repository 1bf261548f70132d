//! Rows as the server has them, handed out one by one: memory does not grow with their number.

use std::time::Duration;

use fallible_iterator::FallibleIterator;
use postgres::{Client, RowIter};

use super::server::Server;
use super::store::Store;
use super::values::Incoming;
use crate::canonical::Table;
use crate::error::{Error, Result};
use crate::stop::Stop;
use crate::store::row::{Flow, RowSink, Value};

impl Store {
    pub(in crate::store) fn read_table(
        &self,
        table: Table,
        source: Option<&str>,
        sink: &mut dyn RowSink,
        stop: &Stop,
    ) -> Result<()> {
        let server = &self.server;
        let columns = columns(server, table)?;
        let sql = server.sql(&format!(
            "SELECT {} FROM @{} WHERE estate = $1 AND ($2::text IS NULL OR source = $2) ORDER BY source, {}",
            columns.join(", "),
            table.sql_name(),
            table.key_column()
        ));
        let estate = server.estate();
        server.read(|client| {
            let statement = client.prepare(&sql)?;
            let parameters: [&(dyn postgres::types::ToSql + Sync); 2] = [&estate, &source];
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            let rows = client.query_raw(&statement, parameters)?;
            hand_out(rows, &names, sink, stop)
        })
    }

    /// Runs `sql`, one statement that reads, in a transaction that cannot write, for at most `limit`.
    pub(in crate::store) fn query(
        server: &Server,
        sql: &str,
        limit: Duration,
        sink: &mut dyn RowSink,
        stop: &Stop,
    ) -> Result<()> {
        require_one_estate(server)?;
        require_no_secret(sql)?;
        server
            .read(|client| {
                client.batch_execute(&format!(
                    "SET LOCAL statement_timeout = {}; SET LOCAL search_path = {}",
                    limit.as_millis(),
                    server.schema()
                ))?;
                let statement = client
                    .prepare(sql)
                    .map_err(|error| not_understood(&error))?;
                if statement.columns().is_empty() {
                    return Err(Error::data("La requête ne demande aucune colonne")
                        .hint("Par exemple : SELECT * FROM customers LIMIT 10"));
                }
                if !statement.params().is_empty() {
                    return Err(Error::data("La requête a des paramètres ($1)")
                        .hint("Écrivez leurs valeurs dans la requête"));
                }
                let names = statement
                    .columns()
                    .iter()
                    .map(|column| column.name().to_owned());
                let names: Vec<String> = names.collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let none: [&(dyn postgres::types::ToSql + Sync); 0] = [];
                let rows = client.query_raw(&statement, none)?;
                hand_out(rows, &names, sink, stop)
            })
            .map_err(|error| explained(error, limit))
    }
}

/// All columns of `table` but the estate, in order.
fn columns(server: &Server, table: Table) -> Result<Vec<String>> {
    let sql = server.sql(&format!("SELECT * FROM @{}", table.sql_name()));
    server.read(|client: &mut Client| {
        let statement = client.prepare(&sql)?;
        let names = statement
            .columns()
            .iter()
            .map(|column| column.name().to_owned());
        Ok(names.filter(|name| name != "estate").collect())
    })
}

fn hand_out(
    mut rows: RowIter<'_>,
    names: &[&str],
    sink: &mut dyn RowSink,
    stop: &Stop,
) -> Result<()> {
    sink.columns(names)?;
    while let Some(row) = rows.next()? {
        stop.check()?;
        let mut cells = Vec::with_capacity(names.len());
        for place in 0..names.len() {
            cells.push(row.try_get::<_, Incoming<'_>>(place)?);
        }
        let values: Vec<Value<'_>> = cells.iter().map(value).collect();
        if sink.row(&values)? == Flow::Stop {
            break;
        }
    }
    Ok(())
}

fn value<'v>(cell: &'v Incoming<'_>) -> Value<'v> {
    match cell {
        Incoming::Null => Value::Null,
        Incoming::Integer(number) => Value::Integer(*number),
        Incoming::Real(number) => Value::Real(*number),
        Incoming::Text(text) => Value::Text(text),
        Incoming::Blob(bytes) => Value::Blob(bytes),
    }
}

/// A query sees all estates of the schema that its role may read.
fn require_one_estate(server: &Server) -> Result<()> {
    let sql = "SELECT 1 FROM @parts WHERE estate <> $1 LIMIT 1";
    if server.row(sql, &[])?.is_none() {
        return Ok(());
    }
    Err(
        Error::config("La base contient plusieurs domaines : une requête les montrerait tous")
            .hint("Connectez-vous avec un rôle qui ne lit que le vôtre"),
    )
}

/// The key of the hashes by which erased customers are recognised is nobody's to read here.
fn require_no_secret(sql: &str) -> Result<()> {
    if !sql.to_lowercase().contains("erasure_secret") {
        return Ok(());
    }
    Err(
        Error::data("La table erasure_secret n'est pas à lire : elle protège les clients effacés")
            .hint("Toutes les autres tables se lisent"),
    )
}

fn not_understood(error: &postgres::Error) -> Error {
    let said = error
        .as_db_error()
        .map_or_else(|| error.to_string(), |said| said.message().to_owned());
    Error::data(format!("La requête n'est pas comprise ; PostgreSQL dit : {said}"))
        .hint("Les tables : SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")
}

fn explained(error: Error, limit: Duration) -> Error {
    use std::error::Error as _;
    let code = error
        .source()
        .and_then(|cause| cause.downcast_ref::<postgres::Error>())
        .and_then(postgres::Error::code);
    match code.map(postgres::error::SqlState::code) {
        Some("57014") => Error::data(format!(
            "La requête a été arrêtée après {} s",
            limit.as_secs()
        ))
        .hint("Restreignez-la (WHERE, LIMIT), ou donnez-lui plus de temps"),
        Some("25006") => Error::data("Cette requête ne fait pas que lire : rien n'a été changé")
            .hint("Ici, une requête lit (SELECT, WITH, EXPLAIN) et ne change rien"),
        _ => error,
    }
}
