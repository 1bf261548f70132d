//! Counts and sums of the rows of the open unit, by what became of them.

use std::collections::BTreeMap;

use crate::canonical::rows::{Column, ColumnSet, Row};
use crate::canonical::{Decimal, Table, Total};
use crate::report::Sums;

/// Number and sums of some rows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RowSums {
    pub(super) rows: u64,
    sums: [Total; Table::MOST_SUMMED],
}

impl RowSums {
    fn add(&mut self, columns: &[Column], value: impl Fn(Column) -> Option<Decimal>) {
        self.rows += 1;
        for (sum, column) in self.sums.iter_mut().zip(columns) {
            if let Some(value) = value(*column) {
                *sum += value;
            }
        }
    }

    fn remove(&mut self, columns: &[Column], value: impl Fn(Column) -> Option<Decimal>) {
        self.rows = self.rows.saturating_sub(1);
        for (sum, column) in self.sums.iter_mut().zip(columns) {
            if let Some(value) = value(*column) {
                *sum -= value;
            }
        }
    }

    fn subtract(&mut self, other: &Self) {
        self.rows = self.rows.saturating_sub(other.rows);
        for (sum, other) in self.sums.iter_mut().zip(other.sums) {
            *sum = *sum - other;
        }
    }
}

/// The rows of the open unit by what became of them.
#[derive(Debug)]
pub(super) struct UnitSums {
    table: Table,
    columns: &'static [Column],
    /// New or changed rows, as the table holds them.
    pub(super) written: RowSums,
    /// Rows that the table held already.
    unchanged: RowSums,
    /// Rows that a later row of the unit replaced.
    pub(super) replaced: RowSums,
    /// Rows of earlier units of the run that a row of this unit replaced, by unit.
    overtaken: BTreeMap<String, RowSums>,
    /// Columns that some row does not have.
    absent: ColumnSet,
}

impl UnitSums {
    pub(super) fn of(table: Table) -> Self {
        Self {
            table,
            columns: table.summed(),
            written: RowSums::default(),
            unchanged: RowSums::default(),
            replaced: RowSums::default(),
            overtaken: BTreeMap::new(),
            absent: ColumnSet::NONE,
        }
    }

    pub(super) fn table(&self) -> Table {
        self.table
    }

    /// Adds a row that was written.
    pub(super) fn write(&mut self, row: &Row<'_>) {
        self.absent = self.absent.union(row.absent());
        self.written.add(self.columns, |column| row.decimal(column));
    }

    /// Adds a row that the table holds already.
    pub(super) fn keep(&mut self, row: &Row<'_>) {
        self.absent = self.absent.union(row.absent());
        self.unchanged
            .add(self.columns, |column| row.decimal(column));
    }

    /// Adds a row that a row of the unit repeats without a change.
    pub(super) fn repeat(&mut self, row: &Row<'_>) {
        self.replaced
            .add(self.columns, |column| row.decimal(column));
    }

    /// Takes away a row that the run wrote, with its `values`; another one replaced it. `origin`: its unit, unless it is
    /// the open one.
    pub(super) fn replace(
        &mut self,
        origin: Option<&str>,
        value: impl Fn(Column) -> Option<Decimal>,
    ) {
        match origin {
            None => {
                self.written.remove(self.columns, &value);
                self.replaced.add(self.columns, value);
            }
            Some(origin) => {
                let overtaken = self.overtaken.entry(origin.to_owned()).or_default();
                overtaken.add(self.columns, value);
            }
        }
    }

    /// Sums of all accepted rows, without columns that some row does not have.
    pub(super) fn accepted(&self) -> Sums {
        let mut all = self.written;
        for (sum, (unchanged, replaced)) in all
            .sums
            .iter_mut()
            .zip(self.unchanged.sums.iter().zip(&self.replaced.sums))
        {
            *sum += *unchanged;
            *sum += *replaced;
        }
        self.named(&all)
    }

    /// Number and sums of the rows that were written.
    pub(super) fn written(&self) -> WrittenRows {
        WrittenRows {
            rows: self.written,
            names: self.names().collect(),
        }
    }

    /// The rows of earlier units that this one replaced, by unit.
    pub(super) fn take_overtaken(&mut self) -> BTreeMap<String, RowSums> {
        std::mem::take(&mut self.overtaken)
    }

    fn named(&self, rows: &RowSums) -> Sums {
        let names = self.names().zip(rows.sums);
        names
            .filter_map(|(name, sum)| Some((name?.to_owned(), sum)))
            .collect()
    }

    /// The names of the columns; `None` for one that some row does not have.
    fn names(&self) -> impl Iterator<Item = Option<&'static str>> {
        self.columns.iter().map(|column| {
            let is_there = !self.absent.contains(*column);
            is_there.then(|| self.table.column_name(*column))
        })
    }
}

/// The rows that a unit wrote, until the end of the load: later units may replace some.
#[derive(Debug)]
pub(super) struct WrittenRows {
    rows: RowSums,
    names: Vec<Option<&'static str>>,
}

impl WrittenRows {
    pub(super) fn subtract(&mut self, overtaken: &RowSums) {
        self.rows.subtract(overtaken);
    }

    pub(super) fn into_sums(self) -> (u64, Sums) {
        let names = self.names.iter().zip(self.rows.sums);
        let sums = names.filter_map(|(name, sum)| Some(((*name)?.to_owned(), sum)));
        (self.rows.rows, sums.collect())
    }
}
