//! The move of a whole estate between a file and a server, with its proof: all rows of all tables are counted, and the
//! sales summed by month, on both sides, before anything is switched.

use std::collections::BTreeMap;

use postgres::{GenericClient, Transaction};
use rusqlite::Connection;
use tracing::info;

use super::failure::{Failure, Written};
use super::fetch::copy_rows;
use super::publish::Out;
use super::schema;
use super::server::Server;
use super::shapes::{Kind, Shape, TABLES};
use crate::canonical::Table;
use crate::error::{Error, Result};
use crate::store::results::Moved;
use crate::store::sqlite;

/// Sales of a source in a month: lines, amount with tax and bottles, both in ten-thousandths.
type Month = (i64, i64, i64);

/// What both sides must agree in.
#[derive(Debug, PartialEq, Eq)]
struct Proof {
    /// Rows by table.
    rows: BTreeMap<String, i64>,
    /// Sum of the lower halves of the row hashes, by canonical table.
    hashes: BTreeMap<String, i64>,
    months: BTreeMap<(String, String), Month>,
}

/// Copies all rows of `file` to the estate of `server`, which must have none, or the same.
pub(in crate::store) fn send(file: &sqlite::Store, server: &Server) -> Result<Moved> {
    schema::migrate(server)?;
    let db = file.connection();
    file.at_one_instant(|| {
        let shapes = Shape::all(db, server)?;
        let here = of_file(db)?;
        let publication = sqlite::token();
        let sent = server.transaction(|to| -> Written<()> {
            if has_rows(server, to)? {
                let there = of_server(server, to)?;
                return match difference(&here, &there) {
                    None => Ok(()), // A move that was killed before the settings changed.
                    Some(_) => Err(Failure::Final(is_taken(server))),
                };
            }
            for shape in &shapes {
                let estate = server.estate();
                let out = Out {
                    server,
                    estate,
                    db,
                    shape,
                };
                out.copy(
                    to,
                    &format!("SELECT {} FROM main.{}", shape.list(), shape.name),
                    None,
                )?;
                number_part(server, to, shape, &publication)?;
            }
            to.query(
                &server.sql(&format!(
                    "SELECT setval(pg_get_serial_sequence('{}.runs', 'run_id'),
                         greatest((SELECT max(run_id) FROM @runs), 1))",
                    server.schema()
                )),
                &[],
            )?;
            let there = of_server(server, to)?;
            difference(&here, &there)
                .map_or(Ok(()), |what| Err(Failure::Final(is_different(&what))))
        });
        match sent {
            Ok(()) => Ok(moved(&here)),
            Err(Failure::Passing(error) | Failure::Final(error)) => Err(error),
        }
    })
}

/// Copies all rows of the estate of `server` to `file`, which is new.
pub(in crate::store) fn receive(server: &Server, file: &sqlite::Store) -> Result<Moved> {
    if schema::version(server)?.is_none() {
        return Err(Error::store(
            "La base de ce serveur est vide : il n'y a rien à déplacer",
        ));
    }
    server.at_one_instant(|| {
        file.write_unpublished(|db| {
            for shape in &Shape::all(db, server)? {
                copy_rows(server, db, shape, None)?;
            }
            let here = of_file(db)?;
            let there = server.read(|client| of_server(server, client).map_err(error_of))?;
            match difference(&here, &there) {
                None => Ok(moved(&here)),
                Some(what) => Err(is_different(&what)),
            }
        })
    })
}

fn moved(proof: &Proof) -> Moved {
    info!(?proof.rows, "database moved");
    let rows = Table::ALL.iter().filter_map(|table| {
        let rows = proof.rows.get(table.sql_name())?;
        Some((*table, u64::try_from(*rows).unwrap_or(0)))
    });
    Moved {
        rows: rows.collect(),
    }
}

fn error_of(failure: Failure) -> Error {
    match failure {
        Failure::Passing(error) | Failure::Final(error) => error,
    }
}

/// Whether the estate has anything.
fn has_rows(server: &Server, client: &mut impl GenericClient) -> Written<bool> {
    let estate = server.estate();
    for (table, _) in TABLES {
        let sql = server.sql(&format!("SELECT 1 FROM @{table} WHERE estate = $1 LIMIT 1"));
        if client.query_opt(&sql, &[&estate])?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Gives the parts of a table that was sent their first version.
fn number_part(
    server: &Server,
    to: &mut Transaction<'_>,
    shape: &Shape,
    publication: &str,
) -> Written<()> {
    let (estate, name) = (server.estate(), shape.name);
    let source = match shape.kind {
        Kind::History => return Ok(()),
        Kind::OfEstate => "''",
        Kind::OfSource => "source",
    };
    let sql = format!(
        "INSERT INTO @parts (estate, source, table_name, version, publication)
         SELECT DISTINCT $1, {source}, $2::text, 1, $3 FROM @{name} WHERE estate = $1"
    );
    to.execute(&server.sql(&sql), &[&estate, &name, &publication])?;
    Ok(())
}

fn of_file(db: &Connection) -> Result<Proof> {
    let mut proof = Proof {
        rows: BTreeMap::new(),
        hashes: BTreeMap::new(),
        months: BTreeMap::new(),
    };
    for (table, _) in TABLES {
        let count = db.query_row(&format!("SELECT count(*) FROM main.{table}"), [], |row| {
            row.get(0)
        });
        proof.rows.insert((*table).to_owned(), count?);
    }
    for table in Table::ALL.map(Table::sql_name) {
        let sql = format!("SELECT coalesce(sum(row_hash & 4294967295), 0) FROM main.{table}");
        let sum = db.query_row(&sql, [], |row| row.get(0))?;
        proof.hashes.insert(table.to_owned(), sum);
    }
    let mut select = db.prepare(
        "SELECT source, substr(date_sale, 1, 7), count(*),
             coalesce(sum(CAST(round(price_total_eur * 10000) AS INTEGER)), 0),
             coalesce(sum(CAST(round(quantity_bottles_75cl_eq * 10000) AS INTEGER)), 0)
         FROM main.sales_lines GROUP BY 1, 2",
    )?;
    let months = select.query_map([], |row| {
        let month: Month = (row.get(2)?, row.get(3)?, row.get(4)?);
        Ok(((row.get(0)?, row.get(1)?), month))
    })?;
    proof.months = months.collect::<rusqlite::Result<_>>()?;
    Ok(proof)
}

fn of_server(server: &Server, client: &mut impl GenericClient) -> Written<Proof> {
    let estate = server.estate();
    let mut proof = Proof {
        rows: BTreeMap::new(),
        hashes: BTreeMap::new(),
        months: BTreeMap::new(),
    };
    for (table, _) in TABLES {
        let sql = server.sql(&format!("SELECT count(*) FROM @{table} WHERE estate = $1"));
        let count = client.query_one(&sql, &[&estate])?.try_get(0)?;
        proof.rows.insert((*table).to_owned(), count);
    }
    for table in Table::ALL.map(Table::sql_name) {
        let sql = server.sql(&format!(
            "SELECT coalesce(sum(row_hash & 4294967295), 0)::bigint FROM @{table} WHERE estate = $1"
        ));
        let sum = client.query_one(&sql, &[&estate])?.try_get(0)?;
        proof.hashes.insert(table.to_owned(), sum);
    }
    let sql = server.sql(
        "SELECT source, to_char(date_sale, 'YYYY-MM'), count(*),
             coalesce(sum(price_total_eur * 10000), 0)::bigint,
             coalesce(sum(quantity_bottles_75cl_eq * 10000), 0)::bigint
         FROM @sales_lines WHERE estate = $1 GROUP BY 1, 2",
    );
    for row in client.query(&sql, &[&estate])? {
        let month: Month = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        proof
            .months
            .insert((row.try_get(0)?, row.try_get(1)?), month);
    }
    Ok(proof)
}

/// What the two sides do not agree in.
fn difference(one: &Proof, other: &Proof) -> Option<String> {
    let tables = one.rows.iter().zip(&other.rows);
    let tables = tables.chain(one.hashes.iter().zip(&other.hashes));
    for ((table, here), (_, there)) in tables {
        if here != there {
            return Some(format!("{table} : {here} et {there}"));
        }
    }
    let months = one.months.keys().chain(other.months.keys());
    let mut months = months.filter(|month| one.months.get(*month) != other.months.get(*month));
    months
        .next()
        .map(|(source, month)| format!("les ventes de {month} de « {source} »"))
}

fn is_taken(server: &Server) -> Error {
    Error::config(format!(
        "Le domaine « {} » de cette base a déjà d'autres lignes : rien n'a été déplacé",
        server.estate()
    ))
    .hint("Donnez un autre domaine, ou un autre schéma")
}

fn is_different(what: &str) -> Error {
    Error::store(format!(
        "Les deux côtés ne sont pas égaux ({what}) : rien n'a été déplacé"
    ))
    .hint("Relancez la même commande ; si cela persiste, gardez la base où elle est et signalez-le")
}
