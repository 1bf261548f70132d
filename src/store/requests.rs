//! What a store is asked to do.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::canonical::{Cursor, Table};
use crate::report::{Message, RunPhases, RunStatus};

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
    /// They are all there is of the days they cover: what is not among them goes.
    Period,
    /// With what a [`SourceKeys`](super::SourceKeys) was told of, they are all there is: what neither knows goes.
    Sweep,
}

/// Whether a snapshot may delete more than a fifth of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShrinkLimit {
    /// No: the load fails.
    #[default]
    Enforced,
    /// Yes, somebody looked and said so.
    Lifted,
}

/// What changes of what was read.
#[derive(Debug, Clone, Copy)]
pub struct CursorChanges<'a> {
    /// Read, or to be remembered, now.
    pub set: &'a [Cursor],
    /// To be forgotten.
    pub unset: &'a [String],
}

/// How a run ended.
#[derive(Debug)]
pub struct RunEnd<'a> {
    /// How it stands now.
    pub status: RunStatus,
    /// When it ended.
    pub at: Timestamp,
    /// Seconds it took.
    pub duration_seconds: f64,
    /// The tables asked for.
    pub asked: &'a [Table],
    /// What it has to say, in order.
    pub messages: &'a [Message],
    /// Where its time went.
    pub phases: &'a RunPhases,
}
