//! Stock of one product in one place.

use jiff::civil::Date;

use super::Decimal;
use super::define_record::define_record;
use super::rows::Column;

define_record! {
    /// Stock of one product in one place.
    pub struct StockLevel<'a> in StockLevels {
        /// Stable key, prefixed by the connector's type.
        pub stock_key: &'a str,
        /// Key of the product; `product_catalog` may have no such row.
        pub product_key: &'a str,
        /// Name of the place.
        pub warehouse: Option<&'a str>,
        /// Quantity in stock, in the sales unit.
        pub quantity_units: Decimal,
        /// The same quantity in bottles of 75 cl.
        pub quantity_bottles_75cl_eq: Decimal,
        /// Quantity reserved for orders.
        pub reserved_qty: Option<Decimal>,
        /// quantity − reserved.
        pub available_qty: Option<Decimal>,
        /// Date of the last count.
        pub last_count_date: Option<Date>,
    }
}

/// Columns that add up over rows.
pub(super) const SUMMED: &[Column] = &[COLUMN.quantity_units, COLUMN.quantity_bottles_75cl_eq];
