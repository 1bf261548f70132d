//! What a load is asked to do.

use jiff::civil::Date;

use crate::canonical::Table;

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
    /// With what a [`Presence`](super::Presence) was told of, they are all there is: what neither knows goes.
    Sweep,
}

/// Whether a snapshot may delete more than a fifth of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brake {
    /// No: the load fails.
    On,
    /// Yes, somebody looked and said so.
    Released,
}
