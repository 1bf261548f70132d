//! What the currency of an order or an invoice is worth in the company's.

use crate::canonical::Decimal;
use crate::connectors::odoo::record::Ratio;

/// What an order's currency is worth in the company's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rate {
    /// Units of the order's currency for one of the company's.
    PerUnit(Ratio),
    /// One amount, neither zero nor negative, in the order's currency and in the company's.
    Pair(Decimal, Decimal),
}

impl Rate {
    /// The rate by which `amount` is `in_books`; nothing where the amount is zero.
    pub(super) fn of_totals(amount: Decimal, in_books: Decimal) -> Option<Self> {
        (!amount.is_zero()).then_some(Self::Pair(amount.abs(), in_books.abs()))
    }

    /// `amount` of the order's currency in the company's; `None` when it does not fit.
    pub(super) fn in_books(self, amount: Decimal) -> Option<Decimal> {
        match self {
            Self::PerUnit(rate) => rate.divide(amount),
            Self::Pair(own, books) if own == books => Some(amount),
            Self::Pair(own, books) => proportion(amount, books, own),
        }
    }

    /// `amount` of the company's currency in the order's; `None` when it does not fit.
    pub(super) fn of_books(self, amount: Decimal) -> Option<Decimal> {
        match self {
            Self::PerUnit(rate) => rate.multiply(amount),
            Self::Pair(own, books) if own == books => Some(amount),
            Self::Pair(own, books) => proportion(amount, own, books),
        }
    }
}

/// `amount` × `numerator` ÷ `denominator`, rounded half away from zero; `None` for a division by zero or beyond the bound.
pub(super) fn proportion(
    amount: Decimal,
    numerator: Decimal,
    denominator: Decimal,
) -> Option<Decimal> {
    let whole = |decimal: Decimal| i128::from(decimal.ten_thousandths());
    let product = whole(amount).checked_mul(whole(numerator))?;
    let divisor = whole(denominator);
    let rounding = (product.signum() * divisor.abs()) / 2;
    Decimal::from_scaled(
        product.checked_add(rounding)?.checked_div(divisor)?,
        DECIMALS,
    )
}

/// Decimals of an amount.
const DECIMALS: u32 = 4;
