//! Whether what a unit held and what became of it agree.

use super::expected::{Expected, SourceTotals, gap};
use super::receipt::{Gap, GapKind, ROWS, SourceSays, StoredNow, Sums, UnitReceipt};
use crate::canonical::{Decimal, Table, Total};
use crate::french;

/// Difference between a written total and the rows, in ten-thousandths, that roundings explain.
const ROUNDING: u128 = 500;

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
