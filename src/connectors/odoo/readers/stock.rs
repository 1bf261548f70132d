//! What is left, by place (`stock.quant`): counted anew each time.
//!
//! One product in one place may be several quants, one a lot or an owner: they add up. So the sums of all places
//! are held until the last page, some hundred bytes a product and place.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;

use super::{Fields, KEY_PREFIX, Scene, set_key};
use crate::canonical::stock::StockLevel;
use crate::canonical::{Catalog, Decimal, Table};
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::Model;
use crate::connectors::odoo::model_cursor::ModelCursor;
use crate::connectors::odoo::pages;
use crate::connectors::odoo::record::{Fault, Record};
use crate::connectors::odoo::references::units::Units;
use crate::connectors::odoo::references::{Basis, Common};
use crate::connectors::odoo::row::Row;
use crate::connectors::odoo::session::Session;
use crate::connectors::remarks::{Remark, Remarks};
use crate::connectors::{Reading, Sink};
use crate::error::Result;

const QUANT: Model = Model {
    name: "stock.quant",
    application: "Inventaire",
    required: &[
        ("product_id", "product_key"),
        ("location_id", "warehouse"),
        ("quantity", "quantity_units"),
    ],
    optional: &["last_count_date", "product_uom_id", "reserved_quantity"],
    probed: &[],
};

/// The stock of every internal place, ready to be read.
pub(in super::super) struct StockReading {
    pub(in super::super) session: Arc<Session>,
    pub(in super::super) common: Arc<Common>,
    pub(in super::super) fields: Fields,
    /// The cursor of the last sync, to find that too few rows are left.
    pub(in super::super) mark: Option<ModelCursor>,
}

/// What is left of a product in a place.
struct Level {
    /// The first of its quants.
    quant: u64,
    warehouse: String,
    unit: Option<(u64, String)>,
    quantity: Decimal,
    reserved: Decimal,
    last_count: Option<Date>,
}

/// By product and place.
type Levels = BTreeMap<(u64, u64), Level>;

impl StockReading {
    pub(in super::super) const MODEL: &'static Model = &QUANT;

    /// Quants in places of the estate's own.
    pub(in super::super) fn domain(scene: &Scene<'_>) -> Domain {
        scene.of_company().and("location_id.usage", "=", "internal")
    }

    /// What is left where all of it could be read, and how many products and places there are in all.
    fn read_levels(
        &self,
        scene: &Scene<'_>,
        sink: &mut dyn Sink,
    ) -> std::result::Result<(Levels, u64), Failure> {
        let mut levels = Levels::new();
        let mut spoiled = HashSet::new();
        let fields = self.fields.to_value();
        let domain = Self::domain(scene);
        let pages = pages::pages_of_rows(&self.session, QUANT.name, &domain, &fields);
        pages::each_page(pages, |page| {
            for row in page {
                let id = row.id()?;
                if let Err(fault) = add(&mut levels, row, id, &self.session) {
                    let place = place_of(row);
                    let key = place.map(|(product, place)| key_of(product, place));
                    let reject = fault.reject(Table::StockLevels, QUANT.name, id);
                    sink.reject(reject, key.as_deref())?;
                    spoiled.extend(place);
                }
            }
            Ok(sink.advance(0)?)
        })?;
        // The sum of the other lots would pass for all there is.
        levels.retain(|place, _| !spoiled.contains(place));
        let places = levels.len() + spoiled.len();
        Ok((levels, places as u64))
    }

    fn read_whole(
        &self,
        scene: &Scene<'_>,
        sink: &mut dyn Sink,
    ) -> std::result::Result<(), Failure> {
        sink.begin_unit(QUANT.name, 0)?;
        let mut basis = Basis::of(&self.session);
        let units = self.common.units(&self.session, &mut basis)?;
        let (levels, places) = self.read_levels(scene, sink)?;
        if let Some(mark) = &self.mark {
            mark.check_rows(places, &QUANT, false)?;
        }
        if places == 0 {
            sink.warn(format!(
                "Stock ({}) : Odoo ne montre aucune ligne",
                QUANT.name
            ));
        }
        let mut remarks = Remarks::on_records();
        let mut product_key = String::new();
        for (&(product, place), level) in &levels {
            set_key(&mut product_key, KEY_PREFIX, product);
            let key = key_of(product, place);
            match level.row(&key, &product_key, (&units, scene.catalog), &mut remarks) {
                Ok(row) => sink.row(level.quant, &row)?,
                Err(fault) => {
                    let reject = fault.reject(Table::StockLevels, QUANT.name, level.quant);
                    sink.reject(reject, Some(&key))?;
                }
            }
        }
        for sentence in remarks.sentences() {
            sink.warn(format!("Stock ({}) : {sentence}", QUANT.name));
        }
        let next = ModelCursor {
            instant: None,
            basis: basis.digest(),
            rows: places,
            is_settled: false,
        };
        sink.keep_unit(next.cursor(QUANT.name))?;
        Ok(())
    }
}

impl Level {
    fn row<'r>(
        &'r self,
        key: &'r str,
        product_key: &'r str,
        (units, catalog): (&Units, &Catalog),
        remarks: &mut Remarks,
    ) -> std::result::Result<StockLevel<'r>, Fault> {
        let unit = self.unit.as_ref().map(|(unit, _)| *unit);
        let bottles = units.bottles(self.quantity, unit, product_key, catalog)?;
        if !bottles.is_unit_known {
            let label = self.unit.as_ref().map_or("", |(_, label)| label);
            remarks.add(Remark::UnknownUnit, self.quant, label);
        }
        Ok(StockLevel {
            stock_key: key,
            product_key,
            warehouse: Some(&self.warehouse),
            quantity_units: self.quantity,
            quantity_bottles_75cl_eq: bottles.equivalents,
            reserved_qty: Some(self.reserved),
            available_qty: self.quantity.checked_sub(self.reserved),
            last_count_date: self.last_count,
        })
    }
}

/// Adds the quant in `row` to its product and place.
fn add(
    levels: &mut Levels,
    row: &Row<'_>,
    id: u64,
    session: &Session,
) -> std::result::Result<(), Fault> {
    let record = Record(row);
    let product = record.required_link("product_id")?.id;
    let place = record.required_link("location_id")?;
    let quantity = record.required_decimal("quantity")?;
    let reserved = record.decimal("reserved_quantity")?.unwrap_or_default();
    let unit = record.link("product_uom_id")?;
    let last_count = record.day("last_count_date", &session.time_zone)?;
    let level = levels.entry((product, place.id)).or_insert_with(|| Level {
        quant: id,
        warehouse: place.label().into_owned(),
        unit: unit.map(|unit| (unit.id, unit.label().into_owned())),
        quantity: Decimal::ZERO,
        reserved: Decimal::ZERO,
        last_count: None,
    });
    let too_large = || {
        record.refuse(
            "quantity",
            "fait, avec les autres lots, trop pour être compté",
        )
    };
    let quantity = level.quantity.checked_add(quantity).ok_or_else(too_large)?;
    level.reserved = level.reserved.checked_add(reserved).ok_or_else(too_large)?;
    level.quantity = quantity;
    level.last_count = level.last_count.max(last_count);
    Ok(())
}

/// The product and place of the quant in `row`, where that much of it can be read.
fn place_of(row: &Row<'_>) -> Option<(u64, u64)> {
    let record = Record(row);
    let product = record.link("product_id").ok()??.id;
    let place = record.link("location_id").ok()??.id;
    Some((product, place))
}

fn key_of(product: u64, place: u64) -> String {
    format!("{KEY_PREFIX}{product}@{place}")
}

impl Reading for StockReading {
    fn table(&self) -> Table {
        Table::StockLevels
    }

    fn is_snapshot(&self) -> bool {
        true
    }

    fn is_remote(&self) -> bool {
        true
    }

    fn size(&self) -> u64 {
        0
    }

    fn read(&mut self, catalog: &Catalog, sink: &mut dyn Sink) -> Result<()> {
        let scene = Scene {
            session: &self.session,
            common: &self.common,
            fields: &self.fields,
            catalog,
            next_year: 0,
        };
        let read = self.read_whole(&scene, sink);
        read.map_err(|failure| {
            failure
                .into_error(&self.session.server)
                .at(Table::StockLevels.label())
        })
    }
}
