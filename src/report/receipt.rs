//! The receipt of a unit, a file or a model: what it held, what became of it, and whether both agree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::expected::{Expected, SourceTotals};
use crate::canonical::{Table, Total};

/// Exact sums by column of the table; in what a source says, also the number of [`ROWS`].
pub type Sums = BTreeMap<String, Total>;

/// The number of rows among [`Sums`].
pub(super) const ROWS: &str = "rows";

/// What a unit held besides its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitHeld {
    /// Lines of a file, counted where it was cut into lines; a row that spans several counts as one. Records of a model.
    pub lines: u64,
    /// Lines up to the header, and headers repeated.
    pub header: u64,
    /// Lines without a filled cell.
    pub empty: u64,
    /// Totals, ends of lists, page numbers.
    pub totals: u64,
    /// Records that give no row of the table.
    pub unused: u64,
    /// The total at the end of a file, where it has one.
    pub closing: Vec<Closing>,
}

/// A column in the total at the end of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// Name of the column of the table.
    pub column: String,
    /// As it is written there, in ten-thousandths.
    pub written: i64,
    /// The sum of the rows above it, as written, in ten-thousandths.
    pub rows: i128,
}

/// What a source says of the rows of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSays {
    /// Its own sums; of a server, before the rows were read.
    pub before: Sums,
    /// What a server said afterwards, where it changed.
    pub after: Option<Sums>,
    /// What they are compared with: the rows of the file as written, or the stored rows of the model.
    pub compared: Sums,
}

/// The receipt of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitReceipt {
    /// The table of its rows.
    pub table: Table,
    /// Name of the file or model.
    pub label: String,
    /// Its cursor's mark.
    pub mark: String,
    /// Size in bytes, where it is known.
    pub bytes: u64,
    /// What it held besides its rows; `closing` is empty once it is stored.
    pub held: UnitHeld,
    /// Rows that do not belong to the table.
    pub left_aside: u64,
    /// Rows that were not rejected.
    pub accepted: u64,
    /// Rows that were rejected.
    pub rejected: u64,
    /// Accepted rows that a later row of the unit replaced.
    pub replaced: u64,
    /// Sums of the accepted rows.
    pub sums: Sums,
    /// Number and sums of the rows that the run left as new or changed; `None` where it cannot be told.
    pub written: Option<(u64, Sums)>,
    /// What the source says, where it says something.
    pub source: Option<SourceSays>,
}

/// The rows in the table that a run wrote from a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredNow {
    /// Their number.
    pub rows: u64,
    /// Their sums.
    pub sums: Sums,
}

/// What does not agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Which comparison failed.
    pub kind: GapKind,
    /// What is missing, in French.
    pub message: String,
}

/// The comparisons of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapKind {
    /// Each line was counted once.
    Lines,
    /// The total in the file is that of its rows.
    Total,
    /// The server counts what is stored.
    Source,
    /// What was accepted is in the table.
    Stored,
}

impl GapKind {
    /// Its code in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Total => "total",
            Self::Source => "source",
            Self::Stored => "stored",
        }
    }
}

impl SourceSays {
    /// The total at the end of a file.
    pub(crate) fn of_closing(closing: &[Closing]) -> Option<Self> {
        let of = |value: fn(&Closing) -> i128| {
            let columns = closing.iter();
            let sums = columns.map(|one| {
                let sum = Total::from_ten_thousandths(value(one));
                (one.column.clone(), sum)
            });
            sums.collect()
        };
        (!closing.is_empty()).then(|| Self {
            before: of(|one| one.written.into()),
            after: None,
            compared: of(|one| one.rows),
        })
    }

    /// What a server said, and what is `stored` of it.
    pub(crate) fn of_server(expected: &Expected, stored: &SourceTotals) -> Self {
        let sums = |totals: &SourceTotals| {
            let euros = expected.column.clone().zip(totals.euros);
            let euros = euros.map(|(column, euros)| (column, Total::from(euros)));
            let rows = (ROWS.to_owned(), Total::of_count(totals.rows));
            [rows].into_iter().chain(euros).collect()
        };
        let has_changed = expected.before != expected.after;
        Self {
            before: sums(&expected.before),
            after: has_changed.then(|| sums(&expected.after)),
            compared: sums(stored),
        }
    }

    pub(super) fn is_of_server(&self) -> bool {
        self.before.contains_key(ROWS)
    }
}
