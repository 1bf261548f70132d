//! Customer segments over time: a customer who stops buying changes segment without any load.

use jiff::civil::Date;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params};

use super::database::Store;
use super::values::from_sql;
use crate::canonical::Decimal;
use crate::canonical::segment::segment;
use crate::error::Result;

/// Registers the segment rule as an SQL function: `segment_on(last_purchase, orders, total, day)`.
pub(super) fn register(db: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    db.create_scalar_function("segment_on", 4, flags, |context| {
        let last_purchase = context.get::<Option<String>>(0)?;
        let last_purchase = last_purchase.and_then(|text| text.parse::<Date>().ok());
        let orders = from_sql(context.get(1)?);
        let total = Decimal::from_real(context.get(2)?).unwrap_or_default();
        let day: String = context.get(3)?;
        let day = day.parse::<Date>().unwrap_or(Date::MAX);
        Ok(segment(last_purchase, orders, total, day).as_str())
    })?;
    Ok(())
}

impl Store {
    /// Updates the segments of the customers of `source` for `today`, once a day. `waiting` is called while others
    /// write; its error ends the wait.
    pub fn refresh_segments(
        &self,
        source: &str,
        run_id: i64,
        now: &str,
        today: Date,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let day = today.to_string();
        let sorted: Option<String> = self
            .db
            .query_row(
                "SELECT day FROM segmented WHERE source = ?1",
                [source],
                |r| r.get(0),
            )
            .optional()?;
        if sorted.as_deref() == Some(day.as_str()) {
            return Ok(());
        }
        self.write_waiting(waiting, |db| {
            db.execute(
                "UPDATE customers SET segment = segment_on(last_purchase_date, purchase_count, total_spent_eur, ?2),
                        run_id = ?3, updated_at = ?4
                 WHERE source = ?1
                   AND segment <> segment_on(last_purchase_date, purchase_count, total_spent_eur, ?2)",
                params![source, day, run_id, now],
            )?;
            mark_sorted(db, source, today)
        })
    }
}

/// Records that the segments of `source` are those of `today`.
pub(super) fn mark_sorted(db: &Connection, source: &str, today: Date) -> Result<()> {
    db.execute(
        "INSERT INTO segmented VALUES (?1, ?2) ON CONFLICT DO UPDATE SET day = excluded.day",
        params![source, today.to_string()],
    )?;
    Ok(())
}
