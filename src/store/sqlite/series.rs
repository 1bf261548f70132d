//! Series over time, for charts.

use std::collections::BTreeMap;

use rusqlite::params;

use super::database::Store;
use super::values::{from_sql, to_sql};
use crate::canonical::Table;
use crate::error::Result;
use crate::store::results::{MonthOfSales, RowsAt};

impl Store {
    /// Accepted rows of the last `limit` finished runs of `source`, the oldest first.
    pub fn accepted_by_run(&self, source: &str, limit: u64) -> Result<Vec<u64>> {
        let mut statement = self.db.prepare_cached(
            "SELECT (SELECT coalesce(sum(inserted + updated + unchanged), 0) FROM run_tables
                     WHERE run_tables.run_id = runs.run_id)
             FROM runs WHERE source = ?1 AND status <> 'running' ORDER BY run_id DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![source, to_sql(limit)], |row| row.get(0))?;
        let mut rows: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
        rows.reverse();
        Ok(rows.into_iter().map(from_sql).collect())
    }

    /// Rows of `source` in each table after each of its last `limit` finished runs, the oldest first: today's rows
    /// without what later runs added, and with what they deleted.
    pub fn rows_by_run(&self, source: &str, limit: u64) -> Result<Vec<RowsAt>> {
        let mut rows = BTreeMap::new();
        for table in Table::ALL {
            rows.insert(table, self.row_count(source, table)?);
        }
        let mut statement = self.db.prepare_cached(
            "SELECT run_id, ended_at FROM runs WHERE source = ?1 AND ended_at IS NOT NULL
             ORDER BY run_id DESC LIMIT ?2",
        )?;
        let runs = statement.query_map(params![source, to_sql(limit)], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let runs: Vec<(i64, String)> = runs.collect::<rusqlite::Result<_>>()?;
        let mut changes = self.db.prepare_cached(
            "SELECT table_name, inserted, deleted FROM run_tables WHERE run_id = ?1",
        )?;
        let mut series = Vec::with_capacity(runs.len());
        for (run_id, ended_at) in runs {
            if let Ok(at) = ended_at.parse() {
                let rows = rows.clone();
                series.push(RowsAt { at, rows });
            }
            let mut of_run = changes.query([run_id])?;
            while let Some(row) = of_run.next()? {
                let name: String = row.get(0)?;
                let table = Table::from_report_name(&name);
                if let Some(count) = table.and_then(|table| rows.get_mut(&table)) {
                    let (inserted, deleted) = (from_sql(row.get(1)?), from_sql(row.get(2)?));
                    *count = (*count + deleted).saturating_sub(inserted);
                }
            }
        }
        series.reverse();
        Ok(series)
    }

    /// Sales of `source` by month, the oldest first. Reads all of them: there is no index by date.
    pub fn sales_by_month(&self, source: &str) -> Result<Vec<MonthOfSales>> {
        let mut statement = self.db.prepare_cached(
            "SELECT date_sale, price_total_eur FROM sales_lines WHERE source = ?1",
        )?;
        let mut months: BTreeMap<String, MonthOfSales> = BTreeMap::new();
        let mut sales = statement.query([source])?;
        // Lines of a month often follow each other: the map is searched once for all.
        let mut last = MonthOfSales::default();
        while let Some(sale) = sales.next()? {
            let date = sale.get_ref(0)?.as_str().unwrap_or_default();
            let month = date.get(..7).unwrap_or_default();
            if last.month != month {
                let next = months.remove(month).unwrap_or_else(|| MonthOfSales {
                    month: month.to_owned(),
                    ..MonthOfSales::default()
                });
                let done = std::mem::replace(&mut last, next);
                months.insert(done.month.clone(), done);
            }
            last.lines += 1;
            match sale.get::<_, Option<f64>>(1)? {
                Some(euros) => last.euros += euros,
                None => last.without_amount += 1,
            }
        }
        months.insert(last.month.clone(), last);
        months.remove("");
        Ok(months.into_values().collect())
    }
}
