//! The existing rows under the keys of incoming rows.

use std::cmp::Ordering;

use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, Statement, params};

use crate::canonical::Decimal;
use crate::canonical::rows::{Column, Row, Rows, Value};
use crate::error::Result;
use crate::store::requests::LoadTarget;

/// Table rows scanned for each row of a batch before [`ExistingRows::find_between`] gives up.
const WALK_AT_MOST: usize = 4;

/// What the table contains under the key of an incoming row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Nothing,
    /// The incoming row itself: the chunk insert has just written it.
    Itself,
    Equal,
    Different,
    /// A row that this run wrote from an earlier line: whether from the same file, and whether equal.
    Earlier {
        same_origin: bool,
        equal: bool,
    },
}

impl Found {
    /// A row that an earlier run wrote.
    pub(super) fn of_before(equal: bool) -> Self {
        if equal { Self::Equal } else { Self::Different }
    }
}

/// A whole row of the table.
#[derive(Debug)]
pub(super) struct ExistingRow {
    pub(super) hash: i64,
    pub(super) source_ref: String,
    /// The run that wrote it, and when.
    pub(super) run_id: i64,
    pub(super) updated_at: String,
    values: Vec<Sql>,
}

impl ExistingRow {
    /// Its values, in the order of the table's columns.
    pub(super) fn values(&self) -> impl Iterator<Item = Value<'_>> {
        self.values.iter().map(value)
    }

    /// Its values without the key, in the order of the table's columns.
    pub(super) fn values_without_key(&self) -> impl Iterator<Item = Value<'_>> {
        self.values().skip(1)
    }

    /// The text in `column`; empty when the cell holds none.
    pub(super) fn text(&self, column: Column) -> &str {
        match self.values.get(column.position()).map(value) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// The amount or quantity in `column`; `None` when the cell holds none.
    pub(super) fn decimal(&self, column: Column) -> Option<Decimal> {
        match value(self.values.get(column.position())?) {
            Value::Decimal(value) => Some(value),
            _ => None,
        }
    }
}

/// The rows of one table of one source.
#[derive(Debug)]
pub(super) struct ExistingRows<'s> {
    source: String,
    run_id: i64,
    lookup: Statement<'s>,
    whole: Statement<'s>,
    /// The rows from a key on.
    walk: Statement<'s>,
    /// The same, where this run wrote none of them: a twelfth faster without their run.
    walk_untouched: Statement<'s>,
    /// The rows that this run may have written.
    written: Written,
}

/// The rows that a run may have written so far.
#[derive(Debug)]
enum Written {
    /// Those up to a key.
    UpTo(String),
    /// Any.
    Anywhere,
}

impl<'s> ExistingRows<'s> {
    /// Prepares the statements for one load.
    pub(super) fn prepare(db: &'s Connection, target: &LoadTarget<'_>) -> Result<Self> {
        let (name, key) = (target.table.sql_name(), target.table.key_column());
        Ok(Self {
            source: target.source.to_owned(),
            run_id: target.run_id,
            lookup: db.prepare(&format!(
                "SELECT row_hash, run_id, source_ref FROM {name} WHERE source = ?1 AND {key} = ?2"
            ))?,
            whole: db.prepare(&format!(
                "SELECT row_hash, source_ref, run_id, updated_at, {} FROM {name} WHERE source = ?1 AND {key} = ?2",
                target.table.columns().join(", ")
            ))?,
            walk: db.prepare(&format!(
                "SELECT {key}, iif(run_id = ?3, NULL, row_hash) FROM {name} WHERE source = ?1 AND {key} >= ?2
                 ORDER BY {key}"
            ))?,
            walk_untouched: db.prepare(&format!(
                "SELECT {key}, row_hash FROM {name} WHERE source = ?1 AND {key} >= ?2 ORDER BY {key}"
            ))?,
            written: Written::UpTo(String::new()),
        })
    }

    /// To be called before rows are written that were not looked up with [`ExistingRows::find_between`].
    pub(super) fn lose_track(&mut self) {
        self.written = Written::Anywhere;
    }

    /// Looks up the existing row of each row in one scan of the table. `found` gets one entry per row; `None` where
    /// [`ExistingRows::find`] must look it up when its turn comes. `keys_ascend`: see [`Rows::keys_ascend`].
    pub(super) fn find_between(
        &mut self,
        rows: &Rows,
        keys_ascend: bool,
        found: &mut Vec<Option<Found>>,
    ) -> Result<()> {
        found.clear();
        found.resize(rows.len(), None);
        let keys = || rows.iter().map(|row| row.key());
        let Some(first) = keys().next() else {
            return Ok(());
        };
        if !keys_ascend {
            self.lose_track();
            return self.find_out_of_order(rows, found);
        }
        self.walk_along(rows.iter().zip(found), first, rows.len())?;
        if let (Written::UpTo(last), Some(key)) = (&mut self.written, keys().next_back())
            && key > last.as_str()
        {
            key.clone_into(last);
        }
        Ok(())
    }

    /// Like [`ExistingRows::find_between`], for rows whose keys do not ascend: they are looked up in key order. Of
    /// two rows with one key, the second is looked up on its own because the first may change the existing row.
    fn find_out_of_order(&mut self, rows: &Rows, found: &mut [Option<Found>]) -> Result<()> {
        let mut sorted: Vec<_> = rows.iter().zip(found).collect();
        sorted.sort_by(|(one, _), (other, _)| one.key().cmp(other.key()));
        sorted.dedup_by(|(next, _), (one, _)| next.key() == one.key());
        let (first, count) = (sorted.first().map(|(row, _)| row.key()), sorted.len());
        match first {
            Some(first) => self.walk_along(sorted.into_iter(), first, count),
            None => Ok(()),
        }
    }

    /// One scan of the table along `rows`, whose keys ascend from `first`.
    fn walk_along<'r, 'f>(
        &mut self,
        rows: impl Iterator<Item = (Row<'r>, &'f mut Option<Found>)>,
        first: &str,
        count: usize,
    ) -> Result<()> {
        // Without an upper bound: SQLite would compare it with each key, which costs more than all else done for a row.
        let mut rows_of_table = match &self.written {
            Written::UpTo(last) if last.as_str() < first => {
                self.walk_untouched.query(params![self.source, first])?
            }
            _ => self.walk.query(params![self.source, first, self.run_id])?,
        };
        // Where the table has many more rows between the keys than the batch, single look-ups are faster.
        let mut steps = WALK_AT_MOST * count;
        let mut old = rows_of_table.next()?;
        for (row, found) in rows {
            *found = loop {
                let Some(passed) = old else {
                    break Some(Found::Nothing);
                };
                let key = passed.get_ref(0)?.as_bytes().unwrap_or_default();
                match key.cmp(row.key().as_bytes()) {
                    Ordering::Less if steps == 0 => return Ok(()),
                    Ordering::Less => {
                        steps -= 1;
                        old = rows_of_table.next()?;
                    }
                    Ordering::Equal => {
                        let hash = match passed.get_ref(1)? {
                            ValueRef::Integer(hash) => Some(hash),
                            _ => None,
                        };
                        old = rows_of_table.next()?;
                        // A row written by this run needs a look-up of its own.
                        break hash.map(|hash| Found::of_before(hash == row.hash()));
                    }
                    Ordering::Greater => break Some(Found::Nothing),
                }
            };
        }
        Ok(())
    }

    /// The whole row under `key`: its hash, its origin, and its values in column order.
    pub(super) fn whole(&mut self, key: &str) -> Result<Option<ExistingRow>> {
        let mut rows = self.whole.query(params![self.source, key])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let width = row.as_ref().column_count();
        let values = (4..width).map(|at| row.get(at));
        Ok(Some(ExistingRow {
            hash: row.get(0)?,
            source_ref: row.get(1)?,
            run_id: row.get(2)?,
            updated_at: row.get(3)?,
            values: values.collect::<rusqlite::Result<_>>()?,
        }))
    }

    /// The existing row under the key of `row`.
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

/// An SQL value as a record value.
pub(super) fn value(value: &Sql) -> Value<'_> {
    match value {
        Sql::Integer(value) => Value::Integer(*value),
        Sql::Real(real) => Decimal::from_real(*real).map_or(Value::Null, Value::Decimal),
        Sql::Text(text) => Value::Text(text),
        Sql::Null | Sql::Blob(_) => Value::Null,
    }
}

/// The file or model in a `source_ref`.
pub(super) fn origin(source_ref: &str) -> &str {
    source_ref
        .rsplit_once(':')
        .map_or(source_ref, |(origin, _)| origin)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use jiff::civil::Date;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::canonical::Table;
    use crate::canonical::stock::StockLevel;
    use crate::store::requests::{CursorChanges, LoadMode, ShrinkLimit};
    use crate::store::sqlite::{Load, Store};

    /// A file: its batches of keys with their values, and whether it is kept.
    type File = (Vec<Vec<(u16, i64)>>, bool);

    /// Final values by key, each with the run that wrote it.
    type Stored = BTreeMap<String, (i64, i64)>;

    fn key(number: u16) -> String {
        format!("S{number}")
    }

    /// Loads `files` in one new run. The counts of inserted, updated and unchanged rows.
    fn load(store: &Store, files: &[File]) -> (u64, u64, u64) {
        let run_id = store.start_run("cave", "isavigne", Timestamp::now(), || Ok(()));
        let target = LoadTarget {
            source: "cave",
            table: Table::StockLevels,
            run_id: run_id.unwrap(),
            now: "2026-11-29T10:00:00Z",
            today: Date::constant(2026, 11, 29),
        };
        let mut load = Load::begin(store, target, LoadMode::Increment, || Ok(())).unwrap();
        for ((batches, is_kept), at) in files.iter().zip(0..) {
            let file = format!("stock{at}.csv");
            let mut line = 0;
            load.begin_unit(&file).unwrap();
            for batch in batches {
                let mut rows = Rows::default();
                for &(number, value) in batch {
                    line += 1;
                    rows.push(&file, line, &stock(&key(number), value));
                }
                assert!(load.write(&mut rows).unwrap().is_empty());
            }
            if *is_kept {
                load.keep_unit("mark").unwrap();
            } else {
                load.discard_unit(|| Ok(())).unwrap();
            }
        }
        let marks = CursorChanges {
            set: &[],
            unset: &[],
        };
        let report = load.finish(ShrinkLimit::Lifted, &marks, None).unwrap();
        let counts = report.counts;
        (counts.inserted, counts.updated, counts.unchanged)
    }

    fn stock(key: &str, value: i64) -> StockLevel<'_> {
        StockLevel {
            stock_key: key,
            product_key: "P1",
            warehouse: None,
            quantity_units: Decimal::from_ten_thousandths(value * 10_000),
            quantity_bottles_75cl_eq: Decimal::default(),
            reserved_qty: None,
            available_qty: None,
            last_count_date: None,
        }
    }

    fn stored(store: &Store) -> Stored {
        let sql = "SELECT stock_key, CAST(quantity_units AS INTEGER), run_id FROM stock_levels";
        let mut select = store.db.prepare(sql).unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))));
        rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    /// What run `run_id` makes of the rows `before` by `files`: the last line of a key counts.
    fn expected(before: &Stored, files: &[File], run_id: i64) -> (Stored, (u64, u64, u64)) {
        let kept = files.iter().filter(|(_, is_kept)| *is_kept);
        let lines: Vec<_> = kept.flat_map(|(batches, _)| batches.concat()).collect();
        let mut after = before.clone();
        for &(number, value) in &lines {
            after.insert(key(number), (value, run_id));
        }
        let (mut inserted, mut updated) = (0, 0);
        for (key, row) in &mut after {
            match before.get(key) {
                None => inserted += 1,
                Some(old) if old.0 == row.0 => *row = *old,
                Some(_) => updated += 1,
            }
        }
        let unchanged = lines.len() as u64 - inserted - updated;
        (after, (inserted, updated, unchanged))
    }

    /// Batches of one to forty rows, half of them in key order, so that later batches reach back to earlier ones.
    fn files() -> impl Strategy<Value = Vec<File>> {
        let batch = (vec((0_u16..120, 0_i64..3), 1..40), any::<bool>());
        let batch = batch.prop_map(|(mut rows, is_sorted)| {
            if is_sorted {
                rows.sort_by_key(|(number, _)| key(*number));
                rows.dedup_by_key(|(number, _)| *number);
            }
            rows
        });
        vec((vec(batch, 1..4), prop::bool::weighted(0.7)), 1..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_last_line_of_each_key_counts_whatever_the_order(
            before in 0_u16..120,
            first in files(),
            second in files(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("crmreco.db")).unwrap();
            let existing = vec![(vec![(0..before).map(|number| (number, 0)).collect()], true)];
            let mut rows = Stored::new();
            for (files, run_id) in [existing, first, second].into_iter().zip(1..) {
                let (after, counts) = expected(&rows, &files, run_id);
                prop_assert_eq!(load(&store, &files), counts);
                prop_assert_eq!(&stored(&store), &after);
                rows = after;
            }
        }
    }
}
