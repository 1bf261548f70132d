//! Where data rests. Requests, results and load reports are plain data, independent of the database; [`Store`],
//! [`Load`] and [`SourceKeys`] are those of [`sqlite`].

mod inbox;
mod load_report;
mod requests;
mod results;
mod row;
mod sqlite;

pub use inbox::{
    Correction, CorrectionScope, InboxEntry, InboxPage, InboxQuery, NewCorrection, RejectGroup,
    RejectState,
};
pub use load_report::{LoadReport, Missing, Repeated, Replaced, Unknown};
pub use requests::{CursorChanges, LoadMode, LoadTarget, RunEnd, ShrinkLimit};
pub use results::{
    ConnectorState, ErasedCounts, FoundCustomer, LogPage, MonthOfSales, Pruned, RejectPage, RowsAt,
    SyncTotals, TableTotals,
};
pub use row::{Flow, RowSink, Value};
pub use sqlite::{FirstSync, Gathered, Load, Lock, SourceKeys, Store, close_dead_runs};
pub(crate) use sqlite::{instant, remove_unregistered, unwritable};
