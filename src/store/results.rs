//! What a store answers.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::canonical::{Reject, Table};
use crate::report::{RunLog, RunStatus};

/// A page of runs, newest first.
#[derive(Debug, Clone)]
pub struct LogPage {
    /// How many runs there are in all.
    pub total: u64,
    /// Those of the page.
    pub logs: Vec<RunLog>,
}

/// A page of the rejects of one run, in reading order.
#[derive(Debug, Clone)]
pub struct RejectPage {
    /// The run they are of; `None` when no run ever rejected anything.
    pub run_id: Option<i64>,
    /// How many the run has in all.
    pub total: u64,
    /// Those of the page.
    pub rejects: Vec<Reject>,
}

/// How one source stands.
#[derive(Debug, Clone, Default)]
pub struct ConnectorState {
    /// Status of its newest run; `None` when it never ran.
    pub newest: Option<RunStatus>,
    /// When its newest finished run ended.
    pub last_sync: Option<Timestamp>,
    /// When its newest successful run ended.
    pub last_success: Option<Timestamp>,
    /// The first error of its newest finished run.
    pub last_error: Option<String>,
}

/// All finished runs, added up.
#[derive(Debug, Clone, Copy, Default)]
pub struct SyncTotals {
    /// Finished runs.
    pub total: u64,
    /// Those that succeeded.
    pub successful: u64,
    /// Their mean duration in seconds.
    pub average_seconds: f64,
}

/// What the tables hold and what went wrong on the way.
#[derive(Debug, Clone, Default)]
pub struct TableTotals {
    /// Rows held now, by table.
    pub rows: BTreeMap<Table, u64>,
    /// Errors of all runs.
    pub errors: u64,
    /// Warnings of all runs.
    pub warnings: u64,
}

/// What went, or would go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs.
    pub runs: u64,
    /// Messages, with those of the runs.
    pub messages: u64,
    /// Rejected rows, with those of the runs.
    pub rejects: u64,
    /// What was read of sources that are not registered any more.
    pub cursors: u64,
}
