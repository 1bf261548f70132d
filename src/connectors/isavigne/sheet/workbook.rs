//! The first sheet of an Excel workbook as rows of text.
//!
//! Cells keep what the program typed: whole numbers come as digits, others with an exponent (`1.2345e2`),
//! which no reader can take for a thousands separator, days as ISO 8601.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{Data, ExcelDateTime, Range, Reader, Xls, Xlsx};
use csv::StringRecord;

use super::{Line, is_blank};
use crate::error::{Error, Result};

/// A workbook being read. Workbooks hold at most 1,048,576 rows; the format does not let them be streamed.
pub(in super::super) struct Workbook {
    range: Range<Data>,
    next: usize,
    first_row: u64,
    pub(super) size: u64,
    pub(super) empty_lines: u64,
}

impl Workbook {
    pub(super) fn open(path: &Path, file: File) -> Result<Self> {
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        let file = BufReader::new(file);
        let is_old = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("xls"));
        let range = if is_old {
            first_sheet::<Xls<_>>(file).map_err(|error| damaged(path, error))?
        } else {
            first_sheet::<Xlsx<_>>(file).map_err(|error| damaged(path, error))?
        };
        Ok(Self {
            first_row: range.start().map_or(0, |(row, _)| u64::from(row)),
            range,
            next: 0,
            size,
            empty_lines: 0,
        })
    }

    pub(super) fn read(&mut self, line: &mut Line) -> bool {
        while let Some(row) = self.range.rows().nth(self.next) {
            line.cells.clear();
            for cell in row {
                push(&mut line.cells, cell);
            }
            line.number = self.first_row + self.next as u64 + 1;
            line.more_lines = 0;
            self.next += 1;
            if !is_blank(&line.cells) {
                return true;
            }
            self.empty_lines += 1;
        }
        false
    }
}

fn push(cells: &mut StringRecord, cell: &Data) {
    match cell {
        Data::Empty => cells.push_field(""),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            cells.push_field(text);
        }
        Data::Int(value) => cells.push_field(&value.to_string()),
        Data::Bool(value) => cells.push_field(if *value { "1" } else { "0" }),
        Data::Float(value) => cells.push_field(&number(*value)),
        Data::DateTime(value) => cells.push_field(&instant(value)),
        // Such a cell shows `#N/A`: it must be seen, and rejected, as what it is.
        Data::Error(error) => cells.push_field(&error.to_string()),
    }
}

/// A day as ISO 8601; a duration, or a day before Excel's first, as the number it is.
fn instant(value: &ExcelDateTime) -> String {
    if !value.is_datetime() || value.as_f64() < 1.0 {
        return number(value.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:e}")
    }
}

/// The cells of the first sheet; none when there is no sheet.
fn first_sheet<R: Reader<BufReader<File>>>(
    file: BufReader<File>,
) -> std::result::Result<Range<Data>, R::Error> {
    let mut workbook = R::new(file)?;
    workbook
        .worksheet_range_at(0)
        .unwrap_or_else(|| Ok(Range::empty()))
}

fn damaged(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let kind = path.extension().unwrap_or_default().to_string_lossy();
    Error::data(format!("ce classeur .{kind} est abîmé ou n'en est pas un"))
        .hint("Ouvrez-le dans Excel et enregistrez-le de nouveau, ou exportez-le en CSV")
        .because(error)
}
