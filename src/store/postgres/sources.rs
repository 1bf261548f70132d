//! Sources as a whole: their names, what they have, and what is old.

use jiff::Timestamp;
use postgres::types::ToSql;
use tracing::info;

use super::history::texts;
use super::shapes::{Kind, TABLES};
use super::store::Store;
use crate::error::Result;
use crate::store::results::Pruned;
use crate::store::sqlite::{both_known, is_of_rows};

/// The tables with a column `source`, in which rows of a source are.
fn tables_of_rows() -> impl Iterator<Item = &'static str> {
    let tables = TABLES.iter().map(|(name, _)| *name);
    tables.filter(|name| has_source(name) && is_of_rows(name))
}

/// All tables with a column `source`.
fn tables_with_source() -> impl Iterator<Item = &'static str> {
    let tables = TABLES.iter().map(|(name, _)| *name);
    tables.filter(|name| has_source(name)).chain(["parts"])
}

fn has_source(table: &str) -> bool {
    !["run_tables", "run_messages", "run_phases", "erasure_secret"].contains(&table)
}

/// The tables that belong to the runs.
fn tables_of_runs() -> impl Iterator<Item = &'static str> {
    let history = TABLES.iter().filter(|(_, kind)| *kind == Kind::History);
    history
        .map(|(name, _)| *name)
        .filter(|name| *name != "runs")
}

impl Store {
    pub(in crate::store) fn knows(&self, source: &str) -> Result<bool> {
        self.server.at_one_instant(|| {
            for table in tables_of_rows() {
                let sql =
                    format!("SELECT 1 FROM @{table} WHERE estate = $1 AND source = $2 LIMIT 1");
                if self.server.row(&sql, &[&source])?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        })
    }

    pub(in crate::store) fn sources_with_rows(&self) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT source FROM @row_counts WHERE estate = $1 AND rows > 0 ORDER BY source";
        texts(&self.server.rows(sql, &[])?)
    }

    pub(in crate::store) fn rename_source(
        &self,
        (old, new): (&str, &str),
        mut waiting: impl FnMut() -> Result<()>,
        before_commit: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        waiting()?;
        let is_old_known = self.knows(old)?;
        if is_old_known && self.knows(new)? {
            return Err(both_known(new));
        }
        let (server, estate) = (&self.server, self.server.estate());
        server.transaction(|to| -> Result<()> {
            for table in tables_with_source() {
                let sql =
                    format!("UPDATE @{table} SET source = $3 WHERE estate = $1 AND source = $2");
                to.execute(&server.sql(&sql), &[&estate, &old, &new])?;
            }
            let sql = "UPDATE @connectors SET name = $3 WHERE estate = $1 AND name = $2";
            to.execute(&server.sql(sql), &[&estate, &old, &new])?;
            // Erasures name sources too: the working copies of the whole estate are out of date.
            let sql = "UPDATE @parts SET version = version + 1 WHERE estate = $1 AND source = ''";
            to.execute(&server.sql(sql), &[&estate])?;
            info!(old, new, "source renamed");
            before_commit()
        })
    }

    pub(in crate::store) fn purge(&self, source: &str) -> Result<()> {
        let (server, estate) = (&self.server, self.server.estate());
        server.transaction(|to| -> Result<()> {
            for table in tables_of_runs().filter(|table| !has_source(table)) {
                let sql = format!(
                    "DELETE FROM @{table} WHERE estate = $1 AND run_id IN
                         (SELECT run_id FROM @runs WHERE estate = $1 AND source = $2)"
                );
                to.execute(&server.sql(&sql), &[&estate, &source])?;
            }
            for table in tables_of_rows().chain(["parts"]) {
                let sql = format!("DELETE FROM @{table} WHERE estate = $1 AND source = $2");
                to.execute(&server.sql(&sql), &[&estate, &source])?;
            }
            let sql = "DELETE FROM @connectors WHERE estate = $1 AND name = $2";
            to.execute(&server.sql(sql), &[&estate, &source])?;
            info!(source, "rows and history purged");
            Ok(())
        })?;
        // What this machine's working copy holds of the source goes too.
        self.copy_of(&[source])?.rewrite()
    }

    pub(in crate::store) fn prune(
        &self,
        before: Timestamp,
        registered: &[&str],
        _waiting: impl FnMut() -> Result<()>,
    ) -> Result<Pruned> {
        if let Some(file) = self.dry() {
            return file.prune(before, registered, || Ok(()));
        }
        let first_kept = self.first_run_since(before)?;
        let (server, estate) = (&self.server, self.server.estate());
        let pruned = server.transaction(|to| -> Result<Pruned> {
            let mut delete = |sql: &str, more: &[&(dyn ToSql + Sync)]| -> Result<u64> {
                let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&estate];
                parameters.extend_from_slice(more);
                Ok(to.execute(&server.sql(sql), &parameters)?)
            };
            let old = "SELECT run_id FROM @runs AS r WHERE r.estate = $1 AND r.started_at < $2 AND r.status <> 'running'
                AND r.run_id NOT IN (SELECT max(run_id) FROM @runs WHERE estate = $1 GROUP BY source)
                AND r.run_id NOT IN
                    (SELECT max(run_id) FROM @runs WHERE estate = $1 AND status = 'success' GROUP BY source)";
            let rejects = delete(
                "DELETE FROM @rejects WHERE estate = $1 AND run_id < $2",
                &[&first_kept],
            )?;
            let registered: Vec<&str> = registered.to_vec();
            let cursors = delete(
                "DELETE FROM @cursors WHERE estate = $1 AND run_id < $2 AND NOT source = ANY($3)",
                &[&first_kept, &registered],
            )?;
            let mut messages = 0;
            let closed = delete(
                "DELETE FROM @reject_rows WHERE estate = $1 AND state = 'closed' AND last_run < $2",
                &[&first_kept],
            )?;
            for table in tables_of_runs().filter(|table| *table != "rejects").chain(["units"]) {
                let sql = format!("DELETE FROM @{table} WHERE estate = $1 AND run_id IN ({old})");
                let deleted = delete(&sql, &[&before])?;
                if table == "run_messages" {
                    messages = deleted;
                }
            }
            let sql = format!("DELETE FROM @runs WHERE estate = $1 AND run_id IN ({old})");
            let runs = delete(&sql, &[&before])?;
            Ok(Pruned {
                runs,
                messages,
                rejects,
                cursors,
                closed,
            })
        })?;
        self.outdate(pruned)?;
        if pruned != Pruned::default() {
            info!(%before, ?pruned, "history pruned");
        }
        Ok(pruned)
    }

    /// Makes the working copies of tables out of date from which rows were `pruned`.
    fn outdate(&self, pruned: Pruned) -> Result<()> {
        let (server, estate) = (&self.server, self.server.estate());
        let tables = [
            ("cursors", pruned.cursors),
            ("reject_rows", pruned.closed),
            ("units", pruned.runs),
        ];
        let tables = tables.iter().filter(|(_, rows)| *rows > 0);
        let tables: Vec<&str> = tables.map(|(table, _)| *table).collect();
        server.transaction(|to| -> Result<()> {
            let sql = "UPDATE @parts SET version = version + 1
                WHERE estate = $1 AND table_name = ANY($2)";
            to.execute(&server.sql(sql), &[&estate, &tables])?;
            Ok(())
        })
    }

    /// PostgreSQL sees to its own files.
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "as the file's"
    )]
    pub(in crate::store) const fn defect(&self) -> Result<Option<String>> {
        Ok(None)
    }

    pub(in crate::store) fn at_one_instant<T>(
        &self,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.server.at_one_instant(work)
    }
}
