//! Replaces the sales lines of a source whose keys change form, in the one transaction of the load: all are set
//! aside, the files are read again, and rows of files that no longer exist are restored under their new keys.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, params};

use super::existing_rows::{self, origin};
use super::statements::{COMMON, bind_row, insert_sql};
use crate::canonical::rows::{Row, Rows, Value};
use crate::canonical::{Decimal, KeyRule, Rekeyed, Table, sale};
use crate::error::Result;
use crate::store::load_report::EXAMPLES;
use crate::store::load_report::Replaced;
use crate::store::requests::LoadTarget;

/// Sets the rows of the source aside.
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

/// Excludes the row with this key, or at this place (`file:line`), from being restored: a file that was read skips or
/// rejects it.
pub(super) fn note_no_row(db: &Connection, key_or_place: &str) -> Result<()> {
    let mut insert = db.prepare_cached("INSERT OR IGNORE INTO temp.no_row VALUES (?1)")?;
    insert.execute([key_or_place])?;
    Ok(())
}

/// Restores the rows that no file in `read` contains; nothing where `is_all`.
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
    if !is_all {
        let over = BringOver { db, target, read };
        over.bring_all(rule, &mut replaced)?;
    }
    replaced.months = differing_months(db, target.source)?;
    db.execute_batch(
        "DROP TABLE temp.replaced; DROP TABLE IF EXISTS temp.sold; DROP TABLE temp.no_row;",
    )?;
    Ok(replaced)
}

/// What happens to a row that was set aside.
enum Fate {
    /// A file that was read contains it, or skips it: it is not restored.
    Covered,
    UnderNewKey(String),
    UnderOldKey,
}

/// Rows being restored to the table.
struct BringOver<'a> {
    db: &'a Connection,
    target: &'a LoadTarget<'a>,
    /// The files that were read.
    read: &'a HashSet<&'a str>,
}

impl BringOver<'_> {
    fn bring_all(&self, rule: &mut dyn KeyRule, replaced: &mut Replaced) -> Result<()> {
        let columns = Table::SalesLines.columns();
        // Old ranks in order: longer keys have larger numbers.
        let mut select = self.db.prepare(&format!(
            "SELECT run_id, updated_at, source_ref, {} FROM temp.replaced
             ORDER BY length(sale_line_key), sale_line_key",
            columns.join(", ")
        ))?;
        let mut insert = self.db.prepare(&insert_sql(Table::SalesLines, 1))?;
        insert.raw_bind_parameter(1, self.target.source)?;
        let mut rows = select.query([])?;
        let (mut old, mut new) = (Rows::default(), Rows::default());
        while let Some(existing) = rows.next()? {
            let source_ref: String = existing.get(2)?;
            let values = (3..3 + columns.len()).map(|at| existing.get(at));
            let values: Vec<Sql> = values.collect::<rusqlite::Result<_>>()?;
            old.clear();
            old.push_values(&source_ref, values.iter().map(existing_rows::value));
            let Some(row) = old.first() else { continue };
            let new_key = match self.fate(&row, rule)? {
                Fate::Covered => continue,
                Fate::UnderNewKey(key) => Some(key),
                Fate::UnderOldKey => None,
            };
            let key = new_key.as_deref().unwrap_or(row.key());
            new.clear();
            let rest = row.values_without_key();
            new.push_values(&source_ref, std::iter::once(Value::Text(key)).chain(rest));
            new.hash_rows();
            let Some(row) = new.first() else { continue };
            // The row keeps the run and time stamp of its last change.
            insert.raw_bind_parameter(2, existing.get::<_, i64>(0)?)?;
            insert.raw_bind_parameter(COMMON, existing.get::<_, String>(1)?)?;
            bind_row(&mut insert, COMMON, &row)?;
            if insert.raw_execute()? > 0 {
                replaced.brought_over += u64::from(new_key.is_some());
                replaced.kept += u64::from(new_key.is_none());
            }
        }
        Ok(())
    }

    fn fate(&self, row: &Row<'_>, rule: &mut dyn KeyRule) -> Result<Fate> {
        let keys = match rule.rekey(row)? {
            Rekeyed::Keys(keys) => keys,
            Rekeyed::Unknown => Vec::new(),
            Rekeyed::NoRow => return Ok(Fate::Covered),
        };
        let is_of_file = |source_ref: &str| self.read.contains(origin(source_ref));
        let mut is_free = true;
        for key in &keys {
            let holder = self.holder(key)?;
            if holder.as_deref().is_some_and(is_of_file) || self.is_no_row(key)? {
                return Ok(Fate::Covered);
            }
            is_free &= holder.is_none();
        }
        // A row identified by its content alone may have been read with other amounts.
        let is_by_content = keys.iter().any(|key| rule.is_by_content(key));
        if self.is_no_row(row.source_ref())?
            || (is_by_content
                && is_of_file(row.source_ref())
                && self.is_sold_in_a_read_file(row)?)
        {
            return Ok(Fate::Covered);
        }
        // Two lines with one number would share a key: a row that no file contains any more is kept.
        let new_key = keys.into_iter().next().filter(|_| is_free);
        Ok(new_key.map_or(Fate::UnderOldKey, Fate::UnderNewKey))
    }

    /// Origin of the row under `key`, if there is one.
    fn holder(&self, key: &str) -> Result<Option<String>> {
        let mut select = self.db.prepare_cached(
            "SELECT source_ref FROM main.sales_lines WHERE source = ?1 AND sale_line_key = ?2",
        )?;
        let holder = select.query_row(params![self.target.source, key], |row| row.get(0));
        Ok(holder.optional()?)
    }

    fn is_no_row(&self, key_or_place: &str) -> Result<bool> {
        let mut select = self
            .db
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM temp.no_row WHERE key = ?1)")?;
        Ok(select.query_row([key_or_place], |row| row.get(0))?)
    }

    /// Whether a file that was read contains a sale of the same quantity, product, customer and day.
    fn is_sold_in_a_read_file(&self, row: &Row<'_>) -> Result<bool> {
        let target = self.target;
        self.db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS sold AS
                 SELECT customer_key, product_key, date_sale, quantity_units FROM main.sales_lines
                 WHERE source = ?1 AND run_id = ?2",
            params![target.source, target.run_id],
        )?;
        self.db.execute_batch(
            "CREATE INDEX IF NOT EXISTS temp.sold_by_all
                 ON sold (customer_key, product_key, date_sale, quantity_units)",
        )?;
        let mut select = self.db.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM temp.sold
                 WHERE customer_key = ?1 AND product_key = ?2 AND date_sale = ?3 AND quantity_units = ?4)",
        )?;
        let of = params![
            row.text(sale::COLUMN.customer_key),
            row.text(sale::COLUMN.product_key),
            row.text(sale::COLUMN.date_sale),
            row.decimal(sale::COLUMN.quantity_units)
                .map(Decimal::to_real)
        ];
        Ok(select.query_row(of, |row| row.get(0))?)
    }
}

/// The first months whose sums changed.
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
    let months: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let sum = |of: &BTreeMap<String, f64>, month: &String| of.get(month).copied().unwrap_or(0.0);
    let pairs = months
        .into_iter()
        .map(|month| (month.clone(), sum(&before, month), sum(&after, month)));
    let differing = pairs.filter(|(_, before, after)| (before - after).abs() >= 0.01);
    Ok(differing.take(EXAMPLES).collect())
}
