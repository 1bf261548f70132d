//! The shrink limit: a load that would delete more than a fifth of a table fails.

use crate::canonical::Table;
use crate::error::{Advice, Error, Result};
use crate::store::requests::ShrinkLimit;

/// A load may delete at most this share of a table…
const MOST_DELETED_PERCENT: u64 = 20;

/// …when the table has at least this many rows.
const FROM_ROWS: u64 = 50;

/// Fails when deleting `count` of the `existing` rows of `table` is too much.
pub(super) fn check(table: Table, existing: u64, count: u64, limit: ShrinkLimit) -> Result<()> {
    let is_too_much = count * 100 > existing * MOST_DELETED_PERCENT;
    if limit == ShrinkLimit::Lifted || existing < FROM_ROWS || !is_too_much {
        return Ok(());
    }
    Err(Error::data(format!(
        "{} : ce chargement supprimerait {count} lignes sur {existing}, plus de {MOST_DELETED_PERCENT} %",
        table.label(),
    ))
    .hint("Vérifiez que la source est complète")
    .advise(Advice::AllowShrink))
}
