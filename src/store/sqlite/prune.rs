//! Deletion of old history.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use tracing::info;

use super::database::Store;
use super::history::instant;
use super::inbox;
use super::values::from_sql;
use crate::error::Result;
use crate::store::results::Pruned;

/// Runs that began before ?1, except the newest run and the newest success of each source, which its status shows.
const OLD_RUNS: &str = "SELECT run_id FROM runs WHERE started_at < ?1 AND status <> 'running'
    AND run_id NOT IN (SELECT max(run_id) FROM runs GROUP BY source)
    AND run_id NOT IN (SELECT max(run_id) FROM runs WHERE status = 'success' GROUP BY source)";

/// The number of the first run that began at ?1 or later; the next free number when there is none.
const FIRST_KEPT: &str = "SELECT coalesce(
    (SELECT min(run_id) FROM runs WHERE started_at >= ?1),
    (SELECT coalesce(max(run_id), 0) + 1 FROM runs))";

impl Store {
    /// Deletes runs that began before `before`, with their messages and rejects; rejects of older runs that stay; and
    /// older cursors of connectors that are not `registered`. `waiting` is called while others write; its error ends
    /// the wait.
    pub fn prune(
        &self,
        before: Timestamp,
        registered: &[&str],
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Pruned> {
        let before = instant(before);
        // Overwrites deleted data because it is personal.
        self.db.pragma_update(None, "secure_delete", true)?;
        let pruned = self.write_waiting(waiting, |db| {
            let count = |sql: &str| -> Result<u64> {
                Ok(from_sql(db.query_row(sql, [&before], |row| row.get(0))?))
            };
            let messages =
                format!("SELECT count(*) FROM run_messages WHERE run_id IN ({OLD_RUNS})");
            let messages = count(&messages)?;
            let rejects = db.execute(
                &format!("DELETE FROM rejects WHERE run_id < ({FIRST_KEPT})"),
                [&before],
            )?;
            let first_kept = db.query_row(FIRST_KEPT, [&before], |row| row.get(0))?;
            let closed = inbox::prune(db, first_kept)?;
            let cursors = forget(db, &before, registered)?;
            let runs = db.execute(
                &format!("DELETE FROM runs WHERE run_id IN ({OLD_RUNS})"),
                [&before],
            )?;
            Ok(Pruned {
                runs: runs as u64,
                messages,
                rejects: rejects as u64,
                cursors,
                closed,
            })
        });
        self.db.pragma_update(None, "secure_delete", false)?;
        let pruned = pruned?;
        if pruned != Pruned::default() {
            info!(before, ?pruned, "history pruned");
        }
        Ok(pruned)
    }

    /// The number of the first run that began at `at` or later.
    pub fn first_run_since(&self, at: Timestamp) -> Result<i64> {
        let first = self
            .db
            .query_row(FIRST_KEPT, [instant(at)], |row| row.get(0))?;
        Ok(first)
    }

    /// Whether a run other than `run_id` succeeded since `at`.
    pub fn has_succeeded_since(&self, at: Timestamp, run_id: i64) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM runs
            WHERE status = 'success' AND ended_at >= ?1 AND run_id <> ?2)";
        Ok(self
            .db
            .query_row(sql, params![instant(at), run_id], |row| row.get(0))?)
    }
}

fn forget(db: &Connection, before: &str, registered: &[&str]) -> Result<u64> {
    let mut sources = db.prepare("SELECT DISTINCT source FROM cursors")?;
    let sources = sources.query_map([], |row| row.get::<_, String>(0))?;
    let sources: Vec<String> = sources.collect::<rusqlite::Result<_>>()?;
    let mut forgotten = 0;
    for source in sources {
        if !registered.contains(&source.as_str()) {
            forgotten += db.execute(
                &format!("DELETE FROM cursors WHERE source = ?2 AND run_id < ({FIRST_KEPT})"),
                params![before, source],
            )?;
        }
    }
    Ok(forgotten as u64)
}
