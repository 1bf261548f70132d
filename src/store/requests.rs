//! What the program asks of a store, as plain data.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::canonical::{Cursor, Table};
use crate::report::{Message, RunPhases, RunStatus};

/// Destination of a load: table, connector and run.
#[derive(Debug, Clone, Copy)]
pub struct LoadTarget<'a> {
    /// The connector's name.
    pub source: &'a str,
    /// The table to fill.
    pub table: Table,
    /// The run that loads.
    pub run_id: i64,
    /// Time stamp of the written rows (UTC, ISO 8601).
    pub now: &'a str,
    /// The day from which recency is counted.
    pub today: Date,
}

/// How the rows of a load relate to the existing rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadMode {
    /// Rows are added; those with an existing key replace the row under it.
    Increment,
    /// The rows are complete: existing rows that are not among them are deleted.
    Snapshot,
    /// The rows are complete for the days they cover: existing rows of those days that are not among them are
    /// deleted.
    Period,
    /// The rows and the keys in [`SourceKeys`](super::SourceKeys) together are complete: rows in neither are deleted.
    Sweep,
}

/// Whether a snapshot may delete more than a fifth of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShrinkLimit {
    /// No: such a load fails.
    #[default]
    Enforced,
    /// Yes: the user allowed it.
    Lifted,
}

/// Changes to the cursors of a connector.
#[derive(Debug, Clone, Copy)]
pub struct CursorChanges<'a> {
    /// Cursors to write.
    pub set: &'a [Cursor],
    /// Keys of the cursors to delete.
    pub unset: &'a [String],
}

/// The end of a run.
#[derive(Debug)]
pub struct RunEnd<'a> {
    /// Final status.
    pub status: RunStatus,
    /// When it ended.
    pub at: Timestamp,
    /// Duration in seconds.
    pub duration_seconds: f64,
    /// Requested tables.
    pub asked: &'a [Table],
    /// Messages, in order.
    pub messages: &'a [Message],
    /// Time spent in each phase.
    pub phases: &'a RunPhases,
}
