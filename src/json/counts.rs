//! Row counts in JSON output.

use serde::Serialize;

use super::{ByTable, SyncAnswer};
use crate::canonical::Table;
use crate::report::Counts;

/// Row counts of a table.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CountsAnswer {
    /// Rows read: always accepted + rejected.
    pub read: u64,
    /// New rows.
    pub inserted: u64,
    /// Existing rows with changed values.
    pub updated: u64,
    /// Existing rows without a change.
    pub unchanged: u64,
    /// Rows no longer in the source.
    pub deleted: u64,
    /// Rejects.
    pub rejected: u64,
    /// Rows skipped because they do not belong to the table.
    pub left_aside: u64,
}

impl CountsAnswer {
    /// The counts, in the order of the fields.
    pub fn numbers(&self) -> [u64; 6] {
        [
            self.read,
            self.inserted,
            self.updated,
            self.unchanged,
            self.deleted,
            self.rejected,
        ]
    }
}

impl ByTable<CountsAnswer> {
    /// The tables with rows read, skipped or deleted.
    pub fn filled(&self) -> impl Iterator<Item = &(Table, CountsAnswer)> {
        let all = self.0.iter();
        all.filter(|(_, counts)| counts.read + counts.deleted + counts.left_aside > 0)
    }
}

impl SyncAnswer {
    /// Accepted rows of all tables.
    pub fn accepted(&self) -> u64 {
        self.records_processed.0.iter().map(|(_, rows)| rows).sum()
    }

    /// Rejects of all tables.
    pub fn rejected(&self) -> u64 {
        self.records
            .0
            .iter()
            .map(|(_, counts)| counts.rejected)
            .sum()
    }
}

impl From<&Counts> for CountsAnswer {
    fn from(counts: &Counts) -> Self {
        Self {
            read: counts.read,
            inserted: counts.inserted,
            updated: counts.updated,
            unchanged: counts.unchanged,
            deleted: counts.deleted,
            rejected: counts.rejected,
            left_aside: counts.left_aside,
        }
    }
}
