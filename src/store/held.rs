//! What the table holds under the keys of rows that arrive.

use std::cmp::Ordering;

use rusqlite::{Connection, Statement, params};

use super::load::LoadTarget;
use crate::canonical::rows::{Row, Rows};
use crate::error::Result;

/// Rows of the table passed for each row of a batch before [`Held::find_between`] gives up.
const WALK_AT_MOST: usize = 4;

/// What the table holds under the key of a row that arrives.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Nothing,
    /// The very row that arrives: the chunk before has just inserted it.
    Itself,
    Equal,
    Different,
    /// A row this run wrote from an earlier line; whether of the same file, and whether equal.
    Earlier {
        same_origin: bool,
        equal: bool,
    },
}

impl Found {
    /// A row that an earlier run wrote.
    fn of_before(equal: bool) -> Self {
        if equal { Self::Equal } else { Self::Different }
    }
}

/// The rows of one table of one source.
#[derive(Debug)]
pub(super) struct Held<'s> {
    source: String,
    run_id: i64,
    lookup: Statement<'s>,
    walk: Statement<'s>,
}

impl<'s> Held<'s> {
    /// Prepares the statements for one load.
    pub(super) fn prepare(db: &'s Connection, target: &LoadTarget<'_>) -> Result<Self> {
        let (name, key) = (target.table.sql_name(), target.table.key_column());
        Ok(Self {
            source: target.source.to_owned(),
            run_id: target.run_id,
            lookup: db.prepare(&format!(
                "SELECT row_hash, run_id, source_ref FROM {name} WHERE source = ?1 AND {key} = ?2"
            ))?,
            walk: db.prepare(&format!(
                "SELECT {key}, iif(run_id = ?3, NULL, row_hash) FROM {name} WHERE source = ?1 AND {key} >= ?2
                 ORDER BY {key}"
            ))?,
        })
    }

    /// What the table holds under the key of each row: one walk through the keys of both, where those of `rows`
    /// ascend. `None` where a closer look is due.
    pub(super) fn find_between(
        &mut self,
        rows: &Rows,
        found: &mut Vec<Option<Found>>,
    ) -> Result<()> {
        found.clear();
        found.resize(rows.len(), None);
        let keys = || rows.iter().map(|row| row.key());
        let Some(first) = keys().next() else {
            return Ok(());
        };
        if !keys().is_sorted_by(|one, next| one < next) {
            return Ok(());
        }
        // No end is asked for: to look for it would cost more than all else that is done for a row.
        let mut held = self.walk.query(params![self.source, first, self.run_id])?;
        // Where the table holds far more than the batch between two of its keys, looking them up one by one is less.
        let mut steps = WALK_AT_MOST * rows.len();
        let mut old = held.next()?;
        for (row, found) in rows.iter().zip(found) {
            *found = loop {
                let Some(passed) = old else {
                    break Some(Found::Nothing);
                };
                let key = passed.get_ref(0)?.as_bytes().unwrap_or_default();
                match key.cmp(row.key().as_bytes()) {
                    Ordering::Less if steps == 0 => return Ok(()),
                    Ordering::Less => {
                        steps -= 1;
                        old = held.next()?;
                    }
                    Ordering::Equal => {
                        let hash = passed.get::<_, Option<i64>>(1)?;
                        old = held.next()?;
                        // Of a row that this run wrote, nothing is told here.
                        break hash.map(|hash| Found::of_before(hash == row.hash()));
                    }
                    Ordering::Greater => break Some(Found::Nothing),
                }
            };
        }
        Ok(())
    }

    /// What the table holds under the key of `row`.
    pub(super) fn find(&mut self, row: &Row<'_>) -> Result<Found> {
        let mut rows = self.lookup.query(params![self.source, row.key()])?;
        let Some(old) = rows.next()? else {
            return Ok(Found::Nothing);
        };
        let equal = old.get::<_, i64>(0)? == row.hash();
        if old.get::<_, i64>(1)? != self.run_id {
            return Ok(Found::of_before(equal));
        }
        let earlier = old.get_ref(2)?.as_str().unwrap_or_default();
        let here = row.source_ref();
        Ok(if earlier == here {
            Found::Itself
        } else {
            Found::Earlier {
                same_origin: origin(earlier) == origin(here),
                equal,
            }
        })
    }
}

/// The file or model of a `source_ref`.
fn origin(source_ref: &str) -> &str {
    source_ref
        .rsplit_once(':')
        .map_or(source_ref, |(origin, _)| origin)
}
