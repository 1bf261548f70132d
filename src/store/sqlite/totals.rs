//! Totals over all runs, for status and metrics, without counting rows one by one.

use rusqlite::{Connection, OptionalExtension};

use super::database::Store;
use super::values::{from_sql, to_sql};
use crate::canonical::{Decimal, Table};
use crate::error::Result;
use crate::message::{MOST_MESSAGE_BYTES, cut_message};
use crate::report::RunStatus;
use crate::store::results::{ConnectorState, SyncTotals, TableTotals};

impl Store {
    /// Number of rows of `source` in `table` whose keys are at least the first of `keys` and less than the second, and the
    /// sum of `column`, unless the table has no such column.
    pub fn stored(
        &self,
        source: &str,
        table: Table,
        keys: (&str, &str),
        column: Option<&str>,
    ) -> Result<(u64, Option<Decimal>)> {
        stored(&self.db, (source, table), keys, column)
    }

    /// Current state of the connector `source`.
    pub fn connector_state(&self, source: &str) -> Result<ConnectorState> {
        let newest: Option<String> = self
            .db
            .prepare_cached(
                "SELECT status FROM runs WHERE source = ?1 ORDER BY run_id DESC LIMIT 1",
            )?
            .query_row([source], |row| row.get(0))
            .optional()?;
        let last: Option<(i64, String)> = self
            .db
            .prepare_cached(
                "SELECT run_id, ended_at FROM runs WHERE source = ?1 AND ended_at IS NOT NULL
                 ORDER BY run_id DESC LIMIT 1",
            )?
            .query_row([source], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let last_success: Option<String> = self
            .db
            .prepare_cached(
                "SELECT ended_at FROM runs WHERE source = ?1 AND status = 'success'
                 ORDER BY run_id DESC LIMIT 1",
            )?
            .query_row([source], |row| row.get(0))
            .optional()?;
        let last_error = match &last {
            Some((run_id, _)) => self.first_error(*run_id)?,
            None => None,
        };
        Ok(ConnectorState {
            newest: newest.as_deref().map(RunStatus::parse),
            last_sync: last.and_then(|(_, ended_at)| ended_at.parse().ok()),
            last_success: last_success.and_then(|ended_at| ended_at.parse().ok()),
            last_error,
        })
    }

    fn first_error(&self, run_id: i64) -> Result<Option<String>> {
        // Texts written by older versions may be longer.
        let most = to_sql(MOST_MESSAGE_BYTES as u64);
        let text: Option<String> = self
            .db
            .prepare_cached(
                "SELECT substr(message, 1, ?2) FROM run_messages WHERE run_id = ?1 AND level = 'error'
                 ORDER BY ordinal LIMIT 1",
            )?
            .query_row([run_id, most], |row| row.get(0))
            .optional()?;
        Ok(text.map(|text| cut_message(&text).into_owned()))
    }

    /// Totals of all finished runs.
    pub fn sync_totals(&self) -> Result<SyncTotals> {
        let totals = self.db.query_row(
            "SELECT count(*), coalesce(sum(status = 'success'), 0), coalesce(avg(duration_seconds), 0)
             FROM runs WHERE status <> 'running'",
            [],
            |row| {
                Ok(SyncTotals {
                    total: from_sql(row.get(0)?),
                    successful: from_sql(row.get(1)?),
                    average_seconds: row.get(2)?,
                })
            },
        )?;
        Ok(totals)
    }

    /// Rows in the tables, and errors and warnings of all runs.
    pub fn table_totals(&self) -> Result<TableTotals> {
        let mut totals = TableTotals::default();
        for table in Table::ALL {
            let rows: i64 = self.db.query_row(
                "SELECT coalesce(sum(rows), 0) FROM row_counts WHERE table_name = ?1",
                [table.sql_name()],
                |row| row.get(0),
            )?;
            totals.rows.insert(table, from_sql(rows));
        }
        let (errors, warnings): (i64, i64) = self.db.query_row(
            "SELECT coalesce(sum(level = 'error'), 0), coalesce(sum(level = 'warning'), 0) FROM run_messages",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        totals.errors = from_sql(errors);
        totals.warnings = from_sql(warnings);
        Ok(totals)
    }
}

/// See [`Store::stored`].
pub(super) fn stored(
    db: &Connection,
    (source, table): (&str, Table),
    keys: (&str, &str),
    column: Option<&str>,
) -> Result<(u64, Option<Decimal>)> {
    let (name, key) = (table.sql_name(), table.key_column());
    let column = column.filter(|column| table.columns().contains(column));
    let sum = column.map_or("NULL".to_owned(), |column| {
        format!("coalesce(sum({column}), 0.0)")
    });
    let sql = format!(
        "SELECT count(*), {sum} FROM {name} WHERE source = ?1 AND {key} >= ?2 AND {key} < ?3"
    );
    let mut select = db.prepare_cached(&sql)?;
    let (rows, sum) = select.query_row([source, keys.0, keys.1], |row| {
        Ok((row.get(0)?, row.get::<_, Option<f64>>(1)?))
    })?;
    Ok((from_sql(rows), sum.and_then(Decimal::from_real)))
}
