//! The keys that a source still contains, collected during a deletion sweep. They are stored in temporary tables of
//! this connection: a slow source holds no lock that others wait for.

use rusqlite::{Connection, params};

use super::database::Store;
use super::values::from_sql;
use crate::canonical::Table;
use crate::error::Result;

/// Missing keys returned at a time.
const MISSING_PAGE: usize = 1_000;

/// The source keys collected in one sweep.
#[derive(Debug)]
pub struct SourceKeys<'s> {
    db: &'s Connection,
    source: &'s str,
    table: Table,
    /// The table was never read: there are no existing rows to compare with.
    is_first: bool,
}

impl<'s> SourceKeys<'s> {
    /// An empty collection for `table` of `source`.
    pub fn begin(store: &'s Store, source: &'s str, table: Table) -> Result<Self> {
        store.db.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS present (key TEXT PRIMARY KEY) WITHOUT ROWID;
             CREATE TEMP TABLE IF NOT EXISTS gathered
                 (key TEXT PRIMARY KEY, is_rejected INTEGER) WITHOUT ROWID;
             DELETE FROM temp.present;
             DELETE FROM temp.gathered;",
        )?;
        let is_first =
            store.row_count(source, table)? == 0 && store.cursors(source, table)?.is_empty();
        Ok(Self {
            db: &store.db,
            source,
            table,
            is_first,
        })
    }

    /// Records that the rows under `keys` are still in the source, without their contents.
    pub fn present(&self, keys: &[String]) -> Result<()> {
        let mut insert = self
            .db
            .prepare_cached("INSERT OR IGNORE INTO temp.present VALUES (?1)")?;
        self.at_once(|| {
            for key in keys {
                insert.execute([key])?;
            }
            Ok(())
        })
    }

    /// Records that a row, or a reject, was read under each of `keys`.
    pub fn gather<'k>(&self, keys: impl Iterator<Item = &'k str>, is_rejected: bool) -> Result<()> {
        if self.is_first {
            return Ok(());
        }
        let mut insert = self
            .db
            .prepare_cached("INSERT OR REPLACE INTO temp.gathered VALUES (?1, ?2)")?;
        self.at_once(|| {
            for key in keys {
                insert.execute(params![key, is_rejected])?;
            }
            Ok(())
        })
    }

    /// Whether the table has a row under `key`.
    pub fn has_row(&self, key: &str) -> Result<bool> {
        let (table, column) = (self.table.sql_name(), self.table.key_column());
        let mut select = self.db.prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM {table} WHERE source = ?1 AND {column} = ?2)"
        ))?;
        Ok(select.query_row([self.source, key], |row| row.get(0))?)
    }

    /// Runs `work` in one transaction: one per key would cost a journal each. It writes temporary tables only and
    /// does not lock the database.
    fn at_once(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.db.execute_batch("SAVEPOINT keys")?;
        let done = work();
        self.db.execute_batch("RELEASE keys")?;
        done
    }

    /// The first present keys after `after`, in key order, without an existing row and without a row being loaded.
    pub fn missing(&self, after: &str) -> Result<Vec<String>> {
        let (table, key) = (self.table.sql_name(), self.table.key_column());
        let mut select = self.db.prepare_cached(&format!(
            "SELECT key FROM temp.present WHERE key > ?2
                 AND NOT EXISTS (SELECT 1 FROM temp.gathered WHERE gathered.key = present.key)
                 AND NOT EXISTS
                     (SELECT 1 FROM {table} WHERE source = ?1 AND {key} = present.key)
             ORDER BY key LIMIT {MISSING_PAGE}"
        ))?;
        let keys = select.query_map([self.source, after], |row| row.get(0))?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether an existing row stays in its old version because the new one was rejected.
    pub fn keeps_old_rows(&self) -> Result<bool> {
        let (table, key) = (self.table.sql_name(), self.table.key_column());
        Ok(self.db.query_row(
            &format!(
                "SELECT EXISTS (SELECT 1 FROM temp.gathered
                     JOIN {table} ON source = ?1 AND {key} = gathered.key
                     WHERE is_rejected)"
            ),
            [self.source],
            |row| row.get(0),
        )?)
    }

    /// Number of keys recorded as present.
    pub fn count(&self) -> Result<u64> {
        let count = self
            .db
            .query_row("SELECT count(*) FROM temp.present", [], |row| row.get(0));
        Ok(from_sql(count?))
    }
}
