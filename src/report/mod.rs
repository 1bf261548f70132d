//! Results of runs and checks, as plain data: connectors and the store fill it, all else shows it.

mod expected;
mod gaps;
mod phases;
mod receipt;

use jiff::Timestamp;

pub(crate) use expected::gap;
pub use expected::{Expected, SourceTotals};
pub use phases::{Phase, Phases, RunPhases};
pub use receipt::{Closing, Gap, GapKind, SourceSays, StoredNow, Sums, UnitHeld, UnitReceipt};

use crate::canonical::Table;

/// Status of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// Running, or its process ended without closing it.
    Running,
    /// Everything requested was loaded.
    Success,
    /// A part of the request failed.
    Error,
    /// Stopped by a signal, a crash or a power cut.
    Interrupted,
}

impl RunStatus {
    const ALL: [Self; 4] = [Self::Running, Self::Success, Self::Error, Self::Interrupted];

    /// Its code in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Success => "success",
            Self::Error => "error",
            Self::Interrupted => "interrupted",
        }
    }

    /// The status with that code.
    pub(crate) fn parse(code: &str) -> Self {
        let known = Self::ALL.into_iter().find(|status| status.as_str() == code);
        known.unwrap_or(Self::Error)
    }
}

/// A message of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Why a part of the request failed.
    Error(String),
    /// Something to know although it did not fail.
    Warning(String),
}

/// One run in the history.
#[derive(Debug, Clone)]
pub struct RunLog {
    /// Run number, ascending.
    pub run_id: i64,
    /// The connector's name.
    pub source: String,
    /// The connector's type.
    pub connector_type: String,
    /// Its status.
    pub status: RunStatus,
    /// Start time.
    pub started_at: Timestamp,
    /// End time; `None` while it runs.
    pub ended_at: Option<Timestamp>,
    /// Duration in seconds.
    pub duration_seconds: f64,
    /// Counts by table, in loading order.
    pub counts: Vec<(Table, Counts)>,
    /// Messages, in order.
    pub messages: Vec<Message>,
    /// Time spent in each phase; `None` while it runs and after an interruption.
    pub phases: Option<RunPhases>,
}

impl RunLog {
    /// Whether everything requested was loaded.
    pub fn is_success(&self) -> bool {
        self.status == RunStatus::Success
    }
}

/// Row counts of a table. `read = inserted + updated + unchanged + rejected`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows read.
    pub read: u64,
    /// New rows.
    pub inserted: u64,
    /// Existing rows with changed values.
    pub updated: u64,
    /// Existing rows without a change.
    pub unchanged: u64,
    /// Existing rows that a snapshot no longer contains.
    pub deleted: u64,
    /// Rejects.
    pub rejected: u64,
    /// Rows skipped because they do not belong to the table.
    pub left_aside: u64,
}

impl Counts {
    /// Rows that were not rejected.
    pub fn accepted(&self) -> u64 {
        self.inserted + self.updated + self.unchanged
    }
}

/// Check result for one file or model of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The file or model.
    pub name: String,
    /// Whether a sync could read it.
    pub ok: bool,
    /// Result, in French.
    pub detail: String,
    /// Number of its rows, where they could be counted.
    pub rows: Option<u64>,
}
