//! What lines take from the order they belong to.

use jiff::civil::Date;

use super::super::{KEY_PREFIX, Scene};
use super::Sales;
use crate::connectors::odoo::record::{Fault, Ratio, Record};

/// What a line takes from its order.
pub(super) struct Order {
    pub(super) reference: Option<String>,
    pub(super) customer_key: String,
    pub(super) day: Date,
    pub(super) rate: Option<Ratio>,
    pub(super) company: u64,
    pub(super) channel: Option<String>,
}

impl Order {
    /// The order in `record`.
    pub(super) fn read(kind: &Sales, record: Record<'_>, scene: &Scene<'_>) -> Result<Self, Fault> {
        let customer_key = match (record.link("partner_id")?, kind.anonymous) {
            (None, Some(anonymous)) => anonymous.to_owned(),
            _ => format!("{KEY_PREFIX}{}", record.required_link("partner_id")?.id),
        };
        Ok(Self {
            reference: record.text("name")?.map(Into::into),
            customer_key,
            day: record.required_day("date_order", &scene.session.time_zone)?,
            // Odoo writes zero where it knows no rate.
            rate: record
                .ratio("currency_rate")?
                .filter(|rate| !rate.is_zero()),
            company: record.required_link("company_id")?.id,
            channel: record
                .link(kind.channel)?
                .map(|channel| channel.label().into_owned()),
        })
    }
}
