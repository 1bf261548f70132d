//! Detects rows of customers who were erased at their request. No message quotes them.

use super::super::row::Cells;
use crate::canonical::{Person, Table};
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::readers::KEY_PREFIX;
use crate::error::Result;

/// Whether the row `cells` of `table` is one of a customer who was erased. It then counts as left aside.
pub(super) fn keeps_out(table: Table, cells: &Cells<'_>, sink: &mut dyn Sink) -> Result<bool> {
    if !matches!(table, Table::Customers | Table::ContactHistory) {
        return Ok(false);
    }
    let key = customer_key(cells);
    let key = key.as_deref();
    let emails: Vec<&str> = cells.filled(Field::Email).collect();
    let phones = cells.filled(Field::Phone);
    let phones: Vec<&str> = phones.chain(cells.filled(Field::Mobile)).collect();
    let person = Person {
        key: key.unwrap_or_default(),
        emails: &emails,
        phones: &phones,
    };
    if key.is_some() {
        return sink.keeps_out(cells.line.number, &person);
    }
    // A row without a readable code must not teach the sync a new key of theirs: all such rows would have it.
    let erased = sink.erased().filter(|_| table == Table::Customers);
    let is_theirs = erased.is_some_and(|erased| erased.by_contact(&person).is_some());
    if is_theirs {
        sink.left_aside(None)?;
    }
    Ok(is_theirs)
}

/// Whether the row is about a customer who was erased, whatever its table.
pub(super) fn is_erased(cells: &Cells<'_>, sink: &dyn Sink) -> bool {
    let key = sink.erased().zip(customer_key(cells));
    key.is_some_and(|(erased, key)| erased.by_key(&key).is_some())
}

/// `key` as it is stored for a sale to an erased customer.
pub(super) fn stored_key(key: &str, cells: &Cells<'_>, sink: &dyn Sink) -> String {
    let customer = sink.erased().zip(customer_key(cells));
    let nameless = customer.and_then(|(erased, customer)| {
        let erasure = erased.by_key(&customer)?;
        Some(erased.nameless_key(key, &customer, &erasure.alias))
    });
    nameless.unwrap_or_else(|| key.to_owned())
}

/// The key of the row's customer, if its code can be read.
fn customer_key(cells: &Cells<'_>) -> Option<String> {
    let code = cells.code(Field::CustomerKey).ok().flatten()?;
    Some(format!("{KEY_PREFIX}{code}"))
}
