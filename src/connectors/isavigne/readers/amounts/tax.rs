//! The tax on a line: a rate or an amount.

use crate::canonical::{Decimal, text};
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};

/// Past and present rates of France and its islands, in hundredths of a per cent.
const RATES: &[i64] = &[
    0, 90, 105, 175, 210, 550, 700, 850, 1000, 1300, 1960, 2000, 2060,
];

/// A number below this is a fraction: `0,2` is 20 %.
const MOST_SHARE: Decimal = Decimal::from_ten_thousandths(3_500);

/// Highest rate, in per cent.
const HIGHEST_RATE: Decimal = Decimal::from_ten_thousandths(300_000);

/// Ten-thousandths in a hundredth.
const HUNDREDTH: i64 = 100;

/// The tax on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tax {
    Unknown,
    /// In per cent.
    Rate(Decimal),
    /// In euros, unsigned.
    Amount(Decimal),
    /// A number that is no rate, under a header that does not say what it is: an amount, if it fits.
    Unsaid(Decimal),
}

impl Tax {
    /// `excl_tax` plus tax, rounded to cents.
    pub(super) fn upon(self, excl_tax: Decimal) -> Option<Decimal> {
        match self {
            Self::Unknown => None,
            Self::Rate(rate) => {
                let share = Decimal::HUNDRED.checked_add(rate)?;
                let product = excl_tax.checked_mul(share)?;
                Some(product.checked_div(Decimal::HUNDRED)?.round_to_cents())
            }
            Self::Unsaid(tax) => Self::Amount(tax)
                .upon(excl_tax)
                .filter(|_| is_of_a_rate(tax, excl_tax)),
            Self::Amount(tax) if excl_tax.is_negative() => excl_tax.checked_sub(tax),
            Self::Amount(tax) => excl_tax.checked_add(tax),
        }
    }
}

/// Meaning of a file's tax column.
#[derive(Debug, Default)]
pub(super) struct Taxes {
    /// Whether a column called only `TVA` contains rates, once a row needs it.
    holds_rates: Option<bool>,
}

impl Taxes {
    /// The tax on a row.
    pub(super) fn of(&mut self, cells: &Cells<'_>) -> Result<Tax, Box<Refusal>> {
        if let Some(amount) = cells.decimal(Field::TaxAmount)? {
            return Ok(Tax::Amount(amount.abs()));
        }
        let Some(cell) = cells.plain(Field::TaxRate) else {
            return Ok(Tax::Unknown);
        };
        let Some(value) = cells.decimal_before(Field::TaxRate, &["%"])? else {
            return Ok(Tax::Unknown);
        };
        if cell.ends_with('%') {
            return Ok(Tax::Rate(value));
        }
        if !says_rate(cells.header(Field::TaxRate)) && !self.holds_rates(cells)? {
            return Ok(Tax::Unsaid(value.abs()));
        }
        let rate = in_per_cent(value);
        Ok(rate.map_or(Tax::Unknown, Tax::Rate))
    }

    fn holds_rates(&mut self, cells: &Cells<'_>) -> Result<bool, Box<Refusal>> {
        if let Some(known) = self.holds_rates {
            return Ok(known);
        }
        let mut are_rates = true;
        cells.each_row(|row| {
            if let Ok(Some(value)) = row.decimal_before(Field::TaxRate, &["%"]) {
                are_rates &= in_per_cent(value).is_some_and(is_known_rate);
            }
        })?;
        Ok(*self.holds_rates.insert(are_rates))
    }
}

fn says_rate(header: &str) -> bool {
    let key = text::header_key(header);
    let mut words = key.split('_');
    header.contains('%') || words.any(|word| matches!(word, "taux" | "tx" | "rate" | "pourcent"))
}

/// A rate in per cent, in any notation; `None` when it is not a rate.
fn in_per_cent(value: Decimal) -> Option<Decimal> {
    let percent = if value < MOST_SHARE {
        value.checked_mul(Decimal::HUNDRED)?
    } else {
        value
    };
    (!percent.is_negative() && percent <= HIGHEST_RATE).then_some(percent)
}

/// Whether `tax` is some rate of `excl_tax`, within two cents: a tax code is not.
fn is_of_a_rate(tax: Decimal, excl_tax: Decimal) -> bool {
    const ROUNDING: i64 = 200;
    RATES.iter().any(|rate| {
        let rate = Decimal::from_ten_thousandths(rate * HUNDREDTH);
        let made = excl_tax.abs().checked_mul(rate);
        let made = made.and_then(|made| made.checked_div(Decimal::HUNDRED));
        let gap = made.and_then(|made| made.checked_sub(tax));
        gap.is_some_and(|gap| gap.abs().ten_thousandths() <= ROUNDING)
    })
}

fn is_known_rate(percent: Decimal) -> bool {
    let hundredths = percent.ten_thousandths() / HUNDREDTH;
    percent.ten_thousandths() % HUNDREDTH == 0 && RATES.contains(&hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(ten_thousandths: i64) -> Decimal {
        Decimal::from_ten_thousandths(ten_thousandths)
    }

    #[test]
    fn rates_are_read_in_per_cent_or_as_shares() {
        assert_eq!(in_per_cent(decimal(200_000)), Some(decimal(200_000)));
        assert_eq!(in_per_cent(decimal(2_000)), Some(decimal(200_000)));
        assert_eq!(in_per_cent(decimal(550)), Some(decimal(55_000)));
        assert_eq!(in_per_cent(decimal(55_000)), Some(decimal(55_000)));
        assert_eq!(in_per_cent(decimal(1_080_000)), None);
        assert!(is_known_rate(decimal(55_000)));
        assert!(!is_known_rate(decimal(108_000)));
    }

    #[test]
    fn tax_is_put_upon_an_amount() {
        let upon = |tax: Tax, amount| tax.upon(decimal(amount));
        assert_eq!(
            upon(Tax::Rate(decimal(200_000)), 540_000),
            Some(decimal(648_000))
        );
        // 9,99 € at 5,5 % is 10,53945 €.
        assert_eq!(
            upon(Tax::Rate(decimal(55_000)), 99_900),
            Some(decimal(105_400))
        );
        assert_eq!(
            upon(Tax::Amount(decimal(108_000)), -540_000),
            Some(decimal(-648_000))
        );
        assert_eq!(upon(Tax::Unknown, 540_000), None);
    }
}
