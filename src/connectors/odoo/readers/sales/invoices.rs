//! Customer invoices and credit notes (`account.move.line`).

use serde_json::json;

use super::super::{Scene, Sum};
use super::TEAM_FIELD;
use super::kind::{Cost, RateField, Sales};
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::model::{Fields, Model};

/// The lines of orders that a line of an invoice comes from.
pub(super) const SALE_LINES: &str = "sale_line_ids";

/// The type of a credit note.
pub(super) const REFUND: &str = "out_refund";

/// Types of the documents that customers get.
const TYPES: [&str; 3] = ["out_invoice", REFUND, "out_receipt"];

/// The product of lines that have none.
const NO_PRODUCT: &str = "odoo-sans-article";

/// Lines that neither an order nor a shop order counts.
pub(super) static INVOICES_WITHOUT_ORDER: Sales = Sales {
    sold: without_order,
    is_optional: true,
    ..LINES
};

/// All lines.
pub(super) static INVOICES: Sales = LINES;

/// Lines of credit notes that take back a line of an order.
pub(super) static CREDITS: Sales = Sales {
    prefix: "odoo-credit-",
    mark: "account.move.line (avoirs)",
    sold: of_order,
    no_product: None,
    is_optional: true,
    ..LINES
};

const LINES: Sales = Sales {
    line: Model {
        name: "account.move.line",
        application: "Facturation",
        required: &[
            ("move_id", "order_ref"),
            ("quantity", "quantity_units"),
            ("price_unit", "price_unit_eur"),
            ("price_total", "price_total_eur"),
            ("price_subtotal", "price_total_excl_tax_eur"),
            ("amount_currency", "price_total_eur"),
            ("balance", "price_total_eur"),
        ],
        optional: &[
            "currency_id",
            "discount",
            "product_id",
            "product_uom_id",
            SALE_LINES,
        ],
        probed: &["is_downpayment"],
    },
    order: Model {
        name: "account.move",
        application: "Facturation",
        required: &[
            ("invoice_date", "date_sale"),
            ("partner_id", "customer_key"),
            ("move_type", "quantity_units"),
            ("amount_total", "price_total_eur"),
            ("amount_total_signed", "price_total_eur"),
            ("company_id", "price_total_eur"),
        ],
        optional: &["currency_id", "date", "name", TEAM_FIELD],
        probed: &["pos_order_ids"],
    },
    order_field: "move_id",
    dates: &["invoice_date", "date"],
    rate: RateField::Totals,
    prefix: "odoo-inv-",
    mark: "account.move.line",
    quantity: "quantity",
    units: &["product_uom_id"],
    total: "price_total",
    total_excl_tax: "price_subtotal",
    cost: Cost::Unknown,
    channel: TEAM_FIELD,
    anonymous: None,
    no_product: Some(NO_PRODUCT),
    sold: posted,
    sum: Sum {
        field: "balance",
        currency: Some("company_currency_id"),
        usual_currency: "",
        is_debit: true,
    },
    settings: None,
    is_optional: false,
};

/// Posted lines of customer documents; not what was paid in advance.
pub(super) fn posted(scene: &Scene<'_>, _order: &Fields) -> Domain {
    let posted = scene
        .of_company()
        .and("parent_state", "=", "posted")
        .and("move_id.move_type", "in", json!(TYPES))
        .and("display_type", "=", "product");
    if scene.fields.has("is_downpayment") {
        posted.and("is_downpayment", "!=", true)
    } else {
        posted
    }
}

fn without_order(scene: &Scene<'_>, order: &Fields) -> Domain {
    let mut domain = posted(scene, order);
    if scene.fields.has(SALE_LINES) {
        domain = domain.and(SALE_LINES, "=", false);
    }
    if order.has("pos_order_ids") {
        domain = domain.and("move_id.pos_order_ids", "=", false);
    }
    domain
}

fn of_order(scene: &Scene<'_>, order: &Fields) -> Domain {
    posted(scene, order)
        .and("move_id.move_type", "=", REFUND)
        .and(SALE_LINES, "!=", false)
}
