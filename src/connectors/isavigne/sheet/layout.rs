//! Position and shape of the rows of a file.

/// Shape of the rows, from the header and the first rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Shape {
    /// Number of columns of the header.
    pub(in super::super) width: usize,
    /// Number of cells of a usual row, including extra ones at its end.
    pub(in super::super) usual: usize,
    /// Whether rows end with a varying number of extra empty cells.
    pub(in super::super) takes_spare: bool,
    /// Whether the exporter omits empty cells at the end of a row.
    pub(in super::super) takes_short: bool,
    /// Whether blanks follow the delimiters.
    pub(in super::super) is_padded: bool,
}

impl Shape {
    /// The shape of rows with a cell for each of `width` columns.
    pub(in super::super) const fn of_width(width: usize) -> Self {
        Self {
            width,
            usual: width,
            takes_spare: false,
            takes_short: false,
            is_padded: false,
        }
    }

    /// Fewest cells of a row.
    pub(in super::super) const fn least_cells(&self) -> usize {
        if self.takes_short { 2 } else { self.width }
    }
}

/// Position of the rows of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Layout {
    /// Delimiter of cells; unused for a workbook.
    pub(in super::super) delimiter: u8,
    /// Line of the header, counted from 1.
    pub(in super::super) header_line: u64,
    pub(in super::super) shape: Shape,
}
