//! The history of runs: a run is written as `running` before the first row is read, and closed in every case.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tracing::warn;

use super::database::Store;
use super::inbox::{self, Rejecting};
use super::load::record_counts;
use super::phases;
use super::rejects;
use super::values::from_sql;
use super::values::to_sql;
use crate::canonical::{Reject, Table};
use crate::error::Result;
use crate::message::{MOST_MESSAGE_BYTES, cut_message};
use crate::report::{Counts, Message, RunLog, RunStatus};
use crate::store::requests::RunEnd;
use crate::store::results::LogPage;

/// The error of a run whose process died.
pub(in crate::store) const INTERRUPTED: &str = "Synchronisation interrompue (arrêt brutal ou coupure) : rien n'est resté à moitié fait. Relancez-la.";

impl Store {
    /// Writes the start of a run of `source` at `now`, and returns its number. `waiting` is called while others
    /// write; its error ends the wait.
    pub fn start_run(
        &self,
        source: &str,
        connector_type: &str,
        now: Timestamp,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<i64> {
        self.write_waiting(waiting, |db| {
            db.execute(
                "INSERT INTO runs (source, connector_type, status, started_at) VALUES (?1, ?2, ?3, ?4)",
                params![source, connector_type, RunStatus::Running.as_str(), instant(now)],
            )?;
            Ok(db.last_insert_rowid())
        })
    }

    /// Writes the rejects of a table whose load failed and was rolled back, each with the key of its row where it is
    /// known.
    pub fn record_failed_table(
        &self,
        run_id: i64,
        source: &str,
        table: Table,
        counts: &Counts,
        kept: &[(Reject, Option<String>)],
    ) -> Result<()> {
        let now = &instant(Timestamp::now());
        let by = Rejecting {
            source,
            run_id,
            now,
        };
        self.write(|db| {
            for (reject, key) in kept {
                rejects::insert(db, run_id, source, reject)?;
                inbox::put(db, &by, reject, key.as_deref())?;
            }
            record_counts(db, run_id, table, counts)
        })
    }

    /// Closes a run. Requested tables that were not read are recorded with zeros. `waiting` is called while others
    /// write; its error ends the wait.
    pub fn finish_run(
        &self,
        run_id: i64,
        end: &RunEnd<'_>,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        self.write_waiting(waiting, |db| {
            for table in end.asked {
                db.execute(
                    "INSERT OR IGNORE INTO run_tables VALUES (?1, ?2, 0, 0, 0, 0, 0, 0, 0)",
                    params![run_id, table.report_name()],
                )?;
            }
            insert_messages(db, run_id, end.messages)?;
            phases::insert(db, run_id, end.phases)?;
            db.execute(
                "UPDATE runs SET status = ?2, ended_at = ?3, duration_seconds = ?4 WHERE run_id = ?1",
                params![run_id, end.status.as_str(), instant(end.at), end.duration_seconds],
            )?;
            Ok(())
        })
    }

    /// Names of the sources with a run whose status is `running`.
    pub fn sources_running(&self) -> Result<Vec<String>> {
        let mut statement = self
            .db
            .prepare("SELECT DISTINCT source FROM runs WHERE status = 'running'")?;
        let names = statement.query_map([], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<_>>()?)
    }

    /// The newest finished run of all sources.
    pub fn newest_ended_run(&self) -> Result<Option<i64>> {
        let newest = self.db.query_row(
            "SELECT run_id FROM runs WHERE ended_at IS NOT NULL ORDER BY run_id DESC LIMIT 1",
            [],
            |row| row.get(0),
        );
        Ok(newest.optional()?)
    }

    /// Closes the runs of `source` with status `running` as interrupted. The caller must hold the connector's lock,
    /// which proves that their process has ended. Does not wait for writers: the next command closes what this one
    /// could not.
    pub fn close_dead_runs(&self, source: &str, now: Timestamp) -> Result<()> {
        let dead: Vec<i64> = {
            let mut statement = self
                .db
                .prepare("SELECT run_id FROM runs WHERE source = ?1 AND status = 'running'")?;
            let ids = statement.query_map([source], |row| row.get(0))?;
            ids.collect::<rusqlite::Result<_>>()?
        };
        if dead.is_empty() {
            return Ok(());
        }
        self.write_unless_busy(|db| {
            for run_id in dead {
                db.execute(
                    "UPDATE runs SET status = 'interrupted', ended_at = ?2 WHERE run_id = ?1",
                    params![run_id, instant(now)],
                )?;
                insert_messages(db, run_id, &[Message::Error(INTERRUPTED.into())])?;
                warn!(
                    source,
                    run_id, "run closed as interrupted: its process died"
                );
            }
            Ok(())
        })
    }

    /// A page of the runs of `source`, or of all, newest first.
    pub fn logs(&self, source: Option<&str>, limit: u64, offset: u64) -> Result<LogPage> {
        let total: i64 = self.db.query_row(
            "SELECT count(*) FROM runs WHERE ?1 IS NULL OR source = ?1",
            [source],
            |row| row.get(0),
        )?;
        let mut statement = self.db.prepare(
            "SELECT run_id, source, connector_type, status, started_at, ended_at, duration_seconds
             FROM runs WHERE ?1 IS NULL OR source = ?1 ORDER BY run_id DESC LIMIT ?2 OFFSET ?3",
        )?;
        let logs = statement.query_map(params![source, to_sql(limit), to_sql(offset)], head)?;
        let mut logs = logs.collect::<rusqlite::Result<Vec<_>>>()?;
        for log in &mut logs {
            self.fill(log)?;
        }
        Ok(LogPage {
            total: from_sql(total),
            logs,
        })
    }

    /// One run with all details.
    pub fn run(&self, run_id: i64) -> Result<Option<RunLog>> {
        let log = self
            .db
            .query_row(
                "SELECT run_id, source, connector_type, status, started_at, ended_at, duration_seconds
                 FROM runs WHERE run_id = ?1",
                [run_id],
                head,
            )
            .optional()?;
        let Some(mut log) = log else { return Ok(None) };
        self.fill(&mut log)?;
        Ok(Some(log))
    }

    /// Adds counts, messages and phases to a run.
    fn fill(&self, log: &mut RunLog) -> Result<()> {
        let mut statement = self.db.prepare_cached(
            "SELECT table_name, rows_read, inserted, updated, unchanged, deleted, rejected, left_aside
             FROM run_tables WHERE run_id = ?1",
        )?;
        let mut rows = statement.query([log.run_id])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            if let Some(table) = Table::from_report_name(&name) {
                log.counts.push((table, counts(row)?));
            }
        }
        log.counts.sort_by_key(|&(table, _)| table);
        let mut statement = self.db.prepare_cached(
            "SELECT level, substr(message, 1, ?2) FROM run_messages WHERE run_id = ?1 ORDER BY ordinal",
        )?;
        // Texts written by older versions may be longer.
        let most = to_sql(MOST_MESSAGE_BYTES as u64);
        let messages = statement.query_map([log.run_id, most], |row| {
            let level: String = row.get(0)?;
            let text: String = row.get(1)?;
            let text = cut_message(&text).into_owned();
            Ok(if level == "error" {
                Message::Error(text)
            } else {
                Message::Warning(text)
            })
        })?;
        log.messages = messages.collect::<rusqlite::Result<_>>()?;
        log.phases = phases::of_run(&self.db, log.run_id)?;
        Ok(())
    }
}

/// Writes the messages of a run: the only place that adds messages to the history, each at most
/// [`MOST_MESSAGE_BYTES`] long.
fn insert_messages(db: &Connection, run_id: i64, messages: &[Message]) -> Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO run_messages
         VALUES (?1, (SELECT coalesce(max(ordinal) + 1, 0) FROM run_messages WHERE run_id = ?1), ?2, ?3)",
    )?;
    for message in messages {
        let (level, text) = match message {
            Message::Error(text) => ("error", text),
            Message::Warning(text) => ("warning", text),
        };
        insert.execute(params![run_id, level, cut_message(text)])?;
    }
    Ok(())
}

fn head(row: &Row<'_>) -> rusqlite::Result<RunLog> {
    let status: String = row.get(3)?;
    Ok(RunLog {
        run_id: row.get(0)?,
        source: row.get(1)?,
        connector_type: row.get(2)?,
        status: RunStatus::parse(&status),
        started_at: parse_instant(row, 4)?.unwrap_or(Timestamp::UNIX_EPOCH),
        ended_at: parse_instant(row, 5)?,
        duration_seconds: row.get::<_, Option<f64>>(6)?.unwrap_or_default(),
        counts: Vec::new(),
        messages: Vec::new(),
        phases: None,
    })
}

fn counts(row: &Row<'_>) -> rusqlite::Result<Counts> {
    Ok(Counts {
        read: from_sql(row.get(1)?),
        inserted: from_sql(row.get(2)?),
        updated: from_sql(row.get(3)?),
        unchanged: from_sql(row.get(4)?),
        deleted: from_sql(row.get(5)?),
        rejected: from_sql(row.get(6)?),
        left_aside: from_sql(row.get(7)?),
    })
}

/// A time stamp as stored: UTC, ISO 8601, to the second.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn parse_instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RunPhases;

    #[test]
    fn a_message_is_cut_where_it_comes_into_the_history() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("crmreco.db")).unwrap();
        let now = Timestamp::now();
        let run_id = store.start_run("cave", "isavigne", now, || Ok(())).unwrap();
        let end = RunEnd {
            status: RunStatus::Error,
            at: now,
            duration_seconds: 0.0,
            asked: &[],
            messages: &[
                Message::Error("é".repeat(10_000)),
                Message::Warning("vu".into()),
            ],
            phases: &RunPhases::default(),
        };
        store.finish_run(run_id, &end, || Ok(())).unwrap();
        let kept = "SELECT group_concat(length(CAST(message AS BLOB))) FROM run_messages";
        let kept: String = store.db.query_row(kept, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "4095,2");
    }
}
