//! The inbox of rejected rows, as plain data.

use crate::canonical::{CellCorrection, RowId, Table};

/// State of an entry of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectState {
    /// Nothing was done about it.
    Open,
    /// A correction is there; the row was not read again yet.
    Fixed,
    /// A person said why it may stay out.
    Ignored,
    /// The row is read now, or its source no longer has it.
    Closed,
}

impl RejectState {
    /// All states.
    pub const ALL: [Self; 4] = [Self::Open, Self::Fixed, Self::Ignored, Self::Closed];

    /// Its code in JSON, SQL and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Fixed => "fixed",
            Self::Ignored => "ignored",
            Self::Closed => "closed",
        }
    }

    /// The state with that code; open for an unknown one.
    pub(crate) fn parse(code: &str) -> Self {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == code);
        known.unwrap_or(Self::Open)
    }
}

/// Which entries of the inbox to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct InboxQuery<'a> {
    /// Of this connector; of all without one.
    pub source: Option<&'a str>,
    /// In this state; in any without one.
    pub state: Option<RejectState>,
    /// Of this table; of any without one.
    pub table: Option<Table>,
    /// Most entries.
    pub limit: u64,
    /// Entries skipped.
    pub offset: u64,
}

/// A rejected row in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEntry {
    /// Name of the connector.
    pub source: String,
    /// Its table.
    pub table: Table,
    /// Identifies the row.
    pub id: RowId,
    /// Its state.
    pub state: RejectState,
    /// Why it is closed or ignored.
    pub note: Option<String>,
    /// File or model in which it was read last.
    pub origin: String,
    /// Line or id there.
    pub position: String,
    /// The column at fault.
    pub column: Option<String>,
    /// The value of that column.
    pub value: Option<String>,
    /// What is wrong, in French.
    pub reason: String,
    /// The headers of its columns; empty where the row is not kept as cells.
    pub headers: Vec<String>,
    /// Its cells.
    pub cells: Vec<String>,
    /// Whether cells had to be cut.
    pub is_cut: bool,
    /// The run that rejected it first.
    pub first_run: i64,
    /// The run that rejected it last.
    pub last_run: i64,
    /// When it was rejected first (UTC, ISO 8601).
    pub first_seen: String,
    /// When it was rejected last.
    pub last_seen: String,
    /// Runs that rejected it.
    pub times: u64,
}

impl InboxEntry {
    /// Whether a correction can change a cell of it.
    pub fn is_correctable(&self) -> bool {
        !self.headers.is_empty() && !self.is_cut
    }
}

/// A page of the inbox.
#[derive(Debug, Clone)]
pub struct InboxPage {
    /// Entries on all pages.
    pub total: u64,
    /// Open entries, whatever the page shows.
    pub open: u64,
    /// Entries on this page.
    pub entries: Vec<InboxEntry>,
}

/// Rows that are rejected for the same value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectGroup {
    /// Name of the connector.
    pub source: String,
    /// Their table.
    pub table: Table,
    /// The column at fault.
    pub column: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// What is wrong, in French.
    pub reason: String,
    /// Number of rows.
    pub count: u64,
}

/// What a correction is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorrectionScope {
    /// This row.
    Row(RowId),
    /// Every row whose cell says so.
    Value,
}

/// A correction to keep.
#[derive(Debug, Clone)]
pub struct NewCorrection {
    /// The table of its rows.
    pub table: Table,
    /// What it is of.
    pub scope: CorrectionScope,
    /// The cell, and what is read instead.
    pub cell: CellCorrection,
    /// What was said about it.
    pub note: Option<String>,
    /// Entries of the inbox that it is of.
    pub fixes: Vec<RowId>,
}

/// A correction in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its number, unique among those of the connector.
    pub number: i64,
    /// The table of its rows.
    pub table: Table,
    /// What it is of.
    pub scope: CorrectionScope,
    /// The cell, and what is read instead.
    pub cell: CellCorrection,
    /// What was said about it.
    pub note: Option<String>,
    /// Who made it.
    pub author: String,
    /// When (UTC, ISO 8601).
    pub at: String,
}
