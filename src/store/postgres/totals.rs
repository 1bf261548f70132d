//! Totals and series, for status, metrics and charts.

use std::collections::BTreeMap;

use super::history::count;
use super::store::Store;
use crate::canonical::Table;
use crate::error::Result;
use crate::message::cut_message;
use crate::report::RunStatus;
use crate::store::results::{ConnectorState, MonthOfSales, RowsAt, SyncTotals, TableTotals};

impl Store {
    pub(in crate::store) fn connector_state(&self, source: &str) -> Result<ConnectorState> {
        self.server.at_one_instant(|| {
            let mut state = ConnectorState::default();
            let sql = "SELECT status FROM @runs WHERE estate = $1 AND source = $2 ORDER BY run_id DESC LIMIT 1";
            if let Some(row) = self.server.row(sql, &[&source])? {
                let status: String = row.try_get(0)?;
                state.newest = Some(RunStatus::parse(&status));
            }
            let sql = "SELECT ended_at, run_id FROM @runs WHERE estate = $1 AND source = $2 AND ended_at IS NOT NULL
                ORDER BY run_id DESC LIMIT 1";
            if let Some(row) = self.server.row(sql, &[&source])? {
                state.last_sync = row.try_get(0)?;
                state.last_error = self.first_error(row.try_get(1)?)?;
            }
            let sql = "SELECT ended_at FROM @runs WHERE estate = $1 AND source = $2 AND status = 'success'
                ORDER BY run_id DESC LIMIT 1";
            if let Some(row) = self.server.row(sql, &[&source])? {
                state.last_success = row.try_get(0)?;
            }
            Ok(state)
        })
    }

    fn first_error(&self, run_id: i64) -> Result<Option<String>> {
        let sql = "SELECT message FROM @run_messages WHERE estate = $1 AND run_id = $2 AND level = 'error'
            ORDER BY ordinal LIMIT 1";
        let Some(row) = self.server.row(sql, &[&run_id])? else {
            return Ok(None);
        };
        let text: String = row.try_get(0)?;
        Ok(Some(cut_message(&text).into_owned()))
    }

    pub(in crate::store) fn sync_totals(&self) -> Result<SyncTotals> {
        let sql = "SELECT count(*), count(*) FILTER (WHERE status = 'success'), coalesce(avg(duration_seconds), 0)
            FROM @runs WHERE estate = $1 AND status <> 'running'";
        let Some(row) = self.server.row(sql, &[])? else {
            return Ok(SyncTotals::default());
        };
        let (total, successful): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(SyncTotals {
            total: total.try_into().unwrap_or(0),
            successful: successful.try_into().unwrap_or(0),
            average_seconds: row.try_get(2)?,
        })
    }

    pub(in crate::store) fn table_totals(&self) -> Result<TableTotals> {
        self.server.at_one_instant(|| {
            let mut totals = TableTotals::default();
            for table in Table::ALL {
                totals.rows.insert(table, 0);
            }
            let sql = "SELECT table_name, sum(rows)::bigint FROM @row_counts WHERE estate = $1 GROUP BY table_name";
            for row in self.server.rows(sql, &[])? {
                let (name, rows): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
                let table = Table::ALL.iter().find(|table| table.sql_name() == name);
                if let Some(total) = table.and_then(|table| totals.rows.get_mut(table)) {
                    *total = rows.try_into().unwrap_or(0);
                }
            }
            let sql = "SELECT count(*) FILTER (WHERE level = 'error'), count(*) FILTER (WHERE level = 'warning')
                FROM @run_messages WHERE estate = $1";
            if let Some(row) = self.server.row(sql, &[])? {
                let (errors, warnings): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
                totals.errors = errors.try_into().unwrap_or(0);
                totals.warnings = warnings.try_into().unwrap_or(0);
            }
            Ok(totals)
        })
    }

    pub(in crate::store) fn open_rejects(&self, source: Option<&str>) -> Result<u64> {
        let sql = "SELECT count(*) FROM @reject_rows
            WHERE estate = $1 AND ($2::text IS NULL OR source = $2) AND state = 'open'";
        let row = self.server.row(sql, &[&source])?;
        let open: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
        Ok(open.try_into().unwrap_or(0))
    }

    pub(in crate::store) fn accepted_by_run(&self, source: &str, limit: u64) -> Result<Vec<u64>> {
        let sql = "SELECT (SELECT coalesce(sum(inserted + updated + unchanged), 0)::bigint FROM @run_tables AS t
                WHERE t.estate = $1 AND t.run_id = runs.run_id)
            FROM @runs AS runs WHERE estate = $1 AND source = $2 AND status <> 'running'
            ORDER BY run_id DESC LIMIT $3";
        let rows = self.server.rows(sql, &[&source, &count(limit)])?;
        let accepted = rows.iter().rev().map(|row| {
            let accepted: i64 = row.try_get(0)?;
            Ok(accepted.try_into().unwrap_or(0))
        });
        accepted.collect()
    }

    pub(in crate::store) fn row_count(&self, source: &str, table: Table) -> Result<u64> {
        let sql =
            "SELECT rows FROM @row_counts WHERE estate = $1 AND source = $2 AND table_name = $3";
        let row = self.server.row(sql, &[&source, &table.sql_name()])?;
        let rows: i64 = row.map_or(Ok(0), |row| row.try_get(0))?;
        Ok(rows.try_into().unwrap_or(0))
    }

    pub(in crate::store) fn rows_by_run(&self, source: &str, limit: u64) -> Result<Vec<RowsAt>> {
        self.server.at_one_instant(|| {
            let mut rows = BTreeMap::new();
            for table in Table::ALL {
                rows.insert(table, self.row_count(source, table)?);
            }
            let sql = "SELECT run_id, ended_at FROM @runs WHERE estate = $1 AND source = $2 AND ended_at IS NOT NULL
                ORDER BY run_id DESC LIMIT $3";
            let runs = self.server.rows(sql, &[&source, &count(limit)])?;
            let ids: Vec<i64> = runs.iter().map(|run| run.try_get(0)).collect::<std::result::Result<_, _>>()?;
            let sql = "SELECT run_id, table_name, inserted, deleted FROM @run_tables
                WHERE estate = $1 AND run_id = ANY($2)";
            let mut changes: BTreeMap<i64, Vec<(Table, u64, u64)>> = BTreeMap::new();
            for row in self.server.rows(sql, &[&ids])? {
                let name: String = row.try_get(1)?;
                let (inserted, deleted): (i64, i64) = (row.try_get(2)?, row.try_get(3)?);
                if let Some(table) = Table::from_report_name(&name) {
                    let of_run = changes.entry(row.try_get(0)?).or_default();
                    let inserted = inserted.try_into().unwrap_or(0);
                    of_run.push((table, inserted, deleted.try_into().unwrap_or(0)));
                }
            }
            let mut series = Vec::with_capacity(runs.len());
            for run in &runs {
                let rows_then = rows.clone();
                series.push(RowsAt {
                    at: run.try_get(1)?,
                    rows: rows_then,
                });
                for (table, inserted, deleted) in changes.remove(&run.try_get(0)?).unwrap_or_default() {
                    if let Some(count) = rows.get_mut(&table) {
                        *count = (*count + deleted).saturating_sub(inserted);
                    }
                }
            }
            series.reverse();
            Ok(series)
        })
    }

    pub(in crate::store) fn sales_by_month(&self, source: &str) -> Result<Vec<MonthOfSales>> {
        let sql = "SELECT to_char(date_sale, 'YYYY-MM'), count(*), coalesce(sum(price_total_eur), 0)::float8,
                count(*) - count(price_total_eur)
            FROM @sales_lines WHERE estate = $1 AND source = $2 GROUP BY 1 ORDER BY 1";
        let rows = self.server.rows(sql, &[&source])?;
        let months = rows.iter().map(|row| {
            let (lines, without_amount): (i64, i64) = (row.try_get(1)?, row.try_get(3)?);
            Ok(MonthOfSales {
                month: row.try_get(0)?,
                lines: lines.try_into().unwrap_or(0),
                euros: row.try_get(2)?,
                without_amount: without_amount.try_into().unwrap_or(0),
            })
        });
        months.collect()
    }
}
