//! A small Odoo written by hand, where a test wants to choose every row: few fields, no shop, no mailing.
//!
//! It answers what a first sync asks and, once it was synced, what the next one asks.

use serde_json::{Map, Value, json};

use super::exchange::{Exchange, PLACEHOLDER, Response};
use super::fault::odoo_error;

/// When every row was last written, and where the next sync begins to read.
const WRITTEN: &str = "2026-11-20 10:00:00";
const SINCE: &str = "2026-11-20 09:50:00";

/// A model: its fields in the order of the alphabet, what is read of it, and what tells that a row moved.
struct Shape {
    model: &'static str,
    fields: &'static [&'static str],
    moves: &'static [&'static str],
}

const PARTNER: Shape = Shape {
    model: "res.partner",
    fields: &["active", "email", "is_company", "name", "parent_id"],
    moves: &["write_date", "parent_id.write_date"],
};
const PRODUCT: Shape = Shape {
    model: "product.product",
    fields: &[
        "active",
        "company_id",
        "list_price",
        "name",
        "standard_price",
    ],
    moves: &[
        "write_date",
        "product_tmpl_id.write_date",
        "product_template_attribute_value_ids.product_attribute_value_id.write_date",
    ],
};
const LINE: Shape = Shape {
    model: "sale.order.line",
    fields: &[
        "order_id",
        "price_subtotal",
        "price_total",
        "price_unit",
        "product_id",
        "product_uom_id",
        "product_uom_qty",
    ],
    moves: &[
        "write_date",
        "order_id.write_date",
        "order_id.partner_id.write_date",
        "product_id.write_date",
        "product_id.product_tmpl_id.write_date",
        "product_id.product_template_attribute_value_ids.product_attribute_value_id.write_date",
    ],
};
const ORDER: Shape = Shape {
    model: "sale.order",
    fields: &[
        "company_id",
        "currency_rate",
        "date_order",
        "name",
        "partner_id",
    ],
    moves: &[],
};
const QUANT: Shape = Shape {
    model: "stock.quant",
    fields: &["location_id", "product_id", "product_uom_id", "quantity"],
    moves: &[],
};

/// The rows of the server. Each may be changed before it is asked.
#[derive(Clone)]
pub struct House {
    /// Whether it speaks JSON-RPC, as Odoo 18 does.
    pub rpc: bool,
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

    /// What a first sync asks, and what it is answered.
    pub fn exchanges(&self) -> Vec<Exchange> {
        let mut told = self.beginning();
        for (shape, domain, rows) in self.tables() {
            self.newest(&mut told, shape, &domain);
            self.page(&mut told, shape, &domain, rows);
        }
        let services = [of_lines(), vec![json!(["product_id.type", "=", "service"])]].concat();
        told.push(self.call(
            LINE.model,
            "search_count",
            json!({"domain": services}),
            json!(0),
        ));
        told
    }

    /// What the next sync asks: nothing changed, and these numbers are there.
    pub fn exchanges_of_a_second_sync(&self) -> Vec<Exchange> {
        let mut told = self.beginning();
        for (shape, domain, rows) in self.tables() {
            self.newest(&mut told, shape, &domain);
            if shape.moves.is_empty() {
                self.page(&mut told, shape, &domain, rows);
                continue;
            }
            let changed = [domain.clone(), any_since(shape.moves)].concat();
            self.page(&mut told, shape, &changed, &[]);
            let ids: Vec<_> = rows.iter().map(|row| row["id"].clone()).collect();
            let sweep = json!({"domain": above_zero(&domain), "order": "id", "limit": 10_000});
            told.push(self.call(shape.model, "search", sweep, json!(ids)));
        }
        let services = json!(["product_id.type", "=", "service"]);
        let services = [of_lines(), vec![services], any_since(&["write_date"])].concat();
        told.push(self.call(
            LINE.model,
            "search_count",
            json!({"domain": services}),
            json!(0),
        ));
        told
    }

    fn tables(&self) -> [(&'static Shape, Vec<Value>, &[Value]); 4] {
        let buyers = vec![json!(["customer_rank", ">", 0])];
        let sold = vec![
            json!(["sale_ok", "=", true]),
            json!(["type", "!=", "service"]),
        ];
        let goods = [
            of_lines(),
            vec![json!(["product_id.type", "!=", "service"])],
        ]
        .concat();
        let inside = vec![json!(["location_id.usage", "=", "internal"])];
        [
            (&PARTNER, buyers, &self.partners),
            (&PRODUCT, sold, &self.products),
            (&LINE, goods, &self.lines),
            (&QUANT, inside, &self.quants),
        ]
    }

    /// The doorstep, the fields of every model, and the small tables that the others lean on.
    fn beginning(&self) -> Vec<Exchange> {
        let mut told = self.doorstep();
        for shape in [PARTNER, PRODUCT, LINE, ORDER, QUANT] {
            let more: &[&str] = if shape.model == PARTNER.model {
                &["customer_rank"]
            } else {
                &[]
            };
            told.push(self.fields(shape.model, &[shape.fields, more].concat()));
        }
        for model in ["pos.order.line", "mailing.trace"] {
            told.push(self.not_installed(model));
        }
        let money = self.currency;
        let company = json!([{"id": 1, "name": "Domaine", "currency_id": [1, money]}]);
        let unit = json!([{"id": 1, "name": "Unité(s)", "factor": 1.0, "relative_uom_id": false}]);
        self.whole(
            &mut told,
            "res.country",
            &["code"],
            json!([{"id": 75, "code": "FR"}]),
        );
        self.whole(
            &mut told,
            "product.template.attribute.value",
            &["name"],
            json!([]),
        );
        self.whole(&mut told, "product.category", &["complete_name"], json!([]));
        self.whole(&mut told, "res.company", &["currency_id", "name"], company);
        self.whole(
            &mut told,
            "uom.uom",
            &["factor", "name", "relative_uom_id"],
            unit,
        );
        self.rates(&mut told);
        self.orders(&mut told);
        told
    }

    fn doorstep(&self) -> Vec<Exchange> {
        let mut told = if self.rpc {
            super::site::doorstep_18()
        } else {
            Vec::new()
        };
        if !self.rpc {
            told.push(Exchange::page("/web/version", json!({"version": "19.0"})));
        }
        let context = json!({"lang": "fr_FR", "tz": "Europe/Paris", "uid": 2});
        told.push(self.ask("res.users", "context_get", json!({"context": {}}), context));
        let asked =
            json!({"domain": [["id", "=", 2]], "fields": ["login", "company_id"], "limit": 1});
        let user = json!([{"id": 2, "login": "crm", "company_id": [1, "Domaine"]}]);
        told.push(self.call("res.users", "search_read", asked, user));
        told
    }

    fn rates(&self, told: &mut Vec<Exchange>) {
        let fields = &["company_id", "company_rate", "name"];
        told.push(self.fields("res.currency.rate", fields));
        let rates = self.euro_rates.iter().zip(1..).map(|((day, rate), id)| {
            json!({"id": id, "name": day, "company_rate": rate, "company_id": false})
        });
        let domain = [json!(["currency_id.name", "=", "EUR"])];
        let rates: Vec<_> = rates.collect();
        self.rows(told, "res.currency.rate", fields, &domain, &rates);
    }

    fn orders(&self, told: &mut Vec<Exchange>) {
        let ids: Vec<_> = self.orders.iter().map(|row| row["id"].clone()).collect();
        let domain = [json!(["id", "in", ids])];
        self.page(told, &ORDER, &domain, &self.orders);
    }

    fn newest(&self, told: &mut Vec<Exchange>, shape: &Shape, domain: &[Value]) {
        let asked = json!({"domain": domain, "fields": ["write_date"], "order": "write_date desc", "limit": 1});
        told.push(self.call(
            shape.model,
            "search_read",
            asked,
            json!([{"id": 1, "write_date": WRITTEN}]),
        ));
    }

    fn whole(&self, told: &mut Vec<Exchange>, model: &str, fields: &[&str], rows: Value) {
        told.push(self.fields(model, fields));
        self.rows(told, model, fields, &[], rows.as_array().unwrap());
    }

    fn page(&self, told: &mut Vec<Exchange>, shape: &Shape, domain: &[Value], rows: &[Value]) {
        self.rows(told, shape.model, shape.fields, domain, rows);
    }

    /// All rows in one answer: smaller pages are cut from it.
    fn rows(
        &self,
        told: &mut Vec<Exchange>,
        model: &str,
        fields: &[&str],
        domain: &[Value],
        rows: &[Value],
    ) {
        let limit = 1_000_000;
        let asked =
            json!({"domain": above_zero(domain), "fields": fields, "order": "id", "limit": limit});
        told.push(self.call(model, "search_read", asked, json!(rows)));
    }

    fn fields(&self, model: &str, fields: &[&str]) -> Exchange {
        let fields = fields
            .iter()
            .map(|field| ((*field).to_owned(), json!({"type": "char"})));
        let fields: Map<String, Value> = fields.collect();
        self.call(
            model,
            "fields_get",
            json!({"attributes": ["type"]}),
            Value::Object(fields),
        )
    }

    fn not_installed(&self, model: &str) -> Exchange {
        let mut exchange = self.fields(model, &[]);
        let (name, words) = if self.rpc {
            ("builtins.KeyError", format!("Object {model} doesn't exist"))
        } else {
            (
                "werkzeug.exceptions.NotFound",
                format!("the model '{model}' does not exist"),
            )
        };
        let reply = odoo_error(self.rpc, name, &words);
        exchange.response = Response {
            status: reply.status,
            content_type: "application/json".to_owned(),
            body: serde_json::from_slice(&reply.body).unwrap(),
        };
        exchange
    }

    /// A call that says, as all but the first do, in which language it wants its answer.
    fn call(&self, model: &str, method: &str, mut arguments: Value, result: Value) -> Exchange {
        arguments["context"] = json!({"active_test": false, "lang": "fr_FR"});
        self.ask(model, method, arguments, result)
    }

    fn ask(&self, model: &str, method: &str, arguments: Value, result: Value) -> Exchange {
        if self.rpc {
            let args = json!(["cave", 2, PLACEHOLDER, model, method, [], arguments]);
            Exchange::rpc("object", "execute_kw", args, result)
        } else {
            Exchange::json2("cave", (model, method), arguments, result)
        }
    }
}

fn of_lines() -> Vec<Value> {
    vec![
        json!(["state", "in", ["sale", "done"]]),
        json!(["display_type", "=", false]),
    ]
}

fn above_zero(domain: &[Value]) -> Value {
    let above = [json!(["id", ">", 0])];
    json!([domain, &above].concat())
}

fn any_since(moves: &[&str]) -> Vec<Value> {
    let bars = (1..moves.len()).map(|_| json!("|"));
    bars.chain(moves.iter().map(|field| json!([field, ">=", SINCE])))
        .collect()
}

pub fn partner(id: u64) -> Value {
    json!({"id": id, "name": format!("Client {id}"), "email": format!("c{id}@exemple.fr"),
        "is_company": false, "parent_id": false, "active": true})
}

pub fn product(id: u64) -> Value {
    json!({"id": id, "name": "Riesling 2020 75 cl", "active": true, "company_id": [1, "Domaine"],
        "list_price": 10.0, "standard_price": 4.0})
}

/// The order of the customer with the same number.
pub fn order(id: u64) -> Value {
    json!({"id": id, "name": format!("S{id:05}"), "date_order": "2026-03-02 10:00:00", "currency_rate": 1.0,
        "partner_id": [id, format!("Client {id}")], "company_id": [1, "Domaine"]})
}

/// The line of the order with the same number.
pub fn line(id: u64) -> Value {
    json!({"id": id, "order_id": [id, format!("S{id:05}")], "product_id": [1, "Riesling 2020 75 cl"],
        "product_uom_id": [1, "Unité(s)"], "product_uom_qty": 6.0,
        "price_unit": 10.0, "price_total": 60.0, "price_subtotal": 50.0})
}

pub fn quant(id: u64) -> Value {
    json!({"id": id, "product_id": [1, "Riesling 2020 75 cl"], "product_uom_id": [1, "Unité(s)"], "location_id": [8, "WH/Stock"], "quantity": 120.0})
}
