//! Keys that two different things share, and the rule of a connector for its keys.

use super::Table;
use super::rows::{Column, ColumnSet, Row};
use crate::error::Result;

/// A row that was not written: the existing row under its key is about something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The table of both rows.
    pub table: Table,
    /// The key of both rows.
    pub key: String,
    /// Source reference of the new row: `file:line`.
    pub source_ref: String,
    /// The [fixed](super::rows::Record::fixed) columns in which the rows differ.
    pub differing: ColumnSet,
    /// The values of the existing row, in the order of the table's columns.
    pub existing: Vec<String>,
    /// The values of the new row, in the order of the table's columns.
    pub incoming: Vec<String>,
}

impl Conflict {
    /// The value of the existing row in `column`.
    pub fn existing(&self, column: Column) -> &str {
        text_at(&self.existing, column)
    }

    /// The value of the new row in `column`.
    pub fn incoming(&self, column: Column) -> &str {
        text_at(&self.incoming, column)
    }

    /// Whether the rows differ in `column` and must not.
    pub fn differs_in(&self, column: Column) -> bool {
        self.differing.contains(column)
    }
}

fn text_at(values: &[String], column: Column) -> &str {
    values.get(column.position()).map_or("", String::as_str)
}

/// The new key of an existing row whose key has an older form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rekeyed {
    /// One of these keys, the most likely one first.
    Keys(Vec<String>),
    /// The row's columns do not say enough to make a key.
    Unknown,
    /// The row should never have been in the table.
    NoRow,
}

/// The meaning of a table's keys. Implemented by the connector that makes them.
pub trait KeyRule: std::fmt::Debug + Send {
    /// Why the row of `conflict` is rejected: the column at fault as the source calls it, its value, and the reason in
    /// French.
    fn explain(&self, conflict: &Conflict) -> (Option<String>, Option<String>, String);

    /// The part of `key` that all lines of one document share; `None` for a line without a document.
    fn document<'k>(&self, key: &'k str) -> Option<&'k str>;

    /// `key` without the rank at its end, and the rank; `None` for a key that does not end with a rank.
    fn rank<'k>(&self, key: &'k str) -> Option<(&'k str, u32)>;

    /// The key that a row whose key has an older form would have now.
    fn rekey(&mut self, existing: &Row<'_>) -> Result<Rekeyed>;

    /// Whether `key` is made of the row's content alone, so that two equal rows may be two different things.
    fn is_by_content(&self, key: &str) -> bool;
}
