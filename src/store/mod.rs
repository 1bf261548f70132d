//! Where data rests. Requests, results and load reports are plain data, independent of the database; [`Store`],
//! [`Load`] and [`SourceKeys`] are those of [`sqlite`].

mod load_report;
mod requests;
mod results;
mod row;
mod sqlite;

pub use load_report::{LoadReport, Missing, Repeated, Replaced, Unknown};
pub use requests::{CursorChanges, LoadMode, LoadTarget, RunEnd, ShrinkLimit};
pub use results::{
    ConnectorState, ErasedCounts, FoundCustomer, LogPage, MonthOfSales, Pruned, RejectPage, RowsAt,
    SyncTotals, TableSum, TableTotals,
};
pub use row::{Flow, RowSink, Value};
pub use sqlite::{
    DatabaseCopy, FirstSync, Gathered, Load, Lock, SourceKeys, Store, close_dead_runs,
    copy_database,
};
pub(crate) use sqlite::{instant, remove_unregistered, unwritable};
