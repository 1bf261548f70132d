//! What credit notes took back of a line of an order, and what later invoices gave again.
//!
//! Of a line, credit notes took back max(0, Σ credited − max(0, Σ invoiced − ordered)): an invoice that was credited whole
//! and written again was written for more than was ordered, and that much of the credits is undone. What was invoiced again
//! undoes the oldest credits, so the newest ones stand.

use crate::canonical::Decimal;
use crate::connectors::odoo::record::Fault;

use super::amounts::negated;
use jiff::civil::Date;

/// What a line counts: its quantity and its amounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Measures {
    pub(super) quantity: Decimal,
    pub(super) total: Decimal,
    pub(super) total_excl_tax: Decimal,
}

impl Measures {
    /// Whether nothing is counted.
    pub(super) fn are_zero(&self) -> bool {
        *self == Self::default()
    }
}

/// A line of an invoice or of a credit note of a line of an order, in the order's unit and currency, as written: a credit
/// note's amounts are positive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invoiced {
    pub(super) id: u64,
    pub(super) day: Date,
    pub(super) is_refund: bool,
    pub(super) measures: Measures,
}

/// What each credit note among `invoiced` takes back of a line of an order: as sales, mostly negative, by number.
pub(super) fn taken_back(
    ordered: &Measures,
    mut invoiced: Vec<Invoiced>,
) -> Result<Vec<(u64, Measures)>, Fault> {
    // The newest first.
    invoiced.sort_by_key(|line| std::cmp::Reverse((line.day, line.id)));
    let (credits, invoices): (Vec<_>, Vec<_>) =
        invoiced.into_iter().partition(|line| line.is_refund);
    let of = |measure: fn(&Measures) -> Decimal| {
        let amounts = |lines: &[Invoiced]| -> Vec<Decimal> {
            lines.iter().map(|line| measure(&line.measures)).collect()
        };
        allotted(measure(ordered), &amounts(&invoices), &amounts(&credits))
            .ok_or_else(|| Fault::of_row("dépasse mille milliards avec les autres factures"))
    };
    let quantities = of(|measures| measures.quantity)?;
    let totals = of(|measures| measures.total)?;
    let totals_excl_tax = of(|measures| measures.total_excl_tax)?;
    let amounts = quantities.into_iter().zip(totals).zip(totals_excl_tax);
    let shares = credits.iter().zip(amounts);
    Ok(shares
        .map(|(credit, ((quantity, total), total_excl_tax))| {
            let measures = Measures {
                quantity,
                total,
                total_excl_tax,
            };
            (credit.id, measures)
        })
        .collect())
}

/// What each of `credits`, the newest first, takes back of `ordered`; `None` beyond the bound. An order's line of a negative
/// amount, a discount or a return, is taken back by amounts of its own sign.
fn allotted(ordered: Decimal, invoices: &[Decimal], credits: &[Decimal]) -> Option<Vec<Decimal>> {
    let is_negative = ordered.is_negative();
    let as_positive = |amount: Decimal| {
        if is_negative {
            negated(amount)
        } else {
            Some(amount)
        }
    };
    let sum = |amounts: &[Decimal]| {
        let mut amounts = amounts.iter().copied();
        amounts.try_fold(Decimal::ZERO, |sum, amount| {
            sum.checked_add(as_positive(amount)?)
        })
    };
    let invoiced_again = sum(invoices)?.checked_sub(as_positive(ordered)?)?;
    let stands = sum(credits)?.checked_sub(invoiced_again.max(Decimal::ZERO))?;
    let mut left = stands.max(Decimal::ZERO);
    let mut shares = Vec::with_capacity(credits.len());
    for &credit in credits {
        let share = as_positive(credit)?.min(left).max(Decimal::ZERO);
        left = left.checked_sub(share)?;
        shares.push(negated(as_positive(share)?)?);
    }
    Some(shares)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(euros: i64) -> Decimal {
        Decimal::from_ten_thousandths(euros * 10_000)
    }

    fn shares(ordered: i64, invoices: &[i64], credits: &[i64]) -> Vec<i64> {
        let amounts = |amounts: &[i64]| -> Vec<Decimal> {
            amounts.iter().map(|&amount| euros(amount)).collect()
        };
        let shares = allotted(euros(ordered), &amounts(invoices), &amounts(credits)).unwrap();
        let whole = shares.iter().map(|share| share.ten_thousandths() / 10_000);
        whole.collect()
    }

    #[test]
    fn a_credit_note_takes_back_what_was_not_invoiced_again() {
        // 240 ordered and invoiced, half of it returned.
        assert_eq!(shares(240, &[240], &[120]), [-120]);
        // Credited whole and invoiced again.
        assert_eq!(shares(240, &[240, 240], &[240]), [0]);
        // Then 60 returned, later: the newest credit stands.
        assert_eq!(shares(240, &[240, 240], &[60, 240]), [-60, 0]);
        // Credited whole, and a part invoiced again.
        assert_eq!(shares(240, &[240, 100], &[240]), [-140]);
        // Invoiced for more than was ordered, and the surplus credited.
        assert_eq!(shares(240, &[300], &[60]), [0]);
        assert_eq!(shares(240, &[], &[]), [0; 0]);
    }

    #[test]
    fn a_discount_is_given_back_with_what_it_was_on() {
        assert_eq!(shares(-30, &[-30], &[-30]), [30]);
        assert_eq!(shares(-30, &[-30, -30], &[-30]), [0]);
    }

    #[test]
    fn a_return_that_a_credit_note_settles_is_not_taken_back_again() {
        assert_eq!(shares(-40, &[], &[40]), [0]);
        assert_eq!(shares(-40, &[-40], &[]), [0; 0]);
    }
}
