//! Corrections of cells, applied before the reader of the table sees them.

use std::collections::HashMap;

use crate::canonical::{CellCorrection, Corrections, RowId};
use crate::connectors::isavigne::cells;
use crate::connectors::isavigne::columns::Columns;
use crate::connectors::isavigne::sheet::Line;

/// The corrections of one file.
#[derive(Debug, Default)]
pub(super) struct FileCorrections {
    /// By row: columns and what is read in them.
    rows: HashMap<RowId, Vec<(usize, String)>>,
    /// By column and value.
    values: Vec<(usize, HashMap<String, String>)>,
}

impl FileCorrections {
    /// Those of `corrections` whose fields `columns` have.
    pub(super) fn of(corrections: &Corrections, columns: &Columns) -> Self {
        let mut found = Self::default();
        let column = |cell: &CellCorrection| columns.named(&cell.field);
        for (row, changes) in &corrections.by_row {
            let changes = changes.iter();
            let changes = changes.filter_map(|cell| Some((column(cell)?, cell.new.clone())));
            let changes: Vec<_> = changes.collect();
            if !changes.is_empty() {
                found.rows.insert(*row, changes);
            }
        }
        for cell in &corrections.by_value {
            let Some(column) = column(cell) else {
                continue;
            };
            let at = found.values.iter().position(|(one, _)| *one == column);
            let at = at.unwrap_or_else(|| {
                found.values.push((column, HashMap::new()));
                found.values.len() - 1
            });
            if let Some((_, values)) = found.values.get_mut(at) {
                values.insert(cell.old.trim().to_owned(), cell.new.clone());
            }
        }
        found
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.values.is_empty()
    }

    /// `line` with its corrections; `None` where it has none.
    pub(super) fn apply(&self, line: &Line, columns: &Columns) -> Option<Line> {
        let mut changes: Vec<(usize, &str)> = Vec::new();
        for (column, values) in &self.values {
            let cell = line.cells.get(*column).map(cells::peel);
            let new = cell.and_then(|cell| values.get(cell.trim()));
            changes.extend(new.map(|new| (*column, new.as_str())));
        }
        if !self.rows.is_empty() {
            let id = RowId::of_cells(columns.table(), line.cells.iter().map(cells::peel));
            let row = self.rows.get(&id).into_iter().flatten();
            changes.extend(row.map(|(column, new)| (*column, new.as_str())));
        }
        (!changes.is_empty()).then(|| line.with_cells(&changes))
    }
}
