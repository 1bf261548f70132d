//! Values as SQLite keeps them.

use rusqlite::Row;
use smol_str::SmolStr;

/// The text of a column that is never empty; short texts need no allocation.
pub(super) fn short_text(row: &Row<'_>, column: usize) -> rusqlite::Result<SmolStr> {
    Ok(SmolStr::new(row.get_ref(column)?.as_str()?))
}

/// A count as an SQL integer. No table has 2⁶³ rows.
pub(super) fn to_sql(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count from an SQL integer; never negative in our tables.
pub(super) fn from_sql(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
