//! Sales units, parsed once each: a million lines use few of them.

use std::ptr;

use foldhash::{HashMap, HashMapExt};

use crate::canonical::bottles::{self, Unit};
use crate::canonical::{Catalog, Decimal, Shape};
use crate::connectors::isavigne::cells;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// Most units remembered; a file with more has other data in that column.
const MOST_UNITS: usize = 16 * 1024;

/// Most units of one product shape found without a hash: the few that a file uses.
const MOST_OF_SHAPE: usize = 32;

/// Turns quantities into bottles.
#[derive(Debug)]
pub(super) struct Units<'a> {
    catalog: &'a Catalog,
    case_size: u32,
    /// Address of the product's shape → unit as written → its meaning. Addresses are faster to hash than shapes, and
    /// every line looks up one.
    known: HashMap<usize, Vec<(String, Option<Unit>)>>,
    /// Number of units in `known`.
    remembered: usize,
}

/// A quantity in bottles.
pub(super) struct Bottles {
    /// Bottles of 75 cl; `None` when out of range.
    equivalents: Option<Decimal>,
    is_unit_known: bool,
}

impl Bottles {
    /// The bottles of a row, with a remark on an unknown unit.
    pub(super) fn remarked(
        self,
        unit: &str,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
    ) -> Result<Decimal, Box<Refusal>> {
        if !self.is_unit_known {
            if is_number(unit) && !cells.are_all_numbers(Field::Unit)? {
                return Err(cells.refuse(
                    Field::Unit,
                    "est un nombre, pas une unité : cellules décalées ?",
                ));
            }
            remarks.add(Remark::UnknownUnit, line, unit);
        }
        self.equivalents.ok_or_else(|| {
            cells.refuse(Field::Quantity, "fait trop de bouteilles pour être comptée")
        })
    }
}

/// Whether an unknown unit is a decimal number or an amount: it belongs to the next column.
fn is_number(unit: &str) -> bool {
    unit.starts_with(|sign: char| sign.is_ascii_digit() || sign == '-')
        && cells::number(unit).is_ok()
}

impl<'a> Units<'a> {
    pub(super) fn new(catalog: &'a Catalog, case_size: u32) -> Self {
        Self {
            catalog,
            case_size,
            known: HashMap::new(),
            remembered: 0,
        }
    }

    /// `quantity` of sales unit `unit` of a product, in bottles.
    pub(super) fn bottles(&mut self, quantity: Decimal, unit: &str, product_key: &str) -> Bottles {
        let shape = self.catalog.get(product_key);
        let format = shape.and_then(|shape| shape.format_cl);
        let unit = self.unit(unit, shape.map(AsRef::as_ref));
        Bottles {
            equivalents: bottles::equivalents(quantity, unit, format),
            is_unit_known: unit.is_some(),
        }
    }

    fn unit(&mut self, text: &str, shape: Option<&Shape>) -> Option<Unit> {
        let address = shape.map_or(0, |shape| ptr::from_ref(shape).addr());
        let mut known = self.known.get(&address).into_iter().flatten();
        if let Some(&(_, unit)) = known.find(|(known, _)| known == text) {
            return unit;
        }
        let region = shape.and_then(|shape| shape.region.as_deref());
        let unit = bottles::unit(text, self.case_size, Some(region.unwrap_or_default()));
        if self.remembered >= MOST_UNITS {
            self.known.clear();
            self.remembered = 0;
        }
        self.remembered += 1;
        let of_shape = self.known.entry(address).or_default();
        if of_shape.len() >= MOST_OF_SHAPE {
            of_shape.clear();
        }
        of_shape.push((text.to_owned(), unit));
        unit
    }
}
