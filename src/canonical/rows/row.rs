//! One row of a batch.

use super::batch::RowHeader;
use super::cell::Cell;
use super::{Column, ColumnSet, Rows, Value};
use crate::canonical::Decimal;

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    rows: &'a Rows,
    header: &'a RowHeader,
    width: usize,
}

impl<'a> Row<'a> {
    pub(super) fn new(rows: &'a Rows, header: &'a RowHeader, width: usize) -> Self {
        Self {
            rows,
            header,
            width,
        }
    }

    /// The hash of the row's values; 0 before [`Rows::hash_rows`].
    pub fn hash(&self) -> i64 {
        self.header.hash
    }

    /// `file:line` or `model:id`.
    pub fn source_ref(&self) -> &'a str {
        self.rows
            .text_at(self.header.ref_start, self.header.ref_end)
    }

    /// Columns that the source does not have: see [`Record::absent`](super::Record::absent).
    pub fn absent(&self) -> ColumnSet {
        self.header.absent
    }

    /// Columns that identify what the row is about: see [`Record::fixed`](super::Record::fixed).
    pub fn fixed(&self) -> ColumnSet {
        self.header.fixed
    }

    /// The row's key.
    pub fn key(&self) -> &'a str {
        self.text(Column::KEY)
    }

    /// The text in `column`; empty when the cell holds no text.
    pub fn text(&self, column: Column) -> &'a str {
        match self.cell(column) {
            Some(&Cell::Text { start, end }) => self.rows.text_at(start, end),
            _ => "",
        }
    }

    /// The amount or quantity in `column`; `None` when the cell holds none.
    pub fn decimal(&self, column: Column) -> Option<Decimal> {
        match self.cell(column) {
            Some(&Cell::Decimal(value)) => Some(value),
            _ => None,
        }
    }

    /// The values, in the order of the table's columns.
    pub fn values(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let rows = self.rows;
        let first = self.header.first_cell;
        let cells = rows.cells.get(first..first + self.width);
        let cells = cells.unwrap_or_default().iter();
        cells.map(|cell| cell.value(rows))
    }

    /// The values of all columns but the key, in the order of the table's columns.
    pub fn values_without_key(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        self.values().skip(1)
    }

    /// Each column with its value, in the order of the table's columns.
    pub fn cells(&self) -> impl Iterator<Item = (Column, Value<'a>)> + use<'a> {
        Column::all().zip(self.values())
    }

    fn cell(&self, column: Column) -> Option<&'a Cell> {
        self.rows
            .cells
            .get(self.header.first_cell + column.position())
    }
}
