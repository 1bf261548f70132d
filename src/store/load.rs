//! The load of one table: everything it writes is committed at once, or not at all.

use jiff::civil::Date;
use rusqlite::{Connection, params};

use super::figures::{self, Gathered, Noted, Seen, Touched, Unknown, Unknowns};
use super::flusher::Flusher;
use super::phases::{Phase, Phases};
use super::row_counts::{keep_rows_held, rows_held};
use super::scope::WriteScope;
use super::upsert::{Repeated, Upsert};
use super::{Store, from_sql, rejects, segments, to_sql};
use crate::canonical::rows::Rows;
use crate::canonical::{Cursor, Reject, Table};
use crate::error::{Error, Result};
use crate::stopwatch::Stopwatch;

/// A snapshot may empty this share of a table, no more…
const MOST_DELETED_PERCENT: u64 = 20;
/// …once the table holds this many rows.
const BRAKE_FROM_ROWS: u64 = 50;

/// Where rows go and on whose behalf.
#[derive(Debug, Clone, Copy)]
pub struct LoadTarget<'a> {
    /// The connector's name.
    pub source: &'a str,
    /// The table to fill.
    pub table: Table,
    /// The run that loads.
    pub run_id: i64,
    /// The instant rows are stamped with (UTC, ISO 8601).
    pub now: &'a str,
    /// The day recency is counted from.
    pub today: Date,
}

/// What the rows of a load are to the rows already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadMode {
    /// They add to them and replace their equals by key.
    Increment,
    /// They are all there is: what is not among them goes.
    Snapshot,
    /// With what a [`Presence`](super::Presence) was told of, they are all there is: what neither knows goes.
    Sweep,
}

/// Whether a snapshot may delete more than a fifth of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brake {
    /// No: the load fails.
    On,
    /// Yes, somebody looked and said so.
    Released,
}

/// What became of the rows read. `read = inserted + updated + unchanged + rejected`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// Rows the table did not hold.
    pub inserted: u64,
    /// Rows the table held with other values.
    pub updated: u64,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows a snapshot no longer holds.
    pub deleted: u64,
    /// Rows that could not be understood.
    pub rejected: u64,
}

impl Counts {
    /// Rows understood.
    pub fn accepted(&self) -> u64 {
        self.inserted + self.updated + self.unchanged
    }
}

/// What a load did.
#[derive(Debug, Default)]
pub struct LoadReport {
    /// The rows, counted.
    pub counts: Counts,
    /// Keys that came more than once in one file.
    pub repeated: Repeated,
    /// Whether rows a snapshot no longer holds were kept, for one of them may be a row that was rejected.
    pub spared_all: bool,
    /// Sales whose customer is not in `customers`.
    pub unknown_customers: Unknown,
    /// Sales whose product is not in `product_catalog`.
    pub unknown_products: Unknown,
    /// Where the time went since the last row was written.
    pub phases: Phases,
}

/// An open load. Dropped without [`Load::finish`], it leaves no trace.
#[derive(Debug)]
pub struct Load<'s> {
    db: &'s Connection,
    scope: WriteScope<'s>,
    flusher: Flusher,
    target: LoadTarget<'s>,
    mode: LoadMode,
    upsert: Upsert<'s>,
    rejected: u64,
    /// A row was rejected that may be any of those the table holds.
    spares_all: bool,
    /// Rows the table held before.
    held: u64,
    /// The counters as they stood when the open unit began.
    before_unit: (Counts, Repeated, u64),
    /// Whether there is anything that the open unit must not take with it.
    is_after_others: bool,
}

impl<'s> Load<'s> {
    /// Takes the write lock for `target`. `waiting` is called while others hold it; its error ends the wait.
    pub fn begin(
        store: &'s Store,
        target: LoadTarget<'s>,
        mode: LoadMode,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Self> {
        let db = &store.db;
        prepare_scratch(db)?;
        let scope = WriteScope::begin(db, waiting)?;
        let held = rows_held(db, target.source, target.table)?;
        let mut upsert = Upsert::prepare(db, &target, mode, held == 0)?;
        let has_customers = rows_held(db, target.source, Table::Customers)? > 0;
        if target.table == Table::SalesLines && held > 0 && has_customers {
            upsert.noted = Noted::nothing(&store.folder());
        }
        Ok(Self {
            db,
            scope,
            flusher: Flusher::of(db),
            target,
            mode,
            upsert,
            rejected: 0,
            spares_all: false,
            held,
            before_unit: Default::default(),
            is_after_others: false,
        })
    }

    /// A file (or model) begins: until it is kept, its rows can be taken back without those before it.
    pub fn begin_unit(&mut self) -> Result<()> {
        self.is_after_others = self.counts().read > 0;
        // For a savepoint, SQLite first puts aside each page that changes: a first unit goes with the transaction.
        if self.is_after_others {
            self.db.execute_batch("SAVEPOINT unit")?;
        }
        self.before_unit = (
            self.upsert.counts,
            self.upsert.repeated.clone(),
            self.rejected,
        );
        Ok(())
    }

    /// The unit's rows stay.
    pub fn keep_unit(&mut self) -> Result<()> {
        if self.is_after_others {
            self.db.execute_batch("RELEASE unit")?;
        }
        Ok(())
    }

    /// The unit's rows go. `waiting` is called while others write; its error ends the wait.
    pub fn discard_unit(&mut self, waiting: impl FnMut() -> Result<()>) -> Result<()> {
        if self.is_after_others {
            self.db.execute_batch("ROLLBACK TO unit; RELEASE unit")?;
        } else {
            self.scope.restart(waiting)?;
            self.held = rows_held(self.db, self.target.source, self.target.table)?;
        }
        let (counts, repeated, rejected) = std::mem::take(&mut self.before_unit);
        self.upsert.counts = counts;
        self.upsert.repeated = repeated;
        self.upsert.noted = None;
        self.rejected = rejected;
        Ok(())
    }

    /// Writes a batch of rows.
    pub fn write(&mut self, rows: &mut Rows) -> Result<()> {
        rows.hash_rows();
        self.upsert.write(rows)
    }

    /// Keeps a row that could not be understood. In a snapshot the row under its `key` stays; without a key
    /// any row may be the one, and none is deleted.
    pub fn reject(&mut self, reject: &Reject, key: Option<&str>) -> Result<()> {
        rejects::insert(self.db, self.target.run_id, self.target.source, reject)?;
        self.rejected += 1;
        match key {
            _ if self.mode == LoadMode::Increment => {}
            Some(key) => self.upsert.spare(key)?,
            None => self.spares_all = true,
        }
        Ok(())
    }

    /// The rows so far.
    pub fn counts(&self) -> Counts {
        let counts = self.upsert.counts;
        Counts {
            read: counts.accepted() + self.rejected,
            rejected: self.rejected,
            ..counts
        }
    }

    /// What gathers the rows on their way here, so that customers' figures need not read them again: for sales lines
    /// into an empty table, where there are very many customers.
    pub fn gathering(&self) -> Result<Option<Gathered>> {
        if self.held > 0 {
            return Ok(None);
        }
        Gathered::while_loading(self.db, &self.target)
    }

    /// Commits rows, rejects, counters, customer figures and `cursors` together. `gathered`: what
    /// [`Load::gathering`] was given of the rows.
    pub fn finish(
        mut self,
        brake: Brake,
        cursors: &[Cursor],
        gathered: Option<Gathered>,
    ) -> Result<LoadReport> {
        let (mut phases, mut watch) = (Phases::default(), Stopwatch::start());
        if self.mode != LoadMode::Increment && self.held > 0 && !self.spares_all {
            self.upsert.counts.deleted = self.delete_unseen(brake)?;
        }
        let counts = self.counts();
        phases.add(Phase::Write, watch.lap());
        let noted = self.upsert.noted.take();
        let seen = Seen::all(gathered, noted, &self.upsert.counts, self.rows_now());
        let unknowns = self.refresh_figures(seen)?;
        phases.add(Phase::Figures, watch.lap());
        record_counts(self.db, self.target.run_id, self.target.table, &counts)?;
        self.move_cursors(cursors)?;
        let (source, table) = (self.target.source, self.target.table);
        keep_rows_held(self.db, source, table, self.rows_now())?;
        let repeated = std::mem::take(&mut self.upsert.repeated);
        drop((self.upsert, self.flusher));
        self.scope.commit()?;
        phases.add(Phase::Commit, watch.lap());
        Ok(LoadReport {
            counts,
            repeated,
            spared_all: self.spares_all,
            unknown_customers: unknowns.customers,
            unknown_products: unknowns.products,
            phases,
        })
    }

    /// Removes what a snapshot no longer holds, unless that is suspiciously much.
    fn delete_unseen(&mut self, brake: Brake) -> Result<u64> {
        let table = self.target.table.sql_name();
        let key = self.target.table.key_column();
        let known = match self.mode {
            LoadMode::Sweep => &["gathered", "present"][..],
            LoadMode::Snapshot | LoadMode::Increment => &["seen"],
        };
        let known = known.iter();
        let unseen = known.map(|known| format!("AND {key} NOT IN (SELECT key FROM temp.{known})"));
        let unseen = format!("source = ?1 {}", unseen.collect::<Vec<_>>().join(" "));
        let count: i64 = self.db.query_row(
            &format!("SELECT count(*) FROM {table} WHERE {unseen}"),
            [self.target.source],
            |row| row.get(0),
        )?;
        let count = from_sql(count);
        let too_many = count * 100 > self.held * MOST_DELETED_PERCENT;
        if brake == Brake::On && self.held >= BRAKE_FROM_ROWS && too_many {
            return Err(Error::data(format!(
                "{} : ce chargement supprimerait {count} lignes sur {}, plus de {MOST_DELETED_PERCENT} %",
                self.target.table.label(),
                self.held,
            ))
            .hint("Vérifiez que la source est complète ; si c'est voulu, relancez avec --allow-shrink"));
        }
        match self.target.table {
            Table::SalesLines => self.touch_buyers(&unseen)?,
            // A wine that goes takes its colour along.
            Table::Products if count > 0 => self.upsert.touched = Touched::All,
            _ => {}
        }
        self.db.execute(
            &format!("DELETE FROM {table} WHERE {unseen}"),
            [self.target.source],
        )?;
        Ok(count)
    }

    /// The customers of sales lines about to go are to be figured again.
    fn touch_buyers(&mut self, which: &str) -> Result<()> {
        let mut select = self.db.prepare(&format!(
            "SELECT DISTINCT customer_key FROM sales_lines WHERE {which}"
        ))?;
        let mut rows = select.query([self.target.source])?;
        while let Some(row) = rows.next()? {
            let customer = row.get_ref(0)?.as_str().unwrap_or_default();
            self.upsert.touched.add(customer);
        }
        Ok(())
    }

    /// Rows the table holds when all is said.
    fn rows_now(&self) -> u64 {
        let counts = self.upsert.counts;
        (self.held + counts.inserted).saturating_sub(counts.deleted)
    }

    fn refresh_figures(&self, seen: Option<Seen>) -> Result<Unknowns> {
        let touched = &self.upsert.touched;
        let has_sales = self.target.table == Table::SalesLines
            || rows_held(self.db, self.target.source, Table::SalesLines)? > 0;
        if touched.is_nobody() || !has_sales {
            return Ok(Unknowns::default());
        }
        let counts = self.upsert.counts;
        let fresh = match self.target.table {
            Table::SalesLines => counts.inserted + counts.updated,
            _ => 0,
        };
        let unknowns = figures::refresh(self.db, &self.target, touched, seen, fresh)?;
        if matches!(touched, Touched::All) {
            segments::mark_sorted(self.db, self.target.source, self.target.today)?;
        }
        Ok(unknowns)
    }

    fn move_cursors(&self, cursors: &[Cursor]) -> Result<()> {
        let mut insert = self.db.prepare(
            "INSERT INTO cursors VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET label = excluded.label, run_id = excluded.run_id",
        )?;
        for cursor in cursors {
            insert.execute(params![
                self.target.source,
                self.target.table.sql_name(),
                cursor.mark,
                cursor.label,
                self.target.run_id,
            ])?;
        }
        Ok(())
    }
}

/// The tables a load scribbles on, private to this connection and empty.
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

/// Writes the counters of one table of a run.
pub(super) fn record_counts(
    db: &Connection,
    run_id: i64,
    table: Table,
    counts: &Counts,
) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO run_tables VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            run_id,
            table.report_name(),
            to_sql(counts.read),
            to_sql(counts.inserted),
            to_sql(counts.updated),
            to_sql(counts.unchanged),
            to_sql(counts.deleted),
            to_sql(counts.rejected),
        ],
    )?;
    Ok(())
}
