//! Cost and margin of a sales line.

use crate::canonical::Decimal;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};

/// The cost of the line, and the margin as a share of the total.
pub(super) struct Margin {
    pub(super) cost: Option<Decimal>,
    pub(super) percent: Option<Decimal>,
}

impl Margin {
    /// From a cost column, otherwise from a margin column, in euros or per cent.
    pub(super) fn read(
        cells: &Cells<'_>,
        total: Option<Decimal>,
        is_return: bool,
    ) -> Result<Self, Box<Refusal>> {
        let turned = |amount: Decimal| if is_return { -amount.abs() } else { amount };
        let mut cost = cells.decimal(Field::Cost)?.map(turned);
        let is_percent = cells
            .plain(Field::Margin)
            .is_some_and(|text| text.ends_with('%'));
        if is_percent {
            let percent = cells.decimal_before(Field::Margin, &["%"])?;
            return Ok(Self { cost, percent });
        }
        if let (None, Some(margin), Some(total)) = (cost, cells.decimal(Field::Margin)?, total) {
            cost = total.checked_sub(turned(margin));
        }
        let percent = total.zip(cost).and_then(|(total, cost)| {
            let left = total.checked_sub(cost)?;
            left.checked_mul(Decimal::HUNDRED)?.checked_div(total)
        });
        Ok(Self { cost, percent })
    }
}
