//! What became of rows, as answers tell it.

use serde::Serialize;

use super::{ByTable, SyncAnswer};
use crate::canonical::Table;
use crate::report::Counts;

/// What became of a table's rows.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CountsAnswer {
    /// accepted + rejected, always.
    pub read: u64,
    /// Not there before.
    pub inserted: u64,
    /// There with other values.
    pub updated: u64,
    /// There already.
    pub unchanged: u64,
    /// No longer in the source.
    pub deleted: u64,
    /// Not understood.
    pub rejected: u64,
    /// Read past on purpose: no rows of that table.
    pub left_aside: u64,
}

impl CountsAnswer {
    /// In the order of the fields.
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
    /// The tables of which anything was read, read past or deleted.
    pub fn filled(&self) -> impl Iterator<Item = &(Table, CountsAnswer)> {
        let all = self.0.iter();
        all.filter(|(_, counts)| counts.read + counts.deleted + counts.left_aside > 0)
    }
}

impl SyncAnswer {
    /// Rows accepted, in all.
    pub fn accepted(&self) -> u64 {
        self.records_processed.0.iter().map(|(_, rows)| rows).sum()
    }

    /// Rows rejected, in all.
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
