//! A shop for a house: the Point of Sale, with a customer, a wine, and whatever else is rung up there.

use serde_json::{Value, json};

use super::house::{House, product, written};

/// The models of the Point of Sale.
pub const MODELS: [&str; 3] = ["pos.order.line", "pos.order", "pos.config"];

/// The number of the product that tips are.
pub const TIP: u64 = 2;
/// The number of the product that discounts on a whole ticket are.
pub const DISCOUNT: u64 = 3;
/// The number of a product that is several.
pub const COMBO: u64 = 4;

/// Adds a shop that sold so often a wine: a ticket each, of one line, six bottles at 10 €.
pub fn open(house: &mut House, tickets: u64) {
    for (id, name, kind) in [
        (TIP, "Pourboire", "consu"),
        (DISCOUNT, "Remise", "consu"),
        (COMBO, "Coffret au choix", "combo"),
    ] {
        let mut row = product(id);
        (row["name"], row["type"]) = (json!(name), json!(kind));
        house.products.push(row);
    }
    let config = json!({"id": 1, "name": "Caveau", "tip_product_id": [TIP, "Pourboire"],
        "discount_product_id": [DISCOUNT, "Remise"]});
    house.more.insert("pos.config", vec![config]);
    let ids = 1..=tickets;
    let orders = ids.clone().map(ticket).collect();
    house.more.insert("pos.order", orders);
    let lines = ids.map(|id| line(id, 1, 6.0, 60.0)).collect();
    house.more.insert("pos.order.line", lines);
}

fn ticket(id: u64) -> Value {
    json!({"id": id, "name": format!("Caveau/{id:04}"), "date_order": "2026-03-02 10:00:00", "state": "done",
        "currency_rate": 1.0, "partner_id": [1, "Client 1"], "company_id": [1, "Domaine"],
        "config_id": [1, "Caveau"], "write_date": written(id)})
}

/// A line of the first ticket.
pub fn line(id: u64, product: u64, quantity: f64, total: f64) -> Value {
    json!({"id": id, "order_id": [1, "Caveau/0001"], "product_id": [product, "Produit"], "qty": quantity,
        "product_uom_id": [1, "Unité(s)"], "price_unit": total / quantity, "price_subtotal_incl": total,
        "price_subtotal": total / 1.2, "discount": 0.0,
        "company_id": [1, "Domaine"], "write_date": written(id)})
}
