//! Units of sale, understood once each: a million lines use a handful of them.

use std::collections::HashMap;

use crate::canonical::bottles::{self, Unit};
use crate::canonical::{Catalog, Decimal};

/// Units remembered; a file with more has something else in that column.
const MOST_UNITS: usize = 4096;

/// Turns quantities into bottles.
#[derive(Debug)]
pub(super) struct Units<'a> {
    catalog: &'a Catalog,
    case_size: u32,
    /// Region → unit as written → what it means.
    known: HashMap<String, HashMap<String, Option<Unit>>>,
}

/// A quantity in bottles.
pub(super) struct Bottles {
    /// Bottles of 75 cl.
    pub(super) equivalents: Decimal,
    /// Whether the unit was understood.
    pub(super) is_unit_known: bool,
}

impl<'a> Units<'a> {
    pub(super) fn new(catalog: &'a Catalog, case_size: u32) -> Self {
        Self {
            catalog,
            case_size,
            known: HashMap::new(),
        }
    }

    /// `quantity` of `unit` of a product in bottles; `None` when that is too many to count.
    pub(super) fn bottles(
        &mut self,
        quantity: Decimal,
        unit: Option<&str>,
        product_key: &str,
    ) -> Option<Bottles> {
        let shape = self.catalog.get(product_key);
        let region = shape.and_then(|shape| shape.region.as_deref());
        let format = shape.and_then(|shape| shape.format_cl);
        let unit = self.unit(unit.unwrap_or_default(), region.unwrap_or_default());
        Some(Bottles {
            equivalents: bottles::equivalents(quantity, unit, format)?,
            is_unit_known: unit.is_some(),
        })
    }

    fn unit(&mut self, text: &str, region: &str) -> Option<Unit> {
        let known = self.known.get(region).and_then(|units| units.get(text));
        if let Some(&unit) = known {
            return unit;
        }
        let unit = bottles::unit(text, self.case_size, Some(region));
        if self.known.values().map(HashMap::len).sum::<usize>() >= MOST_UNITS {
            self.known.clear();
        }
        let of_region = self.known.entry(region.to_owned()).or_default();
        of_region.insert(text.to_owned(), unit);
        unit
    }
}
