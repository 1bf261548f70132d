//! What a sync is asked to do, and what it did.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::canonical::Table;
use crate::error::Advice;
use crate::report::RunLog;
use crate::store::ShrinkLimit;

/// What a sync is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The one table to load; all when `None`.
    pub table: Option<Table>,
    /// Read what changed since then, in place of what the cursors say.
    pub since: Option<Timestamp>,
    /// Read everything again.
    pub full: bool,
    /// Say what would change, and change nothing.
    pub dry_run: bool,
    /// Whether a snapshot may delete more than a fifth of a table.
    pub shrink_limit: ShrinkLimit,
}

/// `2025-12-27T16:00:00` (local time) or an RFC 3339 instant, as [`Options::since`] wants it.
pub fn parse_since(text: &str) -> Option<Timestamp> {
    let local = || {
        let local = text.parse::<DateTime>().ok()?;
        Some(local.to_zoned(TimeZone::system()).ok()?.timestamp())
    };
    text.parse::<Timestamp>().ok().or_else(local)
}

/// What a sync did.
#[derive(Debug)]
pub struct Outcome {
    /// The run as history keeps it; a dry run's is forgotten at once.
    pub log: RunLog,
    /// Parts of the source that had been read before and have not changed.
    pub already_read: usize,
    /// The signal that stopped it, if one did.
    pub stopped_by: Option<i32>,
    /// What to do about what failed, beside what the messages of the run say.
    pub advice: Vec<Advice>,
}
