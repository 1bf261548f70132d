//! A product of the catalogue: a wine or another article.

use super::Decimal;
use super::define_record::define_record;
use super::rows::{CellValue, CellWriter};
use super::wine::{Category, PriceSegment};

define_record! {
    /// A product of the catalogue: a wine or another article.
    pub struct Product<'a> in Products {
        /// The source's own code, or a key prefixed by the connector's type.
        pub product_key: &'a str,
        /// Name in the catalogue.
        pub name: &'a str,
        /// Category of wine.
        pub category: Category,
        /// Price segment, from the list price.
        pub price_segment: Option<PriceSegment>,
        /// List price in euros, tax included.
        pub list_price_eur: Option<Decimal>,
        /// Cost in euros.
        pub cost_price_eur: Option<Decimal>,
        /// Grape varieties, a JSON array of names.
        pub grape_varieties: Option<&'a str>,
        /// Flavours, a JSON array of words.
        pub flavors: Option<&'a str>,
        /// Year of harvest.
        pub vintage: Option<i64>,
        /// Region or appellation.
        pub region: Option<&'a str>,
        /// Alcohol, per cent by volume.
        pub alcohol_percent: Option<Decimal>,
        /// Total acidity, grams per litre.
        pub total_acidity_g_l: Option<Decimal>,
        /// Residual sugar, grams per litre.
        pub residual_sugar_g_l: Option<Decimal>,
        /// Body, as written in the source.
        pub body: Option<&'a str>,
        /// Tannins, as written in the source.
        pub tannins: Option<&'a str>,
        /// Volume of one sales unit in centilitres.
        pub format_cl: Option<Decimal>,
        /// Barcode as written, with its leading zeros.
        pub barcode: Option<&'a str>,
        /// Not archived in the source.
        pub active: bool,
    }
}

impl CellValue for Category {
    fn write(self, cells: &mut CellWriter<'_>) {
        cells.text(Some(self.as_str()));
    }
}

impl CellValue for Option<PriceSegment> {
    fn write(self, cells: &mut CellWriter<'_>) {
        cells.text(self.map(PriceSegment::as_str));
    }
}
