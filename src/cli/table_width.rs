//! Fits a table into the width of a terminal: columns go away before a name, a date or a number breaks.

use comfy_table::{ColumnConstraint, Table, Width};
use console::measure_text_width;

/// Blanks beside the text of a cell, and between two cells.
const PADDING: usize = 3;

/// A longer cell may take several lines of this width: a sentence, and a name or a path.
const SENTENCE: usize = 24;
const NAME: usize = 32;

/// Hides columns of `table` until the others fit into `width` columns. `expendable`: numbers of the columns that may go,
/// the first one first.
pub(super) fn fit(table: &mut Table, width: u16, expendable: &[usize]) {
    let width = usize::from(width) + 1;
    let mut needed = needed_widths(table);
    for &column in expendable {
        if needed.iter().sum::<usize>() <= width {
            break;
        }
        if let Some(needed) = needed.get_mut(column) {
            *needed = 0;
        }
        constrain(table, column, ColumnConstraint::Hidden);
    }
    if needed.iter().sum::<usize>() > width {
        return;
    }
    for (column, needed) in needed
        .into_iter()
        .enumerate()
        .filter(|(_, needed)| *needed > 0)
    {
        let least = u16::try_from(needed - 1).unwrap_or(u16::MAX);
        constrain(
            table,
            column,
            ColumnConstraint::LowerBoundary(Width::Fixed(least)),
        );
    }
}

fn constrain(table: &mut Table, column: usize, constraint: ColumnConstraint) {
    if let Some(column) = table.column_mut(column) {
        column.set_constraint(constraint);
    }
}

/// The width that each column needs, with the blanks beside it.
fn needed_widths(table: &Table) -> Vec<usize> {
    let mut widths: Vec<usize> = Vec::new();
    for row in table.header().into_iter().chain(table.row_iter()) {
        for (column, cell) in row.cell_iter().enumerate() {
            let width = needed_width(&cell.content()) + PADDING;
            match widths.get_mut(column) {
                Some(known) => *known = (*known).max(width),
                None => widths.push(width),
            }
        }
    }
    widths
}

fn needed_width(text: &str) -> usize {
    let most = if text.contains(' ') { SENTENCE } else { NAME };
    measure_text_width(text).min(most)
}
