//! What lines take from the order they belong to.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::{KEY_PREFIX, Scene};
use super::invoices::REFUND;
use super::kind::{RateField, Sales};
use super::rate::Rate;
use crate::connectors::odoo::record::{Fault, Record};

/// What a line takes from its order, which may be an invoice.
pub(super) struct Order {
    pub(super) reference: Option<String>,
    pub(super) customer_key: String,
    pub(super) day: Date,
    /// What its currency is worth; `None`: unknown.
    pub(super) rate: Option<Rate>,
    pub(super) currency: Option<u64>,
    pub(super) company: u64,
    pub(super) channel: Option<String>,
    /// Whether its amounts and quantities, written in positive, are given back.
    pub(super) is_refund: bool,
}

impl Order {
    /// The order in `record`. `shops`: what shops are called; the label of one says who works there now.
    pub(super) fn read(
        kind: &Sales,
        record: Record<'_>,
        scene: &Scene<'_>,
        shops: &BTreeMap<u64, String>,
    ) -> Result<Self, Fault> {
        let customer_key = match (record.link("partner_id")?, kind.anonymous) {
            (None, Some(anonymous)) => anonymous.to_owned(),
            _ => format!("{KEY_PREFIX}{}", record.required_link("partner_id")?.id),
        };
        Ok(Self {
            reference: record.text("name")?.map(Into::into),
            customer_key,
            day: day(kind, record, scene)?,
            rate: rate(kind, record)?,
            currency: record.link("currency_id")?.map(|currency| currency.id),
            company: record.required_link("company_id")?.id,
            channel: record.link(kind.channel)?.map(|channel| {
                let shop = shops.get(&channel.id).cloned();
                shop.unwrap_or_else(|| channel.label().into_owned())
            }),
            is_refund: record.text("move_type")?.as_deref() == Some(REFUND),
        })
    }
}

fn day(kind: &Sales, record: Record<'_>, scene: &Scene<'_>) -> Result<Date, Fault> {
    let zone = &scene.session.time_zone;
    for field in kind.dates {
        if let Some(day) = record.day(field, zone)? {
            return Ok(day);
        }
    }
    record.required_day(kind.dates.first().copied().unwrap_or_default(), zone)
}

fn rate(kind: &Sales, record: Record<'_>) -> Result<Option<Rate>, Fault> {
    match kind.rate {
        // Odoo writes zero where it knows no rate.
        RateField::OfOrder(field) => {
            let rate = record.ratio(field)?.filter(|rate| !rate.is_zero());
            Ok(rate.map(Rate::PerUnit))
        }
        RateField::Totals => {
            let total = record.required_decimal("amount_total")?;
            let in_books = record.required_decimal("amount_total_signed")?;
            Ok(Rate::of_totals(total, in_books))
        }
    }
}
