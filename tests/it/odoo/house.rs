//! A small Odoo written by hand, where a test wants to choose every row: few fields, no shop, no mailing.
//!
//! Each row was written on a day of its own, long ago: what is read anew is what was written anew.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::domain::Evaluation;
use super::exchange::{Request, Response};
use super::fault::odoo_error;

/// When a row was last written: the later the higher its number.
pub fn written(id: u64) -> String {
    let days = i64::try_from(id).unwrap();
    let day = civil::date(2019, 1, 1) + days.days();
    format!("{day} 10:00:00")
}

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
    /// Rows of other models; in place of the usual ones where the house has some.
    pub more: BTreeMap<&'static str, Vec<Value>>,
    /// More fields of the models.
    pub more_fields: Vec<(&'static str, &'static str)>,
    /// Whether the user sees no sales but his own.
    pub sees_own_only: bool,
    /// Models whose applications are not installed.
    pub gone: Vec<&'static str>,
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
            more: BTreeMap::new(),
            more_fields: Vec::new(),
            sees_own_only: false,
            gone: Vec::new(),
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
            other => self
                .more
                .get_mut(other)
                .unwrap_or_else(|| panic!("no rows of {other}")),
        }
    }

    /// None for a question that it does not understand.
    pub fn answer(&self, request: &Request) -> Option<Response> {
        let call = request.call()?;
        let Some(fields) = self.fields(&call.model) else {
            return Some(self.not_installed(&call.model));
        };
        let answer = match call.method.as_str() {
            "context_get" => json!({"lang": "fr_FR", "tz": "Europe/Paris", "uid": 2}),
            "fields_get" => described(&fields),
            "has_group" => {
                let group = call.arguments.get("group_ext_id")?;
                json!(group == "sales_team.group_sale_salesman" || !self.sees_own_only)
            }
            "search_count" => json!(self.found(&call)?.len()),
            "read_group" | "formatted_read_group" => json!(self.groups(&call)?),
            "search" => self
                .found(&call)?
                .iter()
                .map(|row| row["id"].clone())
                .collect(),
            "search_read" => json!(as_asked(self.found(&call)?, &call.fields())),
            _ => return None,
        };
        let empty = if self.rpc {
            json!({"jsonrpc": "2.0"})
        } else {
            Value::Null
        };
        Some(Response::json(empty).with_result(self.rpc, answer))
    }

    /// The fields of a model; None where it is not there.
    fn fields(&self, model: &str) -> Option<Vec<String>> {
        let usual = FIELDS.iter().find(|(name, _)| *name == model);
        let more = self.more.get(model);
        if self.gone.contains(&model) || (usual.is_none() && more.is_none()) {
            return None;
        }
        let usual = usual.map_or(&[][..], |(_, fields)| fields);
        let added = self.more_fields.iter().filter(|(name, _)| *name == model);
        let of_rows = more.into_iter().flatten().filter_map(Value::as_object);
        let fields = usual.iter().chain(added.map(|(_, field)| field));
        let fields = fields.map(|field| (*field).to_owned());
        Some(
            fields
                .chain(of_rows.flat_map(|row| row.keys().cloned()))
                .collect(),
        )
    }

    /// The rows that a question is for; None where it cannot be understood.
    fn found(&self, call: &Call) -> Option<Vec<Value>> {
        let evaluation = Evaluation::of(self);
        let mut rows = Vec::new();
        for row in self.all(&call.model) {
            if evaluation.holds(&call.model, &row, call.domain())? {
                rows.push(row);
            }
        }
        match call.order() {
            Some("write_date desc") => rows.sort_by_key(|row| row["write_date"].to_string()),
            _ => rows.sort_by_key(|row| std::cmp::Reverse(row["id"].as_u64())),
        }
        rows.reverse();
        let limit = call.limit().unwrap_or(u64::MAX);
        rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Some(rows)
    }

    /// The rows that a question is for, counted and summed up by one field or none, as either version answers.
    fn groups(&self, call: &Call) -> Option<Vec<Value>> {
        let argument = |name: &str| call.arguments.get(name);
        let summed = argument("aggregates").or_else(|| argument("fields"))?;
        let mut summed = summed.as_array()?.iter().filter_map(Value::as_str);
        let (field, _) = summed.next_back()?.split_once(':')?;
        let by = argument("groupby")?.as_array()?.first();
        let by = by.and_then(Value::as_str);
        let mut groups: Vec<(Value, u64, f64)> = match by {
            Some(_) => Vec::new(),
            None => vec![(Value::Null, 0, 0.0)],
        };
        for row in self.found(call)? {
            let key = by.map_or(Value::Null, |by| row[by].clone());
            let at = groups.iter().position(|(known, ..)| *known == key);
            let at = at.unwrap_or_else(|| {
                groups.push((key, 0, 0.0));
                groups.len() - 1
            });
            groups[at].1 += 1;
            groups[at].2 += row[field].as_f64().unwrap_or_default();
        }
        let groups = groups.into_iter().map(|(key, rows, sum)| {
            let sum = if rows == 0 { json!(false) } else { json!(sum) };
            let name = if self.rpc {
                field.to_owned()
            } else {
                format!("{field}:sum")
            };
            let mut group = json!({"__count": rows, name: sum});
            if let Some(by) = by {
                group[by] = key;
            }
            group
        });
        Some(groups.collect())
    }

    /// Every row of a model, with what it is found by.
    pub fn all(&self, model: &str) -> Vec<Value> {
        if let Some(rows) = self.more.get(model) {
            return rows.clone();
        }
        let rows = match model {
            "res.users" => json!([{"id": 2, "login": self.login, "company_id": [1, self.company]}]),
            "res.country" => json!([{"id": 75, "code": "FR"}]),
            "res.company" => {
                json!([{"id": 1, "name": self.company, "currency_id": [1, self.currency]}])
            }
            "res.currency" => json!([{"id": 1, "name": "EUR"}]),
            "res.currency.rate" => self.rates(),
            "uom.uom" => {
                json!([{"id": 1, "name": "Unité(s)", "factor": 1.0, "relative_uom_id": false}])
            }
            "product.template" | "product.attribute.value" => {
                json!([{"id": 1, "name": "Riesling", "write_date": written(1)}])
            }
            "stock.location" => self.places(),
            "product.category" | "product.template.attribute.value" => json!([]),
            other => return self.clone().rows(other).clone(),
        };
        rows.as_array().unwrap().clone()
    }

    fn places(&self) -> Value {
        let places = self.quants.iter().map(|quant| &quant["location_id"][0]);
        places
            .map(|id| json!({"id": id, "usage": "internal"}))
            .collect()
    }

    fn rates(&self) -> Value {
        let rates = self.euro_rates.iter().zip(1..);
        let rates = rates.map(|((day, rate), id)| {
            json!({"id": id, "name": day, "company_rate": rate, "company_id": false,
                "currency_id": [1, "EUR"]})
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

fn described(fields: &[String]) -> Value {
    let fields = fields
        .iter()
        .map(|field| (field.clone(), json!({"type": "char"})));
    Value::Object(fields.collect::<Map<_, _>>())
}

/// Nothing but the fields that were asked for.
fn as_asked(mut rows: Vec<Value>, fields: &[&str]) -> Vec<Value> {
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        row.retain(|field, _| field == "id" || fields.contains(&field.as_str()));
    }
    rows
}

pub fn partner(id: u64) -> Value {
    json!({"id": id, "name": format!("Client {id}"), "email": format!("c{id}@exemple.fr"),
        "is_company": false, "parent_id": false, "active": true, "write_date": written(id),
        "customer_rank": 1, "company_id": [1, "Domaine"]})
}

pub fn product(id: u64) -> Value {
    json!({"id": id, "name": "Riesling 2020 75 cl", "active": true, "company_id": [1, "Domaine"],
        "list_price": 10.0, "standard_price": 4.0, "write_date": written(id), "sale_ok": true, "type": "consu",
        "product_tmpl_id": [1, "Riesling"], "product_template_attribute_value_ids": []})
}

/// The order of the customer with the same number.
pub fn order(id: u64) -> Value {
    json!({"id": id, "name": format!("S{id:05}"), "date_order": "2026-03-02 10:00:00", "currency_rate": 1.0,
        "partner_id": [id, format!("Client {id}")], "company_id": [1, "Domaine"], "write_date": written(id)})
}

/// The line of the order with the same number.
pub fn line(id: u64) -> Value {
    json!({"id": id, "order_id": [id, format!("S{id:05}")], "product_id": [1, "Riesling 2020 75 cl"],
        "product_uom_id": [1, "Unité(s)"], "product_uom_qty": 6.0,
        "price_unit": 10.0, "price_total": 60.0, "price_subtotal": 50.0, "write_date": written(id),
        "company_id": [1, "Domaine"], "state": "sale", "display_type": false})
}

pub fn quant(id: u64) -> Value {
    json!({"id": id, "product_id": [1, "Riesling 2020 75 cl"], "location_id": [8, "WH/Stock"],
        "product_uom_id": [1, "Unité(s)"], "quantity": 120.0, "company_id": [1, "Domaine"]})
}
