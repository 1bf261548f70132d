//! The rows of a file, with a look-ahead at the first ones.

use std::collections::VecDeque;

use crate::connectors::isavigne::files::ExportFile;
use crate::connectors::isavigne::sheet::{Layout, Line, Shape, Sheet};
use crate::connectors::isavigne::survey::Survey;
use crate::error::Result;

/// Rows of a workbook read ahead: those above the header, and some after it.
pub(super) const AHEAD: usize = 240;

/// The rows of a file.
pub(in super::super) struct Rows {
    sheet: Sheet,
    /// Rows of a workbook that were read ahead to find its header.
    ahead: VecDeque<Line>,
    /// Rows of a workbook above its header.
    above: u64,
}

impl Rows {
    /// The rows of `sheet`, from its first one.
    pub(super) fn of(mut sheet: Sheet) -> Result<Self> {
        let mut ahead = VecDeque::new();
        let mut line = Line::default();
        while sheet.is_workbook() && ahead.len() < AHEAD && sheet.read(&mut line)? {
            ahead.push_back(std::mem::take(&mut line));
        }
        Ok(Self {
            sheet,
            ahead,
            above: 0,
        })
    }

    /// Opens `file` again for another pass: the next row is its header.
    pub(super) fn reopen(file: &ExportFile, survey: &Survey, layout: &Layout) -> Result<Self> {
        let content = file.open()?;
        let sheet = Sheet::open(&file.path, content, survey, file.sheet.as_deref())?;
        let mut rows = Self::of(sheet)?;
        rows.go_to(layout)?;
        Ok(rows)
    }

    /// Moves to the header, which is then the next row.
    pub(super) fn go_to(&mut self, layout: &Layout) -> Result<()> {
        self.sheet.go_to(layout)?;
        while self
            .ahead
            .front()
            .is_some_and(|line| line.number < layout.header_line)
        {
            self.ahead.pop_front();
            self.above += 1;
        }
        Ok(())
    }

    /// At most `most` of the first rows from line `from` on, split by `delimiter`.
    pub(super) fn sample(
        &self,
        delimiter: u8,
        from: u64,
        most: usize,
        shape: Option<Shape>,
    ) -> Vec<Line> {
        if !self.is_workbook() {
            return self.sheet.sample(delimiter, from, most, shape);
        }
        let below = self.ahead.iter().filter(|line| line.number >= from);
        below.take(most).cloned().collect()
    }

    /// The delimiter in a first line `sep=;`.
    pub(super) fn preamble(&self) -> Option<u8> {
        self.sheet.preamble()
    }

    /// Reads the next row into `line`; false at the end. Skips rows without a filled cell.
    pub(in super::super) fn read(&mut self, line: &mut Line) -> Result<bool> {
        match self.ahead.pop_front() {
            Some(next) => {
                *line = next;
                Ok(true)
            }
            None => self.sheet.read(line),
        }
    }

    /// Number of lines up to the header, once `header` was read; a row that spans several counts as one.
    pub(super) fn header_lines(&self, header: &Line) -> u64 {
        if self.is_workbook() {
            self.above + 1
        } else {
            let lines = self.sheet.lines() - self.sheet.empty_lines();
            lines.saturating_sub(header.more_lines)
        }
    }

    /// Number of lines so far, whatever they hold.
    pub(super) fn lines(&self) -> u64 {
        self.sheet.lines()
    }

    /// Number of empty lines so far.
    pub(super) fn empty_lines(&self) -> u64 {
        self.sheet.empty_lines()
    }

    /// Bytes read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.sheet.bytes_read()
    }

    /// The hash of the bytes read; `None` for a workbook.
    pub(super) fn hash(&self) -> Option<String> {
        self.sheet.hash()
    }

    /// Whether it is a workbook, which is complete or damaged but never cut.
    pub(in super::super) fn is_workbook(&self) -> bool {
        self.sheet.is_workbook()
    }
}
