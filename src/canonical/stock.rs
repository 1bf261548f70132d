//! How much of a product stands in one place.

use jiff::civil::Date;

use super::{
    Decimal, Table,
    rows::{CellWriter, Record},
};

/// Columns in the order of [`StockLevel`]'s fields.
pub(super) const COLUMNS: &[&str] = &[
    "stock_key",
    "product_key",
    "warehouse",
    "quantity_units",
    "quantity_bottles_75cl_eq",
    "reserved_qty",
    "available_qty",
    "last_count_date",
];

/// How much of a product stands in one place.
#[derive(Debug, Clone)]
pub struct StockLevel<'a> {
    /// Stable key, prefixed by the connector's type.
    pub stock_key: &'a str,
    /// What.
    pub product_key: &'a str,
    /// Where.
    pub warehouse: Option<&'a str>,
    /// As counted.
    pub quantity_units: Decimal,
    /// The same in bottles of 75 cl.
    pub quantity_bottles_75cl_eq: Decimal,
    /// Promised to somebody.
    pub reserved_qty: Option<Decimal>,
    /// quantity − reserved.
    pub available_qty: Option<Decimal>,
    /// Day of the last count.
    pub last_count_date: Option<Date>,
}

impl Record for StockLevel<'_> {
    fn table(&self) -> Table {
        Table::StockLevels
    }

    fn write(&self, cells: &mut CellWriter<'_>) {
        cells.text(Some(self.stock_key));
        cells.text(Some(self.product_key));
        cells.text(self.warehouse);
        cells.decimal(Some(self.quantity_units));
        cells.decimal(Some(self.quantity_bottles_75cl_eq));
        cells.decimal(self.reserved_qty);
        cells.decimal(self.available_qty);
        cells.date(self.last_count_date);
    }
}
