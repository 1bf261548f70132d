//! Sales lines of an erased customer: they stay, and tell no name.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params};

use crate::canonical::rows::{Rows, Value};
use crate::canonical::{ErasureSecret, Table, sale};
use crate::error::Result;
use crate::store::sqlite::existing_rows;

/// Lines rewritten at a time.
const PAGE: usize = 500;

/// Puts `alias` in place of the customer in their sales lines, and takes out what was noted on them. The hash of each
/// row is that of its new values: a sync that reads the line again finds it unchanged. Returns the number of lines.
pub(super) fn make_nameless(
    db: &Connection,
    secret: &ErasureSecret,
    (source, customer): (&str, &str),
    alias: &str,
    now: &str,
) -> Result<u64> {
    let columns = Table::SalesLines.columns();
    let mut select = db.prepare(&format!(
        "SELECT source_ref, {} FROM sales_lines WHERE source = ?1 AND customer_key = ?2 LIMIT {PAGE}",
        columns.join(", ")
    ))?;
    let mut update = db.prepare(
        "UPDATE sales_lines SET sale_line_key = ?3, customer_key = ?4, notes = NULL, row_hash = ?5, updated_at = ?6
         WHERE source = ?1 AND sale_line_key = ?2",
    )?;
    let mut lines = 0;
    loop {
        let mut named = Rows::default();
        let mut page = select.query([source, customer])?;
        while let Some(row) = page.next()? {
            let source_ref: String = row.get(0)?;
            let values = (1..=columns.len()).map(|at| row.get(at));
            let values: Vec<Sql> = values.collect::<rusqlite::Result<_>>()?;
            named.push_values(&source_ref, values.iter().map(existing_rows::value));
        }
        drop(page);
        if named.is_empty() {
            return Ok(lines);
        }
        let keys: Vec<String> = named
            .iter()
            .map(|row| secret.nameless_key(row.key(), customer, alias))
            .collect();
        let mut nameless = Rows::default();
        for (row, key) in named.iter().zip(&keys) {
            nameless.push_changed(&row, |column, value| match column {
                column if column == sale::COLUMN.sale_line_key => Value::Text(key),
                column if column == sale::COLUMN.customer_key => Value::Text(alias),
                column if column == sale::COLUMN.notes => Value::Null,
                _ => value,
            });
        }
        nameless.hash_rows();
        for (old, new) in named.iter().zip(nameless.iter()) {
            update.execute(params![
                source,
                old.key(),
                new.key(),
                alias,
                new.hash(),
                now
            ])?;
            lines += 1;
        }
    }
}
