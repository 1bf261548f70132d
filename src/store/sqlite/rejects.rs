//! Rejects: rows that could not be read, stored with the reason.

use rusqlite::{Connection, OptionalExtension, params};

use super::database::Store;
use super::values::from_sql;
use super::values::to_sql;
use crate::canonical::{Reject, Table};
use crate::error::Result;
use crate::message::cut_message;
use crate::store::results::RejectPage;

/// The stored reason of a reject, with its place for SQL queries that read that column alone.
fn kept_reason(reject: &Reject) -> String {
    format!("{}{}", reject.reason, place(reject))
}

/// ` (ventes.csv, ligne 12, montant_ttc)`
fn place(reject: &Reject) -> String {
    let column = reject.column.as_deref().map(|column| format!(", {column}"));
    format!(
        " ({}, ligne {}{})",
        reject.origin,
        reject.position,
        column.unwrap_or_default()
    )
}

/// `reject` with each text cut to the stored length.
fn cut(reject: &Reject) -> Reject {
    let cut = |text: &str| cut_message(text).into_owned();
    Reject {
        table: reject.table,
        origin: cut(&reject.origin),
        position: cut(&reject.position),
        column: reject.column.as_deref().map(cut),
        value: reject.value.as_deref().map(cut),
        reason: cut(&reject.reason),
        row: None,
    }
}

/// `reject` as it was before it was stored. Texts written by older versions may be longer.
pub(in crate::store) fn shown(mut reject: Reject) -> Reject {
    let place = place(&reject);
    if let Some(reason) = reject.reason.strip_suffix(&place) {
        reject.reason = reason.to_owned();
    }
    cut(&reject)
}

/// Writes one reject of a run. Its number begins with that of the run: it is the only one of its kind on all machines
/// that share a database.
pub(super) fn insert(db: &Connection, run_id: i64, source: &str, reject: &Reject) -> Result<()> {
    let reject = &cut(reject);
    db.prepare_cached(
        "INSERT INTO rejects (reject_id, run_id, source, table_name, origin, position, column_name, value, reason)
         VALUES ((SELECT coalesce(max(reject_id), ?1 << 32) + 1 FROM rejects WHERE run_id = ?1),
                 ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        run_id,
        source,
        reject.table.report_name(),
        reject.origin,
        reject.position,
        reject.column,
        reject.value,
        kept_reason(reject),
    ])?;
    Ok(())
}

impl Store {
    /// A page of the rejects of run `run_id` of `source`, or of its newest run that has any.
    pub fn rejects(
        &self,
        source: &str,
        run_id: Option<i64>,
        limit: u64,
        offset: u64,
    ) -> Result<RejectPage> {
        let run_id = match run_id {
            Some(run_id) => Some(run_id),
            None => self.newest_run_with_rejects(source)?,
        };
        let total: i64 = self.db.query_row(
            "SELECT count(*) FROM rejects WHERE run_id = ?1 AND source = ?2",
            params![run_id, source],
            |row| row.get(0),
        )?;
        let mut statement = self.db.prepare(
            "SELECT table_name, origin, position, column_name, value, reason FROM rejects
             WHERE run_id = ?1 AND source = ?2 ORDER BY reject_id LIMIT ?3 OFFSET ?4",
        )?;
        let rejects = statement.query_map(
            params![run_id, source, to_sql(limit), to_sql(offset)],
            |row| {
                let name: String = row.get(0)?;
                Ok(shown(Reject {
                    table: Table::from_report_name(&name).unwrap_or(Table::Customers),
                    origin: row.get(1)?,
                    position: row.get(2)?,
                    column: row.get(3)?,
                    value: row.get(4)?,
                    reason: row.get(5)?,
                    row: None,
                }))
            },
        )?;
        Ok(RejectPage {
            run_id,
            total: from_sql(total),
            rejects: rejects.collect::<rusqlite::Result<_>>()?,
        })
    }

    fn newest_run_with_rejects(&self, source: &str) -> Result<Option<i64>> {
        let newest = self
            .db
            .query_row(
                "SELECT run_id FROM runs WHERE source = ?1
                   AND EXISTS (SELECT 1 FROM rejects WHERE rejects.run_id = runs.run_id)
                 ORDER BY run_id DESC LIMIT 1",
                [source],
                |row| row.get(0),
            )
            .optional()?;
        Ok(newest)
    }
}
