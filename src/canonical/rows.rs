//! A batch of canonical rows on their way to the store: one arena of text and one array of cells,
//! refilled again and again, so that a million rows cost no allocation of their own.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::{Decimal, Table};

/// One of the five records: it knows its table and writes its cells in the order of its columns.
pub trait Record {
    /// The table this record belongs to.
    fn table(&self) -> Table;

    /// Writes one cell per column of [`Table::columns`], the key first.
    fn write(&self, cells: &mut CellWriter<'_>);

    /// Columns of which the source says nothing: a row that is held keeps its values of them, a new one takes those
    /// written here.
    fn absent(&self) -> ColumnSet {
        ColumnSet::NONE
    }

    /// Columns that tell what the row is about: a row held under its key with another value there is another thing,
    /// and not replaced.
    fn fixed(&self) -> ColumnSet {
        ColumnSet::NONE
    }
}

/// Some columns of a table, by their place in [`Table::columns`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnSet(u32);

impl ColumnSet {
    /// No column.
    pub const NONE: Self = Self(0);

    /// The columns of `table` called one of `names`.
    pub fn of(table: Table, names: &[&str]) -> Self {
        let columns = table.columns().iter().enumerate();
        let chosen = columns.filter(|(_, column)| names.contains(column));
        Self(chosen.fold(0, |set, (at, _)| set | 1 << at))
    }

    /// Column number `column` alone.
    pub const fn at(column: usize) -> Self {
        Self(if column < 32 { 1 << column } else { 0 })
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether column number `column` is one of them.
    pub const fn contains(self, column: usize) -> bool {
        column < 32 && self.0 & 1 << column != 0
    }

    /// These and those of `other`.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A record of which the source says only part.
pub struct Partial<'r> {
    /// The record, with values for a row that is new.
    pub record: &'r dyn Record,
    /// See [`Record::absent`].
    pub absent: ColumnSet,
    /// See [`Record::fixed`].
    pub fixed: ColumnSet,
}

impl Record for Partial<'_> {
    fn table(&self) -> Table {
        self.record.table()
    }

    fn write(&self, cells: &mut CellWriter<'_>) {
        self.record.write(cells);
    }

    fn absent(&self) -> ColumnSet {
        self.absent
    }

    fn fixed(&self) -> ColumnSet {
        self.fixed
    }
}

/// A cell at rest in a batch. Text is a span of the batch's arena.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Slot {
    Null,
    Integer(i64),
    Decimal(Decimal),
    Text { start: usize, end: usize },
}

/// A cell as the store reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing is known.
    Null,
    /// A whole number, a year, or a flag (0 or 1).
    Integer(i64),
    /// An amount or a quantity.
    Decimal(Decimal),
    /// Text, or an ISO 8601 date.
    Text(&'a str),
}

/// Rows of one table, in the order in which they were read.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Rows {
    text: String,
    slots: Vec<Slot>,
    /// Per row: where its cells begin, the hash of its values, where it comes from.
    heads: Vec<Head>,
    /// The first of them that are hashed.
    hashed: usize,
    #[serde(skip)]
    scratch: Vec<u8>,
    /// The day written last, and where its text begins: rows that follow each other often share it.
    #[serde(skip)]
    last_day: Option<(Date, usize)>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Head {
    first_slot: usize,
    hash: i64,
    ref_start: usize,
    ref_end: usize,
    absent: ColumnSet,
    fixed: ColumnSet,
}

/// One row of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    rows: &'a Rows,
    head: Head,
    width: usize,
}

impl Rows {
    /// Appends `record`, read from `position` (a line, an id) of `origin` (a file, a model).
    pub fn push(&mut self, origin: &str, position: u64, record: &dyn Record) {
        let first_slot = self.slots.len();
        record.write(&mut CellWriter {
            text: &mut self.text,
            slots: &mut self.slots,
            last_day: &mut self.last_day,
        });
        let ref_start = self.text.len();
        self.text.push_str(origin);
        self.text.push(':');
        self.text.push_str(itoa::Buffer::new().format(position));
        self.heads.push(Head {
            first_slot,
            hash: 0,
            ref_start,
            ref_end: self.text.len(),
            absent: record.absent(),
            fixed: record.fixed(),
        });
    }

    /// Appends a row of `values`, in the order of the table's columns, that comes from where `source_ref` says.
    pub fn push_values<'v>(&mut self, source_ref: &str, values: impl Iterator<Item = Value<'v>>) {
        let first_slot = self.slots.len();
        let mut cells = CellWriter {
            text: &mut self.text,
            slots: &mut self.slots,
            last_day: &mut self.last_day,
        };
        for value in values {
            cells.value(value);
        }
        let ref_start = self.text.len();
        self.text.push_str(source_ref);
        self.heads.push(Head {
            first_slot,
            hash: 0,
            ref_start,
            ref_end: self.text.len(),
            absent: ColumnSet::NONE,
            fixed: ColumnSet::NONE,
        });
    }

    /// Hashes the rows that are not hashed yet; until then, their [`Row::hash`] is 0. Two threads share this work: who
    /// waits for the other does it.
    pub fn hash_rows(&mut self) {
        let width = self.width();
        for head in self.heads.iter_mut().skip(self.hashed) {
            let cells = self.slots.iter().skip(head.first_slot).take(width);
            head.hash = hash_of(cells, &self.text, &mut self.scratch);
        }
        self.hashed = self.heads.len();
    }

    /// Cells a row.
    fn width(&self) -> usize {
        self.slots.len().checked_div(self.heads.len()).unwrap_or(0)
    }

    /// Forgets the rows and keeps the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.slots.clear();
        self.heads.clear();
        self.hashed = 0;
        self.last_day = None;
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The first row.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }

    /// The rows in reading order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        let width = self.width();
        self.heads.iter().map(move |&head| Row {
            rows: self,
            head,
            width,
        })
    }

    fn text_at(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }
}

impl<'a> Row<'a> {
    /// The hash of the row's values, once [`Rows::hash_rows`] has made it.
    pub fn hash(&self) -> i64 {
        self.head.hash
    }

    /// `file:line` or `model:id`.
    pub fn source_ref(&self) -> &'a str {
        self.rows.text_at(self.head.ref_start, self.head.ref_end)
    }

    /// Columns of which the source says nothing: see [`Record::absent`].
    pub fn absent(&self) -> ColumnSet {
        self.head.absent
    }

    /// Columns that a row held under its key must share: see [`Record::fixed`].
    pub fn fixed(&self) -> ColumnSet {
        self.head.fixed
    }

    /// The row's key.
    pub fn key(&self) -> &'a str {
        self.text(0)
    }

    /// The text of column number `column`; empty when that cell holds no text.
    pub fn text(&self, column: usize) -> &'a str {
        match self.rows.slots.get(self.head.first_slot + column) {
            Some(&Slot::Text { start, end }) => self.rows.text_at(start, end),
            _ => "",
        }
    }

    /// The amount in column number `column`, when that cell holds one.
    pub fn decimal(&self, column: usize) -> Option<Decimal> {
        match self.rows.slots.get(self.head.first_slot + column) {
            Some(&Slot::Decimal(value)) => Some(value),
            _ => None,
        }
    }

    /// The cells, in the order of the table's columns.
    pub fn values(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let rows = self.rows;
        let first = self.head.first_slot;
        let cells = rows.slots.get(first..first + self.width);
        cells.unwrap_or_default().iter().map(|slot| match *slot {
            Slot::Null => Value::Null,
            Slot::Integer(value) => Value::Integer(value),
            Slot::Decimal(value) => Value::Decimal(value),
            Slot::Text { start, end } => Value::Text(rows.text_at(start, end)),
        })
    }
}

/// What a record writes its cells to.
#[derive(Debug)]
pub struct CellWriter<'a> {
    text: &'a mut String,
    slots: &'a mut Vec<Slot>,
    last_day: &'a mut Option<(Date, usize)>,
}

impl CellWriter<'_> {
    /// A text, or nothing when there is none or it is empty.
    pub fn text(&mut self, value: Option<&str>) {
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            self.slots.push(Slot::Null);
            return;
        };
        let start = self.text.len();
        self.text.push_str(value);
        let end = self.text.len();
        self.slots.push(Slot::Text { start, end });
    }

    /// Any value; a text as [`CellWriter::text`] has it.
    fn value(&mut self, value: Value<'_>) {
        match value {
            Value::Null => self.slots.push(Slot::Null),
            Value::Integer(value) => self.slots.push(Slot::Integer(value)),
            Value::Decimal(value) => self.slots.push(Slot::Decimal(value)),
            Value::Text(value) => self.text(Some(value)),
        }
    }

    /// An amount or a quantity.
    pub fn decimal(&mut self, value: Option<Decimal>) {
        self.slots.push(value.map_or(Slot::Null, Slot::Decimal));
    }

    /// A whole number.
    pub fn integer(&mut self, value: Option<i64>) {
        self.slots.push(value.map_or(Slot::Null, Slot::Integer));
    }

    /// A yes or no, stored as 1 or 0.
    pub fn flag(&mut self, value: bool) {
        self.slots.push(Slot::Integer(i64::from(value)));
    }

    /// A day, as ISO 8601 text.
    pub fn date(&mut self, value: Option<Date>) {
        let Some(date) = value else {
            self.slots.push(Slot::Null);
            return;
        };
        let start = match *self.last_day {
            Some((last, start)) if last == date => start,
            _ => {
                let start = self.text.len();
                self.text.extend(iso(date).map(char::from));
                *self.last_day = Some((date, start));
                start
            }
        };
        let end = start + ISO_LENGTH;
        self.slots.push(Slot::Text { start, end });
    }
}

/// Bytes of a day as ISO 8601 writes it.
const ISO_LENGTH: usize = 10;

/// `date` as ISO 8601 writes it; many times faster than `format!` in the row loop.
fn iso(date: Date) -> [u8; ISO_LENGTH] {
    let pair = |number: u8| [b'0' + number / 10 % 10, b'0' + number % 10];
    let year = date.year().unsigned_abs();
    let century = u8::try_from(year / 100).unwrap_or_default();
    let year = u8::try_from(year % 100).unwrap_or_default();
    let ([year1, year2], [year3, year4]) = (pair(century), pair(year));
    let [month1, month2] = pair(date.month().unsigned_abs());
    let [day1, day2] = pair(date.day().unsigned_abs());
    [
        year1, year2, year3, year4, b'-', month1, month2, b'-', day1, day2,
    ]
}

/// The hash of the values in `cells`, whose texts are spans of `text`. It covers every cell the store will hold, so a
/// better mapping of the same source line changes it too.
fn hash_of<'a>(cells: impl Iterator<Item = &'a Slot>, text: &str, scratch: &mut Vec<u8>) -> i64 {
    scratch.clear();
    for slot in cells {
        match *slot {
            Slot::Null => scratch.push(0),
            Slot::Integer(value) => scratch.extend_from_slice(&tagged(1, value.to_le_bytes())),
            Slot::Decimal(value) => {
                let value = value.ten_thousandths().to_le_bytes();
                scratch.extend_from_slice(&tagged(2, value));
            }
            Slot::Text { start, end } => {
                let length = ((end - start) as u64).to_le_bytes();
                scratch.extend_from_slice(&tagged(3, length));
                let bytes = text.as_bytes().get(start..end).unwrap_or_default();
                scratch.extend_from_slice(bytes);
            }
        }
    }
    i64::from_le_bytes(xxh3_64(scratch).to_le_bytes())
}

/// `tag`, then `value`.
fn tagged(tag: u8, value: [u8; 8]) -> [u8; 9] {
    let mut bytes = [tag; 9];
    if let Some(rest) = bytes.last_chunk_mut() {
        *rest = value;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_row_comes_out_as_it_went_in() {
        let mut rows = Rows::default();
        let day = jiff::civil::date(2025, 1, 9);
        rows.push("stock.csv", 2, &Pair("a", Some(day)));
        rows.push("stock.csv", 3, &Pair("b", None));
        let seen: Vec<_> = rows
            .iter()
            .map(|row| (row.key(), row.source_ref(), row.values().last()))
            .collect();
        assert_eq!(
            seen,
            [
                ("a", "stock.csv:2", Some(Value::Text("2025-01-09"))),
                ("b", "stock.csv:3", Some(Value::Null)),
            ]
        );
    }

    #[test]
    fn days_are_written_as_iso_8601_does() {
        for day in [(0, 1, 2), (987, 10, 20), (1900, 12, 31), (9999, 9, 9)] {
            let day = jiff::civil::date(day.0, day.1, day.2);
            assert_eq!(iso(day), day.to_string().as_bytes());
        }
    }

    #[test]
    fn the_hash_tells_values_apart_and_ignores_where_they_come_from() {
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
