//! Discounts: `10 %`, `5 €`, or a number that is either.

use super::fits_within;
use crate::canonical::{Decimal, text};
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};

/// A deduction from quantity × unit price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Discount {
    None,
    Percent(Decimal),
    Amount(Decimal),
    /// Per cent or euros: neither cell nor header decides.
    Unclear(Decimal),
    /// Below one under a header of percentages: `0,1` is 0,1 % or 10 %.
    UnclearShare(Decimal),
}

/// Below this, a percentage may be a fraction: `0,1` for 10 %.
const ONE: Decimal = Decimal::from_ten_thousandths(10_000);

impl Discount {
    pub(super) fn read(cells: &Cells<'_>) -> Result<Self, Box<Refusal>> {
        let Some(cell) = cells.plain(Field::Discount) else {
            return Ok(Self::None);
        };
        let Some(value) = cells.decimal_before(Field::Discount, &["%"])? else {
            return Ok(Self::None);
        };
        // `-10 %` is a discount too.
        let value = value.abs();
        let header = cells.header(Field::Discount);
        Ok(if value.is_zero() {
            Self::None
        } else if cell.ends_with('%') {
            Self::Percent(value)
        } else if names_euros(cell) {
            Self::Amount(value)
        } else if names_percent(header) && value < ONE {
            Self::UnclearShare(value)
        } else if names_percent(header) {
            Self::Percent(value)
        } else if names_euros(header) {
            Self::Amount(value)
        } else {
            Self::Unclear(value)
        })
    }

    /// `product` less the discount; `None` when the discount is unclear.
    pub(super) fn off(self, product: Decimal) -> Option<Decimal> {
        match self {
            Self::None => Some(product),
            Self::Percent(percent) => {
                let share = Decimal::HUNDRED.checked_sub(percent)?;
                product.checked_mul(share)?.checked_div(Decimal::HUNDRED)
            }
            Self::Amount(amount) if product.is_negative() => product.checked_add(amount),
            Self::Amount(amount) => product.checked_sub(amount),
            Self::Unclear(_) | Self::UnclearShare(_) => None,
        }
    }

    /// Whether `product` less the discount is `total`, in one of the possible readings of the discount.
    pub(super) fn fits(self, product: Decimal, total: Decimal) -> bool {
        let share = |value: Decimal| {
            let percent = value.checked_mul(Decimal::HUNDRED).filter(|_| value < ONE);
            Self::Percent(percent.unwrap_or(value))
        };
        let ways = match self {
            Self::None => return fits_within(Some(product), Some(total)),
            Self::Unclear(value) => [Self::Percent(value), Self::Amount(value), share(value)],
            Self::UnclearShare(value) => [Self::Percent(value), share(value), share(value)],
            clear => [clear; 3],
        };
        ways.into_iter()
            .any(|way| fits_within(way.off(product), Some(total)))
    }
}

fn names_percent(header: &str) -> bool {
    let key = text::header_key(header);
    header.contains('%')
        || ["taux", "pourcent", "pct", "percent"]
            .iter()
            .any(|word| key.contains(word))
}

/// Whether a cell or header mentions euros, or an amount.
fn names_euros(written: &str) -> bool {
    let key = text::header_key(written);
    written.contains('€')
        || key
            .split('_')
            .any(|word| matches!(word, "eur" | "euro" | "euros" | "montant" | "amount"))
}
