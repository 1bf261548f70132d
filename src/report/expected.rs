//! What the source itself says of its rows, compared with what is stored.

use serde::{Deserialize, Serialize};

use crate::canonical::{Decimal, Table};
use crate::french;

/// What the source itself says of rows, to compare with the rows stored under their keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// What the rows are called: the name of a model.
    pub origin: String,
    /// Their keys are at least the first and less than the second.
    pub keys: (String, String),
    /// The column that the sum is of, where there is one.
    pub column: Option<String>,
    /// What the source said before the rows were read, and after.
    pub before: SourceTotals,
    /// Like `before`; the same where nothing was read in between.
    pub after: SourceTotals,
}

/// A number of rows, and what they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceTotals {
    /// The number of rows.
    pub rows: u64,
    /// Their sum in euros, where the source can tell.
    pub euros: Option<Decimal>,
}

/// Ten-thousandths of a euro by which the sums may differ: both sides round to cents. The square root of the number of
/// rows comes on top: 3.5 standard deviations of the sum of so many roundings to a ten-thousandth.
const ROUNDING: i64 = 100;

/// The warning where the `stored` rows are not what the source says of them.
pub(crate) fn gap(table: Table, expected: &Expected, stored: &SourceTotals) -> Option<String> {
    let Expected { before, after, .. } = expected;
    if is_same(before, stored) || is_same(after, stored) {
        return None;
    }
    let (label, origin) = (table.label(), &expected.origin);
    Some(if is_same(before, after) {
        format!(
            "{label} ({origin}) : la source annonce {}, la base en garde {} : voyez les lignes rejetées, sinon relisez tout",
            shown(before),
            shown(stored)
        )
    } else {
        format!(
            "{label} ({origin}) : la source a bougé pendant la lecture ({}, puis {}), la base garde {} : la prochaine \
             synchronisation lira le reste",
            shown(before),
            shown(after),
            shown(stored)
        )
    })
}

fn is_same(one: &SourceTotals, other: &SourceTotals) -> bool {
    one.rows == other.rows
        && match (one.euros, other.euros) {
            (Some(one_sum), Some(other_sum)) => is_near(one_sum, other_sum, one.rows),
            _ => true,
        }
}

fn is_near(one: Decimal, other: Decimal, rows: u64) -> bool {
    let tolerance = ROUNDING.saturating_add_unsigned(rows.isqrt());
    let gap = one.checked_sub(other);
    gap.is_some_and(|gap| gap.abs().ten_thousandths() <= tolerance)
}

/// `58 lignes (1234,50 €)`.
fn shown(totals: &SourceTotals) -> String {
    let rows = french::plural(totals.rows, "ligne", "lignes");
    match totals.euros {
        Some(euros) => {
            format!("{rows} ({:.2} €)", euros.round_to_cents().to_real()).replace('.', ",")
        }
        None => rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(rows: u64, cents: i64) -> SourceTotals {
        SourceTotals {
            rows,
            euros: Some(Decimal::from_ten_thousandths(cents * 100)),
        }
    }

    fn expected(before: SourceTotals, after: SourceTotals) -> Expected {
        Expected {
            origin: "orders".to_owned(),
            keys: ("odoo-0".to_owned(), "odoo-:".to_owned()),
            column: Some("price_total_eur".to_owned()),
            before,
            after,
        }
    }

    #[test]
    fn a_gap_is_named_and_roundings_are_none() {
        let quiet = expected(totals(58, 123_450), totals(58, 123_450));
        let found = |stored| gap(Table::SalesLines, &quiet, &stored);
        assert_eq!(found(totals(58, 123_450)), None);
        assert_eq!(found(totals(58, 123_451)), None);
        let sentence = found(totals(57, 120_000)).unwrap();
        assert!(sentence.starts_with(
            "Ventes (orders) : la source annonce 58 lignes (1234,50 €), la base en garde 57 lignes (1200,00 €)"
        ));
        assert!(found(totals(58, 123_600)).is_some());
    }

    #[test]
    fn many_rows_do_not_hide_an_amount() {
        let of = |cents| totals(100_000_000, cents);
        let large = expected(of(1_000_000_000), of(1_000_000_000));
        let found = |cents| gap(Table::SalesLines, &large, &of(cents));
        assert_eq!(found(1_000_000_000 - 100), None);
        assert!(found(1_000_000_000 - 200).is_some());
    }

    #[test]
    fn a_source_that_moved_is_read_further_next_time() {
        let moving = expected(totals(58, 0), totals(59, 1_000));
        assert_eq!(gap(Table::SalesLines, &moving, &totals(59, 1_000)), None);
        let sentence = gap(Table::SalesLines, &moving, &totals(59, 0)).unwrap();
        assert!(sentence.contains("a bougé pendant la lecture"));
    }
}
