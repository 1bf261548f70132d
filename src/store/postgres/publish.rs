//! Publication: what a transaction changed in a working copy is written to the server in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use postgres::Transaction;
use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::{ToSql, Type};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use tracing::{debug, info};

use super::failure::{Failure, Written};
use super::lease::Held;
use super::server::Server;
use super::shapes::{Kind, Shape};
use super::tracking;
use super::values::Outgoing;
use crate::error::{Error, Result};
use crate::store::sqlite::{Publisher, token};

/// Rows a statement that changes or deletes.
const CHUNK: usize = 1_000;

/// Times a publication is tried where others are in the way, or the connection is lost.
const TRIES: u32 = 4;

/// Pause after the first try; longer after each further one.
const PAUSE: Duration = Duration::from_millis(500);

/// A part of an estate whose versions are counted: a source, empty for the estate, and a table.
pub(super) type Part = (String, String);

/// A version of a part: how often it was published, and the name of the last publication. A part that was purged begins to
/// count anew, and a server that was restored counts on from earlier: the number alone would not tell.
pub(super) type Version = (i64, String);

/// The way from a working copy to the server.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) server: Arc<Server>,
    pub(super) shapes: Arc<Vec<Shape>>,
    /// The connectors' leases under which it publishes.
    pub(super) leases: Vec<Held>,
    /// Source and table whose rows are all new, and not noted one by one.
    pub(super) whole: Mutex<Option<Part>>,
}

impl Publisher for Arc<Link> {
    fn publish(&self, db: &Connection) -> Result<()> {
        let whole = self.whole();
        let mut parts: BTreeMap<Part, Option<Version>> = BTreeMap::new();
        let mut is_changed = false;
        for shape in self.shapes.iter() {
            let sources = touched(db, shape, whole.as_ref())?;
            is_changed |= !sources.is_empty();
            for source in sources.into_iter().filter(|_| shape.kind != Kind::History) {
                let part = (source, shape.name.to_owned());
                let version = version_of(db, &part)?;
                parts.insert(part, version);
            }
        }
        if !is_changed {
            return Ok(());
        }
        let publication = token();
        let mut tries = 0;
        loop {
            tries += 1;
            match self.write(db, &parts, whole.as_ref(), &publication) {
                Ok(()) => break,
                Err(Failure::Passing(error)) if tries < TRIES => {
                    info!(%error, tries, "publication tried again");
                    thread::sleep(PAUSE * tries);
                    if self.is_done(&parts, &publication).unwrap_or(false) {
                        break;
                    }
                }
                Err(Failure::Passing(error) | Failure::Final(error)) => return Err(error),
            }
        }
        for ((source, table), version) in &parts {
            let next = version.as_ref().map_or(0, |(number, _)| *number) + 1;
            db.execute(
                "INSERT OR REPLACE INTO part_versions VALUES (?1, ?2, ?3, ?4)",
                params![source, table, next, publication],
            )?;
        }
        *self.whole.lock().unwrap_or_else(PoisonError::into_inner) = None;
        tracking::resume(db, &self.shapes)
    }
}

impl Link {
    fn whole(&self) -> Option<Part> {
        let whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        whole.clone()
    }

    /// Forgets the notes of what was published.
    pub(super) fn forget(&self, db: &Connection) -> Result<()> {
        for shape in self.shapes.iter() {
            db.execute(&format!("DELETE FROM temp.changed_{}", shape.name), [])?;
        }
        Ok(())
    }

    fn write(
        &self,
        db: &Connection,
        parts: &BTreeMap<Part, Option<Version>>,
        whole: Option<&Part>,
        publication: &str,
    ) -> Written<()> {
        self.server.transaction(|to| {
            let estate = self.server.estate();
            // With the arrays before it, the planner reads the whole table: forty times slower.
            to.batch_execute("SET LOCAL plan_cache_mode = force_generic_plan")?;
            for lease in &self.leases {
                lease.sign(to)?;
            }
            for (part, version) in parts {
                self.claim(to, part, version.as_ref(), publication)?;
            }
            for shape in self.shapes.iter() {
                let out = Out {
                    server: &self.server,
                    estate,
                    db,
                    shape,
                };
                out.delete(to)?;
                out.update(to)?;
                out.insert(to, whole)?;
            }
            for lease in &self.leases {
                lease.confirm(to, &self.server)?;
            }
            Ok(())
        })
    }

    /// Raises the version of `part`; fails where another machine has raised it.
    fn claim(
        &self,
        to: &mut Transaction<'_>,
        (source, table): &Part,
        version: Option<&Version>,
        publication: &str,
    ) -> Written<()> {
        let estate = self.server.estate();
        let raised = match version {
            Some((number, last)) => to.execute(
                &self.server.sql(
                    "UPDATE @parts SET version = version + 1, publication = $5
                     WHERE estate = $1 AND source = $2 AND table_name = $3
                         AND version = $4 AND publication = $6",
                ),
                &[&estate, source, table, number, &publication, last],
            )?,
            None => to.execute(
                &self.server.sql(
                    "INSERT INTO @parts (estate, source, table_name, version, publication)
                     SELECT $1, $2, $3, 1, $4 WHERE NOT EXISTS
                         (SELECT 1 FROM @parts WHERE estate = $1 AND source = $2 AND table_name = $3)",
                ),
                &[&estate, source, table, &publication],
            )?,
        };
        if raised == 1 {
            return Ok(());
        }
        debug!(source, table, ?version, "part changed by another machine");
        Err(Failure::Final(changed_elsewhere()))
    }

    /// Whether a commit whose answer was lost was made.
    fn is_done(&self, parts: &BTreeMap<Part, Option<Version>>, publication: &str) -> Result<bool> {
        let Some(((source, table), _)) = parts.first_key_value() else {
            return Ok(false);
        };
        let sql = "SELECT 1 FROM @parts
            WHERE estate = $1 AND source = $2 AND table_name = $3 AND publication = $4";
        Ok(self
            .server
            .row(sql, &[source, table, &publication])?
            .is_some())
    }
}

/// The error where a working copy was out of date.
fn changed_elsewhere() -> Error {
    Error::store("Un autre ordinateur a changé ces lignes entre-temps : rien n'a été changé")
        .hint("Relancez la même commande : elle partira de leur état actuel")
}

/// The sources whose rows of `shape` were changed; one empty source for a table without any.
fn touched(db: &Connection, shape: &Shape, whole: Option<&Part>) -> Result<BTreeSet<String>> {
    let name = shape.name;
    let mut sources = BTreeSet::new();
    if let Some((source, _)) = whole.filter(|(_, table)| table == name) {
        sources.insert(source.clone());
    }
    if shape.kind == Kind::OfSource {
        let sql = format!("SELECT DISTINCT source FROM temp.changed_{name}");
        let mut select = db.prepare(&sql)?;
        for source in select.query_map([], |row| row.get(0))? {
            sources.insert(source?);
        }
    } else {
        let sql = format!("SELECT 1 FROM temp.changed_{name} LIMIT 1");
        let found: Option<i64> = db.query_row(&sql, [], |row| row.get(0)).optional()?;
        sources.extend(found.map(|_| String::new()));
    }
    Ok(sources)
}

/// The version of `part` in the working copy; `None` where it was never published.
fn version_of(db: &Connection, (source, table): &Part) -> Result<Option<Version>> {
    let sql =
        "SELECT version, publication FROM part_versions WHERE source = ?1 AND table_name = ?2";
    let version = db.query_row(sql, [source, table], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(version.optional()?)
}

/// One table on its way.
pub(super) struct Out<'a> {
    pub(super) server: &'a Server,
    pub(super) estate: &'a str,
    pub(super) db: &'a Connection,
    pub(super) shape: &'a Shape,
}

impl Out<'_> {
    /// SQL that reads `columns` of the noted rows that are there, and were there before or not.
    fn noted(&self, columns: &[&str], was_there: bool) -> String {
        let name = self.shape.name;
        let columns: Vec<String> = columns
            .iter()
            .map(|column| format!("{name}.{column}"))
            .collect();
        let key = self.shape.key_columns().join(", ");
        let was_there = u8::from(was_there);
        format!(
            "SELECT {} FROM temp.changed_{name} AS noted JOIN main.{name} USING ({key})
             WHERE was_there = {was_there}",
            columns.join(", ")
        )
    }

    fn columns(&self) -> Vec<&str> {
        self.shape.columns.iter().map(String::as_str).collect()
    }

    fn delete(&self, to: &mut Transaction<'_>) -> Written<()> {
        let name = self.shape.name;
        let key = self.shape.key_columns();
        let same: Vec<String> = key
            .iter()
            .map(|column| format!("there.{column} = noted.{column}"))
            .collect();
        let sql = format!(
            "SELECT {} FROM temp.changed_{name} AS noted WHERE was_there = 1
             AND NOT EXISTS (SELECT 1 FROM main.{name} AS there WHERE {})",
            key.join(", "),
            same.join(" AND ")
        );
        let statement = self.server.sql(&format!(
            "DELETE FROM @{name} AS there USING unnest({}) AS noted ({})
             WHERE there.estate = $1 AND {}",
            arrays(&self.shape.key_types()),
            key.join(", "),
            same.join(" AND ")
        ));
        self.in_chunks(to, &sql, key.len(), &statement)
    }

    fn update(&self, to: &mut Transaction<'_>) -> Written<()> {
        let name = self.shape.name;
        let columns = self.columns();
        let key = self.shape.key_columns();
        let set: Vec<String> = columns
            .iter()
            .filter(|column| !key.contains(column))
            .map(|column| format!("{column} = noted.{column}"))
            .collect();
        if set.is_empty() {
            return Ok(());
        }
        let same: Vec<String> = key
            .iter()
            .map(|column| format!("there.{column} = noted.{column}"))
            .collect();
        let statement = self.server.sql(&format!(
            "UPDATE @{name} AS there SET {} FROM unnest({}) AS noted ({})
             WHERE there.estate = $1 AND {}",
            set.join(", "),
            arrays(&self.shape.types),
            columns.join(", "),
            same.join(" AND ")
        ));
        self.in_chunks(to, &self.noted(&columns, true), columns.len(), &statement)
    }

    /// Runs `statement` with the rows of `sql`, as one array a column, some at a time.
    fn in_chunks(
        &self,
        to: &mut Transaction<'_>,
        sql: &str,
        width: usize,
        statement: &str,
    ) -> Written<()> {
        let mut select = self.db.prepare(sql)?;
        let mut rows = select.query([])?;
        let mut prepared = None;
        loop {
            let mut columns: Vec<Vec<Value>> = vec![Vec::with_capacity(CHUNK); width];
            let mut count = 0;
            while count < CHUNK
                && let Some(row) = rows.next()?
            {
                for (place, column) in columns.iter_mut().enumerate() {
                    column.push(row.get(place)?);
                }
                count += 1;
            }
            if count == 0 {
                return Ok(());
            }
            let columns: Vec<Vec<Outgoing<'_>>> = columns
                .iter()
                .map(|column| column.iter().map(|value| Outgoing(value.into())).collect())
                .collect();
            let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&self.estate];
            parameters.extend(columns.iter().map(|column| column as &(dyn ToSql + Sync)));
            let prepared = match &prepared {
                Some(prepared) => prepared,
                None => prepared.insert(to.prepare(statement)?),
            };
            to.execute(prepared, &parameters)?;
        }
    }

    /// Copies new rows: those that are noted, or all of a source.
    fn insert(&self, to: &mut Transaction<'_>, whole: Option<&Part>) -> Written<()> {
        let shape = self.shape;
        let columns = self.columns();
        let whole = whole.filter(|(_, table)| table == shape.name);
        let (sql, of) = match whole {
            Some((source, _)) => {
                let sql = format!(
                    "SELECT {} FROM main.{} WHERE source = ?1",
                    shape.list(),
                    shape.name
                );
                (sql, Some(source))
            }
            None => (self.noted(&columns, false), None),
        };
        self.copy(to, &sql, of)
    }

    /// Copies the rows of `sql`, which has all columns.
    pub(super) fn copy(
        &self,
        to: &mut Transaction<'_>,
        sql: &str,
        of: Option<&String>,
    ) -> Written<()> {
        let shape = self.shape;
        let mut select = self.db.prepare(sql)?;
        let mut rows = select.query(params_from_iter(of))?;
        let Some(mut row) = rows.next()? else {
            return Ok(());
        };
        let copy = self.server.sql(&format!(
            "COPY @{} (estate, {}) FROM STDIN WITH BINARY",
            shape.name,
            shape.list()
        ));
        let mut types = vec![Type::TEXT];
        types.extend_from_slice(&shape.types);
        let mut writer = BinaryCopyInWriter::new(to.copy_in(&copy)?, &types);
        loop {
            let mut cells = Vec::with_capacity(shape.columns.len());
            for place in 0..shape.columns.len() {
                cells.push(Outgoing(row.get_ref(place)?));
            }
            let mut values: Vec<&(dyn ToSql + Sync)> = vec![&self.estate];
            values.extend(cells.iter().map(|cell| cell as &(dyn ToSql + Sync)));
            writer.write(&values)?;
            match rows.next()? {
                Some(next) => row = next,
                None => break,
            }
        }
        writer.finish()?;
        Ok(())
    }
}

/// Array parameters of these types, after the estate.
fn arrays(types: &[Type]) -> String {
    let arrays = types.iter().zip(2..);
    let arrays: Vec<String> = arrays
        .map(|(kind, number)| format!("${number}::{}[]", kind.name()))
        .collect();
    arrays.join(", ")
}
