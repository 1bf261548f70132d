//! The sales application (`sale.order.line`).

use serde_json::json;

use super::super::{KEY_PREFIX, Scene, Sum};
use super::TEAM_FIELD;
use super::kind::{Cost, RateField, Sales};
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::model::{Fields, Model};

/// Lines of confirmed orders. Their customer is the order's: `order_partner_id` repeats it.
pub(super) static ORDERS: Sales = Sales {
    line: Model {
        name: "sale.order.line",
        application: "Ventes",
        required: &[
            ("order_id", "order_ref"),
            ("product_id", "product_key"),
            ("product_uom_qty", "quantity_units"),
            ("price_unit", "price_unit_eur"),
            ("price_total", "price_total_eur"),
            ("price_subtotal", "price_total_excl_tax_eur"),
        ],
        // Units: `product_uom` up to 18, `product_uom_id` from 19. Costs: with sale_margin.
        optional: &[
            "discount",
            "product_uom",
            "product_uom_id",
            "purchase_price",
        ],
        probed: &["is_delivery", "is_downpayment"],
    },
    order: Model {
        name: "sale.order",
        application: "Ventes",
        required: &[
            ("date_order", "date_sale"),
            ("partner_id", "customer_key"),
            ("currency_rate", "price_total_eur"),
            ("company_id", "price_total_eur"),
            ("currency_id", "price_total_eur"),
            ("name", "order_ref"),
            (TEAM_FIELD, "channel"),
        ],
        optional: &[],
        probed: &[],
    },
    order_field: "order_id",
    dates: &["date_order"],
    rate: RateField::OfOrder("currency_rate"),
    prefix: KEY_PREFIX,
    mark: "sale.order.line",
    quantity: "product_uom_qty",
    units: &["product_uom_id", "product_uom"],
    total: "price_total",
    total_excl_tax: "price_subtotal",
    cost: Cost::OfOne("purchase_price"),
    channel: TEAM_FIELD,
    anonymous: None,
    no_product: None,
    sold,
    sum: Sum {
        field: "price_total",
        currency: Some("currency_id"),
        usual_currency: "",
        is_debit: false,
    },
    settings: None,
    is_optional: false,
};

/// Orders of these states are sales; up to Odoo 16 `done` is a locked one.
const CONFIRMED: [&str; 2] = ["sale", "done"];

/// Not the titles and notes between the lines, nor what was paid in advance.
fn sold(scene: &Scene<'_>, _order: &Fields) -> Domain {
    let confirmed = scene.of_company().and("state", "in", json!(CONFIRMED));
    let lines = confirmed.and("display_type", "=", false);
    if scene.fields.has("is_downpayment") {
        lines.and("is_downpayment", "=", false)
    } else {
        lines
    }
}
