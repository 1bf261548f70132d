//! From the amounts of a line to euros.

use jiff::civil::Date;

use super::super::Refusal;
use crate::canonical::Decimal;
use crate::connectors::odoo::record::{Fault, Ratio, Record};
use crate::connectors::odoo::references::money::Money;

const HUNDRED: Decimal = Decimal::from_ten_thousandths(100 * 10_000);

/// Turns amounts of one order into euros.
pub(super) struct Exchange<'a> {
    pub(super) money: &'a Money,
    /// Units of the order's currency for one of the company's.
    pub(super) rate: Option<Ratio>,
    pub(super) company: u64,
    pub(super) day: Date,
}

impl Exchange<'_> {
    /// `amount`, which comes from `field`, in euros.
    pub(super) fn euros(
        &self,
        record: Record<'_>,
        field: &str,
        amount: Decimal,
    ) -> Result<Decimal, Refusal> {
        let too_large = || record.refuse(field, "dépasse mille milliards d'euros");
        let rate = self
            .rate
            .ok_or_else(|| Fault::of_row("la commande n'a pas de taux de change"))?;
        let in_books = rate.divide(amount).ok_or_else(too_large)?;
        let euros = self.money.euros(in_books, self.company, self.day)?;
        Ok(euros.ok_or_else(too_large)?)
    }
}

/// The price of one, tax included, before any discount.
///
/// Odoo's unit price holds the taxes or not, as they are set up: the line's own totals tell which.
pub(super) fn unit_price_with_tax(
    unit_price: Decimal,
    quantity: Decimal,
    discount: Decimal,
    (with_tax, without_tax): (Decimal, Decimal),
) -> Option<Decimal> {
    if with_tax == without_tax {
        return Some(unit_price);
    }
    let left = HUNDRED.checked_sub(discount)?;
    let expected = unit_price
        .checked_mul(quantity)?
        .checked_mul(left)?
        .checked_div(HUNDRED)?;
    let gap = |total: Decimal| expected.checked_sub(total).map(Decimal::abs);
    if gap(with_tax)? <= gap(without_tax)? {
        return Some(unit_price);
    }
    unit_price.checked_mul(with_tax)?.checked_div(without_tax)
}

/// What is left of `total` once `cost` is paid, in per cent.
pub(super) fn margin_percent(total: Option<Decimal>, cost: Option<Decimal>) -> Option<Decimal> {
    let total = total?;
    let left = total.checked_sub(cost?)?;
    left.checked_mul(HUNDRED)?.checked_div(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(euros: i64) -> Decimal {
        Decimal::from_ten_thousandths(euros * 10_000)
    }

    #[test]
    fn the_line_tells_whether_its_unit_price_holds_the_tax() {
        let price = |unit, quantity, discount, totals| {
            unit_price_with_tax(euros(unit), euros(quantity), euros(discount), totals)
        };
        // No tax: as it stands, whatever the rounding of the total.
        assert_eq!(price(30, 2, 10, (euros(54), euros(54))), Some(euros(30)));
        // 20 % on top, and 20 % inside.
        assert_eq!(price(30, 2, 0, (euros(72), euros(60))), Some(euros(36)));
        assert_eq!(price(36, 2, 0, (euros(72), euros(60))), Some(euros(36)));
        // Returned.
        assert_eq!(price(30, -2, 0, (euros(-72), euros(-60))), Some(euros(36)));
        // Given away.
        assert_eq!(price(30, 2, 100, (euros(0), euros(0))), Some(euros(30)));
    }
}
