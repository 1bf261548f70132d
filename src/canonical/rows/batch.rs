//! A batch of rows.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::hash::hash_of;
use super::{CellWriter, Column, ColumnSet, Record, Row, Value};

/// Rows of one table, in the order in which they were read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Rows {
    /// The texts of all cells and source references.
    text: String,
    /// The cells of all rows: as many for each row as its table has columns.
    pub(super) cells: Vec<Cell>,
    /// One header per row.
    headers: Vec<RowHeader>,
    /// How many rows have their hash; the first ones.
    hashed: usize,
    /// Buffer for hashing, kept for its memory.
    #[serde(skip)]
    scratch: Vec<u8>,
    /// The date written last, and where its text starts. Consecutive rows often have the same date and share the text.
    #[serde(skip)]
    last_day: Option<(Date, usize)>,
}

/// What a batch keeps of a row beside its cells.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct RowHeader {
    pub(super) first_cell: usize,
    pub(super) hash: i64,
    pub(super) ref_start: usize,
    pub(super) ref_end: usize,
    pub(super) absent: ColumnSet,
    pub(super) fixed: ColumnSet,
}

impl Rows {
    /// Appends `record`, read from `position` (a line, an id) of `origin` (a file, a model).
    pub fn push(&mut self, origin: &str, position: u64, record: &dyn Record) {
        let first_cell = self.cells.len();
        record.write(&mut self.cell_writer());
        let ref_start = self.text.len();
        self.text.push_str(origin);
        self.text.push(':');
        self.text.push_str(itoa::Buffer::new().format(position));
        self.headers.push(RowHeader {
            first_cell,
            hash: 0,
            ref_start,
            ref_end: self.text.len(),
            absent: record.absent(),
            fixed: record.fixed(),
        });
    }

    /// Appends a row of `values`, in the order of the table's columns. `source_ref` is `file:line` or `model:id`.
    pub fn push_values<'v>(&mut self, source_ref: &str, values: impl Iterator<Item = Value<'v>>) {
        let first_cell = self.cells.len();
        let mut cells = self.cell_writer();
        for value in values {
            cells.value(value);
        }
        let ref_start = self.text.len();
        self.text.push_str(source_ref);
        self.headers.push(RowHeader {
            first_cell,
            hash: 0,
            ref_start,
            ref_end: self.text.len(),
            absent: ColumnSet::NONE,
            fixed: ColumnSet::NONE,
        });
    }

    /// Appends `row` of another batch, with `changed` values: each column with its value goes in, and its new value comes
    /// out.
    pub fn push_changed<'v>(
        &mut self,
        row: &Row<'v>,
        mut changed: impl FnMut(Column, Value<'v>) -> Value<'v>,
    ) {
        let values = row.cells().map(|(column, value)| changed(column, value));
        self.push_values(row.source_ref(), values);
        if let Some(header) = self.headers.last_mut() {
            header.absent = row.absent();
            header.fixed = row.fixed();
        }
    }

    fn cell_writer(&mut self) -> CellWriter<'_> {
        CellWriter {
            text: &mut self.text,
            cells: &mut self.cells,
            last_day: &mut self.last_day,
        }
    }

    /// Hashes the rows that have no hash yet; before, their [`Row::hash`] is 0. Reader and writer threads share this
    /// work: the one that would wait for the other does it.
    pub fn hash_rows(&mut self) {
        let width = self.width();
        for header in self.headers.iter_mut().skip(self.hashed) {
            let cells = self.cells.get(header.first_cell..header.first_cell + width);
            header.hash = hash_of(cells.unwrap_or_default(), &self.text, &mut self.scratch);
        }
        self.hashed = self.headers.len();
    }

    /// Cells per row.
    fn width(&self) -> usize {
        self.cells
            .len()
            .checked_div(self.headers.len())
            .unwrap_or(0)
    }

    /// Removes all rows; keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.headers.clear();
        self.hashed = 0;
        self.last_day = None;
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.headers.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// The first row.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }

    /// The rows, in the order in which they were read.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> + DoubleEndedIterator {
        let width = self.width();
        let headers = self.headers.iter();
        headers.map(move |header| Row::new(self, header, width))
    }

    /// Whether each key is greater than the one before.
    pub fn keys_ascend(&self) -> bool {
        let keys = self.iter().map(|row| row.key());
        keys.is_sorted_by(|one, next| one < next)
    }

    /// The range of the batch's text from `start` to `end`.
    pub(super) fn text_at(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canonical::Table;

    struct Pair(&'static str, Option<Date>);

    impl Record for Pair {
        fn table(&self) -> Table {
            Table::StockLevels
        }
        fn write(&self, cells: &mut CellWriter<'_>) {
            cells.text(Some(self.0));
            cells.date(self.1);
        }
    }

    #[test]
    fn rows_are_read_back_as_written() {
        let mut rows = Rows::default();
        let day = jiff::civil::date(2025, 1, 9);
        rows.push("stock.csv", 2, &Pair("a", Some(day)));
        rows.push("stock.csv", 3, &Pair("b", None));
        let read: Vec<_> = rows
            .iter()
            .map(|row| (row.key(), row.source_ref(), row.values().last()))
            .collect();
        assert_eq!(
            read,
            [
                ("a", "stock.csv:2", Some(Value::Text("2025-01-09"))),
                ("b", "stock.csv:3", Some(Value::Null)),
            ]
        );
    }

    #[test]
    fn the_hash_depends_on_the_values_and_not_on_the_source_reference() {
        let mut rows = Rows::default();
        rows.push("a.csv", 2, &Pair("x", None));
        rows.push("b.csv", 9, &Pair("x", None));
        rows.hash_rows();
        rows.push("b.csv", 9, &Pair("y", None));
        rows.hash_rows();
        let hashes: Vec<_> = rows.iter().map(|row| row.hash()).collect();
        assert_eq!(hashes[0], hashes[1]);
        assert_ne!(hashes[1], hashes[2]);
    }
}
