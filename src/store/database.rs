//! The open database of a home, wherever it is: one SQLite file in the home, or a PostgreSQL server.
//!
//! Loads always write SQLite: the file itself, or, for a server, a working copy of the connector's rows, whose changes
//! are published when they commit. What only reads asks the server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::inbox::{
    Correction, InboxEntry, InboxPage, InboxQuery, NewCorrection, RejectGroup, RejectState,
};
use super::lock::Lock;
#[cfg(feature = "postgres")]
use super::postgres::{self, Server};
use super::requests::{CursorChanges, LoadMode, LoadTarget, RunEnd};
use super::results::{
    ConnectorState, ErasedCounts, FoundCustomer, LogPage, MonthOfSales, Pruned, RejectPage, RowsAt,
    SyncTotals, TableTotals,
};
use super::row::RowSink;
use super::sqlite::{self, FirstSync, Load, SourceKeys};
use crate::canonical::{Catalog, Corrections, Cursors, Decimal, Erased, Reject, RowId, Table};
use crate::error::Result;
use crate::home::Home;
use crate::report::{Counts, RunLog, StoredNow, UnitReceipt};
use crate::stop::Stop;

/// An open database at the newest schema version.
#[derive(Debug)]
pub struct Store {
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(sqlite::Store),
    #[cfg(feature = "postgres")]
    Server(postgres::Store),
}

/// Asks the database where it is.
macro_rules! ask {
    ($store:expr, $question:ident($($argument:expr),*)) => {
        match &$store.place {
            Place::File(file) => file.$question($($argument),*),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.$question($($argument),*),
        }
    };
}

/// Opening.
impl Store {
    /// Opens the database of `home`, creating or migrating it as needed.
    pub fn open(home: &Home) -> Result<Self> {
        Self::open_waiting(home, &[], || Ok(()))
    }

    /// Like [`Store::open`], to write under `locks`. `waiting` is called while others create or migrate it, and its
    /// error ends the wait.
    pub fn open_waiting(
        home: &Home,
        locks: &[&Lock],
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Self> {
        let place = match home.server() {
            None => Place::File(sqlite::Store::open_waiting(&home.database(), waiting)?),
            #[cfg(feature = "postgres")]
            Some(server) => {
                home.create()?;
                let server = Server::connect(server)?;
                Place::Server(postgres::Store::open(home, server, &leases(locks))?)
            }
            #[cfg(not(feature = "postgres"))]
            Some(_) => return no_server(locks),
        };
        Ok(Self { place })
    }

    /// Opens the database of `home` for reading. Without one, returns an empty temporary database, so that reading a
    /// new home folder creates nothing in it. During a first sync, reads the earlier state. Also opens a read-only
    /// database.
    pub fn open_to_read(home: &Home) -> Result<Self> {
        if home.server().is_some() {
            return Self::open_existing(home, &[], || Ok(()));
        }
        let place = Place::File(sqlite::Store::open_to_read(&home.database())?);
        Ok(Self { place })
    }

    /// Like [`Store::open_waiting`], but a database that is missing is not created: an empty temporary one takes its
    /// place.
    pub fn open_existing(
        home: &Home,
        locks: &[&Lock],
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Self> {
        let place = match home.server() {
            None => Place::File(sqlite::Store::open_existing(&home.database(), waiting)?),
            #[cfg(feature = "postgres")]
            Some(server) => {
                let server = Server::connect(server)?;
                match postgres::Store::open_existing(home, server, &leases(locks))? {
                    Some(server) => Place::Server(server),
                    None => Place::File(sqlite::Store::temporary()?),
                }
            }
            #[cfg(not(feature = "postgres"))]
            Some(_) => return no_server(locks),
        };
        Ok(Self { place })
    }

    /// Whether `home` has a database.
    pub fn exists(home: &Home) -> bool {
        home.server().is_some() || home.database().exists()
    }

    /// Where the database of `home` is, for people; without a password.
    pub fn shown_place(home: &Home) -> Result<String> {
        match home.server() {
            None => Ok(home.database().display().to_string()),
            #[cfg(feature = "postgres")]
            Some(server) => Server::shown(server),
            #[cfg(not(feature = "postgres"))]
            Some(_) => no_server(&[]).map(|_| String::new()),
        }
    }

    /// The SQLite file that loads write, with all that those of `sources` need of it.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, unused_variables, reason = "for a server")
    )]
    fn written(&self, sources: &[&str]) -> Result<&sqlite::Store> {
        match &self.place {
            Place::File(file) => Ok(file),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.copy_of(sources),
        }
    }

    /// The same file, with the rows and the history of all sources.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, reason = "a server can fail")
    )]
    fn whole(&self) -> Result<&sqlite::Store> {
        match &self.place {
            Place::File(file) => Ok(file),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.copy_of_all(),
        }
    }

    /// The same file, for a load of `target`.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, unused_variables, reason = "for a server")
    )]
    fn to_load(&self, target: &LoadTarget<'_>) -> Result<&sqlite::Store> {
        match &self.place {
            Place::File(file) => Ok(file),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.copy_to_load(target.source, target.table),
        }
    }

    /// The folder of the SQLite file that loads write: its disk has room for temporary files as large as the data.
    pub fn folder(&self) -> PathBuf {
        match &self.place {
            Place::File(file) => file.folder(),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.folder(),
        }
    }
}

/// Runs and loads.
impl Store {
    /// Waits when the log of the SQLite file is too large for another load; fails when a reader keeps it from
    /// restarting. `waiting` is called meanwhile; its error ends the wait.
    pub fn bound_log(&self, waiting: impl FnMut() -> Result<()>) -> Result<()> {
        self.written(&[])?.bound_log(waiting)
    }

    /// Prepares the loads of a run into a database without rows. `None` when it has rows, or when another process has
    /// it open: loads then use the write-ahead log.
    pub fn first_sync(&self) -> Result<Option<FirstSync<'_>>> {
        self.written(&[])?.first_sync()
    }

    /// Runs `work`, which concerns `source` or all, returns its result and rolls back everything it wrote. `waiting` is called while another
    /// connection writes; its error ends the wait.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(unused_variables, reason = "for a server")
    )]
    pub fn dry_run<T>(
        &self,
        source: Option<&str>,
        waiting: impl FnMut() -> Result<()>,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        match &self.place {
            Place::File(file) => file.dry_run(waiting, work),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.dry_run(source, waiting, work),
        }
    }

    /// Writes the start of a run of `source` at `now`, and returns its number. `waiting` is called while others
    /// write; its error ends the wait.
    pub fn start_run(
        &self,
        source: &str,
        connector_type: &str,
        now: Timestamp,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<i64> {
        ask!(self, start_run(source, connector_type, now, waiting))
    }

    /// Closes a run. Requested tables that were not read are recorded with zeros. `waiting` is called while others
    /// write; its error ends the wait.
    pub fn finish_run(
        &self,
        run_id: i64,
        end: &RunEnd<'_>,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        self.written(&[])?.finish_run(run_id, end, waiting)
    }

    /// Writes the rejects of a table whose load failed and was rolled back.
    pub fn record_failed_table(
        &self,
        run_id: i64,
        source: &str,
        table: Table,
        counts: &Counts,
        kept: &[(Reject, Option<String>)],
    ) -> Result<()> {
        let file = self.written(&[source])?;
        file.record_failed_table(run_id, source, table, counts, kept)
    }

    /// Opens a load of `target`. `waiting` is called while others write; its error ends the wait.
    pub fn begin_load<'s>(
        &'s self,
        target: LoadTarget<'s>,
        mode: LoadMode,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Load<'s>> {
        Load::begin(self.to_load(&target)?, target, mode, waiting)
    }

    /// Like [`Store::begin_load`], for rows whose keys have another form than the existing ones: all existing rows are
    /// replaced, except those of files that are not read.
    pub fn begin_replacing<'s>(
        &'s self,
        target: LoadTarget<'s>,
        mode: LoadMode,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Load<'s>> {
        Load::begin_replacing(self.to_load(&target)?, target, mode, waiting)
    }

    /// An empty collection of the keys that `source` still holds for `table`.
    pub fn source_keys<'s>(&'s self, source: &'s str, table: Table) -> Result<SourceKeys<'s>> {
        SourceKeys::begin(self.written(&[source])?, source, table)
    }

    /// What a load of `table` left in the cursors of `source`.
    pub fn cursors(&self, source: &str, table: Table) -> Result<Cursors> {
        self.written(&[source])?.cursors(source, table)
    }

    /// Writes cursors of a run without a load.
    pub fn note(
        &self,
        run_id: i64,
        source: &str,
        table: Table,
        marks: &CursorChanges<'_>,
    ) -> Result<()> {
        self.written(&[source])?.note(run_id, source, table, marks)
    }

    /// Number of rows of `source` in `table`.
    pub fn row_count(&self, source: &str, table: Table) -> Result<u64> {
        self.written(&[source])?.row_count(source, table)
    }

    /// What sales and stock need of the wines of `source`.
    pub fn catalog(&self, source: &str) -> Result<Catalog> {
        self.written(&[source])?.catalog(source)
    }

    /// Number of rows of `source` in `table` whose keys are at least the first of `keys` and less than the second, and the
    /// sum of `column`, unless the table has no such column.
    pub fn stored(
        &self,
        source: &str,
        table: Table,
        keys: (&str, &str),
        column: Option<&str>,
    ) -> Result<(u64, Option<Decimal>)> {
        self.written(&[source])?.stored(source, table, keys, column)
    }

    /// Sorts the customers of `source` into segments anew, where a day has passed since that was done. `waiting` is
    /// called while others write; its error ends the wait.
    pub fn refresh_segments(
        &self,
        source: &str,
        run_id: i64,
        now: &str,
        today: Date,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let file = self.written(&[source])?;
        file.refresh_segments(source, run_id, now, today, waiting)
    }
}

/// Receipts, rejected rows and their corrections.
impl Store {
    /// The SQLite file with the inbox of `source`, or of all.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, unused_variables, reason = "for a server")
    )]
    fn inbox_of(&self, source: Option<&str>) -> Result<&sqlite::Store> {
        match &self.place {
            Place::File(file) => Ok(file),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.copy_of_tables(source, INBOX),
        }
    }

    /// The SQLite file with the receipts of `source`, and its rows.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unnecessary_wraps, unused_variables, reason = "for a server")
    )]
    fn receipts_of(&self, source: &str) -> Result<&sqlite::Store> {
        match &self.place {
            Place::File(file) => Ok(file),
            #[cfg(feature = "postgres")]
            Place::Server(server) => server.copy_with_runs(source),
        }
    }

    /// The number of the newest run of `source` that has receipts.
    pub fn newest_run_with_receipts(&self, source: &str) -> Result<Option<i64>> {
        self.receipts_of(source)?.newest_run_with_receipts(source)
    }

    /// The receipts of run `run_id` of `source`, in loading order.
    pub fn receipts(&self, source: &str, run_id: i64) -> Result<Vec<UnitReceipt>> {
        self.written(&[source])?.receipts(source, run_id)
    }

    /// The rows in `table` that run `run_id` of `source` wrote, by unit; `None` where a later run may have changed them, or
    /// an erasure. Of customers, also those whose figures it computed anew. Scans the table.
    pub fn stored_by_unit(
        &self,
        source: &str,
        run_id: i64,
        table: Table,
    ) -> Result<Option<BTreeMap<String, StoredNow>>> {
        let file = self.written(&[source])?;
        file.stored_by_unit(source, run_id, table)
    }

    /// A page of the inbox, the newest entries first.
    pub fn inbox(&self, query: &InboxQuery<'_>) -> Result<InboxPage> {
        self.inbox_of(query.source)?.inbox(query)
    }

    /// Number of open entries of `source`, or of all.
    pub fn open_rejects(&self, source: Option<&str>) -> Result<u64> {
        ask!(self, open_rejects(source))
    }

    /// The entries of `query` by what is wrong, the largest groups first.
    pub fn inbox_groups(&self, query: &InboxQuery<'_>) -> Result<Vec<RejectGroup>> {
        self.inbox_of(query.source)?.inbox_groups(query)
    }

    /// The entries of `source` whose identifier begins with `id`.
    pub fn inbox_entries(&self, source: &str, id: &str) -> Result<Vec<InboxEntry>> {
        self.inbox_of(Some(source))?.inbox_entries(source, id)
    }

    /// Gives an entry another state; returns whether there is one.
    pub fn settle_reject(
        &self,
        source: &str,
        row: (Table, RowId),
        state: RejectState,
        note: Option<&str>,
    ) -> Result<bool> {
        let file = self.inbox_of(Some(source))?;
        file.settle_reject(source, row, state, note)
    }

    /// The corrections of `source` that hold.
    pub fn corrections(&self, source: &str) -> Result<Vec<Correction>> {
        self.inbox_of(Some(source))?.corrections(source)
    }

    /// Those of `table`, for reading.
    pub fn corrections_of(&self, source: &str, table: Table) -> Result<Corrections> {
        self.inbox_of(Some(source))?.corrections_of(source, table)
    }

    /// Keeps new corrections; returns their numbers.
    pub fn correct(
        &self,
        source: &str,
        new: &[NewCorrection],
        by: (&str, &str),
    ) -> Result<Vec<i64>> {
        self.inbox_of(Some(source))?.correct(source, new, by)
    }

    /// Undoes a correction; returns whether it held.
    pub fn undo_correction(&self, source: &str, number: i64, now: &str) -> Result<bool> {
        let file = self.inbox_of(Some(source))?;
        file.undo_correction(source, number, now)
    }

    /// The files of `table` to read again because corrections changed, with the run from which on.
    pub fn rereads(&self, source: &str, table: Table) -> Result<BTreeMap<String, i64>> {
        self.written(&[source])?.rereads(source, table)
    }
}

/// The tables of the inbox, and what tells which files its rows are in.
#[cfg(feature = "postgres")]
const INBOX: &[&str] = &["reject_rows", "corrections", "rereads", "cursors"];

/// Erasure.
impl Store {
    /// The erased customers whom a sync of `source` keeps out; `None` where there are none.
    pub fn erased(&self, source: &str) -> Result<Option<Erased>> {
        self.written(&[source])?.erased(source)
    }

    /// The customers whose key, email address or telephone number is `asked`, of `source` or of all.
    pub fn find_customers(&self, asked: &str, source: Option<&str>) -> Result<Vec<FoundCustomer>> {
        self.whole()?.find_customers(asked, source)
    }

    /// Customers of other sources with an address or a number of `customer`.
    pub fn elsewhere(&self, customer: &FoundCustomer) -> Result<Vec<FoundCustomer>> {
        self.whole()?.elsewhere(customer)
    }

    /// Erases `customer` from all that was loaded from their source, in one transaction, and records what keeps them
    /// out; `now` as in [`LoadTarget`]. The caller holds the connector's lock, and calls [`Store::overwrite_erased`]
    /// afterwards. `waiting` is called while others write; its error ends the wait.
    pub fn erase(
        &self,
        customer: &FoundCustomer,
        now: &str,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<ErasedCounts> {
        self.whole()?.erase(customer, now, waiting)
    }

    /// Writes the SQLite file anew, without its free pages, and empties its log, where a customer was erased since this
    /// was last done. `waiting` is called while others read or write; its error ends the wait.
    pub fn overwrite_erased(&self, waiting: impl FnMut() -> Result<()>) -> Result<()> {
        self.written(&[])?.overwrite_erased(waiting)
    }
}

/// Sources as a whole.
impl Store {
    /// Gives the rows, rejects, cursors and history of `old` to `new`, in one transaction. `before_commit` is called
    /// when all rows are written; its error rolls everything back. `waiting` is called while others write. Fails where
    /// both names have rows or history; does nothing in the database where `old` has none.
    pub fn rename_source(
        &self,
        names: (&str, &str),
        waiting: impl FnMut() -> Result<()>,
        before_commit: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        ask!(self, rename_source(names, waiting, before_commit))
    }

    /// Deletes the rows, rejects, history and cursors of `source`.
    pub fn purge(&self, source: &str) -> Result<()> {
        ask!(self, purge(source))
    }

    /// Whether `source` has rows, rejects, cursors or history.
    pub fn knows(&self, source: &str) -> Result<bool> {
        ask!(self, knows(source))
    }

    /// The sources with rows in the tables, by name.
    pub fn sources_with_rows(&self) -> Result<Vec<String>> {
        ask!(self, sources_with_rows())
    }

    /// Deletes runs that began before `before`, with their messages and rejects; rejects of older runs that stay; and
    /// older cursors of connectors that are not `registered`. `waiting` is called while others write; its error ends
    /// the wait.
    pub fn prune(
        &self,
        before: Timestamp,
        registered: &[&str],
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Pruned> {
        ask!(self, prune(before, registered, waiting))
    }
}

/// The history and the rows, for those who look.
impl Store {
    /// Runs `work`, which only reads, on one consistent state of the database, whatever others write meanwhile.
    pub fn at_one_instant<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        ask!(self, at_one_instant(work))
    }

    /// Names of the sources with a run whose status is `running`.
    pub fn sources_running(&self) -> Result<Vec<String>> {
        ask!(self, sources_running())
    }

    /// The newest finished run of all sources.
    pub fn newest_ended_run(&self) -> Result<Option<i64>> {
        ask!(self, newest_ended_run())
    }

    /// Closes the runs of `source` with status `running` as interrupted. The caller must hold the connector's lock,
    /// which proves that their process has ended. Does not wait for writers: the next command closes what this one
    /// could not.
    pub fn close_dead_runs(&self, source: &str, now: Timestamp) -> Result<()> {
        ask!(self, close_dead_runs(source, now))
    }

    /// A page of the runs of `source`, or of all, newest first.
    pub fn logs(&self, source: Option<&str>, limit: u64, offset: u64) -> Result<LogPage> {
        ask!(self, logs(source, limit, offset))
    }

    /// One run with all details.
    pub fn run(&self, run_id: i64) -> Result<Option<RunLog>> {
        ask!(self, run(run_id))
    }

    /// A page of the rejects of run `run_id` of `source`, or of its newest run that has any.
    pub fn rejects(
        &self,
        source: &str,
        run_id: Option<i64>,
        limit: u64,
        offset: u64,
    ) -> Result<RejectPage> {
        ask!(self, rejects(source, run_id, limit, offset))
    }

    /// The number of the first run that began at `at` or later.
    pub fn first_run_since(&self, at: Timestamp) -> Result<i64> {
        ask!(self, first_run_since(at))
    }

    /// Whether a run other than `run_id` succeeded since `at`.
    pub fn has_succeeded_since(&self, at: Timestamp, run_id: i64) -> Result<bool> {
        ask!(self, has_succeeded_since(at, run_id))
    }

    /// What the database says of its own damage; `None` where it is sound.
    pub fn defect(&self) -> Result<Option<String>> {
        ask!(self, defect())
    }

    /// When the newest run began.
    pub fn newest_start(&self) -> Result<Option<Timestamp>> {
        ask!(self, newest_start())
    }

    /// When the running run of `source` began.
    pub fn running_since(&self, source: &str) -> Result<Option<Timestamp>> {
        ask!(self, running_since(source))
    }

    /// Current state of the connector `source`.
    pub fn connector_state(&self, source: &str) -> Result<ConnectorState> {
        ask!(self, connector_state(source))
    }

    /// Totals of all finished runs.
    pub fn sync_totals(&self) -> Result<SyncTotals> {
        ask!(self, sync_totals())
    }

    /// Rows in the tables, and errors and warnings of all runs.
    pub fn table_totals(&self) -> Result<TableTotals> {
        ask!(self, table_totals())
    }

    /// Accepted rows of the last `limit` finished runs of `source`, oldest first.
    pub fn accepted_by_run(&self, source: &str, limit: u64) -> Result<Vec<u64>> {
        ask!(self, accepted_by_run(source, limit))
    }

    /// Rows of `source` after each of its last `limit` runs.
    pub fn rows_by_run(&self, source: &str, limit: u64) -> Result<Vec<RowsAt>> {
        ask!(self, rows_by_run(source, limit))
    }

    /// Sales of `source` by month.
    pub fn sales_by_month(&self, source: &str) -> Result<Vec<MonthOfSales>> {
        ask!(self, sales_by_month(source))
    }

    /// Hands out the rows of `table`, of `source` or of all, in key order.
    pub fn read_table(
        &self,
        table: Table,
        source: Option<&str>,
        sink: &mut dyn RowSink,
        stop: &Stop,
    ) -> Result<()> {
        ask!(self, read_table(table, source, sink, stop))
    }

    /// Runs `sql`, one statement that reads, on the database of `home`, and hands out its rows; reads an empty database
    /// where there is none. Fails for a statement that would write, for an error of SQL, and after `limit`.
    pub fn query(
        home: &Home,
        sql: &str,
        limit: Duration,
        sink: &mut dyn RowSink,
        stop: &Stop,
    ) -> Result<()> {
        #[cfg(feature = "postgres")]
        if let Some(server) = home.server() {
            let server = Server::connect(server)?;
            return postgres::Store::query(&server, sql, limit, sink, stop);
        }
        sqlite::Store::query(&home.database(), sql, limit, sink, stop)
    }
}

/// The leases of `locks`.
#[cfg(feature = "postgres")]
fn leases<'l>(locks: &[&'l Lock]) -> Vec<&'l postgres::Lease> {
    locks.iter().filter_map(|lock| lock.lease()).collect()
}

#[cfg(not(feature = "postgres"))]
fn no_server(_locks: &[&Lock]) -> Result<Store> {
    Err(crate::error::Error::config(
        "Cette édition de crmreco ne connaît que SQLite",
    ))
}
