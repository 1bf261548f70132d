//! The history of runs, and their rejects.

use jiff::Timestamp;
use postgres::Row;
use tracing::warn;

use super::store::Store;
use crate::canonical::{Reject, Table};
use crate::error::Result;
use crate::message::cut_message;
use crate::report::{Counts, Message, Phase, RunLog, RunPhases, RunStatus};
use crate::store::results::{LogPage, RejectPage};
use crate::store::sqlite::{INTERRUPTED, shown_reject};

const HEAD: &str = "run_id, source, connector_type, status, started_at, ended_at, duration_seconds";

impl Store {
    pub(in crate::store) fn sources_running(&self) -> Result<Vec<String>> {
        let sql =
            "SELECT DISTINCT source FROM @runs WHERE estate = $1 AND status = 'running' ORDER BY 1";
        texts(&self.server.rows(sql, &[])?)
    }

    pub(in crate::store) fn newest_ended_run(&self) -> Result<Option<i64>> {
        let sql = "SELECT run_id FROM @runs WHERE estate = $1 AND ended_at IS NOT NULL
            ORDER BY run_id DESC LIMIT 1";
        let row = self.server.row(sql, &[])?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    pub(in crate::store) fn close_dead_runs(&self, source: &str, now: Timestamp) -> Result<()> {
        let sql =
            "SELECT run_id FROM @runs WHERE estate = $1 AND source = $2 AND status = 'running'";
        for row in self.server.rows(sql, &[&source])? {
            let run_id: i64 = row.try_get(0)?;
            self.close_dead_run(run_id, now)?;
            warn!(
                source,
                run_id, "run closed as interrupted: its process died"
            );
        }
        Ok(())
    }

    fn close_dead_run(&self, run_id: i64, now: Timestamp) -> Result<()> {
        let (server, estate) = (&self.server, self.server.estate());
        self.server.transaction(|to| -> Result<()> {
            let closed = to.execute(
                &server.sql(
                    "UPDATE @runs SET status = 'interrupted', ended_at = $3
                     WHERE estate = $1 AND run_id = $2 AND status = 'running'",
                ),
                &[&estate, &run_id, &now],
            )?;
            if closed == 1 {
                to.execute(
                    &server.sql(
                        "INSERT INTO @run_messages (estate, run_id, ordinal, level, message)
                         SELECT $1, $2, coalesce(max(ordinal) + 1, 0), 'error', $3
                         FROM @run_messages WHERE estate = $1 AND run_id = $2",
                    ),
                    &[&estate, &run_id, &INTERRUPTED],
                )?;
            }
            Ok(())
        })
    }

    pub(in crate::store) fn logs(
        &self,
        source: Option<&str>,
        limit: u64,
        offset: u64,
    ) -> Result<LogPage> {
        self.server.at_one_instant(|| {
            let sql = "SELECT count(*) FROM @runs WHERE estate = $1 AND ($2::text IS NULL OR source = $2)";
            let total = self.server.row(sql, &[&source])?;
            let total: i64 = total.map_or(Ok(0), |row| row.try_get(0))?;
            let sql = format!(
                "SELECT {HEAD} FROM @runs WHERE estate = $1 AND ($2::text IS NULL OR source = $2)
                 ORDER BY run_id DESC LIMIT $3 OFFSET $4"
            );
            let (limit, offset) = (count(limit), count(offset));
            let rows = self.server.rows(&sql, &[&source, &limit, &offset])?;
            let mut logs: Vec<RunLog> = rows.iter().map(head).collect::<Result<_>>()?;
            self.fill(&mut logs)?;
            Ok(LogPage {
                total: total.try_into().unwrap_or(0),
                logs,
            })
        })
    }

    pub(in crate::store) fn run(&self, run_id: i64) -> Result<Option<RunLog>> {
        if let Some(file) = self.dry() {
            return file.run(run_id);
        }
        self.server.at_one_instant(|| {
            let sql = format!("SELECT {HEAD} FROM @runs WHERE estate = $1 AND run_id = $2");
            let Some(row) = self.server.row(&sql, &[&run_id])? else {
                return Ok(None);
            };
            let mut logs = vec![head(&row)?];
            self.fill(&mut logs)?;
            Ok(logs.pop())
        })
    }

    /// Adds counts, messages and phases to runs.
    fn fill(&self, logs: &mut [RunLog]) -> Result<()> {
        let ids: Vec<i64> = logs.iter().map(|log| log.run_id).collect();
        let sql = "SELECT run_id, table_name, rows_read, inserted, updated, unchanged, deleted, rejected, left_aside
            FROM @run_tables WHERE estate = $1 AND run_id = ANY($2)";
        for row in self.server.rows(sql, &[&ids])? {
            let name: String = row.try_get(1)?;
            if let Some(table) = Table::from_report_name(&name)
                && let Some(log) = of_run(logs, &row)?
            {
                log.counts.push((table, counts(&row)?));
            }
        }
        let sql = "SELECT run_id, level, message FROM @run_messages WHERE estate = $1 AND run_id = ANY($2)
            ORDER BY run_id, ordinal";
        for row in self.server.rows(sql, &[&ids])? {
            let (level, text): (String, String) = (row.try_get(1)?, row.try_get(2)?);
            let text = cut_message(&text).into_owned();
            if let Some(log) = of_run(logs, &row)? {
                log.messages.push(if level == "error" {
                    Message::Error(text)
                } else {
                    Message::Warning(text)
                });
            }
        }
        let sql = "SELECT run_id, table_name, phase, seconds FROM @run_phases
            WHERE estate = $1 AND run_id = ANY($2)";
        for row in self.server.rows(sql, &[&ids])? {
            let (name, phase): (String, String) = (row.try_get(1)?, row.try_get(2)?);
            let seconds: f64 = row.try_get(3)?;
            if let Some(log) = of_run(logs, &row)? {
                let found = log.phases.get_or_insert_with(RunPhases::default);
                let phases = match Table::from_report_name(&name) {
                    Some(table) => found.tables.entry(table).or_default(),
                    None => &mut found.run,
                };
                if let Some(phase) = Phase::parse(&phase) {
                    phases.set(phase, seconds);
                }
            }
        }
        for log in logs {
            log.counts.sort_by_key(|&(table, _)| table);
        }
        Ok(())
    }

    pub(in crate::store) fn rejects(
        &self,
        source: &str,
        run_id: Option<i64>,
        limit: u64,
        offset: u64,
    ) -> Result<RejectPage> {
        self.server.at_one_instant(|| {
            let run_id = match run_id {
                Some(run_id) => Some(run_id),
                None => self.newest_run_with_rejects(source)?,
            };
            let sql = "SELECT count(*) FROM @rejects WHERE estate = $1 AND run_id = $2 AND source = $3";
            let total = self.server.row(sql, &[&run_id, &source])?;
            let total: i64 = total.map_or(Ok(0), |row| row.try_get(0))?;
            let sql = "SELECT table_name, origin, position, column_name, value, reason FROM @rejects
                WHERE estate = $1 AND run_id = $2 AND source = $3 ORDER BY reject_id LIMIT $4 OFFSET $5";
            let (limit, offset) = (count(limit), count(offset));
            let rows = self.server.rows(sql, &[&run_id, &source, &limit, &offset])?;
            Ok(RejectPage {
                run_id,
                total: total.try_into().unwrap_or(0),
                rejects: rows.iter().map(reject).collect::<Result<_>>()?,
            })
        })
    }

    fn newest_run_with_rejects(&self, source: &str) -> Result<Option<i64>> {
        let sql = "SELECT max(run_id) FROM @rejects WHERE estate = $1 AND source = $2";
        let row = self.server.row(sql, &[&source])?;
        Ok(row.map_or(Ok(None), |row| row.try_get(0))?)
    }

    pub(in crate::store) fn newest_start(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT started_at FROM @runs WHERE estate = $1 ORDER BY run_id DESC LIMIT 1";
        let row = self.server.row(sql, &[])?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    pub(in crate::store) fn running_since(&self, source: &str) -> Result<Option<Timestamp>> {
        let sql =
            "SELECT started_at FROM @runs WHERE estate = $1 AND source = $2 AND status = 'running'
            ORDER BY run_id DESC LIMIT 1";
        let row = self.server.row(sql, &[&source])?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    pub(in crate::store) fn first_run_since(&self, at: Timestamp) -> Result<i64> {
        let sql = "SELECT coalesce((SELECT min(run_id) FROM @runs WHERE estate = $1 AND started_at >= $2),
            (SELECT coalesce(max(run_id), 0) + 1 FROM @runs WHERE estate = $1))";
        let row = self.server.row(sql, &[&at])?;
        Ok(row.map_or(Ok(1), |row| row.try_get(0))?)
    }

    pub(in crate::store) fn has_succeeded_since(&self, at: Timestamp, run_id: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM @runs
            WHERE estate = $1 AND status = 'success' AND ended_at >= $2 AND run_id <> $3 LIMIT 1";
        Ok(self.server.row(sql, &[&at, &run_id])?.is_some())
    }
}

/// The run of `row`, whose first column is its number.
fn of_run<'l>(logs: &'l mut [RunLog], row: &Row) -> Result<Option<&'l mut RunLog>> {
    let run_id: i64 = row.try_get(0)?;
    Ok(logs.iter_mut().find(|log| log.run_id == run_id))
}

fn head(row: &Row) -> Result<RunLog> {
    let status: String = row.try_get(3)?;
    Ok(RunLog {
        run_id: row.try_get(0)?,
        source: row.try_get(1)?,
        connector_type: row.try_get(2)?,
        status: RunStatus::parse(&status),
        started_at: row.try_get(4)?,
        ended_at: row.try_get(5)?,
        duration_seconds: row.try_get::<_, Option<f64>>(6)?.unwrap_or_default(),
        counts: Vec::new(),
        messages: Vec::new(),
        phases: None,
    })
}

fn counts(row: &Row) -> Result<Counts> {
    let count = |place: usize| -> Result<u64> {
        let count: i64 = row.try_get(place)?;
        Ok(count.try_into().unwrap_or(0))
    };
    Ok(Counts {
        read: count(2)?,
        inserted: count(3)?,
        updated: count(4)?,
        unchanged: count(5)?,
        deleted: count(6)?,
        rejected: count(7)?,
        left_aside: count(8)?,
    })
}

fn reject(row: &Row) -> Result<Reject> {
    let name: String = row.try_get(0)?;
    Ok(shown_reject(Reject {
        table: Table::from_report_name(&name).unwrap_or(Table::Customers),
        origin: row.try_get(1)?,
        position: row.try_get(2)?,
        column: row.try_get(3)?,
        value: row.try_get(4)?,
        reason: row.try_get(5)?,
        row: None,
    }))
}

/// The first column of `rows`.
pub(super) fn texts(rows: &[Row]) -> Result<Vec<String>> {
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// A count as a parameter.
pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
