//! Opens a file up to its first row, with its header mapped.

use super::super::Isavigne;
use super::super::columns::Columns;
use super::super::files::ExportFile;
use super::super::sheet::{Layout, Line, Shape, Sheet};
use super::super::survey::Survey;
use super::key_columns::KeyColumns;
use super::non_rows::{NonRow, NonRows};
use super::rows::{self, Rows};
use super::{header, shape};
use crate::canonical::Table;
use crate::error::Result;

/// A file whose next line is its first row.
pub(in super::super) struct Opened {
    pub(in super::super) sheet: Rows,
    pub(in super::super) columns: Columns,
    /// Position and shape of the rows.
    pub(in super::super) layout: Layout,
    /// Lines up to the header, and further lines that the header spans.
    pub(super) header_lines: (u64, u64),
    /// Remarks from opening it, such as skipped lines above the header.
    pub(in super::super) remarks: Vec<String>,
}

impl Opened {
    /// Reads all rows and counts them like a sync, but includes lines that only a full check detects as non-rows.
    pub(in super::super) fn count_rows(&mut self) -> Result<u64> {
        let non_rows = NonRows::of(&self.columns);
        let keys = KeyColumns::of(&self.columns);
        let mut line = Line::default();
        let mut is_under_header = true;
        let mut rows = 0;
        while self.sheet.read(&mut line)? {
            let is_torn = line.broken_quote.is_some() || keys.hold_line_end(&line);
            let kind = if is_torn {
                None
            } else if is_under_header {
                non_rows.kind_under_header(&line)?
            } else if non_rows.is_doubtful(&line) {
                non_rows.kind(&line)?
            } else {
                None
            };
            is_under_header = match kind {
                Some(kind) => is_under_header || kind == NonRow::Header,
                None => is_torn && is_under_header,
            };
            if kind.is_none() {
                rows += rows_of(&self.layout.shape, &line, is_torn);
            }
        }
        Ok(rows)
    }
}

/// Number of rows that `line` counts for: each line swallowed by an unclosed quote is one. `is_torn`: its cells show such a
/// quote.
fn rows_of(shape: &Shape, line: &Line, is_torn: bool) -> u64 {
    let is_misshapen = line.more_lines > 0 && shape::fault(shape, line).is_some();
    if is_torn || is_misshapen {
        line.more_lines + 1
    } else {
        1
    }
}

/// The first rows of a file, which may contain a header, for any table.
pub(in super::super) fn first_rows(file: &ExportFile, survey: &Survey) -> Result<Rows> {
    let content = file.open()?;
    let sheet = file.sheet.as_deref();
    Rows::of(Sheet::open_up_to(
        rows::AHEAD,
        &file.path,
        content,
        survey,
        sheet,
    )?)
}

/// The columns of `table` in the header among the first `rows` of a file.
pub(in super::super) fn columns(rows: &Rows, table: Table, config: &Isavigne) -> Result<Columns> {
    header::find(rows, table, config).map(|header| header.columns)
}

/// Opens a file of `table` and maps its header.
pub(in super::super) fn open(
    file: &ExportFile,
    survey: &Survey,
    table: Table,
    config: &Isavigne,
) -> Result<Opened> {
    let content = file.open()?;
    let mut sheet = Rows::of(Sheet::open(
        &file.path,
        content,
        survey,
        file.sheet.as_deref(),
    )?)?;
    let header = header::find(&sheet, table, config)?;
    sheet.go_to(&header.layout)?;
    let mut line = Line::default();
    sheet.read(&mut line)?;
    Ok(Opened {
        header_lines: (sheet.header_lines(&line), line.more_lines),
        sheet,
        columns: header.columns,
        layout: header.layout,
        remarks: header.remark.into_iter().collect(),
    })
}
