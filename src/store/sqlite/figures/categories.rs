//! The categories of the products of one source.

use foldhash::{HashMap, HashMapExt};
use rusqlite::Connection;
use smol_str::SmolStr;

use super::line::Line;
use crate::canonical::wine::Category;
use crate::error::Result;
use crate::store::load_report::Unknown;
use crate::store::sqlite::values::short_text;

/// The place in [`Category::ALL`] of what is no wine, or none we know.
const NO_WINE: usize = Category::ALL.len() - 1;

/// Of each product its category, as a place in [`Category::ALL`].
#[derive(Debug)]
pub(super) struct Categories(HashMap<SmolStr, usize>);

impl Categories {
    /// Those of the products of `source`.
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

    /// The place of what `line` sold. A fresh line of a product that is none of these counts as `unknown`.
    pub(super) fn place(&self, line: &Line<'_>, unknown: &mut Unknown) -> usize {
        let place = self.0.get(line.product).copied();
        if place.is_none() && line.is_fresh {
            unknown.add(line.product);
        }
        place.unwrap_or(NO_WINE)
    }
}
