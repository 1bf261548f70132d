//! A wine or other article in the catalogue.

use super::{
    Decimal, Table,
    rows::{CellWriter, Record},
    wine::{Category, PriceSegment},
};

/// Columns in the order of [`Product`]'s fields.
pub(super) const COLUMNS: &[&str] = &[
    "product_key",
    "name",
    "category",
    "price_segment",
    "list_price_eur",
    "cost_price_eur",
    "grape_varieties",
    "flavors",
    "vintage",
    "region",
    "alcohol_percent",
    "total_acidity_g_l",
    "residual_sugar_g_l",
    "body",
    "tannins",
    "format_cl",
    "barcode",
    "active",
];

/// A wine or other article in the catalogue.
#[derive(Debug, Clone)]
pub struct Product<'a> {
    /// The source's own code, or a key prefixed by the connector's type.
    pub product_key: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// Family of wine.
    pub category: Category,
    /// From the list price.
    pub price_segment: Option<PriceSegment>,
    /// Euros, tax included.
    pub list_price_eur: Option<Decimal>,
    /// Euros.
    pub cost_price_eur: Option<Decimal>,
    /// JSON array of names.
    pub grape_varieties: Option<&'a str>,
    /// JSON array of words.
    pub flavors: Option<&'a str>,
    /// Year of harvest.
    pub vintage: Option<i64>,
    /// Region or appellation.
    pub region: Option<&'a str>,
    /// Per cent of volume.
    pub alcohol_percent: Option<Decimal>,
    /// Grams per litre.
    pub total_acidity_g_l: Option<Decimal>,
    /// Grams per litre.
    pub residual_sugar_g_l: Option<Decimal>,
    /// As the source says it.
    pub body: Option<&'a str>,
    /// As the source says it.
    pub tannins: Option<&'a str>,
    /// Volume of one unit, in centilitres.
    pub format_cl: Option<Decimal>,
    /// As written.
    pub barcode: Option<&'a str>,
    /// Not archived in the source.
    pub active: bool,
}

impl Record for Product<'_> {
    fn table(&self) -> Table {
        Table::Products
    }

    fn write(&self, cells: &mut CellWriter<'_>) {
        cells.text(Some(self.product_key));
        cells.text(Some(self.name));
        cells.text(Some(self.category.as_str()));
        cells.text(self.price_segment.map(PriceSegment::as_str));
        cells.decimal(self.list_price_eur);
        cells.decimal(self.cost_price_eur);
        cells.text(self.grape_varieties);
        cells.text(self.flavors);
        cells.integer(self.vintage);
        cells.text(self.region);
        cells.decimal(self.alcohol_percent);
        cells.decimal(self.total_acidity_g_l);
        cells.decimal(self.residual_sugar_g_l);
        cells.text(self.body);
        cells.text(self.tannins);
        cells.decimal(self.format_cl);
        cells.text(self.barcode);
        cells.flag(self.active);
    }
}
