//! The receipt of a unit, a file or a model: what it held, what became of it, and whether both agree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::expected::{Expected, SourceTotals, gap};
use crate::canonical::{Decimal, Table, Total};
use crate::french;

/// Exact sums by column of the table; in what a source says, also the number of [`ROWS`].
pub type Sums = BTreeMap<String, Total>;

/// The number of rows among [`Sums`].
const ROWS: &str = "rows";

/// Difference between a written total and the rows, in ten-thousandths, that roundings explain.
const ROUNDING: u128 = 500;

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

    fn is_of_server(&self) -> bool {
        self.before.contains_key(ROWS)
    }
}

impl UnitReceipt {
    /// What does not agree. `stored`: the rows in the table that the run wrote from the unit, where they can be told.
    pub fn gaps(&self, stored: Option<&StoredNow>) -> Vec<Gap> {
        let source = match &self.source {
            Some(says) if says.is_of_server() => self.source_gap(says).into_iter().collect(),
            Some(says) => self.total_gaps(says),
            None => Vec::new(),
        };
        let gaps = self.lines_gap().into_iter().chain(source);
        gaps.chain(self.stored_gap(stored)).collect()
    }

    /// The lines that were counted, whatever they are.
    fn counted(&self) -> u64 {
        let held = &self.held;
        held.header
            + held.empty
            + held.totals
            + held.unused
            + self.left_aside
            + self.accepted
            + self.rejected
    }

    fn lines_gap(&self) -> Option<Gap> {
        let (lines, counted) = (self.held.lines, self.counted());
        let message = match lines.checked_sub(counted) {
            Some(0) => return None,
            Some(missing) => format!(
                "{} : il manque {} sur {}",
                self.label,
                french::plural(missing, "ligne", "lignes"),
                french::count(lines)
            ),
            None => format!(
                "{} : {} en trop, le fichier en a {}",
                self.label,
                french::plural(counted - lines, "ligne comptée", "lignes comptées"),
                french::count(lines)
            ),
        };
        Some(Gap {
            kind: GapKind::Lines,
            message,
        })
    }

    /// The totals written in a file that are not those of its rows.
    fn total_gaps(&self, says: &SourceSays) -> Vec<Gap> {
        let columns = says.before.iter();
        let differing = columns.filter_map(|(column, written)| {
            let read = says.compared.get(column).copied().unwrap_or_default();
            let apart = *written - read;
            (apart.ten_thousandths().unsigned_abs() > ROUNDING).then(|| {
                let what = if apart.ten_thousandths() > 0 {
                    "il manque"
                } else {
                    "il y a en trop"
                };
                let away = Total::from_ten_thousandths(apart.ten_thousandths().abs());
                format!(
                    "{} : {what} {}, le total du fichier dit {}, ses lignes font {}",
                    self.label,
                    amount(column, away),
                    amount(column, *written),
                    amount(column, read)
                )
            })
        });
        let gap = |message| Gap {
            kind: GapKind::Total,
            message,
        };
        differing.map(gap).collect()
    }

    /// Where the server counts other rows than are stored.
    fn source_gap(&self, says: &SourceSays) -> Option<Gap> {
        let column = says.before.keys().find(|key| *key != ROWS).cloned();
        let totals = |sums: &Sums| SourceTotals {
            rows: count_of(sums.get(ROWS).copied().unwrap_or_default()),
            euros: column
                .as_ref()
                .and_then(|column| decimal_of(*sums.get(column)?)),
        };
        let expected = Expected {
            origin: self.label.clone(),
            keys: Default::default(),
            before: totals(&says.before),
            after: totals(says.after.as_ref().unwrap_or(&says.before)),
            column: column.clone(),
        };
        let message = gap(self.table, &expected, &totals(&says.compared))?;
        Some(Gap {
            kind: GapKind::Source,
            message,
        })
    }

    /// Where the table holds other rows than those that were written.
    fn stored_gap(&self, stored: Option<&StoredNow>) -> Option<Gap> {
        let (rows, sums) = self.written.as_ref()?;
        let stored = stored?;
        // Amounts first: their columns come before those of quantities.
        let differing = sums.iter().find_map(|(column, written)| {
            let found = stored.sums.get(column).copied().unwrap_or_default();
            let apart = amount(column, *written - found);
            (*written != found).then(|| format!(" ({apart} d'écart)"))
        });
        // Customers whose figures the run computed anew look as if it had written them.
        let has_all = match self.table {
            Table::Customers => stored.rows >= *rows,
            _ => stored.rows == *rows,
        };
        if has_all && differing.is_none() {
            return None;
        }
        Some(Gap {
            kind: GapKind::Stored,
            message: format!(
                "{} : {}, {} dans la table{}",
                self.label,
                french::plural(*rows, "ligne enregistrée", "lignes enregistrées"),
                french::count(stored.rows),
                differing.unwrap_or_default()
            ),
        })
    }
}

fn amount(column: &str, total: Total) -> String {
    french::amount(column, total.ten_thousandths())
}

fn decimal_of(total: Total) -> Option<Decimal> {
    Decimal::from_scaled(total.ten_thousandths(), 4)
}

fn count_of(total: Total) -> u64 {
    u64::try_from(total.ten_thousandths() / 10_000).unwrap_or_default()
}
