//! Overwrites what the database file still holds of erased customers: old versions of their rows in free pages, and in
//! the write-ahead log.

use crate::error::{Error, Result};
use crate::store::sqlite::{Store, first, log_size, scope};

impl Store {
    /// Writes the whole database anew, without its free pages, and empties its log, where a customer was erased since
    /// this was last done. `waiting` is called while others read or write; its error ends the wait.
    pub fn overwrite_erased(&self, mut waiting: impl FnMut() -> Result<()>) -> Result<()> {
        let is_due = "SELECT EXISTS (SELECT 1 FROM erasures WHERE NOT is_overwritten)";
        if !self.db.query_row(is_due, [], |row| row.get(0))? {
            return Ok(());
        }
        self.db.pragma_update(None, "secure_delete", true)?;
        let overwritten = self.overwrite(&mut waiting);
        self.db.pragma_update(None, "secure_delete", false)?;
        overwritten.map_err(unfinished)
    }

    fn overwrite(&self, waiting: &mut impl FnMut() -> Result<()>) -> Result<()> {
        first::forget_abandoned_copy(&self.db);
        // Another process may erase a customer meanwhile, whose traces stay due.
        let newest = "SELECT max(erasure_id) FROM erasures";
        let newest: i64 = self.db.query_row(newest, [], |row| row.get(0))?;
        scope::patiently(&mut *waiting, || self.db.execute_batch("VACUUM"))?;
        log_size::empty(&self.db, &mut *waiting)?;
        self.write_waiting(waiting, |db| {
            let done = "UPDATE erasures SET is_overwritten = 1 WHERE erasure_id <= ?1";
            db.execute(done, [newest])?;
            Ok(())
        })
    }
}

/// The error where only the traces are left.
fn unfinished(error: Error) -> Error {
    error
        .keeping("le client est effacé, et reste en dehors")
        .and_hint("D'anciens octets peuvent rester dans le fichier de la base : la prochaine synchronisation les recouvre")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERASED: &str = "INSERT INTO erasures (source, alias, erased_at, is_overwritten)
        VALUES ('cave', hex(randomblob(8)), '', 0)";

    #[test]
    fn the_traces_of_a_customer_erased_meanwhile_stay_due() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crmreco.db");
        let (store, other) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
        store.db.execute(ERASED, []).unwrap();
        // A reader of an older state keeps the log from being emptied.
        other
            .db
            .execute_batch("BEGIN; SELECT * FROM erasures")
            .unwrap();
        let mut is_first = true;
        store
            .overwrite_erased(|| {
                if std::mem::take(&mut is_first) {
                    other.db.execute_batch("COMMIT").unwrap();
                    other.db.execute(ERASED, []).unwrap();
                }
                Ok(())
            })
            .unwrap();
        assert!(!is_first);
        let due = "SELECT group_concat(erasure_id) FROM erasures WHERE NOT is_overwritten";
        let due: Option<String> = store.db.query_row(due, [], |row| row.get(0)).unwrap();
        assert_eq!(due.as_deref(), Some("2"));
    }
}
