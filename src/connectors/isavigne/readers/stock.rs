//! `*stock*` files.

use super::units::Units;
use super::{Context, KEY_PREFIX, RowReader};
use crate::canonical::stock::StockLevel;
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::reading::row::{Cells, Refusal};
use crate::connectors::remarks::Remarks;

/// The unit of quantities that the header says are bottles.
pub(super) const BOTTLE: &str = "bouteille";

/// A count replaces the one before it whole: a column that is not there is empty, no older count's is kept.
pub(super) struct Stock<'a> {
    units: Units<'a>,
    counts_bottles: bool,
    key: String,
}

impl<'a> Stock<'a> {
    pub(super) fn new(columns: &Columns, context: Context<'a>) -> Self {
        Self {
            units: Units::new(context.catalog, context.config.case_size),
            counts_bottles: columns.counts_bottles(),
            key: String::new(),
        }
    }

    /// `isavigne-P1@Chai#L1`: a product in a place, of a lot.
    fn set_key(&mut self, product: &str, warehouse: Option<&str>, lot: Option<&str>) {
        self.key.push_str(KEY_PREFIX);
        push_part(&mut self.key, product);
        for (mark, part) in [('@', warehouse), ('#', lot)] {
            if let Some(part) = part {
                self.key.push(mark);
                push_part(&mut self.key, part);
            }
        }
    }
}

/// Appends `part` with its own `@` and `#` doubled: `P@1` alone is not `P` in place `1`.
fn push_part(key: &mut String, part: &str) {
    if !part.contains(['@', '#']) {
        key.push_str(part);
        return;
    }
    for c in part.chars() {
        if matches!(c, '@' | '#') {
            key.push(c);
        }
        key.push(c);
    }
}

impl RowReader for Stock<'_> {
    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        self.key.clear();
        let product_key = cells.required_code(Field::ProductKey)?;
        let warehouse = cells.code(Field::Warehouse)?;
        let lot = cells.code(Field::Lot)?;
        self.set_key(&product_key, warehouse.as_deref(), lot.as_deref());
        let quantity = cells.required_decimal(Field::Quantity)?;
        let unit = if self.counts_bottles {
            Some(BOTTLE.into())
        } else {
            cells.text(Field::Unit)
        };
        let unit_text = unit.as_deref().unwrap_or_default();
        let bottles = self.units.bottles(quantity, unit_text, &product_key);
        let bottles = bottles.remarked(unit_text, line, cells, remarks)?;
        let reserved = cells.decimal(Field::Reserved)?;
        sink.row(
            line,
            &StockLevel {
                stock_key: &self.key,
                product_key: &product_key,
                warehouse: warehouse.as_deref(),
                quantity_units: quantity,
                quantity_bottles_75cl_eq: bottles,
                reserved_qty: reserved,
                available_qty: quantity.checked_sub(reserved.unwrap_or_default()),
                last_count_date: cells.date(Field::Date)?,
            },
        )?;
        Ok(())
    }

    fn refused_key(&self) -> Option<&str> {
        (!self.key.is_empty()).then_some(self.key.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_key_do_not_run_into_one_another() {
        let part = |text| {
            let mut key = String::new();
            push_part(&mut key, text);
            key
        };
        assert_eq!(part("P1"), "P1");
        assert_eq!(part("P@1"), "P@@1");
        assert_eq!(part("Lot #1"), "Lot ##1");
    }
}
