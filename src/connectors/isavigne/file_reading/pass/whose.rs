//! Rows of customers who were erased at their request: nothing is told of them.

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
    let emails: Vec<&str> = cells.filled(Field::Email).collect();
    let phones = cells.filled(Field::Phone);
    let phones: Vec<&str> = phones.chain(cells.filled(Field::Mobile)).collect();
    let person = Person {
        key: &key,
        emails: &emails,
        phones: &phones,
    };
    sink.keeps_out(cells.line.number, &person)
}

/// Whether the row is about a customer who was erased, whatever its table.
pub(super) fn is_erased(cells: &Cells<'_>, sink: &dyn Sink) -> bool {
    let erased = sink.erased();
    erased.is_some_and(|erased| erased.by_key(&customer_key(cells)).is_some())
}

/// `key` as it is stored for a sale to an erased customer.
pub(super) fn stored_key(key: &str, cells: &Cells<'_>, sink: &dyn Sink) -> String {
    let customer = customer_key(cells);
    let erased = sink.erased();
    let nameless = erased.and_then(|erased| {
        let erasure = erased.by_key(&customer)?;
        Some(erased.nameless_key(key, &customer, &erasure.alias))
    });
    nameless.unwrap_or_else(|| key.to_owned())
}

/// The key of the row's customer; that of nobody where the code cannot be read.
fn customer_key(cells: &Cells<'_>) -> String {
    let code = cells.code(Field::CustomerKey).ok().flatten();
    format!("{KEY_PREFIX}{}", code.unwrap_or_default())
}
