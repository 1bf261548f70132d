//! Units of measure (`uom.uom`), turned into bottles.
//!
//! A unit is so many of the unit its family is measured in. Up to Odoo 18 a family is a `uom.category` whose
//! measure is of type `reference`, and `factor_inv` counts it: 6 for a carton of 6. From 19 on a family is a
//! tree of `relative_uom_id`, and `factor` counts its root; `factor_inv` is gone. Up to 18 `factor` is the
//! inverse: taking one for the other is wrong by 36.

use std::collections::HashMap;

use super::{Basis, read};
use crate::canonical::bottles::{self, Unit};
use crate::canonical::{Catalog, Decimal};
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::Model;
use crate::connectors::odoo::record::{Fault, Ratio, Record};
use crate::connectors::odoo::session::Session;

const UOM: Model = Model {
    name: "uom.uom",
    application: "Ventes",
    required: &[("name", "unit"), ("factor", "quantity_bottles_75cl_eq")],
    optional: &["factor_inv", "uom_type", "category_id", "relative_uom_id"],
    probed: &[],
};

/// Bottles in a case whose name does not say: a family measured in cases has no other sign.
const CASE_SIZE: u32 = 12;

/// A unit, before its family is known.
struct Measure {
    name: String,
    /// How many of the unit its family is measured in.
    count: Ratio,
    /// What identifies the unit's family: a category, or the unit it is relative to.
    family: Family,
}

#[derive(Clone, Copy)]
enum Family {
    /// The category, and whether the unit is its measure.
    Category(u64, bool),
    /// The unit it is relative to; none for the root.
    Relative(Option<u64>),
}

/// So many of the unit its family is measured in, and what one of those holds.
#[derive(Debug, Clone, Copy)]
struct Contents {
    count: Ratio,
    measure: Unit,
}

/// What every unit of the server holds.
#[derive(Debug, Default)]
pub(in super::super) struct Units(HashMap<u64, Contents>);

/// A quantity in bottles.
pub(in super::super) struct Bottles {
    pub(in super::super) equivalents: Decimal,
    pub(in super::super) is_unit_known: bool,
}

impl Units {
    /// Reads the units of `session`.
    pub(super) fn read(session: &Session, basis: &mut Basis) -> Result<Self, Failure> {
        let mut measures = HashMap::new();
        read(session, &UOM, &Domain::all(), |row| {
            basis.add(row);
            // A unit that cannot be understood counts as unknown: its lines are kept, with a remark.
            if let Ok(measure) = measure(Record(row)) {
                measures.insert(row.id()?, measure);
            }
            Ok(())
        })?;
        let known = measures.iter().filter_map(|(&id, measure)| {
            let contents = contents(measure, id, &measures)?;
            Some((id, contents))
        });
        Ok(Self(known.collect()))
    }

    /// `quantity` of unit number `unit` of a product in bottles.
    pub(in super::super) fn bottles(
        &self,
        quantity: Decimal,
        unit: Option<u64>,
        product_key: &str,
        catalog: &Catalog,
    ) -> Result<Bottles, Fault> {
        let contents = unit.and_then(|unit| self.0.get(&unit));
        let format = catalog.get(product_key).and_then(|shape| shape.format_cl);
        let equivalents = match contents {
            Some(contents) => contents.bottles(quantity, format),
            None => bottles::equivalents(quantity, None, format),
        };
        let too_many = || Fault::of_row("fait trop de bouteilles pour être comptée");
        Ok(Bottles {
            equivalents: equivalents.ok_or_else(too_many)?,
            is_unit_known: contents.is_some(),
        })
    }

    /// `quantity` of unit `from` in unit `to`, as it is where one of them is not known; `None` when it does not fit.
    pub(in super::super) fn convert(
        &self,
        quantity: Decimal,
        from: Option<u64>,
        to: Option<u64>,
    ) -> Option<Decimal> {
        let contents = |unit: Option<u64>| unit.and_then(|unit| self.0.get(&unit));
        match (contents(from), contents(to)) {
            (Some(own), Some(other)) if from != to => {
                other.count.divide(own.count.multiply(quantity)?)
            }
            _ => Some(quantity),
        }
    }
}

impl Contents {
    /// Rounded once; twice only where the product of all its digits would not fit.
    fn bottles(&self, quantity: Decimal, format: Option<Decimal>) -> Option<Decimal> {
        let exact = bottles::multiple(quantity, self.count.parts(), self.measure, format);
        exact.or_else(|| {
            let counted = self.count.multiply(quantity)?;
            bottles::equivalents(counted, Some(self.measure), format)
        })
    }
}

fn measure(record: Record<'_>) -> Result<Measure, Fault> {
    let (count, family) = if record.has("factor_inv") {
        let is_measure = record.text("uom_type")?.as_deref() == Some("reference");
        let category = record.required_link("category_id")?.id;
        ("factor_inv", Family::Category(category, is_measure))
    } else {
        let relative = record.link("relative_uom_id")?.map(|link| link.id);
        ("factor", Family::Relative(relative))
    };
    Ok(Measure {
        name: record.required_text("name")?.into_owned(),
        count: record.required_ratio(count)?,
        family,
    })
}

/// What the unit at the family's root holds, by its name. As a unit, the usual bottle means no more than "one".
fn contents(measure: &Measure, id: u64, all: &HashMap<u64, Measure>) -> Option<Contents> {
    let root = root_of(measure, id, all)?;
    let unit = bottles::unit(&root.name, CASE_SIZE, None)?;
    Some(Contents {
        count: measure.count,
        measure: Unit {
            format_cl: unit.format_cl.filter(|&format| format != bottles::USUAL_CL),
            ..unit
        },
    })
}

fn root_of<'m>(
    measure: &'m Measure,
    id: u64,
    all: &'m HashMap<u64, Measure>,
) -> Option<&'m Measure> {
    match measure.family {
        Family::Category(_, true) | Family::Relative(None) => Some(measure),
        Family::Category(category, false) => all
            .values()
            .find(|other| matches!(other.family, Family::Category(c, true) if c == category)),
        Family::Relative(Some(_)) => {
            let mut current = measure;
            // A tree no deeper than there are units: a loop ends too.
            for _ in 0..all.len() {
                match current.family {
                    Family::Relative(Some(parent)) if parent != id => current = all.get(&parent)?,
                    Family::Relative(None) => return Some(current),
                    _ => return None,
                }
            }
            None
        }
    }
}
