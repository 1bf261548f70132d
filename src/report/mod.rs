//! What a run or a check found, as plain data: connectors and the store fill it, everything else shows it.

mod phases;

use jiff::Timestamp;

pub use phases::{Phase, Phases, RunPhases};

use crate::canonical::Table;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// Somebody is at it, or died at it.
    Running,
    /// Everything asked for was loaded.
    Success,
    /// Something asked for was not.
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

/// Something a run has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Why something asked for was not done.
    Error(String),
    /// What somebody should know though it was done.
    Warning(String),
}

/// One run as it is remembered.
#[derive(Debug, Clone)]
pub struct RunLog {
    /// Its number, growing.
    pub run_id: i64,
    /// The connector's name.
    pub source: String,
    /// Its type.
    pub connector_type: String,
    /// How it ended, or that it has not.
    pub status: RunStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds it took.
    pub duration_seconds: f64,
    /// Rows by table, in loading order.
    pub counts: Vec<(Table, Counts)>,
    /// What it said, in order.
    pub messages: Vec<Message>,
    /// Where its time went, once it has ended; nothing where it was cut short.
    pub phases: Option<RunPhases>,
}

impl RunLog {
    /// Whether everything asked for was loaded.
    pub fn is_success(&self) -> bool {
        self.status == RunStatus::Success
    }
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
    /// Rows read past on purpose, for they are no rows of the table.
    pub left_aside: u64,
}

impl Counts {
    /// Rows understood.
    pub fn accepted(&self) -> u64 {
        self.inserted + self.updated + self.unchanged
    }
}

/// One part of a source, as `test` finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The file or model.
    pub name: String,
    /// Whether a sync could read it.
    pub ok: bool,
    /// What was found, in French.
    pub detail: String,
    /// Rows it holds, when they could be counted.
    pub rows: Option<u64>,
}
