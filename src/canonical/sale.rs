//! One line of a sale or of a return.

use jiff::civil::Date;

use super::{
    Decimal, Table,
    rows::{CellWriter, Record},
};

/// Columns in the order of [`SaleLine`]'s fields.
pub(super) const COLUMNS: &[&str] = &[
    "sale_line_key",
    "customer_key",
    "product_key",
    "order_ref",
    "date_sale",
    "quantity_units",
    "unit",
    "quantity_bottles_75cl_eq",
    "price_unit_eur",
    "price_total_eur",
    "price_total_excl_tax_eur",
    "cost_total_eur",
    "margin_percent",
    "channel",
    "notes",
];

/// Columns that grow with the quantity: where a source that says nothing of them corrects it, they follow.
pub const BY_QUANTITY: &[&str] = &[
    "quantity_bottles_75cl_eq",
    "price_total_eur",
    "price_total_excl_tax_eur",
    "cost_total_eur",
];

/// The column of the quantity.
pub const QUANTITY: &str = "quantity_units";

/// One line of a sale or of a return.
#[derive(Debug, Clone)]
pub struct SaleLine<'a> {
    /// Stable key, prefixed by the connector's type.
    pub sale_line_key: &'a str,
    /// Who bought; may be unknown to `customers`.
    pub customer_key: &'a str,
    /// What; may be unknown to `product_catalog`.
    pub product_key: &'a str,
    /// Document the line belongs to.
    pub order_ref: Option<&'a str>,
    /// Day of the sale.
    pub date_sale: Date,
    /// As sold; negative for a return.
    pub quantity_units: Decimal,
    /// As sold: bottle, case of 6…
    pub unit: Option<&'a str>,
    /// The same in bottles of 75 cl.
    pub quantity_bottles_75cl_eq: Decimal,
    /// Euros per unit sold, tax included.
    pub price_unit_eur: Option<Decimal>,
    /// Euros, tax included.
    pub price_total_eur: Option<Decimal>,
    /// Euros, tax excluded.
    pub price_total_excl_tax_eur: Option<Decimal>,
    /// Euros.
    pub cost_total_eur: Option<Decimal>,
    /// (total − cost) ÷ total × 100.
    pub margin_percent: Option<Decimal>,
    /// How it was sold.
    pub channel: Option<&'a str>,
    /// What somebody wrote beside it.
    pub notes: Option<&'a str>,
}

impl Record for SaleLine<'_> {
    fn table(&self) -> Table {
        Table::SalesLines
    }

    fn write(&self, cells: &mut CellWriter<'_>) {
        cells.text(Some(self.sale_line_key));
        cells.text(Some(self.customer_key));
        cells.text(Some(self.product_key));
        cells.text(self.order_ref);
        cells.date(Some(self.date_sale));
        cells.decimal(Some(self.quantity_units));
        cells.text(self.unit);
        cells.decimal(Some(self.quantity_bottles_75cl_eq));
        cells.decimal(self.price_unit_eur);
        cells.decimal(self.price_total_eur);
        cells.decimal(self.price_total_excl_tax_eur);
        cells.decimal(self.cost_total_eur);
        cells.decimal(self.margin_percent);
        cells.text(self.channel);
        cells.text(self.notes);
    }
}
