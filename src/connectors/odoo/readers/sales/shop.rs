//! The Point of Sale (`pos.order.line`).

use serde_json::json;

use super::super::{Scene, Sum};
use super::kind::{Cost, RateField, Sales};
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::model::{Fields, Model};

/// Lines of paid shop orders.
pub(super) static SHOP: Sales = PAID_LINES;

/// Lines of paid shop orders that were not invoiced.
pub(super) static SHOP_WITHOUT_INVOICE: Sales = Sales {
    sold: not_invoiced,
    ..PAID_LINES
};

const PAID_LINES: Sales = Sales {
    line: Model {
        name: "pos.order.line",
        application: "Point de Vente",
        required: &[
            ("order_id", "order_ref"),
            ("product_id", "product_key"),
            ("qty", "quantity_units"),
            ("price_unit", "price_unit_eur"),
            ("price_subtotal_incl", "price_total_eur"),
            ("price_subtotal", "price_total_excl_tax_eur"),
        ],
        optional: &[
            "discount",
            "is_total_cost_computed",
            "product_uom_id",
            "total_cost",
        ],
        // With pos_sale: the order of the sales application that is settled at the counter.
        probed: &["sale_order_origin_id"],
    },
    order: Model {
        name: "pos.order",
        application: "Point de Vente",
        required: &[
            ("date_order", "date_sale"),
            ("partner_id", "customer_key"),
            ("currency_rate", "price_total_eur"),
            ("company_id", "price_total_eur"),
            ("config_id", "channel"),
            ("name", "order_ref"),
        ],
        optional: &[],
        probed: &[],
    },
    order_field: "order_id",
    dates: &["date_order"],
    rate: RateField::OfOrder("currency_rate"),
    // Lines of the shop and lines of orders are numbered apart.
    prefix: "odoo-pos-",
    mark: "pos.order.line",
    quantity: "qty",
    units: &["product_uom_id"],
    total: "price_subtotal_incl",
    total_excl_tax: "price_subtotal",
    cost: Cost::OfLine("total_cost", "is_total_cost_computed"),
    channel: "config_id",
    anonymous: Some("odoo-pos"),
    no_product: None,
    settings: Some(Model {
        name: "pos.config",
        application: "Point de Vente",
        required: &[("name", "channel")],
        optional: NO_BOTTLES,
        probed: &[],
    }),
    sold,
    sum: Sum {
        field: "price_subtotal_incl",
        currency: None,
        usual_currency: "",
        is_debit: false,
    },
    is_optional: false,
};

/// Products of a shop that are amounts: they are sold as goods, and fill no bottle.
pub(super) const NO_BOTTLES: &[&str] = &["discount_product_id", "tip_product_id"];

/// Orders of these states were paid; `invoiced` goes with Odoo 18.
const PAID: [&str; 3] = ["paid", "done", "invoiced"];

fn paid(scene: &Scene<'_>) -> Domain {
    scene.of_company().and("order_id.state", "in", json!(PAID))
}

/// Those that no invoice counts; what settles an order of the sales application at the counter is among them.
fn not_invoiced(scene: &Scene<'_>, _order: &Fields) -> Domain {
    paid(scene).and("order_id.account_move", "=", false)
}

/// Not what settles an order of the sales application: it counts there.
fn sold(scene: &Scene<'_>, _order: &Fields) -> Domain {
    let paid = paid(scene);
    if scene.fields.has("sale_order_origin_id") {
        paid.and("sale_order_origin_id", "=", false)
    } else {
        paid
    }
}
