//! What a server says where the script does not say otherwise: two rows of each model, as a small estate has them.

use serde_json::{Map, Value, json};

use super::script::Script;

/// An answer that is not yet on its way.
#[derive(Debug)]
pub(super) enum Answer {
    /// With headers beside the usual ones.
    Http {
        status: u16,
        headers: Vec<Vec<u8>>,
        body: Vec<u8>,
    },
    /// Bytes as they stand.
    Raw(Vec<u8>),
}

/// What is asked.
#[derive(Debug)]
struct Call {
    subject: u8,
    model: String,
    method: String,
    arguments: Value,
}

impl Call {
    /// `None`: nothing that the connector should ask.
    fn of(path: &str, body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let common = |subject| Self {
            subject,
            model: String::new(),
            method: String::new(),
            arguments: Value::Null,
        };
        let (model, method, arguments) = if path == "/web/version" {
            return Some(common(b'V'));
        } else if path == "/jsonrpc" {
            let args = &body["params"]["args"];
            match body["params"]["method"].as_str()? {
                "version" => return Some(common(b'V')),
                "authenticate" => return Some(common(b'L')),
                _ => (args[3].as_str()?, args[4].as_str()?, &args[6]),
            }
        } else {
            let (model, method) = path.strip_prefix("/json/2/")?.split_once('/')?;
            (model, method, &body)
        };
        Some(Self {
            subject: match method {
                "context_get" => b'C',
                _ => Script::letter(model),
            },
            model: model.to_owned(),
            method: method.to_owned(),
            arguments: arguments.clone(),
        })
    }

    /// The numbers that are asked for, of so many: by key, and a page of them.
    fn ids(&self, rows: u64) -> Vec<u64> {
        let terms = self.arguments["domain"].as_array();
        let terms = || terms.into_iter().flatten();
        let after = terms().filter(|term| term[0] == "id" && term[1] == ">");
        let after = after.filter_map(|term| term[2].as_u64()).max().unwrap_or(0);
        let among = terms().find(|term| term[0] == "id" && term[1] == "in");
        let limit = self.arguments["limit"].as_u64().unwrap_or(u64::MAX);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let fits = |id: &u64| {
            let among = among.and_then(|term| term[2].as_array());
            among.is_none_or(|ids| ids.contains(&json!(id)))
        };
        (after.saturating_add(1)..=rows)
            .filter(fits)
            .take(limit)
            .collect()
    }
}

/// What `script` answers to a request.
pub(super) fn answer(script: &Script, path: &str, body: &[u8]) -> Answer {
    let call = Call::of(path, body).unwrap_or_else(|| panic!("an odd request: {path}"));
    match script.interruption(call.subject) {
        Some((bytes, true)) => return Answer::Raw(bytes.to_vec()),
        Some((bytes, false)) => return http(bytes),
        None => {}
    }
    if path == "/web/version" && script.is_rpc {
        return http(b"404;Content-Type: text/html Not Found");
    }
    let sign = match call.method.as_str() {
        "search" => b'#',
        "search_count" => b'+',
        "fields_get" => b'?',
        _ => b'=',
    };
    let scripted = script.result(call.subject, sign);
    let result = scripted.map_or_else(
        || usual(script, &call).to_string().into_bytes(),
        <[u8]>::to_vec,
    );
    let body = if path == "/jsonrpc" {
        [
            br#"{"jsonrpc":"2.0","id":null,"result":"#,
            &result[..],
            b"}",
        ]
        .concat()
    } else {
        result
    };
    Answer::Http {
        status: 200,
        headers: Vec::new(),
        body,
    }
}

/// `429;Retry-After: 0 {}`: status, headers, body.
fn http(written: &[u8]) -> Answer {
    let end = written.iter().position(|byte| *byte == b' ');
    // A header has a blank of its own, after its colon.
    let end = match end {
        Some(at) if written[..at].ends_with(b":") => {
            let more = written[at + 1..].iter().position(|byte| *byte == b' ');
            more.map(|more| at + 1 + more)
        }
        end => end,
    };
    let (head, body) = written.split_at(end.unwrap_or(written.len()));
    let mut head = head.split(|byte| *byte == b';');
    let status = std::str::from_utf8(head.next().unwrap_or_default());
    Answer::Http {
        status: status
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(200),
        headers: head.map(<[u8]>::to_vec).collect(),
        body: body.get(1..).unwrap_or_default().to_vec(),
    }
}

fn usual(script: &Script, call: &Call) -> Value {
    match call.subject {
        b'V' if script.is_rpc => return json!({"server_version": "18.0", "protocol_version": 1}),
        b'V' => return json!({"version": "19.0"}),
        b'L' => return json!(2),
        b'C' => return json!({"lang": "fr_FR", "tz": "Europe/Paris", "uid": 2}),
        _ => {}
    }
    let ids = call.ids(script.rows(call.subject));
    match call.method.as_str() {
        "search" => json!(ids),
        "search_count" => json!(ids.len()),
        "fields_get" => fields(script, call),
        _ => ids.iter().map(|&id| row(script, call, id)).collect(),
    }
}

/// Every field that is asked for, but those that the script takes away.
fn fields(script: &Script, call: &Call) -> Value {
    let asked = call.arguments["allfields"].as_array();
    let asked = asked.into_iter().flatten().filter_map(Value::as_str);
    let there = asked.filter(|field| script.has_field(call.subject, field));
    let described = there.map(|field| (field.to_owned(), json!({"type": "char"})));
    Value::Object(described.collect())
}

fn row(script: &Script, call: &Call, id: u64) -> Value {
    let mut row = match usual_row(&call.model, id) {
        Value::Object(row) => row,
        _ => Map::new(),
    };
    row.insert("id".to_owned(), json!(id));
    row.insert("write_date".to_owned(), json!("2025-12-20 10:00:00"));
    script.patch(call.subject, id, &mut row);
    Value::Object(row)
}

fn usual_row(model: &str, id: u64) -> Value {
    match model {
        "res.partner" => {
            json!({"name": "Zoé Martin", "is_company": false, "parent_id": false, "active": true,
            "commercial_company_name": false, "email": "zoe@exemple.fr", "email_normalized": "zoe@exemple.fr",
            "phone": "+33 1 40 20 50 50", "mobile": "06 12 34 56 78", "street": "1 rue du Puits", "street2": false,
            "zip": "68150", "city": "Ribeauvillé", "country_id": [1, "France"]})
        }
        "product.product" => {
            json!({"name": "Riesling 2020", "active": true, "barcode": "3760000000017",
            "categ_id": [1, "Vins blancs"], "company_id": [1, "Domaine"], "default_code": "RIES75",
            "list_price": 12.0, "lst_price": 12.5, "product_template_attribute_value_ids": [1],
            "standard_price": 4.0, "taxes_id": [1], "volume": 0.0})
        }
        "sale.order.line" => json!({"order_id": [id, "S00001"], "product_id": [1, "Riesling 2020"],
            "product_uom_qty": 6.0, "price_unit": 10.0, "price_total": 72.0, "price_subtotal": 60.0,
            "discount": 0.0, "product_uom": [1, "Carton de 6"], "product_uom_id": [1, "Carton de 6"],
            "purchase_price": 4.0}),
        "pos.order.line" => {
            json!({"order_id": [id, "Comptoir/0001"], "product_id": [2, "Riesling 2020"], "qty": 1.0,
            "price_unit": 12.0, "price_subtotal_incl": 12.0, "price_subtotal": 10.0, "discount": 0.0,
            "product_uom_id": [2, "Unité(s)"], "total_cost": 4.0, "is_total_cost_computed": true})
        }
        "stock.quant" => {
            json!({"product_id": [id, "Riesling 2020"], "location_id": [8, "WH/Stock"],
            "quantity": 120.0, "reserved_quantity": 6.0, "last_count_date": "2025-11-30",
            "product_uom_id": [2, "Unité(s)"]})
        }
        "mailing.trace" => json!({"res_id": id, "trace_status": "open", "trace_type": "mail",
            "campaign_id": [1, "Noël"], "create_date": "2025-12-01 08:00:00", "links_click_datetime": false,
            "mass_mailing_id": [1, "Offre"], "sent_datetime": "2025-12-01 08:05:00"}),
        "sale.order" | "pos.order" => json!({"name": "S00001", "date_order": "2025-12-19 23:30:00",
            "partner_id": [1, "Zoé Martin"], "currency_rate": 1.0, "company_id": [1, "Domaine"],
            "team_id": [1, "Ventes"], "config_id": [1, "Comptoir"]}),
        "pos.config" => {
            json!({"name": "Comptoir", "discount_product_id": [9, "Remise"], "tip_product_id": false})
        }
        "res.users" => json!({"login": "crm", "company_id": [1, "Domaine"]}),
        "res.users.apikeys" => json!({"expiration_date": "2126-02-16 01:49:22"}),
        "res.country" => json!({"code": if id == 1 { "FR" } else { "DE" }}),
        // The second keeps its books in dollars, so that rates are read too.
        "res.company" => {
            json!({"name": "Domaine", "currency_id": [id, if id == 1 { "EUR" } else { "USD" }]})
        }
        "res.currency.rate" => {
            json!({"name": "2025-01-01", "company_rate": 0.92, "company_id": false})
        }
        "account.tax" => {
            json!({"amount": 20.0, "amount_type": "percent", "price_include": id == 2, "active": true,
            "children_tax_ids": [], "company_id": [1, "Domaine"], "include_base_amount": false})
        }
        "uom.uom" if id == 1 => json!({"name": "Carton de 6", "factor": 6.0, "factor_inv": 6.0,
            "uom_type": "bigger", "category_id": [1, "Unité"], "relative_uom_id": [2, "Unité(s)"]}),
        "uom.uom" => {
            json!({"name": "Unité(s)", "factor": 1.0, "factor_inv": 1.0, "uom_type": "reference",
            "category_id": [1, "Unité"], "relative_uom_id": false})
        }
        "product.template.attribute.value" => json!({"name": "Magnum"}),
        "product.category" => json!({"complete_name": "Tous / Vins blancs"}),
        "mailing.mailing" => json!({"subject": "Vœux"}),
        _ => json!({"name": "Ventes"}),
    }
}
