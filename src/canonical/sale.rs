//! One line of a sale or of a return.

use jiff::civil::Date;

use super::Decimal;
use super::define_record::define_record;
use super::rows::{Column, ColumnSet};

define_record! {
    /// One line of a sale or of a return.
    pub struct SaleLine<'a> in SalesLines {
        /// Stable key, prefixed by the connector's type.
        pub sale_line_key: &'a str,
        /// Key of the customer; `customers` may have no such row.
        pub customer_key: &'a str,
        /// Key of the product; `product_catalog` may have no such row.
        pub product_key: &'a str,
        /// Number of the document, such as an invoice.
        pub order_ref: Option<&'a str>,
        /// Date of the sale.
        pub date_sale: Date,
        /// Quantity in the sales unit; negative for a return.
        pub quantity_units: Decimal,
        /// Sales unit as written: bottle, case of 6…
        pub unit: Option<&'a str>,
        /// The same quantity in bottles of 75 cl.
        pub quantity_bottles_75cl_eq: Decimal,
        /// Price of one sales unit in euros, tax included.
        pub price_unit_eur: Option<Decimal>,
        /// Total in euros, tax included.
        pub price_total_eur: Option<Decimal>,
        /// Total in euros, tax excluded.
        pub price_total_excl_tax_eur: Option<Decimal>,
        /// Cost of the line in euros.
        pub cost_total_eur: Option<Decimal>,
        /// (total − cost) ÷ total × 100.
        pub margin_percent: Option<Decimal>,
        /// Sales channel, as written.
        pub channel: Option<&'a str>,
        /// Remarks on the line.
        pub notes: Option<&'a str>,
    }
}

/// Columns in proportion to the quantity. When a source corrects the quantity and does not have one of these columns, the
/// existing value is scaled.
pub const BY_QUANTITY: ColumnSet = ColumnSet::of(&[
    COLUMN.quantity_bottles_75cl_eq,
    COLUMN.price_total_eur,
    COLUMN.price_total_excl_tax_eur,
    COLUMN.cost_total_eur,
]);

/// Columns that add up over lines.
pub(super) const SUMMED: &[Column] = &[
    COLUMN.quantity_units,
    COLUMN.quantity_bottles_75cl_eq,
    COLUMN.price_total_eur,
    COLUMN.price_total_excl_tax_eur,
];
