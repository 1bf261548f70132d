//! Upsert of rows by key: new rows are inserted, different ones replaced, equal ones left.
//!
//! Counts are net: a row counts as inserted or updated once per run, and every further line with the same key counts
//! as unchanged. A run that ends with the rows it began with counts no change, and restores the rows' old stamps.

use foldhash::{HashSet, HashSetExt};
use rusqlite::{Connection, OptionalExtension, Statement, params};

use super::consents::ConsentLedger;
use super::existing_rows::{self, ExistingRow, ExistingRows, Found};
use super::figures::{LineLog, Touched};
use super::missing::Known;
use super::statements::{
    COMMON, bind_common, bind_provenance, bind_row, insert_sql, update_sql, width,
};
use super::unit_sums::UnitSums;
use crate::canonical::rows::{ColumnSet, Row, Rows, Value};
use crate::canonical::{Conflict, Decimal, KeyRule, Table, sale};
use crate::error::Result;
use crate::report::Counts;
use crate::store::load_report::EXAMPLES;
use crate::store::load_report::Repeated;
use crate::store::requests::{LoadMode, LoadTarget};

/// Rows per INSERT statement: twenty are 5 % faster than fifty, whose values exceed the L1 cache.
const CHUNK: usize = 20;

/// Most keys of rejected rows remembered for later rows.
const MOST_CONFLICTED: usize = 10_000;

#[derive(Debug)]
pub(super) struct Upsert<'s> {
    table: Table,
    run_id: i64,
    source: String,
    now: String,
    insert_chunk: Statement<'s>,
    /// Which parameters of `insert_chunk` are already NULL; many cells of a table always are.
    bound_to_null: Vec<bool>,
    insert_one: Statement<'s>,
    existing: ExistingRows<'s>,
    /// Results of the last look-up; kept to reuse the allocation.
    found: Vec<Option<Found>>,
    update: Statement<'s>,
    displace: Statement<'s>,
    displaced: Statement<'s>,
    old_customer: Option<Statement<'s>>,
    see: Option<Statement<'s>>,
    is_snapshot: bool,
    /// Whether to insert before looking up: until rows turn out to exist already.
    insert_first: bool,
    pub(super) counts: Counts,
    /// Counts and sums of the open unit.
    pub(super) sums: UnitSums,
    /// Where customers are loaded.
    consents: Option<ConsentLedger<'s>>,
    pub(super) repeated: Repeated,
    pub(super) touched: Touched,
    /// Rows without a number that also occur in another file; they count once.
    pub(super) twins: Repeated,
    /// Rows that are not written because the existing rows under their keys are about something else.
    pub(super) conflicts: Vec<Conflict>,
    /// The sales lines written so far, where that may spare a scan of the table.
    pub(super) line_log: Option<LineLog>,
    /// The existing rows that were repeated, where missing ones are to be reported.
    pub(super) known: Option<Known>,
    /// The meaning of the keys, where the connector defines it.
    pub(super) rule: Option<Box<dyn KeyRule>>,
    /// One row, completed with values of the existing row.
    completed: Rows,
    /// Keys of existing rows for which a row was rejected: a later row may match them.
    conflicted: HashSet<String>,
}

impl<'s> Upsert<'s> {
    /// Prepares the statements for one load. `is_empty`: the table has no row of the source yet.
    pub(super) fn prepare(
        db: &'s Connection,
        target: &LoadTarget<'_>,
        mode: LoadMode,
        is_empty: bool,
    ) -> Result<Self> {
        let table = target.table;
        let old_customer = (table == Table::SalesLines).then(|| {
            db.prepare(
                "SELECT customer_key FROM sales_lines WHERE source = ?1 AND sale_line_key = ?2",
            )
        });
        let consents = (table == Table::Customers).then(|| ConsentLedger::prepare(db, target));
        // Nothing can be deleted from an empty table: seen keys need not be recorded.
        let sees = matches!(mode, LoadMode::Snapshot | LoadMode::Period);
        let see =
            (sees && !is_empty).then(|| db.prepare("INSERT OR IGNORE INTO temp.seen VALUES (?1)"));
        let mut prepared = Self {
            table,
            run_id: target.run_id,
            source: target.source.to_owned(),
            now: target.now.to_owned(),
            insert_chunk: db.prepare(&insert_sql(table, CHUNK))?,
            bound_to_null: vec![false; COMMON + CHUNK * width(table) + 1],
            insert_one: db.prepare(&insert_sql(table, 1))?,
            existing: ExistingRows::prepare(db, target)?,
            found: Vec::new(),
            update: db.prepare(&update_sql(table))?,
            displace: db
                .prepare("INSERT OR IGNORE INTO temp.displaced VALUES (?1, ?2, ?3, ?4, ?5)")?,
            displaced: db.prepare(
                "SELECT source_ref, run_id, updated_at FROM temp.displaced WHERE key = ?1 AND row_hash = ?2",
            )?,
            old_customer: old_customer.transpose()?,
            see: see.transpose()?,
            is_snapshot: mode == LoadMode::Snapshot,
            insert_first: is_empty,
            counts: Counts::default(),
            sums: UnitSums::of(table),
            consents: consents.transpose()?,
            repeated: Repeated::default(),
            touched: Touched::nobody(),
            twins: Repeated::default(),
            conflicts: Vec::new(),
            line_log: None,
            known: None,
            rule: None,
            completed: Rows::default(),
            conflicted: HashSet::new(),
        };
        prepared.bind_common()?;
        Ok(prepared)
    }

    /// Source, run and time stamp are the same for the whole load: bound once.
    fn bind_common(&mut self) -> Result<()> {
        for statement in [
            &mut self.insert_chunk,
            &mut self.insert_one,
            &mut self.update,
        ] {
            bind_common(statement, &self.source, self.run_id, &self.now)?;
        }
        Ok(())
    }

    /// Writes a batch, in order.
    pub(super) fn write(&mut self, rows: &Rows) -> Result<()> {
        let is_to_order = self.line_log.is_some() || !self.insert_first;
        let keys_ascend = is_to_order && rows.keys_ascend();
        self.line_log
            .take_if(|line_log| !keys_ascend || line_log.begin_batch(rows).is_none());
        if !self.insert_first {
            return self.settle_batch(rows, keys_ascend);
        }
        self.existing.lose_track();
        let mut rows = rows.iter();
        while rows.len() > 0 {
            let chunk = rows.by_ref().take(CHUNK);
            if self.insert_first && chunk.len() == CHUNK && self.see.is_none() {
                self.write_new(chunk)?;
            } else {
                self.settle_all(chunk)?;
            }
        }
        Ok(())
    }

    /// Inserts a whole chunk at once; when keys exist already, settles its rows one by one.
    fn write_new<'r>(&mut self, chunk: impl Iterator<Item = Row<'r>>) -> Result<()> {
        // A stack array: the chunk is iterated again when a key exists.
        let mut kept: [Option<Row<'r>>; CHUNK] = [None; CHUNK];
        let width = width(self.table);
        for ((slot, row), at) in kept.iter_mut().zip(chunk).zip(0..) {
            self.bind_in_chunk(COMMON + at * width, &row)?;
            *slot = Some(row);
        }
        let inserted = self.insert_chunk.raw_execute()?;
        let rows = kept.into_iter().flatten();
        if inserted == CHUNK {
            for row in rows {
                self.count_inserted(&row);
            }
            Ok(())
        } else {
            self.settle_all(rows)
        }
    }

    /// Like [`bind_row`], but skips parameters that are NULL and stay NULL.
    fn bind_in_chunk(&mut self, after: usize, row: &Row<'_>) -> Result<()> {
        let nulls = self.bound_to_null.iter_mut().skip(after + 1);
        let mut at = after;
        for (value, was_null) in row.values().zip(nulls) {
            at += 1;
            let is_null = value == Value::Null;
            if !(is_null && *was_null) {
                self.insert_chunk.raw_bind_parameter(at, value)?;
            }
            *was_null = is_null;
        }
        bind_provenance(&mut self.insert_chunk, at, row)
    }

    /// Starts a file: conflicts of the file before do not apply to its rows.
    pub(super) fn begin_unit(&mut self) {
        self.conflicted.clear();
        self.sums = UnitSums::of(self.table);
    }

    /// Keeps the existing row under `key` although the snapshot's row for it was rejected.
    pub(super) fn spare(&mut self, key: &str) -> Result<()> {
        if let Some(see) = &mut self.see {
            see.execute([key])?;
        }
        Ok(())
    }

    /// Settles a batch after one scan of the table from its first key to its last.
    fn settle_batch(&mut self, rows: &Rows, keys_ascend: bool) -> Result<()> {
        let before = self.counts.inserted;
        let mut found = std::mem::take(&mut self.found);
        self.existing.find_between(rows, keys_ascend, &mut found)?;
        for (row, found) in rows.iter().zip(&found) {
            let found = match found {
                Some(found) => *found,
                None => self.existing.find(&row)?,
            };
            self.settle(&row, found)?;
        }
        self.found = found;
        self.insert_first =
            self.counts.inserted - before == rows.len() as u64 && self.conflicted.is_empty();
        Ok(())
    }

    fn settle_all<'r>(&mut self, rows: impl Iterator<Item = Row<'r>>) -> Result<()> {
        let before = self.counts.inserted;
        let mut settled = 0;
        for row in rows {
            let found = self.existing.find(&row)?;
            self.settle(&row, found)?;
            settled += 1;
        }
        self.insert_first = self.counts.inserted - before == settled && self.conflicted.is_empty();
        Ok(())
    }

    /// Writes one row and counts the change.
    fn settle(&mut self, row: &Row<'_>, found: Found) -> Result<()> {
        if let Some(see) = &mut self.see
            && see.execute([row.key()])? == 0
            && self.is_snapshot
        {
            self.count_repeated(row);
        }
        match found {
            Found::Nothing
                if !self.conflicted.is_empty() && self.exists_under_lower_rank(row)? =>
            {
                self.counts.unchanged += 1;
                self.sums.keep(row);
                Ok(())
            }
            Found::Different => self.reconcile(row, found),
            Found::Earlier { equal: false, .. }
                if !(row.absent().is_empty() && row.fixed().is_empty()) =>
            {
                self.reconcile(row, found)
            }
            found => self.put(row, found),
        }
    }

    /// The quantities of an existing sale and of the row that corrects it, where they differ.
    fn corrected_quantity(
        &self,
        row: &Row<'_>,
        existing: &ExistingRow,
    ) -> Option<(Decimal, Decimal)> {
        if self.table != Table::SalesLines {
            return None;
        }
        let quantity = sale::COLUMN.quantity_units;
        let (old, new) = (existing.decimal(quantity)?, row.decimal(quantity)?);
        (old != new).then_some((old, new))
    }

    /// Whether the row exists under a lower rank that a rejected one took from it.
    fn exists_under_lower_rank(&mut self, row: &Row<'_>) -> Result<bool> {
        let rule = self.rule.as_ref();
        let Some((before, rank)) = rule.and_then(|rule| rule.rank(row.key())) else {
            return Ok(false);
        };
        for lower in 1..rank {
            let key = format!("{before}|{lower}");
            if !self.conflicted.contains(&key) {
                continue;
            }
            if let Some(existing) = self.existing.whole(&key)?
                && row.values_without_key().eq(existing.values_without_key())
            {
                self.conflicted.remove(&key);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Replaces a different existing row, unless that is about something else; columns that the source leaves out
    /// keep their existing values.
    fn reconcile(&mut self, row: &Row<'_>, found: Found) -> Result<()> {
        let Some(existing) = self.existing.whole(row.key())? else {
            return self.put(row, Found::Nothing);
        };
        let differing = differing(row, &existing);
        if !differing.is_empty() {
            self.line_log = None;
            if self.conflicted.len() < MOST_CONFLICTED {
                self.conflicted.insert(row.key().to_owned());
            }
            self.conflicts
                .push(conflict(self.table, row, &existing, differing));
            return Ok(());
        }
        if row.absent().is_empty() {
            return self.put_over(&existing, row, found);
        }
        let mut completed = std::mem::take(&mut self.completed);
        completed.clear();
        let quantities = self.corrected_quantity(row, &existing);
        let values = row.cells().zip(existing.values());
        let values = values.map(|((column, new), old)| match quantities {
            _ if !row.absent().contains(column) => new,
            Some(quantities) if sale::BY_QUANTITY.contains(column) => {
                in_proportion(old, quantities)
            }
            _ => old,
        });
        completed.push_values(row.source_ref(), values);
        completed.hash_rows();
        let settled = completed.first().map_or(Ok(()), |row| {
            let equal = row.hash() == existing.hash;
            let found = match found {
                Found::Earlier { same_origin, .. } => Found::Earlier { same_origin, equal },
                _ => Found::of_before(equal),
            };
            self.put_over(&existing, &row, found)
        });
        self.completed = completed;
        settled
    }

    /// Replaces the `existing` row by `row`, where `found` says that they differ.
    fn put_over(&mut self, existing: &ExistingRow, row: &Row<'_>, found: Found) -> Result<()> {
        let Found::Different = found else {
            return self.put(row, found);
        };
        self.displace.execute(params![
            row.key(),
            existing.hash,
            existing.source_ref,
            existing.run_id,
            existing.updated_at
        ])?;
        if self.table == Table::SalesLines {
            self.touched.add(existing.text(sale::COLUMN.customer_key));
        }
        if let Some(consents) = &mut self.consents {
            consents.note(existing, row)?;
        }
        self.replace(row)?;
        self.counts.updated += 1;
        self.sums.write(row);
        self.note(row, true);
        if let Some(known) = &mut self.known {
            known.add_changed(existing.hash, row.hash());
        }
        self.count_twin(row)
    }

    /// Writes one row according to what was `found` under its key.
    fn put(&mut self, row: &Row<'_>, found: Found) -> Result<()> {
        match found {
            Found::Nothing => {
                bind_row(&mut self.insert_one, COMMON, row)?;
                self.insert_one.raw_execute()?;
                self.count_inserted(row);
            }
            Found::Itself => self.count_inserted(row),
            Found::Equal => {
                self.counts.unchanged += 1;
                self.sums.keep(row);
                self.note(row, false);
                if let Some(known) = &mut self.known {
                    known.add(row.hash());
                }
                self.count_twin(row)?;
            }
            Found::Different => self.reconcile(row, found)?,
            Found::Earlier { same_origin, equal } => {
                if same_origin {
                    if !(self.is_snapshot && self.see.is_some()) {
                        self.count_repeated(row);
                    }
                } else if equal && self.is_by_content(row) {
                    count(&mut self.twins, row);
                }
                self.counts.unchanged += 1;
                match (equal, same_origin) {
                    (true, true) => self.sums.repeat(row),
                    (true, false) => self.sums.keep(row),
                    (false, _) => self.put_over_earlier(row, same_origin)?,
                }
            }
        }
        Ok(())
    }

    /// Replaces a row that this run wrote before.
    fn put_over_earlier(&mut self, row: &Row<'_>, same_origin: bool) -> Result<()> {
        self.line_log = None; // It contains the earlier line.
        if let Some(earlier) = self.existing.whole(row.key())? {
            let origin = existing_rows::origin(&earlier.source_ref);
            let value = |column| earlier.decimal(column);
            self.sums.replace((!same_origin).then_some(origin), value);
            if let Some(consents) = &mut self.consents {
                consents.note_again(&earlier, row)?;
            }
        }
        if self.restore(row)? {
            self.sums.keep(row);
            return Ok(());
        }
        self.sums.write(row);
        self.touch_old_customer(row.key())?;
        self.replace(row)
    }

    /// Marks the customer of the existing row under `key` for recomputation.
    fn touch_old_customer(&mut self, key: &str) -> Result<()> {
        if let Some(old_customer) = &mut self.old_customer {
            let old: String = old_customer.query_row(params![self.source, key], |r| r.get(0))?;
            self.touched.add(&old);
        }
        Ok(())
    }

    /// Replaces the row under that key.
    fn replace(&mut self, row: &Row<'_>) -> Result<()> {
        self.touch(row);
        bind_row(&mut self.update, COMMON, row)?;
        self.update.raw_execute()?;
        Ok(())
    }

    /// Restores the old stamps when the row equals the one before this run: nothing has changed after all.
    fn restore(&mut self, row: &Row<'_>) -> Result<bool> {
        let stamps = self
            .displaced
            .query_row(params![row.key(), row.hash()], |old| {
                Ok((
                    old.get::<_, String>(0)?,
                    old.get::<_, i64>(1)?,
                    old.get::<_, String>(2)?,
                ))
            })
            .optional()?;
        let Some((source_ref, run_id, updated_at)) = stamps else {
            return Ok(false);
        };
        bind_row(&mut self.update, COMMON, row)?;
        let source_ref_at = COMMON + self.table.columns().len() + 1;
        self.update.raw_bind_parameter(source_ref_at, source_ref)?;
        self.update.raw_bind_parameter(2, run_id)?;
        self.update.raw_bind_parameter(3, updated_at)?;
        self.update.raw_execute()?;
        self.bind_common()?;
        if let Some(known) = &mut self.known {
            known.add_again(row.hash());
        }
        self.counts.updated -= 1;
        self.counts.unchanged += 1;
        Ok(true)
    }

    fn count_inserted(&mut self, row: &Row<'_>) {
        self.counts.inserted += 1;
        self.sums.write(row);
        self.touch(row);
        self.note(row, true);
    }

    fn note(&mut self, row: &Row<'_>, is_fresh: bool) {
        self.line_log
            .take_if(|line_log| line_log.add(row, is_fresh).is_none());
    }

    fn count_repeated(&mut self, row: &Row<'_>) {
        count(&mut self.repeated, row);
    }

    fn is_by_content(&self, row: &Row<'_>) -> bool {
        let rule = self.rule.as_ref();
        rule.is_some_and(|rule| rule.is_by_content(row.key()))
    }

    /// Counts a row of an earlier run that another file repeats by its content alone.
    fn count_twin(&mut self, row: &Row<'_>) -> Result<()> {
        // A row with a number shares columns with the existing one: its key need not be compared.
        if row.fixed().is_empty()
            && self.is_by_content(row)
            && let Some(existing) = self.existing.whole(row.key())?
            && existing_rows::origin(&existing.source_ref)
                != existing_rows::origin(row.source_ref())
        {
            count(&mut self.twins, row);
        }
        Ok(())
    }

    /// Marks the customers whose figures the row changes.
    fn touch(&mut self, row: &Row<'_>) {
        match self.table {
            Table::Customers => self.touched.add(row.key()),
            Table::SalesLines => self.touched.add(row.text(sale::COLUMN.customer_key)),
            // A wine's new colour changes the figures of everyone who bought it.
            Table::Products => self.touched = Touched::All,
            Table::StockLevels | Table::ContactHistory => {}
        }
    }

    /// Deletes the row of `customer` under `key`, which turned out not to be a row. Whether there was one.
    pub(super) fn remove(&mut self, db: &Connection, key: &str, customer: &str) -> Result<bool> {
        if let Some(old_customer) = &mut self.old_customer {
            let old = old_customer.query_row(params![self.source, key], |row| row.get(0));
            let old: Option<String> = old.optional()?;
            if old.as_deref() != Some(customer) {
                return Ok(false);
            }
            self.touched.add(customer);
        }
        let mut delete = db.prepare_cached(&format!(
            "DELETE FROM {} WHERE source = ?1 AND {} = ?2",
            self.table.sql_name(),
            self.table.key_column()
        ))?;
        let is_deleted = delete.execute(params![self.source, key])? > 0;
        if is_deleted {
            self.line_log = None;
            self.counts.deleted += 1;
        }
        Ok(is_deleted)
    }
}

fn count(repeated: &mut Repeated, row: &Row<'_>) {
    repeated.count += 1;
    if repeated.examples.len() < EXAMPLES {
        let example = format!("{} ({})", row.key(), row.source_ref());
        repeated.examples.push(example);
    }
}

/// Scales an amount from the `old` quantity to the `new` one; NULL when that is not possible.
fn in_proportion(existing: Value<'_>, (old, new): (Decimal, Decimal)) -> Value<'_> {
    let Value::Decimal(amount) = existing else {
        return existing;
    };
    let scaled = amount
        .checked_mul(new)
        .and_then(|product| product.checked_div(old));
    scaled.map_or(Value::Null, Value::Decimal)
}

/// The fixed columns of `row` whose existing values differ.
fn differing(row: &Row<'_>, existing: &ExistingRow) -> ColumnSet {
    let values = row.cells().zip(existing.values());
    let differing =
        values.filter(|((column, new), old)| row.fixed().contains(*column) && new != old);
    differing.map(|((column, _), _)| column).collect()
}

fn conflict(table: Table, row: &Row<'_>, existing: &ExistingRow, differing: ColumnSet) -> Conflict {
    Conflict {
        table,
        key: row.key().to_owned(),
        source_ref: row.source_ref().to_owned(),
        differing,
        existing: existing.values().map(shown).collect(),
        incoming: row.values().map(shown).collect(),
    }
}

/// A value as shown to people.
fn shown(value: Value<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Text(value) => value.to_owned(),
    }
}
