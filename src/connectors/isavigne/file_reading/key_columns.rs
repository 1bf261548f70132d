//! The columns by which rows are found again.

use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::sheet::Line;

/// Fields by which rows are found again.
const KEYS: &[Field] = &[
    Field::ContactKey,
    Field::CustomerKey,
    Field::OrderRef,
    Field::ProductKey,
    Field::SaleLineKey,
];

/// The columns of a file by which its rows are found again.
pub(super) struct KeyColumns(Vec<usize>);

impl KeyColumns {
    pub(super) fn of(columns: &Columns) -> Self {
        Self(KEYS.iter().filter_map(|&field| columns.of(field)).collect())
    }

    /// Each of them with its cell in `line`.
    #[inline]
    pub(super) fn cells<'l>(&self, line: &'l Line) -> impl Iterator<Item = (usize, &'l str)> {
        let cells = self.0.iter();
        cells.map(|&column| (column, line.cells.get(column).unwrap_or_default()))
    }

    /// No code spans lines: a quote before one was closed behind the next.
    pub(super) fn hold_line_end(&self, line: &Line) -> bool {
        line.more_lines > 0 && self.cells(line).any(|(_, cell)| cell.contains('\n'))
    }
}
