//! What a batch takes: a record, whole or in part.

use super::{CellWriter, ColumnSet};
use crate::canonical::Table;

/// A canonical record: knows its table and writes its cells in the order of the table's columns.
pub trait Record {
    /// The table this record belongs to.
    fn table(&self) -> Table;

    /// Writes one cell per column of [`Table::columns`], the key first.
    fn write(&self, cells: &mut CellWriter<'_>);

    /// Columns that the source does not have. An existing row keeps its values in them; a new row takes the values
    /// written here.
    fn absent(&self) -> ColumnSet {
        ColumnSet::NONE
    }

    /// Columns that identify what the row is about. A row that differs from the existing row in one of them is a
    /// [conflict](crate::canonical::Conflict) and does not replace it.
    fn fixed(&self) -> ColumnSet {
        ColumnSet::NONE
    }
}

/// A record whose source has only some of its columns.
pub struct Partial<'r> {
    /// The record, with the values of a new row in all columns.
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
