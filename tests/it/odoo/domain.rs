//! Which rows a domain is for, as Odoo evaluates it: what the program asks, and no more. An answer that ignores the
//! question would hide whatever the program reads too little of.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Value, json};

use super::house::House;

/// Where the links of each model lead.
const LINKS: &[(&str, &str, &str)] = &[
    ("res.partner", "parent_id", "res.partner"),
    ("res.partner", "child_ids", "res.partner"),
    (
        "mailing.contact",
        "subscription_ids",
        "mailing.subscription",
    ),
    (
        "mailing.contact",
        "subscription_list_ids",
        "mailing.contact.subscription",
    ),
    ("product.product", "product_tmpl_id", "product.template"),
    (
        "product.product",
        "product_template_attribute_value_ids",
        "product.template.attribute.value",
    ),
    (
        "product.template.attribute.value",
        "product_attribute_value_id",
        "product.attribute.value",
    ),
    ("sale.order", "partner_id", "res.partner"),
    ("sale.order.line", "order_id", "sale.order"),
    ("sale.order.line", "product_id", "product.product"),
    ("account.move", "partner_id", "res.partner"),
    ("account.move", "pos_order_ids", "pos.order"),
    ("account.move.line", "move_id", "account.move"),
    ("account.move.line", "product_id", "product.product"),
    ("account.move.line", "sale_line_ids", "sale.order.line"),
    ("sale.order.line", "invoice_lines", "account.move.line"),
    ("pos.order", "partner_id", "res.partner"),
    ("pos.order.line", "order_id", "pos.order"),
    ("pos.order.line", "product_id", "product.product"),
    ("stock.quant", "location_id", "stock.location"),
    ("res.currency.rate", "currency_id", "res.currency"),
];

type Rows = Rc<HashMap<u64, Value>>;

/// Evaluates one question.
pub struct Evaluation<'a> {
    house: &'a House,
    /// Rows of other models, looked up once.
    known: RefCell<HashMap<&'static str, Rows>>,
}

impl<'a> Evaluation<'a> {
    pub fn of(house: &'a House) -> Self {
        Self {
            house,
            known: RefCell::default(),
        }
    }

    /// Whether every condition holds for a row; None where one cannot be understood.
    pub fn holds(&self, model: &str, row: &Value, domain: &[Value]) -> Option<bool> {
        let mut terms = domain.iter();
        let mut all = true;
        while let Some(term) = terms.next() {
            all &= self.operand(model, row, term, &mut terms)?;
        }
        Some(all)
    }

    fn operand<'t>(
        &self,
        model: &str,
        row: &Value,
        term: &'t Value,
        rest: &mut impl Iterator<Item = &'t Value>,
    ) -> Option<bool> {
        if term == "|" {
            let one = self.operand(model, row, rest.next()?, rest)?;
            let other = self.operand(model, row, rest.next()?, rest)?;
            return Some(one || other);
        }
        if term == "&" {
            let one = self.operand(model, row, rest.next()?, rest)?;
            let other = self.operand(model, row, rest.next()?, rest)?;
            return Some(one && other);
        }
        let [field, operator, wanted] = term.as_array()?.as_slice() else {
            return None;
        };
        let values = self.values(model, row, field.as_str()?)?;
        let is_one_of = |wanted: &Value| match wanted {
            Value::Bool(false) => values.iter().all(|value| *value == false),
            wanted => values.contains(wanted),
        };
        let compares = |wants: fn(Ordering) -> bool| {
            values
                .iter()
                .any(|value| order(value, wanted).is_some_and(wants))
        };
        Some(match operator.as_str()? {
            "=" => is_one_of(wanted),
            "!=" => !is_one_of(wanted),
            "in" => wanted.as_array()?.iter().any(is_one_of),
            "not in" => !wanted.as_array()?.iter().any(is_one_of),
            "<" => compares(Ordering::is_lt),
            ">" => compares(Ordering::is_gt),
            ">=" => compares(Ordering::is_ge),
            "<=" => compares(Ordering::is_le),
            _ => return None,
        })
    }

    /// What stands at the end of a path: of a link its number, of several links all of theirs.
    fn values(&self, model: &str, row: &Value, path: &str) -> Option<Vec<Value>> {
        let (field, rest) = match path.split_once('.') {
            Some((field, rest)) => (field, Some(rest)),
            None => (path, None),
        };
        let own = match row.get(field)? {
            Value::Array(link) if link.get(1).is_some_and(Value::is_string) => {
                vec![link[0].clone()]
            }
            Value::Array(links) => links.clone(),
            value => vec![value.clone()],
        };
        let Some(rest) = rest else { return Some(own) };
        let (_, _, target) = LINKS
            .iter()
            .find(|(from, by, _)| *from == model && *by == field)?;
        let rows = self.rows(target);
        let linked = own.iter().filter_map(|id| rows.get(&id.as_u64()?));
        let mut found = Vec::new();
        for row in linked {
            found.extend(self.values(target, row, rest)?);
        }
        Some(found)
    }

    fn rows(&self, model: &'static str) -> Rows {
        let mut known = self.known.borrow_mut();
        let rows = known.entry(model).or_insert_with(|| {
            let rows = self.house.all(model).into_iter();
            Rc::new(rows.map(|row| (row["id"].as_u64().unwrap(), row)).collect())
        });
        Rc::clone(rows)
    }
}

/// Dates are texts that sort as in time. Nothing is before or after what is not there.
fn order(value: &Value, wanted: &Value) -> Option<Ordering> {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => Some(value.cmp(wanted)),
        _ => value.as_f64()?.partial_cmp(&wanted.as_f64()?),
    }
}

#[test]
fn the_stub_evaluates_supported_domains_only() {
    let house = House::of(3);
    let ids = |model: &str, domain: Value| -> Option<Vec<u64>> {
        let evaluation = Evaluation::of(&house);
        let mut found = Vec::new();
        for row in house.all(model) {
            if evaluation.holds(model, &row, domain.as_array().unwrap())? {
                found.push(row["id"].as_u64().unwrap());
            }
        }
        Some(found)
    };
    let lines = |domain: Value| ids("sale.order.line", domain);
    let third = "2019-01-04 10:00:00";
    assert_eq!(lines(json!([])), Some(vec![1, 2, 3]));
    assert_eq!(lines(json!([["write_date", ">=", third]])), Some(vec![3]));
    assert_eq!(
        lines(json!([["order_id.partner_id.write_date", ">=", third]])),
        Some(vec![3])
    );
    let either = json!([
        ["id", "<=", 2],
        "|",
        "|",
        ["id", "=", 1],
        ["id", "in", [3]],
        ["state", "!=", "sale"]
    ]);
    assert_eq!(lines(either), Some(vec![1]));
    let both = json!([
        "|",
        ["id", "=", 1],
        "&",
        ["id", "<", 3],
        ["write_date", "<=", third]
    ]);
    assert_eq!(lines(both), Some(vec![1, 2]));
    assert_eq!(
        lines(json!([["display_type", "!=", false]])),
        Some(Vec::new())
    );
    let of_company = |company: u64| lines(json!([["company_id", "in", [company, false]]]));
    assert_eq!(of_company(1), Some(vec![1, 2, 3]));
    assert_eq!(of_company(2), Some(Vec::new()));
    assert_eq!(
        ids(
            "stock.quant",
            json!([["location_id.usage", "=", "internal"]])
        ),
        Some(vec![1])
    );
    for unknown in [
        json!([["colour", "=", 1]]),
        json!([["company_id.name", "=", 1]]),
        json!([["id", "ilike", 1]]),
        json!(["|", ["id", "=", 1]]),
    ] {
        assert_eq!(lines(unknown.clone()), None, "{unknown}");
    }
}
