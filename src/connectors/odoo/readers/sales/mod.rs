//! What was sold: lines of the sales application and of the Point of Sale, which differ in what they call things.

mod amounts;
mod order;
mod orders;
mod shop;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{KEY_PREFIX, LeftOut, ModelReader, Part, Refusal, Scene, set_key};
use crate::canonical::bottles;
use crate::canonical::sale::SaleLine;
use crate::canonical::{Catalog, Decimal};
use crate::connectors::Sink;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::{Fields, Model};
use crate::connectors::odoo::pages;
use crate::connectors::odoo::record::{Link, Record};
use crate::connectors::odoo::references::money::Money;
use crate::connectors::odoo::references::units::Units;
use crate::connectors::odoo::references::{Basis, names, read};
use crate::connectors::odoo::row::Row;
use crate::connectors::odoo::session::Session;
use crate::connectors::remarks::{Remark, Remarks};

use amounts::{Cost, Figures, margin_percent};
use order::Order;

pub(in super::super) use orders::ORDERS;
pub(in super::super) use shop::SHOP;

/// The field of an order that points to a sales team: its name is read beside.
const TEAM_FIELD: &str = "team_id";

const TEAM: Model = Model {
    name: "crm.team",
    application: "Ventes",
    required: &[("name", "channel")],
    optional: &[],
    probed: &[],
};

/// A kind of sales: what its models and fields are called.
pub(in super::super) struct Sales {
    pub(in super::super) line: Model,
    order: Model,
    /// What begins the keys of its lines.
    prefix: &'static str,
    quantity: &'static str,
    /// The first there is.
    units: &'static [&'static str],
    total: &'static str,
    total_excl_tax: &'static str,
    cost: Cost,
    /// On the order.
    channel: &'static str,
    /// The customer of anonymous sales, where there are any.
    anonymous: Option<&'static str>,
    /// Lines that may be goods.
    sold: fn(&Scene<'_>) -> Domain,
    /// Where its shops are set up, if it has any.
    settings: Option<Model>,
}

/// A field whose being so makes a line no goods.
struct NoGoods {
    field: &'static str,
    is: Value,
}

/// Services, combos (what they are made of are lines of their own), and deliveries where their application marks them.
fn no_goods(scene: &Scene<'_>) -> Vec<NoGoods> {
    let no_goods = |field, is| NoGoods { field, is };
    let mut found = vec![
        no_goods("product_id.type", json!("service")),
        no_goods("product_id.type", json!("combo")),
    ];
    if scene.fields.has("is_delivery") {
        found.push(no_goods("is_delivery", json!(true)));
    }
    found
}

/// Reads lines of one kind.
pub(in super::super) struct SalesReader {
    kind: &'static Sales,
    order_fields: Option<Fields>,
    units: Arc<Units>,
    money: Arc<Money>,
    /// The orders of the current page, or why one cannot be understood.
    orders: HashMap<u64, Result<Order, String>>,
    /// Products that are amounts: tips, discounts on a whole ticket.
    no_bottles: HashSet<u64>,
    product_key: String,
    remarks: Remarks,
}

impl SalesReader {
    pub(in super::super) fn new(kind: &'static Sales) -> Self {
        Self {
            kind,
            order_fields: None,
            units: Arc::default(),
            money: Arc::default(),
            no_bottles: HashSet::new(),
            orders: HashMap::new(),
            product_key: String::new(),
            remarks: Remarks::on_records(),
        }
    }

    /// Reads the orders that the lines of `page` belong to.
    fn read_orders(&mut self, scene: &Scene<'_>, page: &[Row<'_>]) -> Result<(), Failure> {
        self.orders.clear();
        let Some(fields) = &self.order_fields else {
            return Ok(());
        };
        let ids = page
            .iter()
            .filter_map(|row| Record(row).link("order_id").ok().flatten());
        let mut ids: Vec<u64> = ids.map(|order| order.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let most = ids.len();
        let domain = Domain::all().and("id", "in", ids);
        let fields = fields.to_value();
        let (kind, orders) = (self.kind, &mut self.orders);
        let pages = pages::pages_of_rows(scene.session, kind.order.name, &domain, &fields);
        pages::each_page(pages.at_most(most), |page| {
            for row in page {
                // An order that cannot be understood takes its lines to the rejects.
                let order = Order::read(kind, Record(row), scene);
                orders.insert(row.id()?, order.map_err(|fault| fault.sentence()));
            }
            Ok(())
        })
    }
}

/// The products whose bottle is not of 75 cl, each with its size. A new wine in the usual bottle is not among them, so
/// it does not cause a second reading.
fn unusual_bottles(catalog: &Catalog) -> BTreeMap<&str, i64> {
    let sizes = catalog.iter().filter_map(|(key, shape)| {
        let size = shape.format_cl.filter(|&size| size != bottles::USUAL_CL)?;
        Some((key.as_ref(), size.ten_thousandths()))
    });
    sizes.collect()
}

/// The products that the shops sell as tips and discounts. The shops' names, which are channels, are part of `basis`.
fn amounts_among_products(
    session: &Session,
    settings: &Model,
    basis: &mut Basis,
) -> Result<HashSet<u64>, Failure> {
    let mut found = HashSet::new();
    read(session, settings, &Domain::all(), |row| {
        basis.add(row);
        let products = settings.optional.iter().filter_map(|field| {
            let product = Record(row).link(field).ok()??;
            Some(product.id)
        });
        found.extend(products);
        Ok(())
    })?;
    Ok(found)
}

/// The names of the sales teams; none where the user may not see them.
fn teams(session: &Session) -> Result<BTreeMap<u64, String>, Failure> {
    match names(session, &TEAM, "name") {
        Err(Failure::Denied(_) | Failure::NoModel) => Ok(BTreeMap::new()),
        names => names,
    }
}

impl ModelReader for SalesReader {
    fn model(&self) -> &'static Model {
        &self.kind.line
    }

    fn domain(&self, scene: &Scene<'_>) -> Domain {
        let no_goods = no_goods(scene).into_iter();
        no_goods.fold((self.kind.sold)(scene), |domain, no_goods| {
            domain.and(no_goods.field, "!=", no_goods.is)
        })
    }

    /// Its order (date, team) and its customer: merging two contacts moves lines from one to the other without a trace
    /// on the lines. What it takes of its product, the size of the bottle, is in the basis.
    fn parts(&self) -> Vec<Part> {
        let part = |path, model| Part { path, model };
        vec![
            part("order_id", self.kind.order.name),
            part("order_id.partner_id", "res.partner"),
        ]
    }

    fn left_out(&self, scene: &Scene<'_>) -> Option<LeftOut> {
        let no_goods = no_goods(scene).into_iter();
        let conditions = no_goods.map(|no_goods| json!([no_goods.field, "=", no_goods.is]));
        Some(LeftOut {
            domain: (self.kind.sold)(scene).and_any(conditions.collect()),
            one: "ligne de service, de livraison ou de combo laissée de côté",
            several: "lignes de service, de livraison ou de combo laissées de côté",
        })
    }

    fn prepare(&mut self, scene: &Scene<'_>, basis: &mut Basis) -> Result<(), Failure> {
        let session = scene.session;
        let fields = self.kind.order.negotiate(session)?;
        basis.add(&fields.to_value());
        if fields.has(TEAM_FIELD) {
            basis.add(&teams(session)?);
        }
        self.order_fields = Some(fields);
        self.units = scene.common.units(session, basis)?;
        self.money = scene.common.money(session, basis)?;
        basis.add(&unusual_bottles(scene.catalog));
        if let Some(settings) = &self.kind.settings {
            self.no_bottles = amounts_among_products(session, settings, basis)?;
        }
        Ok(())
    }

    fn begin_page(&mut self, scene: &Scene<'_>, page: &[Row<'_>]) -> Result<(), Failure> {
        self.read_orders(scene, page)
    }

    fn read_row(
        &mut self,
        scene: &Scene<'_>,
        record: Record<'_>,
        (id, key): (u64, &str),
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let kind = self.kind;
        let order = record.required_link("order_id")?;
        let order = match self.orders.get(&order.id) {
            Some(Ok(order)) => order,
            Some(Err(why)) => {
                let reason = format!("désigne une commande illisible : {why}");
                return Err(record.refuse("order_id", &reason).into());
            }
            None => {
                let reason = "désigne une commande que l'utilisateur ne voit pas";
                return Err(record.refuse("order_id", reason).into());
            }
        };
        let product = record.required_link("product_id")?.id;
        set_key(&mut self.product_key, KEY_PREFIX, product);
        let quantity = record.required_decimal(kind.quantity)?;
        let unit = match scene.fields.first_of(kind.units) {
            Some(field) => record.link(field)?,
            None => None,
        };
        let unit_id = unit.as_ref().map(|unit| unit.id);
        let mut bottles =
            self.units
                .bottles(quantity, unit_id, &self.product_key, scene.catalog)?;
        if self.no_bottles.contains(&product) {
            bottles.equivalents = Decimal::ZERO;
        } else if !bottles.is_unit_known {
            let label = unit.as_ref().map(Link::label).unwrap_or_default();
            self.remarks.add(Remark::UnknownUnit, id, &label);
        }
        let figures = Figures::read(kind, record, quantity, order, &self.money)?;
        sink.row(
            id,
            &SaleLine {
                sale_line_key: key,
                customer_key: &order.customer_key,
                product_key: &self.product_key,
                order_ref: order.reference.as_deref(),
                date_sale: order.day,
                quantity_units: quantity,
                unit: unit.as_ref().map(Link::label).as_deref(),
                quantity_bottles_75cl_eq: bottles.equivalents,
                price_unit_eur: figures.unit_price,
                price_total_eur: figures.total,
                price_total_excl_tax_eur: figures.total_excl_tax,
                cost_total_eur: figures.cost,
                margin_percent: margin_percent(figures.total, figures.cost),
                channel: order.channel.as_deref(),
                notes: None,
            },
        )?;
        Ok(())
    }

    fn prefix(&self) -> &'static str {
        self.kind.prefix
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}
