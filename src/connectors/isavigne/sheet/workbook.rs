//! The first sheet of an Excel workbook as rows of text.
//!
//! Each cell comes with what it is to Excel: a number needs no guess about its decimal mark, an error is no
//! text. Days come as ISO 8601.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::thread;
use std::vec::IntoIter;

use calamine::{Data, ExcelDateTime, Reader, Xls, Xlsx};

use super::row_text::RowText;
use super::{CellKind, Line, new_format, old_format};
use crate::error::{Error, Result};

/// The thread workbooks are opened on. Some damaged files make the parser panic: that must end neither the
/// program nor its other syncs, and is worth no backtrace.
pub const WORKBOOK_THREAD: &str = "workbook";

/// Columns a sheet may have. One stray cell far to the right would make every row as wide as Excel can go.
const MOST_COLUMNS: usize = 1_000;

/// A workbook being read. Its filled cells are held in memory: the format does not let rows be streamed
/// before the shared texts at its end, and Excel stops at 1,048,576 rows.
pub(in super::super) struct Workbook {
    rows: IntoIter<Row>,
    /// Columns of the widest row: a workbook does not say where a row ends.
    width: usize,
    next_number: u64,
    pub(super) size: u64,
    pub(super) empty_lines: u64,
}

/// A row with at least one filled cell, and its number in the sheet, counted from 1.
struct Row {
    number: u64,
    cells: RowText,
    kinds: Vec<CellKind>,
}

impl Workbook {
    pub(super) fn open(path: &Path, file: File) -> Result<Self> {
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        let is_old = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("xls"));
        let rows = thread::Builder::new()
            .name(WORKBOOK_THREAD.to_owned())
            .spawn(move || SheetRows::read(&file, is_old))
            .map_err(|error| damaged(path).because(error))?
            .join();
        // A thread that panicked says no more than that the file is not what it says it is.
        let rows = rows.map_err(|_| damaged(path))?;
        let rows = rows.map_err(|error| damaged(path).because(error))?;
        if rows.is_out_of_order {
            return Err(damaged(path));
        }
        if rows.is_too_spread {
            return Err(Error::data("une cellule est remplie loin du tableau").hint(
                "Effacez ce qui traîne à droite ou au-dessous du tableau, ou exportez-le en CSV",
            ));
        }
        if rows.is_too_wide {
            return Err(Error::data(format!(
                "une cellule est remplie au-delà de la colonne {MOST_COLUMNS}"
            ))
            .hint("Effacez ce qui traîne à droite du tableau, ou exportez-le en CSV"));
        }
        Ok(Self {
            width: rows
                .rows
                .iter()
                .map(|row| row.cells.len())
                .max()
                .unwrap_or(0),
            rows: rows.rows.into_iter(),
            next_number: 1,
            size,
            empty_lines: 0,
        })
    }

    pub(super) fn read(&mut self, line: &mut Line) -> bool {
        let Some(row) = self.rows.next() else {
            return false;
        };
        self.empty_lines += row.number.saturating_sub(self.next_number);
        self.next_number = row.number + 1;
        line.number = row.number;
        line.more_lines = 0;
        line.is_open = false;
        line.cells = row.cells;
        line.kinds = row.kinds;
        while line.cells.len() < self.width {
            line.cells.push("");
        }
        true
    }
}

/// The rows of a sheet, filled cell by cell.
#[derive(Default)]
struct SheetRows {
    rows: Vec<Row>,
    is_too_wide: bool,
    /// A rectangle around all cells would be larger than a sheet should.
    is_too_spread: bool,
    /// A cell came after one that stands below it or to its right: no column can be trusted.
    is_out_of_order: bool,
}

impl SheetRows {
    fn read(file: &File, is_old: bool) -> std::result::Result<Self, calamine::Error> {
        let mut rows = Self::default();
        if is_old {
            rows.read_xls(file)?;
        } else {
            rows.read_xlsx(file)?;
        }
        Ok(rows)
    }

    /// Cell by cell: a rectangle around all cells could be billions for a stray one.
    fn read_xlsx(&mut self, file: &File) -> std::result::Result<(), calamine::XlsxError> {
        if new_format::is_boastful(file)? {
            return Err(calamine::XlsxError::Unexpected("so many shared texts"));
        }
        let mut workbook = Xlsx::new(BufReader::new(file))?;
        let Some(name) = workbook.sheet_names().first().cloned() else {
            return Ok(());
        };
        let mut cells = workbook.worksheet_cells_reader(&name)?;
        while let Some(cell) = cells.next_cell()? {
            let (row, column) = cell.get_position();
            self.push(row, column as usize, &Data::from(cell.get_value().clone()));
        }
        Ok(())
    }

    /// At most 65,536 rows of 256 columns: the old format knows no more.
    fn read_xls(&mut self, file: &File) -> std::result::Result<(), calamine::XlsError> {
        let Some(tame) = old_format::tame(file)? else {
            self.is_too_spread = true;
            return Ok(());
        };
        let mut workbook = Xls::new(tame)?;
        let Some(range) = workbook.worksheet_range_at(0) else {
            return Ok(());
        };
        let range = range?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, cell) in range.used_cells() {
            let row = first_row.saturating_add(u32::try_from(row).unwrap_or(u32::MAX));
            self.push(row, first_column as usize + column, cell);
        }
        Ok(())
    }

    /// Cells come row by row, from left to right.
    fn push(&mut self, row: u32, column: usize, cell: &Data) {
        let text = text(cell);
        if text.trim().is_empty() {
            return;
        }
        if column >= MOST_COLUMNS {
            self.is_too_wide = true;
            return;
        }
        let number = u64::from(row) + 1;
        let last = self.rows.last();
        let (last_number, last_width) = last.map_or((0, 0), |last| (last.number, last.cells.len()));
        if number < last_number || (number == last_number && column < last_width) {
            self.is_out_of_order = true;
            return;
        }
        if number > last_number {
            self.rows.push(Row {
                number,
                cells: RowText::default(),
                kinds: Vec::new(),
            });
        }
        if let Some(last) = self.rows.last_mut() {
            while last.cells.len() < column {
                last.cells.push("");
            }
            last.cells.push(&text);
            last.kinds.resize(column, CellKind::Text);
            last.kinds.push(kind(cell));
        }
    }
}

fn kind(cell: &Data) -> CellKind {
    match cell {
        Data::Int(_) | Data::Float(_) => CellKind::Number,
        Data::DateTime(value) if !is_day(value) => CellKind::Number,
        Data::Error(_) => CellKind::Error,
        _ => CellKind::Text,
    }
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(value) => value.to_string(),
        Data::Bool(value) => u8::from(*value).to_string(),
        Data::Float(value) => value.to_string(),
        Data::DateTime(value) => instant(value),
        Data::Error(error) => error.to_string(),
    }
}

/// A day as ISO 8601; a duration, or a day before Excel's first, as the number it is.
fn instant(value: &ExcelDateTime) -> String {
    if !is_day(value) {
        return value.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Excel's first day is number 1.
fn is_day(value: &ExcelDateTime) -> bool {
    value.is_datetime() && value.as_f64() >= 1.0
}

fn damaged(path: &Path) -> Error {
    let kind = path.extension().unwrap_or_default().to_string_lossy();
    Error::data(format!("ce classeur .{kind} est abîmé ou n'en est pas un"))
        .hint("Ouvrez-le dans Excel et enregistrez-le de nouveau, ou exportez-le en CSV")
}
