//! A file as rows of text, whatever it is: delimited text in any dialect, or a workbook.

mod delimited;
mod dialect;
pub(super) mod format;
mod hashing_reader;
mod layout;
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
    /// Lines it spans beyond the first: line ends within quotes.
    pub(super) more_lines: u64,
    /// Whether the file ends within quotes that this row opened.
    pub(super) is_open: bool,
    /// Whether a quote stands in it, around a cell or inside.
    pub(super) has_quotes: bool,
    /// Why its lines are no row: a quote is not closed where a cell ends. Each of its cells is then a line.
    pub(super) broken_quote: Option<BrokenQuote>,
    /// Its cells, as decoded.
    pub(super) cells: RowText,
    /// What each cell is; nothing is known of the cells of a text, all are texts.
    kinds: Vec<CellKind>,
}

/// A quote that is not closed where a cell ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BrokenQuote {
    /// The line it stands on.
    pub(super) opened: u64,
    /// The line of the quote that seemed to close it; none within reach.
    pub(super) closed: Option<u64>,
    /// Whether a backslash stands before that one.
    pub(super) is_escaped: bool,
}

/// What a cell is to the program that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CellKind {
    /// Text, or nothing.
    #[default]
    Text,
    /// A number as such: no doubt about its decimal mark, and it may be one of Excel's day numbers.
    Number,
    /// A number that is shown as an amount in another currency than the euro.
    Foreign,
    /// A formula that failed: `#N/A`.
    Error,
    /// A formula whose result is not in the file: the program that wrote it computes none. The text is the formula.
    Uncomputed,
}

impl Line {
    /// What the cell in `column` is.
    pub(super) fn kind(&self, column: usize) -> CellKind {
        self.kinds.get(column).copied().unwrap_or_default()
    }

    /// The first cell that holds no value, if one does.
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
    /// Opens `file`, whose name is that of `path`, surveyed as `survey` tells. Of a workbook, the sheet called `sheet`,
    /// else the first that is neither hidden nor empty. Fails for what is neither text nor workbook, with what it is.
    pub(super) fn open(
        path: &Path,
        file: Source,
        survey: &Survey,
        sheet: Option<&str>,
    ) -> Result<Self> {
        Self::open_up_to(usize::MAX, path, file, survey, sheet)
    }

    /// The same, of which no more than `most` rows are looked at: those of a text are read one by one anyway.
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

    /// The first rows, were `delimiter` what separates their cells: at most `most` from line `from` on. A workbook
    /// shows none: its rows can be read.
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

    /// What a first line `sep=;` says, which is then no row.
    pub(super) fn preamble(&self) -> Option<u8> {
        match self {
            Self::Delimited(delimited) => delimited.preamble(),
            Self::Workbook(_) => None,
        }
    }

    /// Goes to the header of `layout`, which is the next row of a text. The rows of a workbook are skipped by reading.
    pub(super) fn go_to(&mut self, layout: &Layout) -> Result<()> {
        match self {
            Self::Delimited(delimited) => delimited.go_to(layout),
            Self::Workbook(_) => Ok(()),
        }
    }

    /// Reads the next row into `line`; false at the end. Rows without any filled cell are skipped.
    pub(super) fn read(&mut self, line: &mut Line) -> Result<bool> {
        match self {
            Self::Delimited(delimited) => delimited.read(line),
            Self::Workbook(workbook) => Ok(workbook.read(line)),
        }
    }

    /// Empty lines met so far.
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

    /// The hash of what was read, to be compared with the survey's at the end.
    pub(super) fn hash(&self) -> Option<String> {
        match self {
            Self::Delimited(delimited) => Some(delimited.tap.hash()),
            Self::Workbook(workbook) => workbook.hash.clone(),
        }
    }

    /// Whether it is a workbook, which is whole or damaged but never cut.
    pub(super) fn is_workbook(&self) -> bool {
        matches!(self, Self::Workbook(_))
    }
}
