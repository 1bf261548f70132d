//! The load of one table: all its writes are committed together, or none.

use rusqlite::{Connection, params};

use super::corrections;
use super::cursors;
use super::database::Store;
use super::erase;
use super::figures::{self, Gathered, LineLog, Seen, Touched, Unknowns};
use super::flusher::Flusher;
use super::inbox::{self, LoadInbox, Rejecting};
use super::missing::{self, Known, UnitRead};
use super::receipts::{self, Receipts};
use super::replaced;
use super::row_counts::{row_count, set_row_count};
use super::scope::WriteScope;
use super::shrink_limit;
use super::upsert::Upsert;
use super::values::from_sql;
use super::values::to_sql;
use super::{rejects, segments};
use crate::canonical::rows::Rows;
use crate::canonical::{Conflict, KeyRule, Reject, Table};
use crate::error::Result;
use crate::report::{Counts, Expected, Phase, Phases, UnitHeld};
use crate::stopwatch::Stopwatch;
use crate::store::load_report::{LoadReport, Missing, Repeated, Replaced};
use crate::store::requests::CursorChanges;
use crate::store::requests::{LoadMode, LoadTarget, ShrinkLimit};

/// The counters at the beginning of a unit.
#[derive(Debug, Default)]
struct Before {
    counts: Counts,
    repeated: Repeated,
    twins: Repeated,
    rejected: u64,
    ignored: u64,
}

/// An open load. Dropping it without [`Load::finish`] rolls it back.
#[derive(Debug)]
pub struct Load<'s> {
    db: &'s Connection,
    scope: WriteScope<'s>,
    flusher: Flusher,
    target: LoadTarget<'s>,
    mode: LoadMode,
    upsert: Upsert<'s>,
    rejected: u64,
    inbox: LoadInbox,
    /// A row without a key was rejected: it may be any existing row, so none is deleted.
    spares_all: bool,
    /// Number of existing rows before the load.
    existing_count: u64,
    /// All existing rows were set aside because the keys change form.
    replaces: bool,
    /// Key prefixes whose rows were removed.
    retired: Vec<String>,
    /// The files read so far, including the open one.
    units: Vec<UnitRead>,
    unit: UnitRead,
    /// The counters at the beginning of the open unit.
    before_unit: Before,
    /// Whether anything was written before the open unit that a rollback must keep.
    is_after_others: bool,
    receipts: Receipts,
}

impl<'s> Load<'s> {
    /// Like [`Load::begin`], for rows whose keys have another form than the existing ones: all existing rows are
    /// replaced, except those of files that are not read.
    pub fn begin_replacing(
        store: &'s Store,
        target: LoadTarget<'s>,
        mode: LoadMode,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Self> {
        let mut load = Self::begin(store, target, mode, waiting)?;
        replaced::put_aside(load.db, &target)?;
        load.upsert = Upsert::prepare(load.db, &target, mode, true)?;
        load.upsert.touched = Touched::All;
        load.replaces = true;
        Ok(load)
    }

    /// Takes the write lock for `target`. `waiting` is called while others hold it; its error ends the wait.
    pub fn begin(
        store: &'s Store,
        target: LoadTarget<'s>,
        mode: LoadMode,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Self> {
        let db = &store.db;
        prepare_scratch(db)?;
        let scope = store.begin_writing(waiting)?;
        let existing_count = row_count(db, target.source, target.table)?;
        let mut upsert = Upsert::prepare(db, &target, mode, existing_count == 0)?;
        let has_customers = row_count(db, target.source, Table::Customers)? > 0;
        if target.table == Table::SalesLines && existing_count > 0 && has_customers {
            upsert.line_log = LineLog::nothing(&store.folder());
        }
        Ok(Self {
            db,
            scope,
            flusher: Flusher::of(db),
            target,
            mode,
            upsert,
            rejected: 0,
            inbox: LoadInbox::default(),
            spares_all: false,
            existing_count,
            replaces: false,
            retired: Vec::new(),
            units: Vec::new(),
            unit: UnitRead::default(),
            before_unit: Before::default(),
            is_after_others: false,
            receipts: Receipts::default(),
        })
    }

    /// Sets the meaning of the keys: existing rows about something else are not replaced, and existing rows that
    /// should have been repeated are reported.
    pub fn set_key_rule(&mut self, rule: Box<dyn KeyRule>) {
        if self.existing_count > 0 && self.mode == LoadMode::Increment && !self.replaces {
            self.upsert.known = Some(Known::none_of(self.existing_count));
        }
        self.upsert.rule = Some(rule);
    }

    /// Starts a file or model called `label`: until it is kept, its rows can be rolled back without those before it.
    pub fn begin_unit(&mut self, label: &str) -> Result<()> {
        self.unit = UnitRead {
            origin: label.to_owned(),
            ..UnitRead::default()
        };
        self.is_after_others = self.counts().read > 0 || self.replaces || !self.retired.is_empty();
        // A savepoint makes SQLite save each changed page first: a first unit uses the transaction instead.
        if self.is_after_others {
            self.db.execute_batch("SAVEPOINT unit")?;
        }
        self.before_unit = Before {
            counts: self.upsert.counts,
            repeated: self.upsert.repeated.clone(),
            twins: self.upsert.twins.clone(),
            rejected: self.rejected,
            ignored: self.inbox.ignored,
        };
        self.upsert.begin_unit();
        Ok(())
    }

    /// Sets the first and last day of the open unit's rows, ISO 8601.
    pub fn covers(&mut self, first: &str, last: &str) {
        self.unit.days = Some((first.to_owned(), last.to_owned()));
    }

    /// Sets what the open unit, which has `bytes` bytes, held besides its rows.
    pub fn hold(&mut self, held: UnitHeld, bytes: u64) {
        self.receipts.hold(held, bytes);
    }

    /// Has the stored rows compared with what the source says of them, on the receipts.
    pub fn compare_with(&mut self, expected: Vec<Expected>) {
        self.receipts.expected = expected;
    }

    /// Keeps the unit's rows; `mark` is that of its cursor.
    pub fn keep_unit(&mut self, mark: &str) -> Result<()> {
        self.close_rejects()?;
        if self.is_after_others {
            self.db.execute_batch("RELEASE unit")?;
        }
        let mut unit = std::mem::take(&mut self.unit);
        let before = self.before_unit.counts;
        let now = self.upsert.counts;
        unit.rows = now.accepted() - before.accepted();
        unit.known = now.updated + now.unchanged - before.updated - before.unchanged;
        unit.rejected = self.rejected - self.before_unit.rejected;
        unit.came_again = self.was_read(&unit.origin)?;
        let left_aside = now.left_aside - before.left_aside;
        self.receipts
            .keep((&unit, mark), left_aside, &mut self.upsert.sums);
        self.units.push(unit);
        Ok(())
    }

    /// Whether an earlier run read a file called `origin`.
    fn was_read(&self, origin: &str) -> Result<bool> {
        let mut select = self.db.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM cursors WHERE source = ?1 AND table_name = ?2 AND mark = ?3)",
        )?;
        let of = params![self.target.source, self.target.table.sql_name(), origin];
        Ok(select.query_row(of, |row| row.get(0))?)
    }

    /// Rolls back the unit's rows. `waiting` is called while others write; its error ends the wait.
    pub fn discard_unit(&mut self, waiting: impl FnMut() -> Result<()>) -> Result<()> {
        self.receipts.discard();
        if self.is_after_others {
            self.db.execute_batch("ROLLBACK TO unit; RELEASE unit")?;
        } else {
            self.scope.restart(waiting)?;
            self.existing_count = row_count(self.db, self.target.source, self.target.table)?;
        }
        let before = std::mem::take(&mut self.before_unit);
        self.upsert.counts = before.counts;
        self.upsert.repeated = before.repeated;
        self.upsert.twins = before.twins;
        self.upsert.line_log = None;
        self.upsert.conflicts.clear();
        self.rejected = before.rejected;
        self.inbox.ignored = before.ignored;
        Ok(())
    }

    /// Writes a batch of rows, and returns those in conflict with existing rows.
    pub fn write(&mut self, rows: &mut Rows) -> Result<Vec<Conflict>> {
        rows.hash_rows();
        self.upsert.write(rows)?;
        let conflicts = std::mem::take(&mut self.upsert.conflicts);
        for conflict in conflicts.iter().filter(|_| self.replaces) {
            replaced::note_no_row(self.db, &conflict.source_ref)?;
        }
        Ok(conflicts)
    }

    /// The reject for `conflict`.
    pub fn explain(&self, conflict: &Conflict) -> Reject {
        let (origin, position) = conflict
            .source_ref
            .rsplit_once(':')
            .unwrap_or((&conflict.source_ref, ""));
        let explained = self.upsert.rule.as_ref().map(|rule| rule.explain(conflict));
        let (column, value, reason) = explained.unwrap_or_default();
        Reject {
            table: conflict.table,
            origin: origin.to_owned(),
            position: position.to_owned(),
            column,
            value,
            reason,
            row: None,
        }
    }

    /// Skips a row that does not belong to the table; deletes the existing row of that customer under its key.
    pub fn skip(&mut self, row: Option<(String, String)>) -> Result<()> {
        self.upsert.counts.left_aside += 1;
        if let Some((key, customer)) = row {
            if self.upsert.remove(self.db, &key, &customer)? {
                self.receipts.lose_track();
            }
            if self.replaces {
                replaced::note_no_row(self.db, &key)?;
            }
        }
        Ok(())
    }

    /// Records that the customer under `key`, who is kept out, is the one whom erasure `id` erased under another key.
    pub fn learn(&mut self, id: i64, key: &str) -> Result<()> {
        erase::learn(self.db, (self.target.source, key), id, self.target.now)
    }

    /// Deletes all rows whose keys begin with `prefix`; returns their number.
    pub fn remove_all(&mut self, prefix: &str) -> Result<u64> {
        let removed = self.remove_under(prefix)?;
        self.upsert.counts.deleted += removed;
        self.retired.push(prefix.to_owned());
        Ok(removed)
    }

    fn remove_under(&mut self, prefix: &str) -> Result<u64> {
        let source = self.target.source;
        let (table, key) = (self.target.table.sql_name(), self.target.table.key_column());
        let under = format!("source = ?1 AND {key} >= ?2 AND {key} < ?2 || char(1114111)");
        if self.target.table == Table::SalesLines {
            self.touch_buyers(&under, [source, prefix])?;
        }
        let sql = format!("DELETE FROM {table} WHERE {under}");
        let removed = self.db.execute(&sql, [source, prefix])? as u64;
        if removed > 0 {
            self.receipts.lose_track();
            self.upsert.line_log = None;
        }
        Ok(removed)
    }

    /// Stores a row that could not be read. In a snapshot the existing row under its `key` is kept; without a key, no
    /// existing row is deleted.
    pub fn reject(&mut self, reject: &Reject, key: Option<&str>) -> Result<()> {
        rejects::insert(self.db, self.target.run_id, self.target.source, reject)?;
        let is_ignored = inbox::put(self.db, &self.rejecting(), reject, key)?;
        self.inbox.ignored += u64::from(is_ignored);
        self.rejected += 1;
        if let (Some(key), Some(known)) = (key, &mut self.upsert.known) {
            known.add_key(key); // The file contains it, with an error.
        }
        match key {
            _ if self.mode == LoadMode::Increment => {}
            // In a period of sales, a file with rejects deletes nothing.
            _ if self.mode == LoadMode::Period => {}
            _ if self.target.table == Table::SalesLines => self.spares_all = true,
            Some(key) => self.upsert.spare(key)?,
            None => self.spares_all = true,
        }
        Ok(())
    }

    fn rejecting(&self) -> Rejecting<'s> {
        Rejecting {
            source: self.target.source,
            run_id: self.target.run_id,
            now: self.target.now,
        }
    }

    /// Rejects that a person said may stay out.
    pub fn ignored(&self) -> u64 {
        self.inbox.ignored
    }

    /// Leaves open what was rejected from the units before: not all their rows are read again.
    pub fn keep_rejects_open(&mut self) {
        self.inbox.keeps_open = true;
    }

    /// Records that all files of the table were read with the corrections in force.
    pub fn is_reread(&self) -> Result<()> {
        let read = self.units.iter().map(|unit| unit.origin.as_str());
        corrections::were_read(self.db, self.target.source, self.target.table, read)
    }

    /// Closes the entries of the inbox that the open unit, which was read whole, does not confirm.
    fn close_rejects(&self) -> Result<()> {
        if self.inbox.keeps_open {
            return Ok(());
        }
        let (by, table) = (self.rejecting(), self.target.table);
        if self.mode == LoadMode::Snapshot {
            return inbox::close_older(self.db, &by, table);
        }
        inbox::close_unit(self.db, &by, table, &self.unit.origin)
    }

    /// The counts so far.
    pub fn counts(&self) -> Counts {
        let counts = self.upsert.counts;
        Counts {
            read: counts.accepted() + self.rejected,
            rejected: self.rejected,
            ..counts
        }
    }

    /// The collection that spares customer figures a second read of the rows: for sales lines into an empty table
    /// with very many customers.
    pub fn gathering(&self) -> Result<Option<Gathered>> {
        if self.existing_count > 0 {
            return Ok(None);
        }
        Gathered::while_loading(self.db, &self.target)
    }

    /// Commits rows, rejects, counts, customer figures and cursors together. `gathered`: the collection from
    /// [`Load::gathering`].
    pub fn finish(
        mut self,
        shrink_limit: ShrinkLimit,
        marks: &CursorChanges<'_>,
        gathered: Option<Gathered>,
    ) -> Result<LoadReport> {
        let (mut phases, mut watch) = (Phases::default(), Stopwatch::start());
        let replaced = self.bring_over(shrink_limit)?;
        if self.mode != LoadMode::Increment
            && self.existing_count > 0
            && !self.spares_all
            && !self.replaces
        {
            self.upsert.counts.deleted += self.delete_unseen(shrink_limit)?;
        }
        let missing = self.missing()?;
        let counts = self.counts();
        phases.add(Phase::Write, watch.lap());
        let line_log = self.upsert.line_log.take();
        let seen = Seen::all(gathered, line_log, &self.upsert.counts, self.rows_now());
        let (source, table) = (self.target.source, self.target.table);
        set_row_count(self.db, source, table, self.rows_now())?;
        let unknowns = self.refresh_figures(seen)?;
        phases.add(Phase::Figures, watch.lap());
        record_counts(self.db, self.target.run_id, self.target.table, &counts)?;
        if self.replaces {
            self.receipts.lose_track();
        }
        receipts::insert(self.db, &self.target, std::mem::take(&mut self.receipts))?;
        cursors::keep(
            self.db,
            self.target.run_id,
            (self.target.source, self.target.table),
            marks,
        )?;
        let repeated = std::mem::take(&mut self.upsert.repeated);
        let twins = std::mem::take(&mut self.upsert.twins);
        drop((self.upsert, self.flusher));
        self.scope.commit()?;
        phases.add(Phase::Commit, watch.lap());
        Ok(LoadReport {
            counts,
            repeated,
            twins,
            missing,
            replaced,
            spared_all: self.spares_all,
            unknown_customers: unknowns.customers,
            unknown_products: unknowns.products,
            phases,
        })
    }

    /// Restores the rows that were set aside and come from no file that was read, under their new keys, unless the
    /// load is complete. A row counts as updated where another one was removed for it.
    fn bring_over(&mut self, shrink_limit: ShrinkLimit) -> Result<Option<Replaced>> {
        if !self.replaces {
            return Ok(None);
        }
        let Some(mut rule) = self.upsert.rule.take() else {
            return Ok(None);
        };
        let is_all = self.mode == LoadMode::Snapshot && !self.spares_all;
        if is_all {
            shrink_limit::check(
                self.target.table,
                self.existing_count,
                self.existing_count
                    .saturating_sub(self.upsert.counts.inserted),
                shrink_limit,
            )?;
        }
        let read = self.units.iter().map(|unit| unit.origin.as_str()).collect();
        let mut replaced = replaced::bring_over(
            self.db,
            &self.target,
            (self.existing_count, is_all),
            &read,
            rule.as_mut(),
        )?;
        for prefix in std::mem::take(&mut self.retired) {
            let removed = self.remove_under(&prefix)?;
            replaced.brought_over = replaced.brought_over.saturating_sub(removed);
        }
        let counts = &mut self.upsert.counts;
        let updated = counts.inserted.min(replaced.gone());
        counts.inserted -= updated;
        counts.updated += updated;
        counts.deleted += replaced.gone() - updated;
        Ok(Some(replaced))
    }

    /// Existing sales lines that should have been repeated.
    fn missing(&mut self) -> Result<Missing> {
        match (self.upsert.known.take(), &self.upsert.rule) {
            (Some(known), Some(rule)) => {
                let read = (self.units.as_slice(), self.existing_count);
                missing::find(self.db, &self.target, &known, read, rule.as_ref())
            }
            _ => Ok(Missing::default()),
        }
    }

    /// SQL condition for the existing rows that a period deletes: those of its days, except the days of a file with
    /// rejects.
    fn of_days_read(&self) -> String {
        let days = |unit: &UnitRead| {
            let (first, last) = unit.days.as_ref()?;
            Some(format!("date_sale BETWEEN '{first}' AND '{last}'"))
        };
        let any = |of: Vec<String>| {
            if of.is_empty() {
                "0".to_owned()
            } else {
                of.join(" OR ")
            }
        };
        let whole = self.units.iter().filter(|unit| unit.rejected == 0);
        let doubtful = self.units.iter().filter(|unit| unit.rejected > 0);
        format!(
            "AND ({}) AND NOT ({})",
            any(whole.filter_map(days).collect()),
            any(doubtful.filter_map(days).collect())
        )
    }

    /// Deletes the existing rows that a snapshot does not contain, up to the shrink limit.
    fn delete_unseen(&mut self, shrink_limit: ShrinkLimit) -> Result<u64> {
        let table = self.target.table.sql_name();
        let key = self.target.table.key_column();
        let known = match self.mode {
            LoadMode::Sweep => &["gathered", "present"][..],
            LoadMode::Snapshot | LoadMode::Period | LoadMode::Increment => &["seen"],
        };
        let known = known.iter();
        let unseen = known.map(|known| format!("AND {key} NOT IN (SELECT key FROM temp.{known})"));
        let unseen = unseen.collect::<Vec<_>>().join(" ");
        let of_days = match self.mode {
            LoadMode::Period => self.of_days_read(),
            _ => String::new(),
        };
        let unseen = format!("source = ?1 {unseen} {of_days}");
        let count: i64 = self.db.query_row(
            &format!("SELECT count(*) FROM {table} WHERE {unseen}"),
            [self.target.source],
            |row| row.get(0),
        )?;
        let count = from_sql(count);
        shrink_limit::check(self.target.table, self.existing_count, count, shrink_limit)?;
        match self.target.table {
            Table::SalesLines => self.touch_buyers(&unseen, [self.target.source])?,
            // Deleting a wine changes the figures by colour of all its buyers.
            Table::Products if count > 0 => self.upsert.touched = Touched::All,
            _ => {}
        }
        self.db.execute(
            &format!("DELETE FROM {table} WHERE {unseen}"),
            [self.target.source],
        )?;
        Ok(count)
    }

    /// Marks the customers of sales lines about to be deleted for recomputation.
    fn touch_buyers(&mut self, which: &str, of: impl rusqlite::Params) -> Result<()> {
        let mut select = self.db.prepare(&format!(
            "SELECT DISTINCT customer_key FROM sales_lines WHERE {which}"
        ))?;
        let mut rows = select.query(of)?;
        while let Some(row) = rows.next()? {
            let customer = row.get_ref(0)?.as_str().unwrap_or_default();
            self.upsert.touched.add(customer);
        }
        Ok(())
    }

    /// Number of rows after the load.
    fn rows_now(&self) -> u64 {
        let counts = self.upsert.counts;
        (self.existing_count + counts.inserted).saturating_sub(counts.deleted)
    }

    fn refresh_figures(&self, seen: Option<Seen>) -> Result<Unknowns> {
        let touched = &self.upsert.touched;
        let has_sales = self.target.table == Table::SalesLines
            || row_count(self.db, self.target.source, Table::SalesLines)? > 0;
        if touched.is_empty() || !has_sales {
            return Ok(Unknowns::default());
        }
        let (db, target) = (self.db, &self.target);
        let counts = self.upsert.counts;
        let fresh = match self.target.table {
            Table::SalesLines => counts.inserted + counts.updated,
            _ => 0,
        };
        let unknowns = figures::refresh(db, target, touched, seen, fresh)?;
        if segments::has_firms(db, target.source)? {
            let (run_id, now) = (target.run_id, target.now);
            segments::sort_with_firms(db, target.source, run_id, now, target.today)?;
        }
        if matches!(touched, Touched::All) {
            segments::mark_sorted(self.db, self.target.source, self.target.today)?;
        }
        Ok(unknowns)
    }
}

/// Creates the empty temporary tables of a load, private to this connection.
fn prepare_scratch(db: &Connection) -> Result<()> {
    db.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS displaced
             (key TEXT PRIMARY KEY, row_hash, source_ref, run_id, updated_at) WITHOUT ROWID;
         CREATE TEMP TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY) WITHOUT ROWID;
         DELETE FROM temp.displaced;
         DELETE FROM temp.seen;",
    )?;
    Ok(())
}

/// Writes the counts of one table of a run.
pub(super) fn record_counts(
    db: &Connection,
    run_id: i64,
    table: Table,
    counts: &Counts,
) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO run_tables VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            run_id,
            table.report_name(),
            to_sql(counts.read),
            to_sql(counts.inserted),
            to_sql(counts.updated),
            to_sql(counts.unchanged),
            to_sql(counts.deleted),
            to_sql(counts.rejected),
            to_sql(counts.left_aside),
        ],
    )?;
    Ok(())
}
