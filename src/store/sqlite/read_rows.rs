//! Rows as they are in the database, handed out one by one: memory does not grow with their number.

use rusqlite::types::ValueRef;
use rusqlite::{Params, Statement, params_from_iter};

use super::database::Store;
use crate::canonical::Table;
use crate::error::Result;
use crate::stop::Stop;
use crate::store::row::{Flow, RowSink, Value};

impl Store {
    /// Hands out the rows of `table`, of `source` or of all, with all columns and in key order, on one consistent state.
    /// `stop` is checked between rows.
    pub fn read_table(
        &self,
        table: Table,
        source: Option<&str>,
        sink: &mut dyn RowSink,
        stop: &Stop,
    ) -> Result<()> {
        let name = table.sql_name();
        let mut sql = format!("SELECT * FROM {name}");
        if source.is_some() {
            sql.push_str(" WHERE source = ?1");
        }
        sql.push_str(" ORDER BY 1, 2");
        let mut statement = self.db.prepare(&sql)?;
        hand_out(&mut statement, params_from_iter(source), sink, stop)
    }
}

/// Hands out the rows of `statement`.
pub(super) fn hand_out(
    statement: &mut Statement<'_>,
    parameters: impl Params,
    sink: &mut dyn RowSink,
    stop: &Stop,
) -> Result<()> {
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    sink.columns(&names)?;
    let count = statement.column_count();
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        stop.check()?;
        let mut values = Vec::with_capacity(count);
        for column in 0..count {
            values.push(match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Real(number) => Value::Real(number),
                ValueRef::Blob(bytes) => Value::Blob(bytes),
                // Only a query can make a text that is not UTF-8.
                ValueRef::Text(bytes) => {
                    std::str::from_utf8(bytes).map_or(Value::Blob(bytes), Value::Text)
                }
            });
        }
        if sink.row(&values)? == Flow::Stop {
            break;
        }
    }
    Ok(())
}
