//! The categories of the products of one source.

use foldhash::{HashMap, HashMapExt};
use rusqlite::Connection;
use smol_str::SmolStr;

use super::line::SalesLine;
use crate::canonical::wine::Category;
use crate::error::Result;
use crate::store::load_report::Unknown;
use crate::store::sqlite::values::short_text;

/// Index in [`Category::ALL`] of products that are no wine, or of an unknown kind.
const NO_WINE: usize = Category::ALL.len() - 1;

/// The category of each product, as an index in [`Category::ALL`].
#[derive(Debug)]
pub(super) struct Categories(HashMap<SmolStr, usize>);

impl Categories {
    /// Reads the categories of the products of `source`.
    pub(super) fn of(db: &Connection, source: &str) -> Result<Self> {
        let mut select =
            db.prepare("SELECT product_key, category FROM product_catalog WHERE source = ?1")?;
        let mut rows = select.query([source])?;
        let mut categories = HashMap::new();
        while let Some(row) = rows.next()? {
            let name = row.get_ref(1)?.as_str().unwrap_or_default();
            let place = Category::ALL.iter().position(|one| one.as_str() == name);
            categories.insert(short_text(row, 0)?, place.unwrap_or(NO_WINE));
        }
        Ok(Self(categories))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The category index of the product of `line`. A line of this run whose product is missing counts as `unknown`.
    pub(super) fn place(&self, line: &SalesLine<'_>, unknown: &mut Unknown) -> usize {
        let place = self.0.get(line.product).copied();
        if place.is_none() && line.is_fresh {
            unknown.add(line.product);
        }
        place.unwrap_or(NO_WINE)
    }
}
