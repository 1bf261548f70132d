//! What was sold: lines of the sales application, of the Point of Sale and of invoices, which differ in what they call
//! things, and what credit notes took back.
//!
//! A sale counts once. By orders, a line of an invoice counts where no order does, and a credit note takes back what its
//! order counted. By invoices, nothing else counts but shop orders that were not invoiced.

mod amounts;
mod credits;
mod invoices;
mod kind;
mod order;
mod orders;
mod rate;
mod shop;
mod taken_back;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use serde_json::json;

use super::{KEY_PREFIX, LeftOut, ModelReader, Part, Refusal, Scene, Sum, set_key};
use crate::canonical::bottles;
use crate::canonical::sale::SaleLine;
use crate::canonical::{Catalog, Decimal};
use crate::connectors::Sink;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::{Fields, Model};
use crate::connectors::odoo::pages;
use crate::connectors::odoo::record::{Fault, Link, Record};
use crate::connectors::odoo::references::money::Money;
use crate::connectors::odoo::references::services::Services;
use crate::connectors::odoo::references::units::Units;
use crate::connectors::odoo::references::{Basis, read};
use crate::connectors::odoo::row::Row;
use crate::connectors::odoo::session::Session;
use crate::connectors::odoo::settings::SalesBasis;
use crate::connectors::remarks::{Remark, Remarks};

use amounts::{Figures, margin_percent, negated};
use credits::CreditsReader;
use kind::Sales;
use order::Order;

/// The field of an order that points to a sales team: its name is read beside.
const TEAM_FIELD: &str = "team_id";

/// The readers of what was sold, by `basis`.
pub(in super::super) fn sales_readers(basis: SalesBasis) -> Vec<Box<dyn ModelReader>> {
    let reader = |kind| Box::new(SalesReader::new(kind)) as Box<dyn ModelReader>;
    match basis {
        SalesBasis::Orders => vec![
            reader(&orders::ORDERS),
            reader(&shop::SHOP),
            reader(&invoices::INVOICES_WITHOUT_ORDER),
            Box::new(CreditsReader::new()),
        ],
        SalesBasis::Invoices => vec![
            reader(&invoices::INVOICES),
            reader(&shop::SHOP_WITHOUT_INVOICE),
        ],
    }
}

/// Reads lines of one kind.
struct SalesReader {
    kind: &'static Sales,
    order_fields: Fields,
    units: Arc<Units>,
    money: Arc<Money>,
    services: Arc<Services>,
    /// The orders of the current page, or why one cannot be understood.
    orders: HashMap<u64, Result<Order, String>>,
    shops: Shops,
    product_key: String,
    remarks: Remarks,
}

impl SalesReader {
    fn new(kind: &'static Sales) -> Self {
        Self {
            kind,
            order_fields: Fields::default(),
            units: Arc::default(),
            money: Arc::default(),
            services: Arc::default(),
            shops: Shops::default(),
            orders: HashMap::new(),
            product_key: String::new(),
            remarks: Remarks::on_records(),
        }
    }

    /// Reads the orders that the lines of `page` belong to.
    fn read_orders_of(&mut self, scene: &Scene<'_>, page: &[Row<'_>]) -> Result<(), Failure> {
        let field = self.kind.order_field;
        let orders = page
            .iter()
            .filter_map(|row| Record(row).link(field).ok().flatten());
        self.read_orders(scene, &orders.map(|order| order.id).collect())
    }

    /// Reads the orders numbered `ids`.
    fn read_orders(&mut self, scene: &Scene<'_>, ids: &BTreeSet<u64>) -> Result<(), Failure> {
        self.orders.clear();
        let most = ids.len();
        let domain = Domain::all().and("id", "in", json!(ids));
        let fields = self.order_fields.to_value();
        let (kind, shops, orders) = (self.kind, &self.shops.names, &mut self.orders);
        let pages = pages::pages_of_rows(scene.session, kind.order.name, &domain, &fields);
        pages::each_page(pages.at_most(most), |page| {
            for row in page {
                // An order that cannot be understood takes its lines to the rejects.
                let order = Order::read(kind, Record(row), scene, shops);
                orders.insert(row.id()?, order.map_err(|fault| fault.sentence()));
            }
            Ok(())
        })
    }
}

/// The order that `field` of `record` points to, among `orders`.
fn order_of<'o>(
    orders: &'o HashMap<u64, Result<Order, String>>,
    record: Record<'_>,
    field: &str,
) -> Result<&'o Order, Fault> {
    let id = record.required_link(field)?.id;
    readable_order(orders, id, (record, field))
}

/// Order `id` among `orders`; the fault is of that field of that record, which leads to it.
fn readable_order<'o>(
    orders: &'o HashMap<u64, Result<Order, String>>,
    id: u64,
    (record, field): (Record<'_>, &str),
) -> Result<&'o Order, Fault> {
    match orders.get(&id) {
        Some(Ok(order)) => Ok(order),
        Some(Err(why)) => {
            let reason = format!("désigne une commande illisible : {why}");
            Err(record.refuse(field, &reason))
        }
        None => {
            let reason = "désigne une commande que l'utilisateur ne voit pas";
            Err(record.refuse(field, reason))
        }
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

/// The shops of the Point of Sale.
#[derive(Debug, Default)]
struct Shops {
    names: BTreeMap<u64, String>,
    /// Products that are amounts: tips, discounts on a whole ticket.
    no_bottles: HashSet<u64>,
}

impl Shops {
    /// Reads the shops, which are part of `basis`: their names are channels.
    fn read(session: &Session, settings: &Model, basis: &mut Basis) -> Result<Self, Failure> {
        let mut shops = Self::default();
        read(session, settings, &Domain::all(), |row| {
            basis.add(row);
            let record = Record(row);
            if let Ok(Some(name)) = record.text("name") {
                shops.names.insert(row.id()?, name.into_owned());
            }
            let products = settings.optional.iter().filter_map(|field| {
                let product = record.link(field).ok()??;
                Some(product.id)
            });
            shops.no_bottles.extend(products);
            Ok(())
        })?;
        Ok(shops)
    }
}

impl ModelReader for SalesReader {
    fn model(&self) -> &'static Model {
        &self.kind.line
    }

    fn domain(&self, scene: &Scene<'_>) -> Domain {
        let no_discounts = &self.services.no_discounts;
        self.kind.goods(scene, &self.order_fields, no_discounts)
    }

    /// Its order (date, team) and its customer: merging two contacts moves lines from one to the other without a trace
    /// on the lines. What it takes of its product, the size of the bottle, is in the basis.
    fn parts(&self) -> Vec<Part> {
        let (own, customer) = match self.kind.order_field {
            "move_id" => ("move_id", "move_id.partner_id"),
            _ => ("order_id", "order_id.partner_id"),
        };
        let part = |path, model| Part { path, model };
        vec![
            part(own, self.kind.order.name),
            part(customer, "res.partner"),
        ]
    }

    fn mark(&self) -> &'static str {
        self.kind.mark
    }

    fn can_do_without(&self) -> Option<&'static str> {
        let without = "les avoirs et les factures sans commande ne sont pas comptés";
        self.kind.is_optional.then_some(without)
    }

    fn left_out(&self, scene: &Scene<'_>) -> Vec<LeftOut> {
        let no_discounts = &self.services.no_discounts;
        let sum = self.sum().map(|(sum, _)| sum);
        let mut left_out = vec![LeftOut {
            domain: self.kind.others(scene, &self.order_fields, no_discounts),
            sum,
            one: "ligne de service, de livraison ou de combo laissée de côté",
            several: "lignes de service, de livraison ou de combo laissées de côté",
        }];
        if !no_discounts.is_empty() {
            let sold = (self.kind.sold)(scene, &self.order_fields);
            left_out.push(LeftOut {
                domain: sold.and("product_id", "in", no_discounts.as_slice()),
                sum,
                one: "ligne de paiement par carte cadeau ou de livraison offerte laissée de côté",
                several: "lignes de paiement par carte cadeau ou de livraison offerte laissées de côté",
            });
        }
        left_out
    }

    fn sum(&self) -> Option<(Sum, &'static str)> {
        let column = if self.kind.sum.is_debit {
            "price_total_excl_tax_eur"
        } else {
            "price_total_eur"
        };
        let sum = Sum {
            usual_currency: self.money.common_currency(),
            ..self.kind.sum
        };
        Some((sum, column))
    }

    fn prepare(&mut self, scene: &Scene<'_>, basis: &mut Basis) -> Result<(), Failure> {
        let session = scene.session;
        let fields = self.kind.order.negotiate(session)?;
        basis.add(&fields.to_value());
        if fields.has(TEAM_FIELD) {
            scene.common.teams(session, basis)?;
        }
        self.order_fields = fields;
        self.units = scene.common.units(session, basis)?;
        self.money = scene.common.money(session, basis)?;
        self.services = scene.common.services(session, basis)?;
        basis.add(&unusual_bottles(scene.catalog));
        if let Some(settings) = &self.kind.settings {
            self.shops = Shops::read(session, settings, basis)?;
        }
        Ok(())
    }

    fn begin_page(&mut self, scene: &Scene<'_>, page: &[Row<'_>]) -> Result<(), Failure> {
        if !page.is_empty() {
            self.services.learn(scene.session)?;
        }
        self.read_orders_of(scene, page)
    }

    fn read_row(
        &mut self,
        scene: &Scene<'_>,
        record: Record<'_>,
        (id, key): (u64, &str),
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let kind = self.kind;
        let order = order_of(&self.orders, record, kind.order_field)?;
        let product = if let (None, Some(none)) = (record.link("product_id")?, kind.no_product) {
            none.clone_into(&mut self.product_key);
            None
        } else {
            let product = record.required_link("product_id")?.id;
            set_key(&mut self.product_key, KEY_PREFIX, product);
            Some(product)
        };
        let quantity = record.required_decimal(kind.quantity)?;
        let unit = match scene.fields.first_of(kind.units) {
            Some(field) => record.link(field)?,
            None => None,
        };
        let unit_id = unit.as_ref().map(|unit| unit.id);
        let mut bottles =
            self.units
                .bottles(quantity, unit_id, &self.product_key, scene.catalog)?;
        let is_wine = product.is_some_and(|product| {
            !self.shops.no_bottles.contains(&product) && !self.services.contains(product)
        });
        if !is_wine {
            bottles.equivalents = Decimal::ZERO;
        } else if !bottles.is_unit_known {
            let label = unit.as_ref().map(Link::label).unwrap_or_default();
            self.remarks.add(Remark::UnknownUnit, id, &label);
        }
        let figures = Figures::read(kind, record, quantity, order, &self.money)?;
        let (mut quantity, mut bottles) = (quantity, bottles.equivalents);
        if order.is_refund {
            let too_large = || record.refuse(kind.quantity, "dépasse mille milliards");
            quantity = negated(quantity).ok_or_else(too_large)?;
            bottles = negated(bottles).ok_or_else(too_large)?;
        }
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
                quantity_bottles_75cl_eq: bottles,
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
