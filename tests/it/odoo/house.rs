//! A small Odoo written by hand, where a test wants to choose every row: few fields, no shop, no mailing.
//!
//! It understands of a domain what a test needs: where a page begins, which numbers are named, and that a question for
//! what changed is one.

use serde_json::{Map, Value, json};

use super::call::{Call, is_after};
use super::exchange::{Request, Response};
use super::fault::odoo_error;

/// When every row was last written.
const WRITTEN: &str = "2026-11-20 10:00:00";

/// The fields of each model that is there.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "res.partner",
        &[
            "active",
            "customer_rank",
            "email",
            "is_company",
            "name",
            "parent_id",
        ],
    ),
    (
        "product.product",
        &[
            "active",
            "company_id",
            "list_price",
            "name",
            "standard_price",
        ],
    ),
    (
        "sale.order.line",
        &[
            "order_id",
            "price_subtotal",
            "price_total",
            "price_unit",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
        ],
    ),
    (
        "sale.order",
        &[
            "company_id",
            "currency_rate",
            "date_order",
            "name",
            "partner_id",
        ],
    ),
    (
        "stock.quant",
        &["location_id", "product_id", "product_uom_id", "quantity"],
    ),
    ("res.users", &[]),
    ("res.country", &["code"]),
    ("res.company", &["currency_id", "name"]),
    ("res.currency.rate", &["company_id", "company_rate", "name"]),
    ("uom.uom", &["factor", "name", "relative_uom_id"]),
    ("product.category", &["complete_name"]),
    ("product.template", &["name"]),
    ("product.attribute.value", &["name"]),
    ("product.template.attribute.value", &["name"]),
];

/// The rows of the server.
#[derive(Clone, Debug)]
pub struct House {
    /// Whether it speaks JSON-RPC, as Odoo 18 does.
    pub rpc: bool,
    pub login: &'static str,
    pub company: &'static str,
    /// The currency of its one company, and the rates of the euro: day, and euros for one unit of that currency.
    pub currency: &'static str,
    pub euro_rates: Vec<(&'static str, f64)>,
    pub partners: Vec<Value>,
    pub products: Vec<Value>,
    pub orders: Vec<Value>,
    pub lines: Vec<Value>,
    pub quants: Vec<Value>,
}

impl House {
    /// So many customers; one order each, of one line: six bottles at 10 €, taxes included.
    pub fn of(customers: u64) -> Self {
        let rows = |row: fn(u64) -> Value| (1..=customers).map(row).collect();
        Self {
            rpc: false,
            login: "crm",
            company: "Domaine",
            currency: "EUR",
            euro_rates: Vec::new(),
            partners: rows(partner),
            products: vec![product(1)],
            orders: rows(order),
            lines: rows(line),
            quants: vec![quant(1)],
        }
    }

    /// The same by JSON-RPC.
    #[must_use]
    pub fn by_rpc(mut self) -> Self {
        self.rpc = true;
        self
    }

    /// The rows of a model.
    pub fn rows(&mut self, model: &str) -> &mut Vec<Value> {
        match model {
            "res.partner" => &mut self.partners,
            "product.product" => &mut self.products,
            "sale.order" => &mut self.orders,
            "sale.order.line" => &mut self.lines,
            "stock.quant" => &mut self.quants,
            other => panic!("no rows of {other}"),
        }
    }

    /// None for a question that it does not understand.
    pub fn answer(&self, request: &Request) -> Option<Response> {
        let call = request.call()?;
        let Some((_, fields)) = FIELDS.iter().find(|(model, _)| *model == call.model) else {
            return Some(self.not_installed(&call.model));
        };
        let answer = match call.method.as_str() {
            "context_get" => json!({"lang": "fr_FR", "tz": "Europe/Paris", "uid": 2}),
            "fields_get" => described(fields),
            "search_count" => json!(self.found(&call).len()),
            "search" => self
                .found(&call)
                .iter()
                .map(|row| row["id"].clone())
                .collect(),
            "search_read" => json!(self.found(&call)),
            _ => return None,
        };
        let empty = if self.rpc {
            json!({"jsonrpc": "2.0"})
        } else {
            Value::Null
        };
        Some(Response::json(empty).with_result(self.rpc, answer))
    }

    /// The rows that a question is for.
    fn found(&self, call: &Call) -> Vec<Value> {
        let mut rows = self.all(&call.model);
        // Nothing ever changes between two syncs but what is there, and no line is a service.
        let conditions = call.domain().iter();
        let asks = |field: &str, operator: &str| {
            conditions.clone().any(|term| {
                let named = term[0].as_str().is_some_and(|name| name.ends_with(field));
                named && term[1] == operator
            })
        };
        if asks("write_date", ">=") || asks("product_id.type", "=") {
            rows.clear();
        }
        let after = call.domain().iter().rev().find(|term| is_after(term));
        let after = after.and_then(|term| term[2].as_u64()).unwrap_or(0);
        let named = call
            .domain()
            .iter()
            .find(|term| term[0] == "id" && term[1] == "in");
        rows.retain(|row| {
            let id = row["id"].as_u64();
            let is_named =
                named.is_none_or(|term| term[2].as_array().unwrap().contains(&row["id"]));
            id.is_none_or(|id| id > after) && is_named
        });
        let limit = call.limit().unwrap_or(u64::MAX);
        rows.truncate(usize::try_from(limit).unwrap());
        rows
    }

    fn all(&self, model: &str) -> Vec<Value> {
        let written = || json!([{"id": 1, "name": "Riesling", "write_date": WRITTEN}]);
        let rows = match model {
            "res.users" => json!([{"id": 2, "login": self.login, "company_id": [1, self.company]}]),
            "res.country" => json!([{"id": 75, "code": "FR"}]),
            "res.company" => {
                json!([{"id": 1, "name": self.company, "currency_id": [1, self.currency]}])
            }
            "res.currency.rate" => self.rates(),
            "uom.uom" => {
                json!([{"id": 1, "name": "Unité(s)", "factor": 1.0, "relative_uom_id": false}])
            }
            "product.template" | "product.attribute.value" => written(),
            "product.category" | "product.template.attribute.value" => json!([]),
            other => return self.clone().rows(other).clone(),
        };
        rows.as_array().unwrap().clone()
    }

    fn rates(&self) -> Value {
        let rates = self.euro_rates.iter().zip(1..);
        let rates = rates.map(|((day, rate), id)| {
            json!({"id": id, "name": day, "company_rate": rate, "company_id": false})
        });
        rates.collect()
    }

    fn not_installed(&self, model: &str) -> Response {
        let (name, words) = if self.rpc {
            ("builtins.KeyError", format!("Object {model} doesn't exist"))
        } else {
            let words = format!("the model '{model}' does not exist");
            ("werkzeug.exceptions.NotFound", words)
        };
        let reply = odoo_error(self.rpc, name, &words);
        Response {
            status: reply.status,
            content_type: "application/json".to_owned(),
            body: serde_json::from_slice(&reply.body).unwrap(),
        }
    }
}

fn described(fields: &[&str]) -> Value {
    let fields = fields
        .iter()
        .map(|field| ((*field).to_owned(), json!({"type": "char"})));
    Value::Object(fields.collect::<Map<_, _>>())
}

pub fn partner(id: u64) -> Value {
    json!({"id": id, "name": format!("Client {id}"), "email": format!("c{id}@exemple.fr"),
        "is_company": false, "parent_id": false, "active": true, "write_date": WRITTEN})
}

pub fn product(id: u64) -> Value {
    json!({"id": id, "name": "Riesling 2020 75 cl", "active": true, "company_id": [1, "Domaine"],
        "list_price": 10.0, "standard_price": 4.0, "write_date": WRITTEN})
}

/// The order of the customer with the same number.
pub fn order(id: u64) -> Value {
    json!({"id": id, "name": format!("S{id:05}"), "date_order": "2026-03-02 10:00:00", "currency_rate": 1.0,
        "partner_id": [id, format!("Client {id}")], "company_id": [1, "Domaine"], "write_date": WRITTEN})
}

/// The line of the order with the same number.
pub fn line(id: u64) -> Value {
    json!({"id": id, "order_id": [id, format!("S{id:05}")], "product_id": [1, "Riesling 2020 75 cl"],
        "product_uom_id": [1, "Unité(s)"], "product_uom_qty": 6.0,
        "price_unit": 10.0, "price_total": 60.0, "price_subtotal": 50.0, "write_date": WRITTEN})
}

pub fn quant(id: u64) -> Value {
    json!({"id": id, "product_id": [1, "Riesling 2020 75 cl"], "location_id": [8, "WH/Stock"],
        "product_uom_id": [1, "Unité(s)"], "quantity": 120.0})
}
