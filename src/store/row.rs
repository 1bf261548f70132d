//! Rows that a store hands out, as plain data: for exports and queries.

use crate::error::Result;

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number.
    Real(f64),
    /// A text.
    Text(&'a str),
    /// Bytes; in no table of ours, but a query may make some.
    Blob(&'a [u8]),
}

/// Whether to go on after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Hand out the next row.
    Continue,
    /// Enough.
    Stop,
}

/// Destination of rows, which come one by one. Its errors end the reading.
pub trait RowSink {
    /// Takes the names of the columns, once, before the first row.
    fn columns(&mut self, names: &[&str]) -> Result<()>;

    /// Takes a row.
    fn row(&mut self, values: &[Value<'_>]) -> Result<Flow>;
}
