//! A file as rows of text, whatever it is: delimited text in any dialect, or a workbook.

mod delimited;
mod dialect;
mod new_format;
mod old_format;
mod records;
mod row_text;
mod tap;
mod workbook;

pub use workbook::WORKBOOK_THREAD;

use std::fs::File;
use std::path::Path;

use self::row_text::RowText;
use super::files;
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
    /// Its cells, as decoded.
    pub(super) cells: RowText,
    /// What each cell is; nothing is known of the cells of a text, all are texts.
    kinds: Vec<CellKind>,
}

/// What a cell is to the program that wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum CellKind {
    /// Text, or nothing.
    #[default]
    Text,
    /// A number as such: no doubt about its decimal mark, and it may be one of Excel's day numbers.
    Number,
    /// A formula that failed: `#N/A`.
    Error,
}

impl Line {
    /// What the cell in `column` is.
    pub(super) fn kind(&self, column: usize) -> CellKind {
        self.kinds.get(column).copied().unwrap_or_default()
    }

    /// The first cell that shows an error, if one does.
    pub(super) fn first_error(&self) -> Option<usize> {
        self.kinds.iter().position(|kind| *kind == CellKind::Error)
    }
}

/// A file being read.
pub(super) enum Sheet {
    Delimited(Box<delimited::Delimited>),
    Workbook(workbook::Workbook),
}

impl Sheet {
    /// Opens `file`, whose name is that of `path`.
    pub(super) fn open(path: &Path, file: File, survey: &Survey) -> Result<Self> {
        if is_workbook(path) {
            Ok(Self::Workbook(workbook::Workbook::open(path, file)?))
        } else {
            let delimited = delimited::Delimited::open(file, survey.encoding)?;
            Ok(Self::Delimited(Box::new(delimited)))
        }
    }

    /// Opens the file at `path` anew, for one more look at it.
    pub(super) fn reopen(path: &Path, survey: &Survey) -> Result<Self> {
        Self::open(path, files::open(path)?, survey)
    }

    /// Reads the next row into `line`; false at the end. Rows without any filled cell are skipped.
    pub(super) fn read(&mut self, line: &mut Line) -> Result<bool> {
        match self {
            Self::Delimited(delimited) => delimited.read(line),
            Self::Workbook(workbook) => Ok(workbook.read(line)),
        }
    }

    /// What separates the cells of a line of text.
    pub(super) fn delimiter(&self) -> char {
        match self {
            Self::Delimited(delimited) => char::from(delimited.delimiter),
            Self::Workbook(_) => '\t',
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

    /// The hash of what was read, to be compared with the survey's at the end; a workbook has none of its own.
    pub(super) fn hash(&self) -> Option<String> {
        match self {
            Self::Delimited(delimited) => Some(delimited.tap.hash()),
            Self::Workbook(_) => None,
        }
    }

    /// Whether it is a workbook, which is whole or damaged but never cut.
    pub(super) fn is_workbook(&self) -> bool {
        matches!(self, Self::Workbook(_))
    }
}

/// Whether the name of `path` is a workbook's.
pub(super) fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("xlsx") || extension.eq_ignore_ascii_case("xls")
    })
}
