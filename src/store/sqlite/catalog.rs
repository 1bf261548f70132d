//! The catalogue of products, as the readers of sales and stock need it.

use std::sync::Arc;

use foldhash::HashSet;

use super::database::Store;
use super::values::short_text;
use crate::canonical::{Catalog, Decimal, Shape};
use crate::error::Result;

impl Store {
    /// The product shapes of `source`.
    pub fn catalog(&self, source: &str) -> Result<Catalog> {
        let mut statement = self.db.prepare_cached(
            "SELECT product_key, format_cl, region FROM product_catalog WHERE source = ?1",
        )?;
        let mut known: HashSet<Arc<Shape>> = HashSet::default();
        let shapes = statement.query_map([source], |row| {
            let format: Option<f64> = row.get(1)?;
            let shape = Shape {
                format_cl: format.and_then(Decimal::from_real),
                region: row.get(2)?,
            };
            let shared = known.get(&shape).cloned().unwrap_or_else(|| {
                let shared = Arc::new(shape);
                known.insert(Arc::clone(&shared));
                shared
            });
            Ok((short_text(row, 0)?, shared))
        })?;
        Ok(shapes.collect::<rusqlite::Result<_>>()?)
    }
}
