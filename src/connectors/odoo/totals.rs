//! What the server itself says of rows: how many there are, and what they add up to.
//!
//! `read_group` up to Odoo 18, `formatted_read_group` from 19 on.

use serde_json::{Map, Value, json};

use super::domain::Domain;
use super::failure::Failure;
use super::readers::Sum;
use super::session::Session;
use crate::canonical::Decimal;
use crate::connectors::shared::one_line;

const EURO: &str = "EUR";

/// The key of the number of rows in a group.
const COUNT: &str = "__count";

/// How many rows there are, and their sums.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) rows: u64,
    /// By currency, as the server calls it; an empty name is one that it does not say.
    pub(super) sums: Vec<(String, Decimal)>,
    is_without_tax: bool,
}

/// The totals of the rows of `model` in `domain`, and of `sum` where there is one.
pub(super) fn of(
    session: &Session,
    model: &str,
    domain: &Domain,
    sum: Option<Sum>,
) -> Result<Totals, Failure> {
    let Some(sum) = sum else {
        let arguments = json!({"domain": domain.to_value()});
        let count = session.call(model, "search_count", &arguments)?;
        return Ok(Totals {
            rows: count.as_u64().ok_or(Failure::GARBLED)?,
            ..Totals::default()
        });
    };
    let groups = groups(session, model, domain, sum)?;
    let mut totals = Totals {
        is_without_tax: sum.is_debit,
        ..Totals::default()
    };
    for group in groups.as_array().ok_or(Failure::GARBLED)? {
        totals.add(group.as_object().ok_or(Failure::GARBLED)?, sum)?;
    }
    Ok(totals)
}

fn groups(session: &Session, model: &str, domain: &Domain, sum: Sum) -> Result<Value, Failure> {
    let domain = domain.to_value();
    let by: Vec<&str> = sum.currency.into_iter().collect();
    let summed = format!("{}:sum", sum.field);
    if session.has_formatted_groups() {
        let arguments = json!({"domain": domain, "groupby": by, "aggregates": [COUNT, summed]});
        session.call(model, "formatted_read_group", &arguments)
    } else {
        let arguments = json!({"domain": domain, "fields": [summed], "groupby": by, "lazy": false});
        session.call(model, "read_group", &arguments)
    }
}

impl Totals {
    fn add(&mut self, group: &Map<String, Value>, sum: Sum) -> Result<(), Failure> {
        let rows = group.get(COUNT).and_then(Value::as_u64);
        self.rows += rows.ok_or(Failure::GARBLED)?;
        let summed = format!("{}:sum", sum.field);
        let amount = group.get(&summed).or_else(|| group.get(sum.field));
        // The sum of no rows is `false`.
        let amount = amount.and_then(Value::as_f64).unwrap_or_default();
        let amount = Decimal::from_real(if sum.is_debit { -amount } else { amount });
        let currency = sum.currency.and_then(|field| group.get(field)?.get(1));
        let currency = currency.and_then(Value::as_str).map(one_line);
        let currency = currency.unwrap_or_else(|| sum.usual_currency.to_owned());
        self.sums.extend(amount.map(|amount| (currency, amount)));
        Ok(())
    }

    /// The sum, where all of it is in euros.
    pub(super) fn euros(&self) -> Option<Decimal> {
        match self.sums.as_slice() {
            // Of no rows, the sum of any currency is zero.
            [(currency, sum)] if currency == EURO || self.rows == 0 => Some(*sum),
            _ => None,
        }
    }

    /// ` (12,00 €)`, ` (12,00 € HT, 30,00 USD HT)`; nothing where there is no sum.
    pub(super) fn in_brackets(&self) -> String {
        let tax = if self.is_without_tax { " HT" } else { "" };
        let sums: Vec<String> = self
            .sums
            .iter()
            .map(|(currency, amount)| {
                let currency = match currency.as_str() {
                    EURO => "€",
                    "" => "en monnaie de la caisse",
                    other => other,
                };
                format!("{} {currency}{tax}", written(*amount))
            })
            .collect();
        if sums.is_empty() {
            String::new()
        } else {
            format!(" ({})", sums.join(", "))
        }
    }
}

/// `-1234,50`.
fn written(amount: Decimal) -> String {
    let cents = amount.round_to_cents();
    format!("{:.2}", cents.to_real()).replace('.', ",")
}
