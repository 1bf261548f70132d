//! A file as rows of text, for delimited text in any dialect and for workbooks.

mod delimited;
mod dialect;
pub(super) mod format;
mod hashing_reader;
mod layout;
mod line_ends;
mod new_format;
mod number_format;
mod old_format;
mod package;
mod quotes;
mod records;
mod row_text;
mod workbook;

pub(super) use dialect::DELIMITERS;
pub(super) use layout::{Layout, Shape};
pub use workbook::WORKBOOK_THREAD;
pub(super) use workbook::{SheetInfo, sheets};

use std::path::Path;

use self::row_text::RowText;
use super::folder::Source;
use super::survey::Survey;
use crate::error::Result;

/// A row of a sheet.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// Line of the file on which it begins, counted from 1.
    pub(super) number: u64,
    /// Number of further lines it spans: line ends within quotes.
    pub(super) more_lines: u64,
    /// Whether the file ends within a quoted cell of this row.
    pub(super) is_open: bool,
    /// Whether it contains a quote, around a cell or inside.
    pub(super) has_quotes: bool,
    /// Set if its lines are not a row because a quote is not closed at the end of a cell. Each of its cells is then a
    /// line.
    pub(super) broken_quote: Option<BrokenQuote>,
    /// Its cells, as decoded.
    pub(super) cells: RowText,
    /// Kind of each cell; empty for delimited text, whose cells are all text.
    kinds: Vec<CellKind>,
}

/// A quote that is not closed where a cell ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BrokenQuote {
    /// Line of the quote.
    pub(super) opened: u64,
    /// Line of the quote that seems to close it; `None` if there is none within the limits.
    pub(super) closed: Option<u64>,
    /// Whether that quote follows a backslash.
    pub(super) is_escaped: bool,
}

/// Kind of a cell to the program that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CellKind {
    /// Text, or empty.
    #[default]
    Text,
    /// A number: its decimal mark is certain, and it may be a serial number of a day.
    Number,
    /// A number formatted as an amount in a foreign currency.
    Foreign,
    /// A formula that failed: `#N/A`.
    Error,
    /// A formula whose result is not in the file because the program that wrote it computes none. The text is the
    /// formula.
    Uncomputed,
}

impl Line {
    /// The kind of the cell in `column`.
    pub(super) fn kind(&self, column: usize) -> CellKind {
        self.kinds.get(column).copied().unwrap_or_default()
    }

    /// The same row with other cells: columns, and the text of each.
    pub(super) fn with_cells(&self, changes: &[(usize, &str)]) -> Self {
        let mut corrected = Self {
            cells: RowText::default(),
            ..self.clone()
        };
        let width = changes.iter().map(|(at, _)| at + 1);
        let width = width.fold(self.cells.len(), usize::max);
        for at in 0..width {
            let change = changes.iter().rev().find(|(column, _)| *column == at);
            let cell = match change {
                Some((_, text)) => text,
                None => self.cells.get(at).unwrap_or_default(),
            };
            corrected.cells.push(cell);
            if let (Some(_), Some(kind)) = (change, corrected.kinds.get_mut(at)) {
                *kind = CellKind::Text; // A person typed it.
            }
        }
        corrected
    }

    /// The first cell without a value, if there is one.
    pub(super) fn first_error(&self) -> Option<usize> {
        let is_error = |kind: &CellKind| matches!(kind, CellKind::Error | CellKind::Uncomputed);
        self.kinds.iter().position(is_error)
    }
}

/// A file being read.
pub(super) enum Sheet {
    Delimited(Box<delimited::Delimited>),
    Workbook(workbook::Workbook),
}

impl Sheet {
    /// Opens `file`, which is called like `path`, with the results of its `survey`. Of a workbook, opens the sheet
    /// called `sheet`, or the first that is neither hidden nor empty. Fails for an unsupported format, with its name.
    pub(super) fn open(
        path: &Path,
        file: Source,
        survey: &Survey,
        sheet: Option<&str>,
    ) -> Result<Self> {
        Self::open_up_to(usize::MAX, path, file, survey, sheet)
    }

    /// Like [`Sheet::open`], but reads at most `most` rows of a workbook.
    pub(super) fn open_up_to(
        most: usize,
        path: &Path,
        file: Source,
        survey: &Survey,
        sheet: Option<&str>,
    ) -> Result<Self> {
        survey.format.check(path)?;
        if survey.format.is_workbook() {
            let workbook = workbook::Workbook::open(&file, survey.format, sheet, most)?;
            Ok(Self::Workbook(workbook))
        } else {
            let delimited = delimited::Delimited::open(file, survey)?;
            Ok(Self::Delimited(Box::new(delimited)))
        }
    }

    /// The first rows, split by `delimiter`: at most `most` from line `from` on. Empty for a workbook, whose rows can
    /// be read.
    pub(super) fn sample(
        &self,
        delimiter: u8,
        from: u64,
        most: usize,
        shape: Option<Shape>,
    ) -> Vec<Line> {
        match self {
            Self::Delimited(file) => file.sample(delimiter, from, most, shape),
            Self::Workbook(_) => Vec::new(),
        }
    }

    /// The delimiter in a first line `sep=;`, which is not a row.
    pub(super) fn preamble(&self) -> Option<u8> {
        match self {
            Self::Delimited(delimited) => delimited.preamble(),
            Self::Workbook(_) => None,
        }
    }

    /// Moves to the header of `layout`, the next row of a text. Rows of a workbook are skipped by reading.
    pub(super) fn go_to(&mut self, layout: &Layout) -> Result<()> {
        match self {
            Self::Delimited(delimited) => delimited.go_to(layout),
            Self::Workbook(_) => Ok(()),
        }
    }

    /// Reads the next row into `line`; false at the end. Skips rows without a filled cell.
    pub(super) fn read(&mut self, line: &mut Line) -> Result<bool> {
        match self {
            Self::Delimited(delimited) => delimited.read(line),
            Self::Workbook(workbook) => Ok(workbook.read(line)),
        }
    }

    /// Number of lines so far, whatever they hold; of rows, in a workbook.
    pub(super) fn lines(&self) -> u64 {
        match self {
            Self::Delimited(delimited) => delimited.lines(),
            Self::Workbook(workbook) => workbook.lines(),
        }
    }

    /// Number of empty lines so far.
    pub(super) fn empty_lines(&self) -> u64 {
        match self {
            Self::Delimited(delimited) => delimited.empty_lines(),
            Self::Workbook(workbook) => workbook.empty_lines,
        }
    }

    /// Bytes read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        match self {
            Self::Delimited(delimited) => delimited.tap.bytes(),
            Self::Workbook(workbook) => workbook.size,
        }
    }

    /// The hash of the bytes read, for comparison with the survey's at the end.
    pub(super) fn hash(&self) -> Option<String> {
        match self {
            Self::Delimited(delimited) => Some(delimited.tap.hash()),
            Self::Workbook(workbook) => workbook.hash.clone(),
        }
    }

    /// Whether it is a workbook, which is complete or damaged but never cut.
    pub(super) fn is_workbook(&self) -> bool {
        matches!(self, Self::Workbook(_))
    }
}
