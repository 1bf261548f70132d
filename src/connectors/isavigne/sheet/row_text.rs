//! The cells of a row: one text, and where each cell lies in it.

/// The cells of a row; its memory is kept from row to row.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct RowText {
    text: String,
    /// Where each cell begins and ends.
    bounds: Vec<(usize, usize)>,
}

impl RowText {
    /// How many cells there are.
    pub(in super::super) fn len(&self) -> usize {
        self.bounds.len()
    }

    /// The cell in `column`.
    pub(in super::super) fn get(&self, column: usize) -> Option<&str> {
        let &(start, end) = self.bounds.get(column)?;
        self.text.get(start..end)
    }

    /// The cells from left to right.
    pub(in super::super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        let cell = |&(start, end): &(usize, usize)| self.text.get(start..end).unwrap_or_default();
        self.bounds.iter().map(cell)
    }

    /// All cells in one, with or without what separates them: what is not found here is in no cell.
    pub(in super::super) fn whole(&self) -> &str {
        &self.text
    }

    /// Whether no cell holds anything.
    pub(super) fn is_blank(&self) -> bool {
        self.iter().all(|cell| cell.trim().is_empty())
    }

    /// One more cell on the right.
    pub(super) fn push(&mut self, cell: &str) {
        let start = self.text.len();
        self.text.push_str(cell);
        self.bounds.push((start, self.text.len()));
    }

    /// Becomes the cells of `line`, which `delimiters` separate: their places in it.
    pub(super) fn split(&mut self, line: &str, delimiters: impl Iterator<Item = usize>) {
        self.become_text(line);
        let mut start = 0;
        for at in delimiters {
            self.bounds.push((start, at));
            start = at + 1;
        }
        self.bounds.push((start, line.len()));
    }

    /// Becomes the cells of `text`, one after the other up to each of `ends`.
    pub(super) fn cut(&mut self, text: &str, ends: &[usize]) {
        self.become_text(text);
        let mut start = 0;
        for &end in ends {
            self.bounds.push((start, end));
            start = end;
        }
    }

    fn become_text(&mut self, text: &str) {
        self.text.clear();
        self.text.push_str(text);
        self.bounds.clear();
    }
}
