//! Rows that refer to an erased customer, and stay without their key: sales lines, and contacts of a firm.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params};

use crate::canonical::rows::Rows;
use crate::canonical::{ErasureSecret, Table, push_nameless, push_without_firm};
use crate::error::Result;
use crate::store::sqlite::existing_rows;

/// Rows rewritten at a time.
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
    let mut update = db.prepare(
        "UPDATE sales_lines SET sale_line_key = ?3, customer_key = ?4, notes = NULL, row_hash = ?5, updated_at = ?6
         WHERE source = ?1 AND sale_line_key = ?2",
    )?;
    let mut lines = 0;
    let column = "customer_key";
    each_page(
        db,
        (Table::SalesLines, column),
        (source, customer),
        |named| {
            let keys: Vec<String> = named
                .iter()
                .map(|row| secret.nameless_key(row.key(), customer, alias))
                .collect();
            let mut nameless = Rows::default();
            for (row, key) in named.iter().zip(&keys) {
                push_nameless(&mut nameless, &row, key, alias);
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
            Ok(())
        },
    )?;
    Ok(lines)
}

/// Takes the key of the erased `firm` out of the rows of its contacts, whose hash changes as that of sales lines does.
pub(super) fn leave_firm(db: &Connection, (source, firm): (&str, &str), now: &str) -> Result<()> {
    let mut update = db.prepare(
        "UPDATE customers SET company_key = NULL, row_hash = ?3, updated_at = ?4
         WHERE source = ?1 AND customer_key = ?2",
    )?;
    let column = "company_key";
    each_page(db, (Table::Customers, column), (source, firm), |contacts| {
        let mut left = Rows::default();
        for row in contacts.iter() {
            push_without_firm(&mut left, &row);
        }
        left.hash_rows();
        for row in left.iter() {
            update.execute(params![source, row.key(), row.hash(), now])?;
        }
        Ok(())
    })
}

/// Passes the rows with `key` in `column` to `rewrite`, some at a time, until there are none: it changes the column.
fn each_page(
    db: &Connection,
    (table, column): (Table, &str),
    (source, key): (&str, &str),
    mut rewrite: impl FnMut(&Rows) -> Result<()>,
) -> Result<()> {
    let columns = table.columns();
    let mut select = db.prepare(&format!(
        "SELECT source_ref, {} FROM {} WHERE source = ?1 AND {column} = ?2 LIMIT {PAGE}",
        columns.join(", "),
        table.sql_name()
    ))?;
    loop {
        let mut page = Rows::default();
        let mut rows = select.query([source, key])?;
        while let Some(row) = rows.next()? {
            let source_ref: String = row.get(0)?;
            let values = (1..=columns.len()).map(|at| row.get(at));
            let values: Vec<Sql> = values.collect::<rusqlite::Result<_>>()?;
            page.push_values(&source_ref, values.iter().map(existing_rows::value));
        }
        drop(rows);
        if page.is_empty() {
            return Ok(());
        }
        rewrite(&page)?;
    }
}
