//! What was sold: lines of the sales application and of the Point of Sale, which differ in what they call things.

mod amounts;
mod orders;
mod shop;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{KEY_PREFIX, LeftOut, ModelReader, Part, Refusal, Scene, each_row, set_key};
use crate::canonical::sale::SaleLine;
use crate::canonical::{Decimal, Table};
use crate::connectors::Sink;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::{Fields, Model};
use crate::connectors::odoo::pages::{self, Row};
use crate::connectors::odoo::record::{Fault, Link, Ratio, Record};
use crate::connectors::odoo::references::money::Money;
use crate::connectors::odoo::references::units::Units;
use crate::connectors::odoo::references::{Basis, names};
use crate::connectors::odoo::session::Session;
use crate::connectors::remarks::{Remark, Remarks};

use amounts::{Exchange, margin_percent, unit_price_with_tax};

pub(in super::super) use orders::ORDERS;
pub(in super::super) use shop::SHOP;

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
    /// Who buys without a name, where that can be.
    anonymous: Option<&'static str>,
    /// Lines that may be goods.
    sold: fn(&Scene<'_>) -> Domain,
    /// What makes a line of those no goods.
    no_goods: fn(&Scene<'_>) -> Vec<NoGoods>,
}

/// Where a line's cost stands, in the order's currency.
enum Cost {
    /// For one unit, in that field.
    OfOne(&'static str),
    /// For the line, in the first field, once the second says so.
    OfLine(&'static str, &'static str),
}

/// A field whose being so makes a line no goods.
struct NoGoods {
    field: &'static str,
    is: Value,
}

/// Reads lines of one kind.
pub(in super::super) struct SalesReader {
    kind: &'static Sales,
    order_fields: Option<Fields>,
    units: Units,
    money: Money,
    /// The orders of the page at hand, or why one cannot be understood.
    orders: HashMap<u64, Result<Order, String>>,
    product_key: String,
    remarks: Remarks,
}

/// What a line takes from its order.
struct Order {
    reference: Option<String>,
    customer_key: String,
    day: Date,
    rate: Option<Ratio>,
    company: u64,
    channel: Option<String>,
}

impl SalesReader {
    pub(in super::super) fn new(kind: &'static Sales) -> Self {
        Self {
            kind,
            order_fields: None,
            units: Units::default(),
            money: Money::default(),
            orders: HashMap::new(),
            product_key: String::new(),
            remarks: Remarks::on_records(),
        }
    }

    /// Reads the orders that the lines of `page` belong to.
    fn read_orders(&mut self, scene: &Scene<'_>, page: &[Row]) -> Result<(), Failure> {
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
        let domain = Domain::all().and("id", "in", ids);
        let (kind, orders) = (self.kind, &mut self.orders);
        pages::each_page(
            scene.session,
            kind.order.name,
            &domain,
            &fields.to_value(),
            |page| {
                for row in page {
                    // An order that cannot be understood takes its lines to the rejects.
                    let order = Order::read(kind, Record(row), scene);
                    orders.insert(pages::id(row)?, order.map_err(|fault| fault.sentence()));
                }
                Ok(())
            },
        )
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
        set_key(
            &mut self.product_key,
            KEY_PREFIX,
            record.required_link("product_id")?.id,
        );
        let quantity = record.required_decimal(kind.quantity)?;
        let unit = match scene.fields.first_of(kind.units) {
            Some(field) => record.link(field)?,
            None => None,
        };
        let bottles = self.units.bottles(
            quantity,
            unit.map(|unit| unit.id),
            &self.product_key,
            scene.catalog,
        )?;
        if !bottles.is_unit_known {
            self.remarks
                .add(Remark::UnknownUnit, id, unit.map_or("", |unit| unit.label));
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
                unit: unit.map(|unit: Link<'_>| unit.label),
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
}

/// The amounts of a line, in euros.
struct Figures {
    unit_price: Option<Decimal>,
    total: Option<Decimal>,
    total_excl_tax: Option<Decimal>,
    cost: Option<Decimal>,
}

impl Figures {
    fn read(
        kind: &Sales,
        record: Record<'_>,
        quantity: Decimal,
        order: &Order,
        money: &Money,
    ) -> Result<Self, Refusal> {
        let exchange = Exchange {
            money,
            rate: order.rate,
            company: order.company,
            day: order.day,
        };
        let euros = |field, amount: Option<Decimal>| {
            amount
                .map(|amount| exchange.euros(record, field, amount))
                .transpose()
        };
        let total = record.decimal(kind.total)?;
        let total_excl_tax = record.decimal(kind.total_excl_tax)?;
        let discount = record.decimal("discount")?.unwrap_or_default();
        let unit_price = record.decimal("price_unit")?.zip(total.zip(total_excl_tax));
        let unit_price = unit_price
            .and_then(|(price, totals)| unit_price_with_tax(price, quantity, discount, totals));
        let (cost_field, cost) = kind.cost.read(record, quantity)?;
        Ok(Self {
            unit_price: euros("price_unit", unit_price)?,
            total: euros(kind.total, total)?,
            total_excl_tax: euros(kind.total_excl_tax, total_excl_tax)?,
            cost: euros(cost_field, cost)?,
        })
    }
}

impl Cost {
    /// The line's cost, and the field it comes from.
    fn read(
        &self,
        record: Record<'_>,
        quantity: Decimal,
    ) -> Result<(&'static str, Option<Decimal>), Fault> {
        match *self {
            Self::OfOne(field) => {
                let cost = record.decimal(field)?;
                Ok((field, cost.and_then(|cost| cost.checked_mul(quantity))))
            }
            Self::OfLine(field, is_known) => {
                let cost = if record.flag(is_known)? {
                    record.decimal(field)?
                } else {
                    None
                };
                Ok((field, cost))
            }
        }
    }
}

impl Order {
    fn read(kind: &Sales, record: Record<'_>, scene: &Scene<'_>) -> Result<Self, Fault> {
        let customer_key = match (record.link("partner_id")?, kind.anonymous) {
            (None, Some(anonymous)) => anonymous.to_owned(),
            _ => format!("{KEY_PREFIX}{}", record.required_link("partner_id")?.id),
        };
        Ok(Self {
            reference: record.text("name")?.map(Into::into),
            customer_key,
            day: record.required_day("date_order", &scene.session.time_zone)?,
            rate: record.ratio("currency_rate")?,
            company: record.required_link("company_id")?.id,
            channel: record
                .link(kind.channel)?
                .map(|channel| channel.label.to_owned()),
        })
    }
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
        let no_goods = (self.kind.no_goods)(scene).into_iter();
        no_goods.fold((self.kind.sold)(scene), |domain, no_goods| {
            domain.and(no_goods.field, "!=", no_goods.is)
        })
    }

    /// Its order (date, team), its customer (merging two contacts moves lines from one to the other without a trace on
    /// the lines) and its product (the size of the bottle).
    fn parts(&self) -> Vec<Part> {
        let part = |path, model| Part { path, model };
        vec![
            part("order_id", self.kind.order.name),
            part("order_id.partner_id", "res.partner"),
            part("product_id", "product.product"),
            part("product_id.product_tmpl_id", "product.template"),
            part(
                "product_id.product_template_attribute_value_ids.product_attribute_value_id",
                "product.attribute.value",
            ),
        ]
    }

    fn left_out(&self, scene: &Scene<'_>) -> Option<LeftOut> {
        let no_goods = (self.kind.no_goods)(scene).into_iter();
        let conditions = no_goods.map(|no_goods| json!([no_goods.field, "=", no_goods.is]));
        Some(LeftOut {
            domain: (self.kind.sold)(scene).and_any(conditions.collect()),
            one: "ligne de service ou de livraison laissée de côté",
            several: "lignes de service ou de livraison laissées de côté",
        })
    }

    fn prepare(&mut self, scene: &Scene<'_>, basis: &mut Basis) -> Result<(), Failure> {
        let session = scene.session;
        let fields = self.kind.order.negotiate(session)?;
        basis.add(&fields.to_value());
        if fields.has(TEAM_FIELD) {
            basis.add(&json!(teams(session)?));
        }
        self.order_fields = Some(fields);
        self.units = Units::read(session, basis)?;
        self.money = Money::read(session, basis)?;
        Ok(())
    }

    fn read_page(
        &mut self,
        scene: &Scene<'_>,
        page: &[Row],
        sink: &mut dyn Sink,
    ) -> Result<(), Failure> {
        self.read_orders(scene, page)?;
        let unit = (Table::SalesLines, self.kind.line.name, self.kind.prefix);
        each_row(page, unit, sink, |record, place, sink| {
            self.read_row(scene, record, place, sink)
        })
    }

    fn prefix(&self) -> &'static str {
        self.kind.prefix
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}

/// The field of an order that points to a sales team: its name is read beside.
const TEAM_FIELD: &str = "team_id";
