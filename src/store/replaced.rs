//! Sales lines whose keys take another form: all of a source are put aside, its files are read again, and what came of
//! no file that was read is brought over under its new key. All of it in the one transaction of the load.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, Statement, params};

use super::EXAMPLES;
use super::held::origin;
use super::load::LoadTarget;
use super::statements::{COMMON, bind_row, insert_sql};
use crate::canonical::rows::{Row, Rows, Value};
use crate::canonical::{Decimal, KeyRule, Rekeyed, Table};
use crate::error::Result;

/// What became of the rows that were put aside.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Replaced {
    /// Rows there were.
    pub before: u64,
    /// Rows of files that are gone, under their new keys.
    pub brought_over: u64,
    /// Rows of files that are gone that no new key could be made for: they keep their old one.
    pub kept: u64,
    /// The first months whose sums differ, `2025-10`, before and after.
    pub months: Vec<(String, f64, f64)>,
}

impl Replaced {
    /// Rows of which others took the place.
    pub(super) fn gone(&self) -> u64 {
        self.before - self.brought_over - self.kept
    }
}

/// Puts the rows of the source aside.
pub(super) fn put_aside(db: &Connection, target: &LoadTarget<'_>) -> Result<u64> {
    db.execute_batch("DROP TABLE IF EXISTS temp.replaced")?;
    db.execute(
        "CREATE TEMP TABLE replaced AS SELECT * FROM main.sales_lines WHERE source = ?1",
        [target.source],
    )?;
    db.execute_batch(
        "DROP TABLE IF EXISTS temp.no_row;
         CREATE TEMP TABLE no_row (key TEXT PRIMARY KEY) WITHOUT ROWID;",
    )?;
    let sql = "DELETE FROM main.sales_lines WHERE source = ?1";
    Ok(db.execute(sql, [target.source])? as u64)
}

/// What has this key, or stands there, is no row, as a file that was read says, or not the one its key tells.
pub(super) fn note_no_row(db: &Connection, key_or_place: &str) -> Result<()> {
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO temp.no_row VALUES (?1)")?;
    insert.execute([key_or_place])?;
    Ok(())
}

/// Brings over what no file called `read` told again; nothing where `is_all` is read.
pub(super) fn bring_over(
    db: &Connection,
    target: &LoadTarget<'_>,
    (before, is_all): (u64, bool),
    read: &HashSet<&str>,
    rule: &mut dyn KeyRule,
) -> Result<Replaced> {
    let mut replaced = Replaced {
        before,
        ..Replaced::default()
    };
    let columns = Table::SalesLines.columns().join(", ");
    // Old ranks in their order: longer keys hold larger numbers.
    let mut select = db.prepare(&format!(
        "SELECT run_id, updated_at, source_ref, {columns} FROM temp.replaced
         ORDER BY length(sale_line_key), sale_line_key"
    ))?;
    let mut insert = db.prepare(&insert_sql(Table::SalesLines, 1))?;
    insert.raw_bind_parameter(1, target.source)?;
    let mut rows = select.query([])?;
    let (mut old, mut new) = (Rows::default(), Rows::default());
    let width = Table::SalesLines.columns().len();
    while let Some(held) = rows.next()? {
        let source_ref: String = held.get(2)?;
        if is_all {
            break;
        }
        old.clear();
        let values: Vec<rusqlite::types::Value> = (3..3 + width)
            .map(|at| held.get(at))
            .collect::<rusqlite::Result<_>>()?;
        old.push_values(&source_ref, values.iter().map(value));
        let Some(row) = old.iter().next() else {
            continue;
        };
        let keys = match rule.rekey(&row)? {
            Rekeyed::Keys(keys) => keys,
            Rekeyed::Unknown => Vec::new(),
            Rekeyed::NoRow => continue,
        };
        let holders: Vec<String> = keys
            .iter()
            .filter_map(|key| holder(db, target.source, key))
            .collect();
        if holders.iter().any(|holder| read.contains(origin(holder)))
            || keys.iter().any(|key| is_no_row(db, key))
            || is_no_row(db, &source_ref)
        {
            continue; // A file that was read tells the same line.
        }
        // What is known by its content alone may have been read with other figures.
        let is_by_content = keys.iter().any(|key| rule.is_by_content(key));
        if is_by_content && read.contains(origin(&source_ref)) && is_told_otherwise(db, &row)? {
            continue;
        }
        // Two lines under one number become one key: what no file can give back is kept.
        let new_key = keys.first().filter(|_| holders.is_empty());
        let key = new_key.map_or(row.key(), String::as_str);
        new.clear();
        let rest = row.values().skip(1);
        new.push_values(&source_ref, std::iter::once(Value::Text(key)).chain(rest));
        new.hash_rows();
        insert.raw_bind_parameter(2, held.get::<_, i64>(0)?)?;
        insert.raw_bind_parameter(3, held.get::<_, String>(1)?)?;
        if insert_first(&mut insert, &new)? {
            replaced.brought_over += u64::from(new_key.is_some());
            replaced.kept += u64::from(new_key.is_none());
        }
    }
    drop(rows);
    replaced.months = differing_months(db, target.source)?;
    db.execute_batch(
        "DROP TABLE temp.replaced; DROP TABLE IF EXISTS temp.told; DROP TABLE temp.no_row;",
    )?;
    Ok(replaced)
}

fn insert_first(insert: &mut Statement<'_>, rows: &Rows) -> Result<bool> {
    let Some(row) = rows.iter().next() else {
        return Ok(false);
    };
    bind_row(insert, COMMON, &row)?;
    Ok(insert.raw_execute()? > 0)
}

fn is_no_row(db: &Connection, key: &str) -> bool {
    let select = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM temp.no_row WHERE key = ?1)");
    select.is_ok_and(|mut select| select.query_row([key], |row| row.get(0)).unwrap_or(false))
}

/// Whether a file that was read sold as much of the same to the same customer on the same day.
fn is_told_otherwise(db: &Connection, row: &Row<'_>) -> Result<bool> {
    db.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS told AS
             SELECT customer_key, product_key, date_sale, quantity_units FROM main.sales_lines;
         CREATE INDEX IF NOT EXISTS temp.told_by_all ON told (customer_key, product_key, date_sale, quantity_units);",
    )?;
    let at = |name| {
        let columns = Table::SalesLines.columns();
        columns
            .iter()
            .position(|column| *column == name)
            .unwrap_or_default()
    };
    let mut select = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM temp.told
             WHERE customer_key = ?1 AND product_key = ?2 AND date_sale = ?3 AND quantity_units = ?4)",
    )?;
    let quantity = row.decimal(at("quantity_units")).map(Decimal::to_real);
    let of = params![
        row.text(at("customer_key")),
        row.text(at("product_key")),
        row.text(at("date_sale")),
        quantity
    ];
    Ok(select.query_row(of, |row| row.get(0))?)
}

/// Where the row under `key` comes from, if there is one.
fn holder(db: &Connection, source: &str, key: &str) -> Option<String> {
    let mut select = db
        .prepare_cached(
            "SELECT source_ref FROM main.sales_lines WHERE source = ?1 AND sale_line_key = ?2",
        )
        .ok()?;
    select
        .query_row(params![source, key], |row| row.get(0))
        .ok()
}

fn value(value: &rusqlite::types::Value) -> Value<'_> {
    use rusqlite::types::Value as Sql;
    match value {
        Sql::Integer(value) => Value::Integer(*value),
        Sql::Real(real) => Decimal::from_real(*real).map_or(Value::Null, Value::Decimal),
        Sql::Text(text) => Value::Text(text),
        Sql::Null | Sql::Blob(_) => Value::Null,
    }
}

/// The first months whose sums are others than before.
fn differing_months(db: &Connection, source: &str) -> Result<Vec<(String, f64, f64)>> {
    let sums = |table: &str| -> Result<BTreeMap<String, f64>> {
        let mut select = db.prepare(&format!(
            "SELECT substr(date_sale, 1, 7), round(sum(coalesce(price_total_eur, 0)), 2) FROM {table}
             WHERE source = ?1 GROUP BY 1"
        ))?;
        let sums = select.query_map([source], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(sums.collect::<rusqlite::Result<_>>()?)
    };
    let (before, after) = (sums("temp.replaced")?, sums("main.sales_lines")?);
    let months: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let sum = |of: &BTreeMap<String, f64>, month: &String| of.get(month).copied().unwrap_or(0.0);
    let pairs = months
        .into_iter()
        .map(|month| (month.clone(), sum(&before, month), sum(&after, month)));
    let differing = pairs.filter(|(_, before, after)| (before - after).abs() >= 0.01);
    Ok(differing.take(EXAMPLES).collect())
}
