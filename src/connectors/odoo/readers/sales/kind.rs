//! The kinds of sales, and what their models and fields are called.

use serde_json::json;

use super::super::{Scene, Sum};
use crate::connectors::odoo::domain::{Condition, Domain, condition};
use crate::connectors::odoo::model::{Fields, Model};

/// A kind of sales: what its models and fields are called.
pub(super) struct Sales {
    pub(super) line: Model,
    pub(super) order: Model,
    /// The field of a line that points to its order.
    pub(super) order_field: &'static str,
    /// The day of the order: the first field that is set.
    pub(super) dates: &'static [&'static str],
    /// How the order's currency relates to the company's.
    pub(super) rate: RateField,
    /// What begins the keys of its lines.
    pub(super) prefix: &'static str,
    /// Identifies how far its lines were read.
    pub(super) mark: &'static str,
    pub(super) quantity: &'static str,
    /// The first there is.
    pub(super) units: &'static [&'static str],
    pub(super) total: &'static str,
    pub(super) total_excl_tax: &'static str,
    pub(super) cost: Cost,
    /// On the order.
    pub(super) channel: &'static str,
    /// The customer of anonymous sales, where there are any.
    pub(super) anonymous: Option<&'static str>,
    /// The product of lines without one, where there are any.
    pub(super) no_product: Option<&'static str>,
    /// Lines that may be goods; `order`: the fields that the server has of orders.
    pub(super) sold: fn(&Scene<'_>, order: &Fields) -> Domain,
    /// What sums up the lines that give no row.
    pub(super) sum: Sum,
    /// Where its shops are set up, if it has any.
    pub(super) settings: Option<Model>,
    /// Whether the other sales are read without these when the user may not see them.
    pub(super) is_optional: bool,
}

/// Where an order says what its currency is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RateField {
    /// Units of the order's currency for one of the company's.
    OfOrder(&'static str),
    /// Its total in both.
    Totals,
}

/// The field of a line's cost, in the order's currency.
pub(super) enum Cost {
    /// For one unit, in that field.
    OfOne(&'static str),
    /// For the line, in the first field, once the second says so.
    OfLine(&'static str, &'static str),
    /// Nowhere.
    Unknown,
}

impl Sales {
    /// Lines that give rows: goods, discounts, and lines without a product where there are any. A service with a negative
    /// price is a discount, unless its product is among `no_discounts`.
    pub(super) fn goods(&self, scene: &Scene<'_>, order: &Fields, no_discounts: &[u64]) -> Domain {
        let mut goods = vec![
            condition("product_id.type", "not in", json!(["service", "combo"])),
            Condition::All(vec![service(), condition(PRICE, "<", 0)]),
        ];
        if self.no_product.is_some() {
            goods.push(condition("product_id", "=", false));
        }
        let mut domain = (self.sold)(scene, order).and_any(goods);
        if !no_discounts.is_empty() {
            domain = domain.and("product_id", "not in", no_discounts);
        }
        if scene.fields.has(IS_DELIVERY) {
            domain = domain.and(IS_DELIVERY, "!=", true);
        }
        domain
    }

    /// The other lines that were sold: services, deliveries where their application marks them, and combos, which are made
    /// of other lines; without those of `no_discounts`.
    pub(super) fn others(&self, scene: &Scene<'_>, order: &Fields, no_discounts: &[u64]) -> Domain {
        let mut others = vec![
            condition("product_id.type", "=", "combo"),
            Condition::All(vec![service(), condition(PRICE, ">=", 0)]),
        ];
        if scene.fields.has(IS_DELIVERY) {
            others.push(condition(IS_DELIVERY, "=", true));
        }
        let others = (self.sold)(scene, order).and_any(others);
        if no_discounts.is_empty() {
            others
        } else {
            others.and("product_id", "not in", no_discounts)
        }
    }
}

fn service() -> Condition {
    condition("product_id.type", "=", "service")
}

/// The price of one, on every line.
const PRICE: &str = "price_unit";

/// Marks the price of a delivery on a line of an order.
const IS_DELIVERY: &str = "is_delivery";
