//! Bringing a working copy up to date: the parts of an estate whose version on the server is another.

use std::collections::{BTreeMap, BTreeSet};

use fallible_iterator::FallibleIterator;
use postgres::Client;
use postgres::binary_copy::BinaryCopyOutIter;
use rusqlite::{Connection, ToSql, params};
use tracing::info;

use super::publish::{Link, Part, Version};
use super::server::Server;
use super::shapes::{Kind, Shape};
use super::tracking;
use super::values::Incoming;
use crate::error::Result;
use crate::store::sqlite::{self, Store};

/// What a working copy is to hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// The state of these sources.
    Sources(&'a [&'a str]),
    /// These tables of a source, or of all.
    Tables(Option<&'a str>, &'a [&'a str]),
    /// The state of all sources, and the history.
    Everything,
}

impl Wanted<'_> {
    fn includes(self, (source, table): &Part) -> bool {
        let source = source.as_str();
        match self {
            Self::Sources(sources) => source.is_empty() || sources.contains(&source),
            Self::Tables(wanted, tables) => {
                tables.contains(&table.as_str()) && wanted.is_none_or(|wanted| wanted == source)
            }
            Self::Everything => true,
        }
    }
}

/// Brings `copy` up to date in what is `wanted`. Returns whether a customer was erased elsewhere since.
pub(super) fn fetch(link: &Link, copy: &Store, wanted: Wanted<'_>) -> Result<bool> {
    link.server.at_one_instant(|| {
        let there = versions_there(link)?;
        let here = versions_here(copy.connection())?;
        // A part that is gone was renamed or purged: a new one may hold rows with the same numbers.
        let gone = here.keys().filter(|part| !there.contains_key(part));
        let stale: BTreeSet<&Part> = there
            .keys()
            .filter(|part| wanted.includes(part) && there.get(*part) != here.get(*part))
            .chain(gone)
            .collect();
        let is_whole = matches!(wanted, Wanted::Everything);
        if stale.is_empty() && !is_whole {
            return Ok(false);
        }
        info!(
            parts = stale.len(),
            is_whole, "working copy brought up to date"
        );
        tracking::pause(copy.connection(), &link.shapes)?;
        // Parts come in any order; the server's rows refer to each other as they should.
        copy.connection()
            .pragma_update(None, "foreign_keys", false)?;
        let fetched = copy.write_unpublished(|db| {
            let (gone, newer): (Vec<&Part>, Vec<&Part>) =
                stale.iter().partition(|part| !there.contains_key(*part));
            for part in gone.into_iter().chain(newer) {
                fetch_part(link, db, part, there.get(part))?;
            }
            if is_whole {
                fetch_history(link, db)?;
            }
            Ok(())
        });
        copy.connection()
            .pragma_update(None, "foreign_keys", true)?;
        tracking::resume(copy.connection(), &link.shapes)?;
        fetched?;
        Ok(stale.iter().any(|(_, table)| table == "erasures"))
    })
}

fn versions_there(link: &Link) -> Result<BTreeMap<Part, Version>> {
    let sql = "SELECT source, table_name, version, publication FROM @parts WHERE estate = $1";
    let rows = link.server.rows(sql, &[])?;
    let versions = rows.iter().map(|row| {
        let part = (row.try_get(0)?, row.try_get(1)?);
        Ok((part, (row.try_get(2)?, row.try_get(3)?)))
    });
    versions.collect()
}

fn versions_here(db: &Connection) -> Result<BTreeMap<Part, Version>> {
    let mut select =
        db.prepare("SELECT source, table_name, version, publication FROM part_versions")?;
    let rows = select.query_map([], |row| {
        Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Replaces the rows of `part` by those of the server; `version` is theirs, `None` where it has none.
fn fetch_part(link: &Link, db: &Connection, part: &Part, version: Option<&Version>) -> Result<()> {
    let (source, table) = part;
    let Some(shape) = link.shapes.iter().find(|shape| shape.name == table) else {
        return Ok(()); // Of a newer version, which the server's schema would have told.
    };
    let is_of_source = shape.kind == Kind::OfSource;
    let of = if is_of_source {
        "WHERE source = ?1"
    } else {
        "WHERE ?1 = ''"
    };
    db.execute(&format!("DELETE FROM main.{table} {of}"), [source])?;
    if version.is_some() {
        copy_rows(
            &link.server,
            db,
            shape,
            is_of_source.then_some(source.as_str()),
        )?;
    }
    match version {
        Some((number, publication)) => db.execute(
            "INSERT OR REPLACE INTO part_versions VALUES (?1, ?2, ?3, ?4)",
            params![source, table, number, publication],
        )?,
        None => db.execute(
            "DELETE FROM part_versions WHERE source = ?1 AND table_name = ?2",
            [source, table],
        )?,
    };
    Ok(())
}

/// Replaces the history by that of the server.
fn fetch_history(link: &Link, db: &Connection) -> Result<()> {
    for shape in link
        .shapes
        .iter()
        .filter(|shape| shape.kind == Kind::History)
    {
        db.execute(&format!("DELETE FROM main.{}", shape.name), [])?;
        copy_rows(&link.server, db, shape, None)?;
    }
    Ok(())
}

/// Adds the runs of `source` that other machines made: their numbers alone count.
pub(super) fn fetch_runs(link: &Link, copy: &Store, source: &str) -> Result<()> {
    let sql =
        "SELECT run_id, connector_type, started_at FROM @runs WHERE estate = $1 AND source = $2";
    let runs = link.server.rows(sql, &[&source])?;
    tracking::pause(copy.connection(), &link.shapes)?;
    let added = copy.write_unpublished(|db| {
        let mut insert = db.prepare(
            "INSERT OR IGNORE INTO runs (run_id, source, connector_type, status, started_at)
             VALUES (?1, ?2, ?3, 'success', ?4)",
        )?;
        for run in &runs {
            let (id, kind): (i64, String) = (run.try_get(0)?, run.try_get(1)?);
            let at: Incoming<'_> = run.try_get(2)?;
            insert.execute(params![id, source, kind, at])?;
        }
        Ok(())
    });
    tracking::resume(copy.connection(), &link.shapes)?;
    added
}

/// Copies the rows of `shape`, of `source` or of all, in the order of their keys.
pub(super) fn copy_rows(
    server: &Server,
    db: &Connection,
    shape: &Shape,
    source: Option<&str>,
) -> Result<()> {
    // COPY takes no parameters.
    let of = source.map_or_else(String::new, |source| {
        format!("AND source = {}", quoted(source))
    });
    let sql = server.sql(&format!(
        "COPY (SELECT {} FROM @{} WHERE estate = {} {of} ORDER BY {}) TO STDOUT WITH BINARY",
        shape.list(),
        shape.name,
        quoted(server.estate()),
        shape.key_columns().join(", ")
    ));
    let places: Vec<String> = (1..=shape.columns.len())
        .map(|place| format!("?{place}"))
        .collect();
    let insert = format!(
        "INSERT INTO main.{} ({}) VALUES ({})",
        shape.name,
        shape.list(),
        places.join(", ")
    );
    let mut insert = db.prepare(&insert)?;
    server.read(|client: &mut Client| {
        let mut rows = BinaryCopyOutIter::new(client.copy_out(&sql)?, &shape.types);
        while let Some(row) = rows.next()? {
            for place in 0..shape.columns.len() {
                let value: Incoming<'_> = row.try_get(place)?;
                insert.raw_bind_parameter(place + 1, &value as &dyn ToSql)?;
            }
            insert.raw_execute()?;
        }
        Ok(())
    })
}

/// A text as a literal of SQL; `standard_conforming_strings` is on.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Creates what a working copy has beside the shared tables, and empties one of another estate.
pub(super) fn prepare(copy: &Store, identity: &str) -> Result<()> {
    let db = copy.connection();
    db.execute_batch(
        "CREATE TABLE IF NOT EXISTS part_versions
             (source TEXT NOT NULL, table_name TEXT NOT NULL, version INTEGER NOT NULL, publication TEXT NOT NULL,
              PRIMARY KEY (source, table_name)) STRICT, WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS published_by (identity TEXT NOT NULL) STRICT;",
    )?;
    let known: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM published_by WHERE identity = ?1)",
        [identity],
        |row| row.get(0),
    )?;
    if known {
        return Ok(());
    }
    copy.write_unpublished(|db| {
        for (table, _) in super::shapes::TABLES.iter().rev() {
            db.execute(&format!("DELETE FROM main.{table}"), [])?;
        }
        db.execute_batch("DELETE FROM part_versions; DELETE FROM published_by")?;
        db.execute("INSERT INTO published_by VALUES (?1)", [identity])?;
        Ok(())
    })?;
    sqlite::forget_freed(db)
}
