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
            if has_firms(db, source)? {
                sort_with_firms(db, source, run_id, now, today)?;
            } else {
                db.execute(
                    "UPDATE customers SET segment = segment_on(last_purchase_date, purchase_count, total_spent_eur, ?2),
                            run_id = ?3, updated_at = ?4
                     WHERE source = ?1
                       AND segment <> segment_on(last_purchase_date, purchase_count, total_spent_eur, ?2)",
                    params![source, day, run_id, now],
                )?;
            }
            mark_sorted(db, source, today)
        })
    }
}

/// Whether a customer of `source` is the contact of a firm.
pub(super) fn has_firms(db: &Connection, source: &str) -> Result<bool> {
    let mut select = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM customers WHERE source = ?1 AND company_key IS NOT NULL)",
    )?;
    Ok(select.query_row([source], |row| row.get(0))?)
}

/// Updates the segments of the customers of `source` for `today`. What the contacts of a firm bought counts for the
/// firm's segment too; its other figures stay its own.
pub(super) fn sort_with_firms(
    db: &Connection,
    source: &str,
    run_id: i64,
    now: &str,
    today: Date,
) -> Result<()> {
    db.execute(
        "UPDATE customers SET segment = sorted.segment, run_id = ?3, updated_at = ?4
         FROM (SELECT buyer, segment_on(max(last), sum(orders), sum(total), ?2) AS segment
               FROM (SELECT customer_key AS buyer, last_purchase_date AS last, purchase_count AS orders,
                            total_spent_eur AS total
                     FROM customers WHERE source = ?1
                     UNION ALL
                     SELECT company_key, last_purchase_date, purchase_count, total_spent_eur
                     FROM customers WHERE source = ?1 AND company_key IS NOT NULL)
               GROUP BY buyer) AS sorted
         WHERE source = ?1 AND customer_key = sorted.buyer AND customers.segment <> sorted.segment",
        params![source, today.to_string(), run_id, now],
    )?;
    Ok(())
}

/// Records that the segments of `source` are those of `today`.
pub(super) fn mark_sorted(db: &Connection, source: &str, today: Date) -> Result<()> {
    db.execute(
        "INSERT INTO segmented VALUES (?1, ?2) ON CONFLICT DO UPDATE SET day = excluded.day",
        params![source, today.to_string()],
    )?;
    Ok(())
}
