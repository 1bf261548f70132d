//! Where the rows of a file are, and what they look like.

/// What the rows of a file have in common, as its header and first rows show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Shape {
    /// Columns of the header.
    pub(in super::super) width: usize,
    /// Cells of a usual row, spare ones at its end included.
    pub(in super::super) usual: usize,
    /// Whether rows end with spare empty cells, now more, now fewer.
    pub(in super::super) takes_spare: bool,
    /// Whether the program that wrote the file leaves out empty cells at the end of a row.
    pub(in super::super) takes_short: bool,
    /// Whether blanks follow the delimiters.
    pub(in super::super) is_padded: bool,
}

impl Shape {
    /// Rows with a cell for each of `width` columns.
    pub(in super::super) const fn of_width(width: usize) -> Self {
        Self {
            width,
            usual: width,
            takes_spare: false,
            takes_short: false,
            is_padded: false,
        }
    }

    /// The fewest cells that a row may have.
    pub(in super::super) const fn least_cells(&self) -> usize {
        if self.takes_short { 2 } else { self.width }
    }
}

/// Where the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Layout {
    /// What separates cells; of no meaning in a workbook.
    pub(in super::super) delimiter: u8,
    /// Line of the header, counted from 1.
    pub(in super::super) header_line: u64,
    pub(in super::super) shape: Shape,
}
