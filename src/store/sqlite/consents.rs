//! The ledger of what customers allow: each opt-out that appears or disappears in a source.

use rusqlite::{Connection, Statement, params};

use super::existing_rows::ExistingRow;
use crate::canonical::customer;
use crate::canonical::rows::{Column, Row, Value};
use crate::error::Result;
use crate::store::requests::LoadTarget;

/// The channels, and the column of the opt-out of each.
const CHANNELS: [(&str, Column); 3] = [
    ("email", customer::COLUMN.email_opt_out),
    ("sms", customer::COLUMN.sms_opt_out),
    ("phone", customer::COLUMN.phone_opt_out),
];

/// Who moved an opt-out that a load read.
const AUTHOR: &str = "sync";

/// Writes the moves of one load.
#[derive(Debug)]
pub(super) struct ConsentLedger<'s> {
    source: String,
    run_id: i64,
    now: String,
    take_back: Statement<'s>,
    insert: Statement<'s>,
    was_known: Statement<'s>,
}

impl<'s> ConsentLedger<'s> {
    pub(super) fn prepare(db: &'s Connection, target: &LoadTarget<'_>) -> Result<Self> {
        Ok(Self {
            source: target.source.to_owned(),
            run_id: target.run_id,
            now: target.now.to_owned(),
            take_back: db.prepare(
                "DELETE FROM consents WHERE source = ?1 AND customer_key = ?2 AND channel = ?3 AND at = ?4",
            )?,
            insert: db.prepare(
                "INSERT INTO consents (source, customer_key, channel, at, state, run_id, author)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?,
            was_known: db.prepare("SELECT 1 FROM temp.displaced WHERE key = ?1")?,
        })
    }

    /// Records the opt-outs that differ between the `existing` row of an earlier run and the row that replaces it.
    pub(super) fn note(&mut self, existing: &ExistingRow, row: &Row<'_>) -> Result<()> {
        for (channel, column) in CHANNELS {
            let (before, after) = (flag(existing.values(), column), flag(row.values(), column));
            if before != after {
                self.move_to(row.key(), channel, after)?;
            }
        }
        Ok(())
    }

    /// Like [`ConsentLedger::note`] for an `earlier` row of the same run: a move back takes the first one back. Where the
    /// run saw the customer for the first time, nothing moved.
    pub(super) fn note_again(&mut self, earlier: &ExistingRow, row: &Row<'_>) -> Result<()> {
        if self.was_known.exists([row.key()])? {
            self.note(earlier, row)?;
        }
        Ok(())
    }

    fn move_to(&mut self, key: &str, channel: &str, refuses: bool) -> Result<()> {
        let Self {
            source,
            now,
            run_id,
            ..
        } = self;
        if self
            .take_back
            .execute(params![&*source, key, channel, &*now])?
            == 0
        {
            let state = if refuses { "refused" } else { "allowed" };
            self.insert.execute(params![
                &*source, key, channel, &*now, state, *run_id, AUTHOR
            ])?;
        }
        Ok(())
    }
}

/// Deletes what the ledger holds of a customer.
pub(super) fn forget(db: &Connection, source: &str, key: &str) -> Result<()> {
    let delete = "DELETE FROM consents WHERE source = ?1 AND customer_key = ?2";
    db.execute(delete, [source, key])?;
    Ok(())
}

/// The flag in `column`.
fn flag<'v>(mut values: impl Iterator<Item = Value<'v>>, column: Column) -> bool {
    matches!(values.nth(column.position()), Some(Value::Integer(1)))
}
