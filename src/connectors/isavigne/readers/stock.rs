//! `*stock*` files.

use super::units::Units;
use super::{Context, RowReader, set_key};
use crate::canonical::stock::StockLevel;
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::reading::row::{Cells, Refusal};
use crate::connectors::remarks::Remarks;

pub(super) struct Stock<'a> {
    units: Units<'a>,
    key: String,
}

impl<'a> Stock<'a> {
    pub(super) fn new(context: Context<'a>) -> Self {
        Self {
            units: Units::new(context.catalog, context.case_size),
            key: String::new(),
        }
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
        let product_key = cells.required(Field::ProductKey)?;
        let warehouse = cells.text(Field::Warehouse);
        match warehouse.as_deref() {
            Some(warehouse) => set_key(&mut self.key, &[&product_key, "@", warehouse]),
            None => set_key(&mut self.key, &[&product_key]),
        }
        let quantity = cells.required_decimal(Field::Quantity)?;
        let unit = cells.text(Field::Unit);
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
