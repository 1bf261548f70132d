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
        scope::patiently(&mut *waiting, || self.db.execute_batch("VACUUM"))?;
        log_size::empty(&self.db, &mut *waiting)?;
        self.write_waiting(waiting, |db| {
            db.execute("UPDATE erasures SET is_overwritten = 1", [])?;
            Ok(())
        })
    }
}

/// The erasure itself stands.
fn unfinished(error: Error) -> Error {
    error
        .keeping("le client est effacé, et reste en dehors")
        .and_hint("D'anciens octets peuvent rester dans le fichier de la base : la prochaine synchronisation les recouvre")
}
