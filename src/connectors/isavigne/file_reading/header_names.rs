//! The names in a header line.

use super::super::cells;
use super::super::sheet::Line;
use crate::canonical::text;

/// The cells of `line` as column names, without invisible characters.
pub(super) fn header_names(line: &Line) -> Vec<String> {
    let cells = line.cells.iter();
    cells
        .map(|cell| text::visible(&text::clean(cells::peel(cell))).into_owned())
        .collect()
}
