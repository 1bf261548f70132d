//! What a source still holds, as a reading tells while it goes on. All of it is kept in tables private to this
//! connection: a source that takes its time holds no lock that others wait for.

use rusqlite::{Connection, params};

use super::database::Store;
use super::values::from_sql;
use crate::canonical::Table;
use crate::error::Result;

/// Missing keys told at a time.
const MISSING_PAGE: usize = 1_000;

/// The keys a reading has told of, until the next one begins.
#[derive(Debug)]
pub struct SourceKeys<'s> {
    db: &'s Connection,
    source: &'s str,
    table: Table,
    /// Nothing of the table was ever read: there is nothing to compare keys with.
    is_first: bool,
}

impl<'s> SourceKeys<'s> {
    /// Nothing has been told yet of `table` of `source`.
    pub fn begin(store: &'s Store, source: &'s str, table: Table) -> Result<Self> {
        store.db.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS present (key TEXT PRIMARY KEY) WITHOUT ROWID;
             CREATE TEMP TABLE IF NOT EXISTS gathered
                 (key TEXT PRIMARY KEY, is_rejected INTEGER) WITHOUT ROWID;
             DELETE FROM temp.present;
             DELETE FROM temp.gathered;",
        )?;
        let is_first =
            store.rows_held(source, table)? == 0 && store.cursors(source, table)?.is_empty();
        Ok(Self {
            db: &store.db,
            source,
            table,
            is_first,
        })
    }

    /// The rows under `keys` are still in the source, unread.
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

    /// A row, or a reject, is on its way under each of `keys`.
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

    /// One transaction for many keys: each on its own would cost a journal. As nothing but private tables is written,
    /// none of them locks the database.
    fn at_once(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.db.execute_batch("SAVEPOINT told")?;
        let done = work();
        self.db.execute_batch("RELEASE told")?;
        done
    }

    /// The first present keys after `after`, in their order, that no row of the table has and none on its way.
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

    /// Whether a row that was rejected stands in the table as it was before.
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

    /// Rows called present.
    pub fn count(&self) -> Result<u64> {
        let count = self
            .db
            .query_row("SELECT count(*) FROM temp.present", [], |row| row.get(0));
        Ok(from_sql(count?))
    }
}
