//! Deletion of all data of a source.

use tracing::info;

use super::database::Store;
use super::rename::{is_of_rows, tables};
use crate::error::Result;

impl Store {
    /// Deletes the rows, rejects, history and cursors of `source`.
    pub fn purge(&self, source: &str) -> Result<()> {
        self.write(|db| {
            for table in tables(db)?.iter().filter(|table| is_of_rows(table)) {
                db.execute(&format!("DELETE FROM {table} WHERE source = ?1"), [source])?;
            }
            info!(source, "rows and history purged");
            Ok(())
        })
    }
}
