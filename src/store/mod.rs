//! Where data rests. Requests, results and load reports are plain data, independent of the database; [`Store`] asks
//! the one that the home has.

mod database;
#[cfg(feature = "postgres")]
mod estates;
mod inbox;
mod load_report;
mod lock;
#[cfg(feature = "postgres")]
mod postgres;
mod requests;
mod results;
mod row;
mod sqlite;
#[cfg(feature = "postgres")]
mod transfer;

pub use database::Store;
#[cfg(feature = "postgres")]
pub use estates::{estates, grant_reader, revoke_reader};
pub use inbox::{
    Correction, CorrectionScope, InboxEntry, InboxPage, InboxQuery, NewCorrection, RejectGroup,
    RejectState,
};
pub use load_report::{LoadReport, Missing, Repeated, Replaced, Unknown};
pub use lock::{Lock, close_dead_runs};
pub(crate) use lock::{remove_unregistered, untakable};
pub use requests::{CursorChanges, LoadMode, LoadTarget, RunEnd, ShrinkLimit};
pub use results::{
    ConnectorState, ErasedCounts, EstateState, FoundCustomer, LogPage, MonthOfSales, Moved,
    NamedState, Pruned, RejectPage, RowsAt, SyncTotals, TableSum, TableTotals,
};
pub use row::{Flow, RowSink, Value};
pub use sqlite::{DatabaseCopy, FirstSync, Gathered, Load, Replacement, SourceKeys, copy_database};
pub(crate) use sqlite::{instant, unwritable};
#[cfg(feature = "postgres")]
pub use transfer::transfer;
