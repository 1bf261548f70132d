//! The statements that write canonical rows, and their parameters: source, run and time stamp first, then those of
//! each row in the order of its table's columns.

use rusqlite::types::ToSqlOutput;
use rusqlite::{Statement, ToSql};

use crate::canonical::Table;
use crate::canonical::rows::{Row, Value};
use crate::error::Result;

/// Parameters common to every statement: source, run and time stamp.
pub(super) const COMMON: usize = 3;

/// Binds source, run and time stamp, once for a whole load.
pub(super) fn bind_common(
    statement: &mut Statement<'_>,
    source: &str,
    run_id: i64,
    now: &str,
) -> Result<()> {
    statement.raw_bind_parameter(1, source)?;
    statement.raw_bind_parameter(2, run_id)?;
    statement.raw_bind_parameter(COMMON, now)?;
    Ok(())
}

/// Binds the values of `row` to the parameters after number `after`.
pub(super) fn bind_row(statement: &mut Statement<'_>, after: usize, row: &Row<'_>) -> Result<()> {
    let mut at = after;
    for value in row.values() {
        at += 1;
        statement.raw_bind_parameter(at, value)?;
    }
    bind_provenance(statement, at, row)
}

/// Binds the origin of `row` and its hash.
pub(super) fn bind_provenance(
    statement: &mut Statement<'_>,
    after: usize,
    row: &Row<'_>,
) -> Result<()> {
    statement.raw_bind_parameter(after + 1, row.source_ref())?;
    statement.raw_bind_parameter(after + 2, row.hash())?;
    Ok(())
}

/// Parameters of one row: its columns, origin and hash.
pub(super) fn width(table: Table) -> usize {
    table.columns().len() + 2
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match *self {
            Self::Null => ToSqlOutput::from(rusqlite::types::Null),
            Self::Integer(value) => ToSqlOutput::from(value),
            Self::Decimal(value) => ToSqlOutput::from(value.to_real()),
            Self::Text(value) => ToSqlOutput::from(value),
        })
    }
}

/// `INSERT` of `rows` rows that skips existing keys. `OR FAIL` for other errors: the load is rolled back as a whole
/// anyway, and without a journal per statement SQLite takes a twelfth less time.
pub(super) fn insert_sql(table: Table, rows: usize) -> String {
    let columns = table.columns();
    let width = width(table);
    let groups: Vec<String> = (0..rows)
        .map(|row| {
            let own: Vec<String> = (1..=width)
                .map(|at| format!("?{}", COMMON + row * width + at))
                .collect();
            format!("(?1, {}, ?2, ?3)", own.join(", "))
        })
        .collect();
    let key = table.key_column();
    format!(
        "INSERT OR FAIL INTO {} (source, {}, source_ref, row_hash, run_id, updated_at) VALUES {}
         ON CONFLICT (source, {key}) DO NOTHING",
        table.sql_name(),
        columns.join(", "),
        groups.join(", "),
    )
}

/// `UPDATE` of one row by key, with the parameters of a one-row `INSERT`.
pub(super) fn update_sql(table: Table) -> String {
    let key = table.key_column();
    let assignments: Vec<String> = table
        .columns()
        .iter()
        .chain(&["source_ref", "row_hash"])
        .enumerate()
        .filter(|(_, column)| **column != key)
        .map(|(at, column)| format!("{column} = ?{}", COMMON + at + 1))
        .collect();
    format!(
        "UPDATE {} SET {}, run_id = ?2, updated_at = ?3 WHERE source = ?1 AND {key} = ?{}",
        table.sql_name(),
        assignments.join(", "),
        COMMON + 1,
    )
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::sqlite::migrations::migrate;

    /// Columns that a load computes from the sales lines.
    const FIGURES: &[&str] = &[
        "first_purchase_date",
        "last_purchase_date",
        "total_spent_eur",
        "purchase_count",
        "avg_order_value_eur",
        "preferred_category",
        "segment",
    ];

    /// Fails when a migration adds a column without a field in the record, or the reverse.
    #[test]
    fn each_table_has_the_columns_of_its_record_in_the_same_order() {
        let db = Connection::open_in_memory().unwrap();
        migrate(&db, || Ok(())).unwrap();
        for table in Table::ALL {
            let figures: &[&str] = if table == Table::Customers {
                FIGURES
            } else {
                &[]
            };
            let expected = [
                &["source"],
                table.columns(),
                figures,
                &["source_ref", "run_id", "updated_at", "row_hash"],
            ]
            .concat();
            let mut select = db
                .prepare("SELECT name FROM pragma_table_info(?1)")
                .unwrap();
            let names = select.query_map([table.sql_name()], |row| row.get(0));
            let names: Vec<String> = names.unwrap().collect::<rusqlite::Result<_>>().unwrap();
            assert_eq!(names, expected, "{table:?}");
        }
    }
}
