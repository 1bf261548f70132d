//! Deletion of all data of a source.

use tracing::info;

use super::database::Store;
use crate::canonical::Table;
use crate::error::Result;

impl Store {
    /// Deletes the rows, history and cursors of `source`.
    pub fn purge(&self, source: &str) -> Result<()> {
        self.write(|db| {
            let ours = Table::ALL.map(Table::sql_name);
            let kept_beside = ["runs", "rejects", "cursors", "row_counts", "segmented"];
            for table in ours.iter().chain(&kept_beside) {
                db.execute(&format!("DELETE FROM {table} WHERE source = ?1"), [source])?;
            }
            info!(source, "rows and history purged");
            Ok(())
        })
    }
}
