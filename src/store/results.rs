//! What a store returns, as plain data.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::canonical::{Reject, Table};
use crate::report::{RunLog, RunStatus};

/// A page of runs, newest first.
#[derive(Debug, Clone)]
pub struct LogPage {
    /// Number of runs on all pages.
    pub total: u64,
    /// Runs on this page.
    pub logs: Vec<RunLog>,
}

/// A page of the rejects of one run, in reading order.
#[derive(Debug, Clone)]
pub struct RejectPage {
    /// The run of these rejects; `None` when no run has rejects.
    pub run_id: Option<i64>,
    /// Number of rejects of the run, on all pages.
    pub total: u64,
    /// Rejects on this page.
    pub rejects: Vec<Reject>,
}

/// Current state of a connector.
#[derive(Debug, Clone, Default)]
pub struct ConnectorState {
    /// Status of its newest run; `None` when it has no run.
    pub newest: Option<RunStatus>,
    /// End of its newest finished run.
    pub last_sync: Option<Timestamp>,
    /// End of its newest successful run.
    pub last_success: Option<Timestamp>,
    /// The first error of its newest finished run.
    pub last_error: Option<String>,
}

/// An estate on a server that holds many.
#[derive(Debug, Clone)]
pub struct EstateState {
    /// Its name.
    pub name: String,
    /// Rows of all its tables.
    pub rows: u64,
    /// Its connectors, by name.
    pub connectors: Vec<NamedState>,
}

/// A connector of an estate.
#[derive(Debug, Clone)]
pub struct NamedState {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its state.
    pub state: ConnectorState,
}

/// Totals of all finished runs.
#[derive(Debug, Clone, Copy, Default)]
pub struct SyncTotals {
    /// Number of finished runs.
    pub total: u64,
    /// Number of successful runs.
    pub successful: u64,
    /// Mean duration in seconds.
    pub average_seconds: f64,
}

/// Rows in the tables, and errors and warnings of all runs.
#[derive(Debug, Clone, Default)]
pub struct TableTotals {
    /// Current rows, by table.
    pub rows: BTreeMap<Table, u64>,
    /// Errors of all runs.
    pub errors: u64,
    /// Warnings of all runs.
    pub warnings: u64,
}

/// What was moved to another database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Rows, by table: equal on both sides.
    pub rows: BTreeMap<Table, u64>,
}

/// A customer of a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoundCustomer {
    /// Name of the connector.
    pub source: String,
    /// The customer's key.
    pub key: String,
}

/// What an erasure took a customer out of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErasedCounts {
    /// Rows of customers.
    pub customers: u64,
    /// Sales lines that stay without a name.
    pub sales_lines: u64,
    /// Rows of the contact history.
    pub contacts: u64,
    /// Rejects, deleted or blanked.
    pub rejects: u64,
    /// Messages of the history that were replaced.
    pub messages: u64,
}

/// What a prune deleted, or would delete in a dry run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs.
    pub runs: u64,
    /// Messages, including those of the deleted runs.
    pub messages: u64,
    /// Rejects, including those of the deleted runs.
    pub rejects: u64,
    /// Cursors of connectors that are no longer registered.
    pub cursors: u64,
    /// Closed entries of the inbox of rejected rows.
    pub closed: u64,
}

/// Rows of a connector in each table at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsAt {
    /// End of the run after which they were counted.
    pub at: Timestamp,
    /// Rows, by table.
    pub rows: BTreeMap<Table, u64>,
}

/// Sales of a connector in a month.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MonthOfSales {
    /// `2025-12`.
    pub month: String,
    /// Number of lines.
    pub lines: u64,
    /// Their amounts with tax, in euros.
    pub euros: f64,
    /// Lines without an amount.
    pub without_amount: u64,
}

/// The content of a table as two numbers, to compare copies of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// Name of the table in the database.
    pub table: String,
    /// Number of its rows.
    pub rows: u64,
    /// Checksum of all its values, in hexadecimal.
    pub sum: String,
}
