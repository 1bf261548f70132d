//! What credit notes took back of orders (`account.move.line`): a line of its own, of the credit note's day, for each line
//! of a credit note that belongs to a line of an order.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::json;

use super::super::{KEY_PREFIX, ModelReader, Part, Refusal, Scene, set_key};
use super::amounts::{Exchange, NO_RATE, margin_percent, rate_of_line};
use super::invoices::{CREDITS, SALE_LINES};
use super::order::Order;
use super::orders::ORDERS;
use super::rate::proportion;
use super::taken_back::{Invoiced, Measures, taken_back};
use super::{SalesReader, order_of, readable_order};
use crate::canonical::Decimal;
use crate::canonical::sale::SaleLine;
use crate::connectors::Sink;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::{Fields, Model};
use crate::connectors::odoo::pages;
use crate::connectors::odoo::record::{Fault, Record};
use crate::connectors::odoo::references::Basis;
use crate::connectors::odoo::row::Row;
use crate::connectors::remarks::Remarks;

/// Lines of invoices and credit notes of one line of an order, by number.
type Documents = Vec<(u64, Result<Invoiced, Fault>)>;

/// The field of a line of an order that holds the cost of one.
const COST: &str = "purchase_price";

/// Reads the lines of credit notes.
pub(super) struct CreditsReader {
    /// Reads orders, and knows units, currencies and services.
    orders: SalesReader,
    /// Reads credit notes and invoices.
    invoices: SalesReader,
    /// The fields of lines of orders.
    sold_fields: Fields,
    /// The lines of orders that the current page takes back.
    sold: HashMap<u64, Result<Sold, Fault>>,
    /// What each line of the current page takes back.
    shares: HashMap<u64, Result<Measures, Fault>>,
    /// Lines that take nothing back.
    empty: HashSet<u64>,
    product_key: String,
    remarks: Remarks,
}

/// A line of an order.
struct Sold {
    order: u64,
    product: u64,
    unit: Option<(u64, String)>,
    measures: Measures,
    /// Of one unit, in the order's currency.
    cost: Option<Decimal>,
}

impl Sold {
    fn read(record: Record<'_>, fields: &Fields) -> Result<Self, Fault> {
        let unit = match fields.first_of(ORDERS.units) {
            Some(field) => record.link(field)?,
            None => None,
        };
        Ok(Self {
            order: record.required_link(ORDERS.order_field)?.id,
            product: record.required_link("product_id")?.id,
            unit: unit.map(|unit| (unit.id, unit.label().into_owned())),
            measures: measures(record, ORDERS.quantity)?,
            cost: record.decimal(COST)?,
        })
    }
}

/// The quantity and amounts of the line in `record`.
fn measures(record: Record<'_>, quantity: &str) -> Result<Measures, Fault> {
    Ok(Measures {
        quantity: record.required_decimal(quantity)?,
        total: record.required_decimal("price_total")?,
        total_excl_tax: record.required_decimal("price_subtotal")?,
    })
}

/// The line of an order that the line of an invoice in `record` belongs to. Odoo makes each for one line of an order.
fn order_line(record: Record<'_>) -> Result<u64, Fault> {
    let lines = record.links(SALE_LINES)?;
    let first = lines.into_iter().min();
    first.ok_or_else(|| record.refuse(SALE_LINES, "ne désigne aucune ligne de commande"))
}

impl CreditsReader {
    pub(super) fn new() -> Self {
        Self {
            orders: SalesReader::new(&ORDERS),
            invoices: SalesReader::new(&CREDITS),
            sold_fields: Fields::default(),
            sold: HashMap::new(),
            shares: HashMap::new(),
            empty: HashSet::new(),
            product_key: String::new(),
            remarks: Remarks::on_records(),
        }
    }

    /// The scene in which lines of orders are read.
    fn sold_scene<'s>(&'s self, scene: &Scene<'s>) -> Scene<'s> {
        Scene {
            fields: &self.sold_fields,
            ..*scene
        }
    }

    /// Reads the lines of orders numbered `ids` that count as sales, and their orders.
    fn read_sold(&mut self, scene: &Scene<'_>, ids: &BTreeSet<u64>) -> Result<(), Failure> {
        self.sold.clear();
        let domain = self.orders.domain(&self.sold_scene(scene));
        let domain = domain.and("id", "in", json!(ids));
        let fields = self.sold_fields.to_value();
        let pages = pages::pages_of_rows(scene.session, ORDERS.line.name, &domain, &fields);
        let mut pages = pages.at_most(ids.len());
        let mut orders = BTreeSet::new();
        while let Some(answer) = pages.next()? {
            let page: Vec<Row<'_>> = answer.read()?;
            pages.go_on(page.iter().map(Row::id))?;
            for row in &page {
                let sold = Sold::read(Record(row), &self.sold_fields);
                orders.extend(sold.as_ref().ok().map(|sold| sold.order));
                self.sold.insert(row.id()?, sold);
            }
        }
        self.orders.read_orders(scene, &orders)
    }

    /// Reads all that was invoiced and credited of the lines of orders numbered `ids`, and shares it out.
    fn share_out(&mut self, scene: &Scene<'_>, ids: &BTreeSet<u64>) -> Result<(), Failure> {
        self.shares.clear();
        let domain = super::invoices::posted(scene, &Fields::default());
        let domain = domain.and(SALE_LINES, "in", json!(ids));
        let fields = scene.fields.to_value();
        let mut pages = pages::pages_of_rows(scene.session, CREDITS.line.name, &domain, &fields);
        let mut by_line: HashMap<u64, Documents> = HashMap::new();
        while let Some(answer) = pages.next()? {
            let page: Vec<Row<'_>> = answer.read()?;
            // One call at a time: the next page is asked for once nothing else is.
            self.invoices.read_orders_of(scene, &page)?;
            pages.go_on(page.iter().map(Row::id))?;
            for row in &page {
                let Ok(line) = order_line(Record(row)) else {
                    continue;
                };
                let id = row.id()?;
                let invoiced = self.invoiced(line, Record(row), id).transpose();
                let lines = by_line.entry(line).or_default();
                lines.extend(invoiced.map(|invoiced| (id, invoiced)));
            }
        }
        for (line, invoiced) in by_line {
            self.share_line(line, invoiced);
        }
        Ok(())
    }

    /// Shares out what was `invoiced` and credited of line `line` of an order, by number. Where one of them cannot be
    /// understood, what any of them takes back is unknown.
    fn share_line(&mut self, line: u64, invoiced: Documents) {
        let Some(Ok(sold)) = self.sold.get(&line) else {
            return;
        };
        let ids: Vec<u64> = invoiced.iter().map(|(id, _)| *id).collect();
        let lines = invoiced
            .into_iter()
            .map(|(id, line)| line.map_err(|fault| (Some(id), fault)));
        let lines: Result<Vec<Invoiced>, _> = lines.collect();
        let shares = lines
            .and_then(|lines| taken_back(&sold.measures, lines).map_err(|fault| (None, fault)));
        match shares {
            Ok(shares) => {
                let shares = shares.into_iter().map(|(id, share)| (id, Ok(share)));
                self.shares.extend(shares);
            }
            Err((unreadable, fault)) => {
                let fault_of = |id| match unreadable {
                    Some(other) if other != id => of_other_line(other, &fault),
                    _ => fault.clone(),
                };
                let faults = ids.into_iter().map(|id| (id, Err(fault_of(id))));
                self.shares.extend(faults);
            }
        }
    }

    /// The line of an invoice in `record`, in the unit and currency of line `line` of an order; `None` where that does not
    /// count.
    fn invoiced(&self, line: u64, record: Record<'_>, id: u64) -> Result<Option<Invoiced>, Fault> {
        let Some(Ok(sold)) = self.sold.get(&line) else {
            return Ok(None);
        };
        let Some(Ok(order)) = self.orders.orders.get(&sold.order) else {
            return Ok(None);
        };
        let document = order_of(&self.invoices.orders, record, CREDITS.order_field)?;
        let written = measures(record, CREDITS.quantity)?;
        let too_large = || Fault::of_row("dépasse mille milliards dans la monnaie de la commande");
        let amount = |amount: Decimal| {
            in_currency_of(order, document, record, amount)?.ok_or_else(too_large)
        };
        let unit = record.link("product_uom_id")?.map(|unit| unit.id);
        let sold_unit = sold.unit.as_ref().map(|(id, _)| *id);
        let quantity = self.orders.units.convert(written.quantity, unit, sold_unit);
        Ok(Some(Invoiced {
            id,
            day: document.day,
            is_refund: document.is_refund,
            measures: Measures {
                quantity: quantity.ok_or_else(too_large)?,
                total: amount(written.total)?,
                total_excl_tax: amount(written.total_excl_tax)?,
            },
        }))
    }
}

/// `fault` of line `other` of an invoice or a credit note, as one of the others of the same line of an order.
fn of_other_line(other: u64, fault: &Fault) -> Fault {
    Fault::of_row(format!(
        "vient d'une ligne de commande dont une autre ligne facturée (n° {other}) est illisible : {}",
        fault.sentence()
    ))
}

/// `amount` of the line in `record`, of `document`, in the currency of `order`; `None` when it does not fit.
fn in_currency_of(
    order: &Order,
    document: &Order,
    record: Record<'_>,
    amount: Decimal,
) -> Result<Option<Decimal>, Fault> {
    if document.currency == order.currency {
        return Ok(Some(amount));
    }
    let rate = match document.rate {
        Some(rate) => rate,
        None => rate_of_line(record)?,
    };
    let own_rate = order.rate.ok_or_else(|| Fault::of_row(NO_RATE))?;
    let in_books = rate.in_books(amount);
    Ok(in_books.and_then(|amount| own_rate.of_books(amount)))
}

impl ModelReader for CreditsReader {
    fn model(&self) -> &'static Model {
        &CREDITS.line
    }

    fn mark(&self) -> &'static str {
        CREDITS.mark
    }

    fn is_possible(&self, fields: &Fields) -> bool {
        fields.has(SALE_LINES)
    }

    fn can_do_without(&self) -> Option<&'static str> {
        Some("les avoirs sur commandes ne sont pas déduits")
    }

    fn domain(&self, scene: &Scene<'_>) -> Domain {
        self.invoices.domain(scene)
    }

    /// What was invoiced and credited of the same line of an order decides too.
    fn parts(&self) -> Vec<Part> {
        let part = |path, model| Part { path, model };
        vec![
            part("move_id", CREDITS.order.name),
            part(SALE_LINES, ORDERS.line.name),
            part("sale_line_ids.order_id", ORDERS.order.name),
            part("sale_line_ids.order_id.partner_id", "res.partner"),
            part("sale_line_ids.invoice_lines", CREDITS.line.name),
            part("sale_line_ids.invoice_lines.move_id", CREDITS.order.name),
        ]
    }

    fn prepare(&mut self, scene: &Scene<'_>, basis: &mut Basis) -> Result<(), Failure> {
        self.sold_fields = ORDERS.line.negotiate(scene.session)?;
        basis.add(&self.sold_fields.to_value());
        let sold_fields = self.sold_fields.clone();
        let sold = Scene {
            fields: &sold_fields,
            ..*scene
        };
        self.orders.prepare(&sold, basis)?;
        self.invoices.prepare(scene, basis)
    }

    fn begin_page(&mut self, scene: &Scene<'_>, page: &[Row<'_>]) -> Result<(), Failure> {
        let ids: BTreeSet<u64> = page
            .iter()
            .filter_map(|row| order_line(Record(row)).ok())
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        self.orders.services.learn(scene.session)?;
        self.read_sold(scene, &ids)?;
        self.share_out(scene, &ids)?;
        self.invoices.read_orders_of(scene, page)
    }

    fn read_row(
        &mut self,
        scene: &Scene<'_>,
        record: Record<'_>,
        (id, key): (u64, &str),
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let sold = match self.sold.get(&order_line(record)?) {
            Some(Ok(sold)) => sold,
            Some(Err(fault)) => return Err(fault.clone().into()),
            // The order was cancelled, or its line counts as nothing.
            None => {
                self.empty.insert(id);
                return Ok(());
            }
        };
        let order = readable_order(&self.orders.orders, sold.order, (record, SALE_LINES))?;
        let share = match self.shares.get(&id) {
            Some(Ok(share)) => *share,
            Some(Err(fault)) => return Err(fault.clone().into()),
            None => Measures::default(),
        };
        if share.are_zero() {
            self.empty.insert(id);
            return Ok(());
        }
        let document = order_of(&self.invoices.orders, record, CREDITS.order_field)?;
        set_key(&mut self.product_key, KEY_PREFIX, sold.product);
        let unit = sold.unit.as_ref();
        let bottles = if self.orders.services.contains(sold.product) {
            Decimal::ZERO
        } else {
            let unit = unit.map(|(id, _)| *id);
            let units = &self.orders.units;
            let key = &self.product_key;
            units
                .bottles(share.quantity, unit, key, scene.catalog)?
                .equivalents
        };
        let exchange = Exchange::of(order, &self.orders.money);
        let euros = |field, amount| exchange.euros(record, field, amount);
        let total = euros("price_total", share.total)?;
        let cost = sold.cost.and_then(|cost| cost.checked_mul(share.quantity));
        let cost = cost.map(|cost| euros(COST, cost)).transpose()?;
        let note = document.reference.as_ref();
        let note = note.map(|reference| format!("Avoir {reference}"));
        sink.row(
            id,
            &SaleLine {
                sale_line_key: key,
                customer_key: &order.customer_key,
                product_key: &self.product_key,
                order_ref: order.reference.as_deref(),
                date_sale: document.day,
                quantity_units: share.quantity,
                unit: unit.map(|(_, label)| label.as_str()),
                quantity_bottles_75cl_eq: bottles,
                price_unit_eur: proportion(total, Decimal::ONE, share.quantity),
                price_total_eur: Some(total),
                price_total_excl_tax_eur: Some(euros("price_subtotal", share.total_excl_tax)?),
                cost_total_eur: cost,
                margin_percent: margin_percent(Some(total), cost),
                channel: order.channel.as_deref(),
                notes: note.as_deref(),
            },
        )?;
        Ok(())
    }

    /// Lines that take nothing back give no row: the server cannot count the others.
    fn is_countable(&self) -> bool {
        false
    }

    fn gives_nothing(&self, id: u64) -> bool {
        self.empty.contains(&id)
    }

    fn prefix(&self) -> &'static str {
        CREDITS.prefix
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}
