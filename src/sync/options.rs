//! What a sync is asked to do, and what it did.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::canonical::Table;
use crate::error::Advice;
use crate::report::RunLog;
use crate::store::ShrinkLimit;

/// Options of a sync.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The one table to load; `None` loads all.
    pub table: Option<Table>,
    /// Read changes since this time stamp instead of the cursors.
    pub since: Option<Timestamp>,
    /// Full refresh: read everything again.
    pub full: bool,
    /// Dry run: report what would change, without a write.
    pub dry_run: bool,
    /// Whether a snapshot may delete more than a fifth of a table.
    pub shrink_limit: ShrinkLimit,
    /// Whether a table is loaded however many of its rows are rejected.
    pub accepts_rejects: bool,
}

/// Parses `2025-12-27T16:00:00` (local time) or an RFC 3339 time stamp, for [`Options::since`].
pub fn parse_since(text: &str) -> Option<Timestamp> {
    let local = || {
        let local = text.parse::<DateTime>().ok()?;
        Some(local.to_zoned(TimeZone::system()).ok()?.timestamp())
    };
    text.parse::<Timestamp>().ok().or_else(local)
}

/// Result of a sync.
#[derive(Debug)]
pub struct Outcome {
    /// The run as stored in the history; that of a dry run is not stored.
    pub log: RunLog,
    /// Number of files or models that were read before and have not changed.
    pub already_read: usize,
    /// The signal that stopped the sync, if one did.
    pub stopped_by: Option<i32>,
    /// What failed, in the order of the run's error messages.
    pub failures: Vec<Failure>,
}

/// What failed in a sync, and what to do about it: the history keeps both in one sentence.
#[derive(Debug)]
pub struct Failure {
    /// What failed, in French.
    pub message: String,
    /// What to do next; empty where the message says it.
    pub advice: Vec<Advice>,
}
