//! The accounts of a house: invoices and credit notes, with or without orders.

use serde_json::{Value, json};

use super::house::{House, product, written};

/// The number of the product that discounts are.
pub const DISCOUNT: u64 = 21;
/// The number of the product that a delivery is.
pub const DELIVERY: u64 = 22;

/// Fields of the models, for a house that has no such rows yet.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "account.move.line",
        &[
            "amount_currency",
            "balance",
            "currency_id",
            "discount",
            "is_downpayment",
            "move_id",
            "price_subtotal",
            "price_total",
            "price_unit",
            "product_id",
            "product_uom_id",
            "quantity",
            "sale_line_ids",
        ],
    ),
    (
        "account.move",
        &[
            "amount_total",
            "amount_total_signed",
            "company_id",
            "currency_id",
            "date",
            "invoice_date",
            "move_type",
            "name",
            "partner_id",
            "pos_order_ids",
        ],
    ),
    ("sale.order", &["currency_id"]),
];

/// Opens the books, and adds a discount and a delivery to the products.
pub fn open(house: &mut House) {
    for (model, fields) in FIELDS {
        let fields = fields.iter().map(|field| (*model, *field));
        house.more_fields.extend(fields);
    }
    for model in ["account.move", "account.move.line"] {
        house.more.insert(model, Vec::new());
    }
    for (id, name) in [(DISCOUNT, "Remise"), (DELIVERY, "Livraison")] {
        let mut row = product(id);
        (row["name"], row["type"]) = (json!(name), json!("service"));
        house.products.push(row);
    }
    for order in &mut house.orders {
        order["currency_id"] = json!([1, "EUR"]);
    }
    for line in &mut house.lines {
        line["invoice_lines"] = json!([]);
        line["currency_id"] = json!([1, "EUR"]);
    }
}

/// A line of an invoice: the line of an order it belongs to, its product, quantity and total.
pub type Line = (Option<u64>, Option<u64>, f64, f64);

/// Books a document of the first customer: its number, `out_invoice` or another type, its day, and its lines, which get
/// the numbers after ten times its own. Returns the numbers of the lines.
pub fn book(house: &mut House, id: u64, kind: &str, day: &str, lines: &[Line]) -> Vec<u64> {
    let total: f64 = lines.iter().map(|line| line.3).sum();
    let sign = if kind == "out_refund" { -1.0 } else { 1.0 };
    let name = if sign < 0.0 { "RINV" } else { "INV" };
    house.rows("account.move").push(json!({
        "id": id, "name": format!("{name}/{id}"), "move_type": kind, "invoice_date": day, "date": day,
        "partner_id": [1, "Client 1"], "company_id": [1, "Domaine"], "currency_id": [1, "EUR"],
        "amount_total": total, "amount_total_signed": sign * total, "pos_order_ids": [],
        "write_date": written(id),
    }));
    let mut ids = Vec::new();
    for (line, number) in lines.iter().zip(10 * id..) {
        book_line(house, number, id, (line, sign));
        ids.push(number);
    }
    ids
}

fn book_line(house: &mut House, id: u64, document: u64, (line, sign): (&Line, f64)) {
    let &(order_line, product, quantity, total) = line;
    let product = product.map_or(json!(false), |id| json!([id, format!("Produit {id}")]));
    let linked: Vec<u64> = order_line.into_iter().collect();
    house.rows("account.move.line").push(json!({
        "id": id, "move_id": [document, "INV"], "parent_state": "posted", "display_type": "product",
        "product_id": product, "product_uom_id": [1, "Unité(s)"], "quantity": quantity,
        "price_unit": total / quantity, "price_total": total, "price_subtotal": total, "discount": 0.0,
        "balance": -sign * total, "amount_currency": -sign * total, "is_downpayment": false,
        "currency_id": [1, "EUR"], "company_currency_id": [1, "EUR"], "company_id": [1, "Domaine"],
        "sale_line_ids": linked, "write_date": written(document),
    }));
    let order_line = order_line.and_then(|id| house.lines.iter_mut().find(|row| row["id"] == id));
    if let Some(linked) = order_line.and_then(|row| row["invoice_lines"].as_array_mut()) {
        linked.push(json!(id));
    }
}

/// Adds a line to the first order.
pub fn order_line(house: &mut House, id: u64, product: u64, quantity: f64, total: f64) {
    let mut row = house.lines[0].clone();
    row["id"] = json!(id);
    row["product_id"] = json!([product, "Produit"]);
    row["product_uom_qty"] = json!(quantity);
    row["price_unit"] = json!(total / quantity);
    (row["price_total"], row["price_subtotal"]) = (json!(total), json!(total));
    (row["write_date"], row["invoice_lines"]) = (json!(written(id)), json!([]));
    house.lines.push(row);
}

/// Resets a document to draft, as of a day.
pub fn to_draft(house: &mut House, document: u64, at: &str) {
    for row in house.rows("account.move.line") {
        if row["move_id"][0] == document {
            (row["parent_state"], row["write_date"]) = (Value::from("draft"), json!(at));
        }
    }
}
