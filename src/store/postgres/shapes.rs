//! The tables that a working copy and the server share.

use std::collections::BTreeMap;

use postgres::types::Type;
use rusqlite::Connection;

use super::server::Server;
use super::statement::query;
use crate::error::Result;

/// What the rows of a table are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// State of one source: a working copy of the source has all of it.
    OfSource,
    /// State of the estate, for all its sources.
    OfEstate,
    /// History: what a run wrote. A working copy has that of the run under way.
    History,
}

/// All shared tables, in the order in which rows refer to each other.
pub(super) const TABLES: &[(&str, Kind)] = &[
    ("runs", Kind::History),
    ("run_tables", Kind::History),
    ("run_messages", Kind::History),
    ("run_phases", Kind::History),
    ("rejects", Kind::History),
    ("erasure_secret", Kind::OfEstate),
    ("erasures", Kind::OfEstate),
    ("erasure_marks", Kind::OfEstate),
    ("customers", Kind::OfSource),
    ("product_catalog", Kind::OfSource),
    ("sales_lines", Kind::OfSource),
    ("stock_levels", Kind::OfSource),
    ("contact_history", Kind::OfSource),
    ("cursors", Kind::OfSource),
    ("row_counts", Kind::OfSource),
    ("segmented", Kind::OfSource),
    ("units", Kind::OfSource),
    ("consents", Kind::OfSource),
    ("reject_rows", Kind::OfSource),
    ("corrections", Kind::OfSource),
    ("rereads", Kind::OfSource),
];

/// A shared table.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// All columns of the working copy; the server has the estate before them.
    pub(super) columns: Vec<String>,
    /// Places of the columns of the key.
    pub(super) key: Vec<usize>,
    /// Types of the columns on the server.
    pub(super) types: Vec<Type>,
}

impl Shape {
    /// The shape of `name` in the working copy `db`, without the types.
    pub(super) fn of(db: &Connection, name: &'static str, kind: Kind) -> Result<Self> {
        let mut select = db.prepare("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")?;
        let columns = select.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let columns: Vec<(String, i64)> = columns.collect::<rusqlite::Result<_>>()?;
        let mut key: Vec<(i64, usize)> = columns
            .iter()
            .enumerate()
            .filter(|(_, (_, place_in_key))| *place_in_key > 0)
            .map(|(place, (_, place_in_key))| (*place_in_key, place))
            .collect();
        key.sort_unstable();
        Ok(Self {
            name,
            kind,
            columns: columns.into_iter().map(|(column, _)| column).collect(),
            key: key.into_iter().map(|(_, place)| place).collect(),
            types: Vec::new(),
        })
    }

    /// The shapes of all shared tables.
    pub(super) fn all(db: &Connection, server: &Server) -> Result<Vec<Self>> {
        let types = types(server)?;
        let shapes = TABLES.iter();
        let shapes = shapes.map(|(name, kind)| {
            let mut shape = Self::of(db, name, *kind)?;
            let columns = shape.columns.iter();
            let types = columns.map(|column| {
                let of_column = types.get(&((*name).to_owned(), column.clone()));
                of_column.cloned().unwrap_or(Type::TEXT)
            });
            shape.types = types.collect();
            Ok(shape)
        });
        shapes.collect()
    }

    /// The names of the columns, with commas.
    pub(super) fn list(&self) -> String {
        self.columns.join(", ")
    }

    /// The columns of the key.
    pub(super) fn key_columns(&self) -> Vec<&str> {
        let columns = self.key.iter().filter_map(|place| self.columns.get(*place));
        columns.map(String::as_str).collect()
    }

    /// Types of the key on the server.
    pub(super) fn key_types(&self) -> Vec<Type> {
        let types = self.key.iter().filter_map(|place| self.types.get(*place));
        types.cloned().collect()
    }
}

/// The types of all columns of the schema, by table and column.
fn types(server: &Server) -> Result<BTreeMap<(String, String), Type>> {
    let sql = "SELECT c.relname::text, a.attname::text, a.atttypid
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0";
    let rows = server.read(|client| Ok(query(client, sql, &[&server.schema()])?))?;
    let types = rows.iter().map(|row| {
        let kind = Type::from_oid(row.try_get(2)?).unwrap_or(Type::TEXT);
        Ok(((row.try_get(0)?, row.try_get(1)?), kind))
    });
    types.collect()
}
