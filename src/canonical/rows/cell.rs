//! One cell of a row: as a batch keeps it, and as the store reads it.

use serde::{Deserialize, Serialize};

use super::Rows;
use crate::canonical::Decimal;

/// A cell in a batch. Text is a range of the batch's text.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Decimal(Decimal),
    Text { start: usize, end: usize },
}

impl Cell {
    /// The cell's value; `rows` is its batch.
    pub(super) fn value(self, rows: &Rows) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Integer(value) => Value::Integer(value),
            Self::Decimal(value) => Value::Decimal(value),
            Self::Text { start, end } => Value::Text(rows.text_at(start, end)),
        }
    }
}

/// The value of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A whole number, a year, or a flag (0 or 1).
    Integer(i64),
    /// An amount or a quantity.
    Decimal(Decimal),
    /// Text, or an ISO 8601 date.
    Text(&'a str),
}
