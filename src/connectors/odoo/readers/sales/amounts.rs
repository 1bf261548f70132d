//! From the amounts of a line to euros.

use jiff::civil::Date;

use super::super::Refusal;
use super::kind::{Cost, RateField, Sales};
use super::order::Order;
use super::rate::Rate;
use crate::canonical::Decimal;
use crate::connectors::odoo::record::{Fault, Record};
use crate::connectors::odoo::references::money::Money;

/// Why amounts of an order cannot be converted.
pub(super) const NO_RATE: &str = "la commande n'a pas de taux de change";

/// Turns amounts of one order into euros.
pub(super) struct Exchange<'a> {
    pub(super) money: &'a Money,
    pub(super) rate: Option<Rate>,
    pub(super) company: u64,
    pub(super) day: Date,
}

impl<'a> Exchange<'a> {
    /// That of `order`.
    pub(super) fn of(order: &Order, money: &'a Money) -> Self {
        Self {
            money,
            rate: order.rate,
            company: order.company,
            day: order.day,
        }
    }

    /// `amount`, which comes from `field`, in euros.
    pub(super) fn euros(
        &self,
        record: Record<'_>,
        field: &str,
        amount: Decimal,
    ) -> Result<Decimal, Refusal> {
        let too_large = || record.refuse(field, "dépasse mille milliards d'euros");
        let rate = self.rate.ok_or_else(|| Fault::of_row(NO_RATE))?;
        let in_books = rate.in_books(amount).ok_or_else(too_large)?;
        let euros = self.money.euros(in_books, self.company, self.day)?;
        Ok(euros.ok_or_else(too_large)?)
    }
}

/// The amounts of a line, in euros.
pub(super) struct Figures {
    pub(super) unit_price: Option<Decimal>,
    pub(super) total: Option<Decimal>,
    pub(super) total_excl_tax: Option<Decimal>,
    pub(super) cost: Option<Decimal>,
}

impl Figures {
    /// The amounts of the line in `record`, of `order`.
    pub(super) fn read(
        kind: &Sales,
        record: Record<'_>,
        quantity: Decimal,
        order: &Order,
        money: &Money,
    ) -> Result<Self, Refusal> {
        let mut exchange = Exchange::of(order, money);
        if exchange.rate.is_none() && kind.rate == RateField::Totals {
            exchange.rate = Some(rate_of_line(record)?);
        }
        let euros = |field, amount: Option<Decimal>| {
            amount
                .map(|amount| exchange.euros(record, field, amount))
                .transpose()
        };
        let total = record.decimal(kind.total)?;
        let total_excl_tax = record.decimal(kind.total_excl_tax)?;
        let discount = record.decimal("discount")?.unwrap_or_default();
        let unit_price = record.decimal("price_unit")?.zip(total.zip(total_excl_tax));
        let unit_price = unit_price
            .and_then(|(price, totals)| unit_price_with_tax(price, quantity, discount, totals));
        let (cost_field, cost) = kind.cost.read(record, quantity)?;
        let given_back = |amount: Option<Decimal>| match amount {
            Some(amount) if order.is_refund => negated(amount),
            amount => amount,
        };
        Ok(Self {
            unit_price: euros("price_unit", unit_price)?,
            total: given_back(euros(kind.total, total)?),
            total_excl_tax: given_back(euros(kind.total_excl_tax, total_excl_tax)?),
            cost: euros(cost_field, cost)?,
        })
    }
}

/// `amount` × −1.
pub(super) fn negated(amount: Decimal) -> Option<Decimal> {
    Decimal::ZERO.checked_sub(amount)
}

/// The rate of a line of an invoice whose total is zero, as when all was paid in advance.
pub(super) fn rate_of_line(record: Record<'_>) -> Result<Rate, Fault> {
    let own = record.required_decimal("amount_currency")?;
    let in_books = record.required_decimal("balance")?;
    // A line of zero has no rate, and needs none.
    Ok(Rate::of_totals(own, in_books).unwrap_or(Rate::Pair(Decimal::ONE, Decimal::ONE)))
}

impl Cost {
    /// The line's cost, and the field it comes from.
    fn read(
        &self,
        record: Record<'_>,
        quantity: Decimal,
    ) -> Result<(&'static str, Option<Decimal>), Fault> {
        match *self {
            Self::OfOne(field) => {
                let cost = record.decimal(field)?;
                Ok((field, cost.and_then(|cost| cost.checked_mul(quantity))))
            }
            Self::OfLine(field, is_known) => {
                let cost = if record.flag(is_known)? {
                    record.decimal(field)?
                } else {
                    None
                };
                Ok((field, cost))
            }
            Self::Unknown => Ok(("", None)),
        }
    }
}

/// The price of one, tax included, before any discount.
///
/// Odoo's unit price includes the taxes or not, by their setup: the line's own totals show which.
fn unit_price_with_tax(
    unit_price: Decimal,
    quantity: Decimal,
    discount: Decimal,
    (with_tax, without_tax): (Decimal, Decimal),
) -> Option<Decimal> {
    if with_tax == without_tax {
        // A line given away has no totals.
        let can_tell = !with_tax.is_zero() || unit_price.is_zero();
        return can_tell.then_some(unit_price);
    }
    let left = Decimal::HUNDRED.checked_sub(discount)?;
    let expected = unit_price
        .checked_mul(quantity)?
        .checked_mul(left)?
        .checked_div(Decimal::HUNDRED)?;
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
    left.checked_mul(Decimal::HUNDRED)?.checked_div(total)
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
        assert_eq!(price(30, 2, 100, (euros(0), euros(0))), None);
        assert_eq!(price(0, 2, 0, (euros(0), euros(0))), Some(euros(0)));
    }
}
