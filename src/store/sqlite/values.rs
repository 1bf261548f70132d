//! Values as SQLite keeps them.

use rusqlite::Row;
use smol_str::SmolStr;

/// The text in a column that is never empty, within itself where it is short.
pub(super) fn short_text(row: &Row<'_>, column: usize) -> rusqlite::Result<SmolStr> {
    Ok(SmolStr::new(row.get_ref(column)?.as_str()?))
}

/// A count as SQLite keeps it. No table holds 2⁶³ rows.
pub(super) fn to_sql(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count as SQLite gives it back; never negative in our tables.
pub(super) fn from_sql(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
