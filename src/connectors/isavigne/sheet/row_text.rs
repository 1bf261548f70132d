//! The cells of a row: one text, and the position of each cell in it.

use crate::canonical::bytes::places;

/// The cells of a row; its memory is reused for the next row.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct RowText {
    text: String,
    /// Start and end of each cell.
    bounds: Vec<(usize, usize)>,
}

impl RowText {
    /// Number of cells.
    pub(in super::super) fn len(&self) -> usize {
        self.bounds.len()
    }

    /// The cell in `column`.
    pub(in super::super) fn get(&self, column: usize) -> Option<&str> {
        let &(start, end) = self.bounds.get(column)?;
        self.text.get(start..end)
    }

    /// The cells from left to right.
    pub(in super::super) fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        let cell = |&(start, end): &(usize, usize)| self.text.get(start..end).unwrap_or_default();
        self.bounds.iter().map(cell)
    }

    /// The text of all cells, with or without delimiters: what it does not contain is in no cell.
    pub(in super::super) fn whole(&self) -> &str {
        &self.text
    }

    /// Whether all cells are empty.
    pub(super) fn is_blank(&self) -> bool {
        self.iter().all(|cell| cell.trim().is_empty())
    }

    /// Appends a cell.
    pub(super) fn push(&mut self, cell: &str) {
        let start = self.text.len();
        self.text.push_str(cell);
        self.bounds.push((start, self.text.len()));
    }

    /// Sets the cells to those of `line`, split at an ASCII `delimiter`.
    pub(super) fn split(&mut self, line: &str, delimiter: u8) {
        self.become_text(line);
        let mut start = 0;
        each_place(delimiter, line.as_bytes(), |at| {
            self.bounds.push((start, at));
            start = at + 1;
        });
        self.bounds.push((start, line.len()));
    }

    /// Sets the text, without cells.
    pub(super) fn become_text(&mut self, text: &str) {
        self.text.clear();
        self.text.push_str(text);
        self.bounds.clear();
    }

    /// Appends a cell from `start` to `end` of the text.
    pub(super) fn bound(&mut self, start: usize, end: usize) {
        self.bounds.push((start, end));
    }
}

/// Calls `take` with every position of `byte` in `bytes`. Cells are short: eight bytes at once are faster than a
/// search with wide registers that restarts after each cell.
fn each_place(byte: u8, bytes: &[u8], mut take: impl FnMut(usize)) {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let mut found = places(byte, u64::from_le_bytes(*word));
        while found != 0 {
            take(at + found.trailing_zeros() as usize / 8);
            found &= found - 1;
        }
        at += word.len();
    }
    for (one, at) in rest.iter().zip(at..) {
        if *one == byte {
            take(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// `:` and `»` differ from `;` in one bit.
        #[test]
        fn a_line_is_split_at_each_delimiter(line in prop_oneof!["[;:»a]{0,40}", "\\PC{0,40}"]) {
            let mut cells = RowText::default();
            cells.split(&line, b';');
            prop_assert_eq!(cells.iter().collect::<Vec<_>>(), line.split(';').collect::<Vec<_>>());
        }
    }
}
