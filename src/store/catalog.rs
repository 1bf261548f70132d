//! The catalogue, as the readers of sales and stock need it.

use super::Store;
use crate::canonical::{Catalog, Decimal, Shape};
use crate::error::Result;

impl Store {
    /// The shapes of the products of `source`.
    pub fn catalog(&self, source: &str) -> Result<Catalog> {
        let mut statement = self.db.prepare_cached(
            "SELECT product_key, format_cl, region FROM product_catalog WHERE source = ?1",
        )?;
        let shapes = statement.query_map([source], |row| {
            let format: Option<f64> = row.get(1)?;
            let shape = Shape {
                format_cl: format.and_then(Decimal::from_real),
                region: row.get(2)?,
            };
            Ok((row.get(0)?, shape))
        })?;
        Ok(shapes.collect::<rusqlite::Result<_>>()?)
    }
}
