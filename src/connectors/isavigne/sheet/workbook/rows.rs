//! The rows of one sheet, cell by cell.

use std::fs::File;
use std::io::BufReader;
use std::rc::Rc;

use calamine::{Data, ExcelDateTime, Reader, Xls, XlsError, Xlsx, XlsxError, XlsxFormulaMetadata};

use super::super::number_format::{Shown, plain};
use super::super::row_text::RowText;
use super::super::{CellKind, old_format};

/// Columns a sheet may have. One stray cell far to the right would make every row as wide as Excel can go.
pub(super) const MOST_COLUMNS: usize = 1_000;

/// A row with at least one filled cell, and its number in the sheet, counted from 1.
pub(super) struct Row {
    pub(super) number: u64,
    pub(super) cells: RowText,
    pub(super) kinds: Vec<CellKind>,
}

/// The rows of a sheet, filled cell by cell.
#[derive(Default)]
pub(super) struct SheetRows {
    pub(super) rows: Vec<Row>,
    pub(super) is_too_wide: bool,
    /// A rectangle around all cells would be larger than a sheet should.
    pub(super) is_too_spread: bool,
    /// A cell came after one that stands below it or to its right: no column can be trusted.
    pub(super) is_out_of_order: bool,
}

/// A cell as text.
struct Cell {
    text: String,
    kind: CellKind,
}

/// Whether no cell of the sheet called `name` is filled.
pub(super) fn is_empty(
    workbook: &mut Xlsx<BufReader<&File>>,
    name: &str,
) -> Result<bool, XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata()? {
        if cell.formula.is_some() || !text(&Data::from(cell.value)).trim().is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

impl SheetRows {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.is_too_wide
    }

    /// Reads the sheet called `name`. Cell by cell: a rectangle around all cells could be billions for a stray one.
    pub(super) fn read_new(
        &mut self,
        workbook: &mut Xlsx<BufReader<&File>>,
        name: &str,
        lacks_results: bool,
    ) -> Result<(), XlsxError> {
        let formats = formatted(workbook, name)?;
        let mut formats = formats.iter().peekable();
        let mut cells = workbook.worksheet_cells_reader(name)?;
        while let Some(record) = cells.next_cell_with_formula_metadata()? {
            let (row, column) = record.pos;
            let format = formats.next_if(|(at, _)| *at == record.pos);
            let value = Data::from(record.value);
            let cell = match record.formula {
                Some(formula) if is_uncomputed(&value, lacks_results) => uncomputed(&formula),
                _ => Cell::new(&value, format.map(|(_, shown)| &**shown)),
            };
            self.push(row, column as usize, &cell);
        }
        Ok(())
    }

    /// Reads part number `part` of the workbook, counted from 0. At most 65,536 rows of 256 columns: the old format knows
    /// no more.
    pub(super) fn read_old(&mut self, file: &File, part: usize) -> Result<(), XlsError> {
        let Some(tame) = old_format::tame(file, part)? else {
            self.is_too_spread = true;
            return Ok(());
        };
        let mut workbook = Xls::new(tame.container)?;
        let Some(range) = workbook.worksheet_range_at(0) else {
            return Ok(());
        };
        let range = range?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let row = first_row.saturating_add(u32::try_from(row).unwrap_or(u32::MAX));
            let column = first_column as usize + column;
            let place = (row, u32::try_from(column).unwrap_or(u32::MAX));
            self.push(
                row,
                column,
                &Cell::new(value, tame.formats.get(&place).map(Rc::as_ref)),
            );
        }
        Ok(())
    }

    /// Cells come row by row, from left to right.
    fn push(&mut self, row: u32, column: usize, cell: &Cell) {
        if cell.text.trim().is_empty() {
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
            last.cells.push(&cell.text);
            last.kinds.resize(column, CellKind::Text);
            last.kinds.push(cell.kind);
        }
    }
}

/// A cell by row and column, and what its number format shows.
type Formatted = ((u32, u32), Rc<Shown>);

/// The cells of the sheet called `name` whose number format changes what they say, in the order of the file. Most
/// workbooks have no such format, and their sheets are not looked at.
fn formatted(
    workbook: &mut Xlsx<BufReader<&File>>,
    name: &str,
) -> Result<Vec<Formatted>, XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(name)?;
    let styles = cells.styles().iter();
    let shown: Vec<Option<Rc<Shown>>> = styles
        .map(|style| {
            let format = style.number_format.as_ref()?;
            let shown = Shown::by(&format.format_code)?;
            // Built in, a currency is that of the country where the workbook is opened.
            let is_local =
                shown == Shown::Foreign && matches!(format.format_id, Some(5..=8 | 37..=44));
            let is_built_in = format.format_code.starts_with("_($*");
            (!is_local || !is_built_in).then(|| Rc::new(shown))
        })
        .collect();
    let mut formatted = Vec::new();
    if shown.iter().all(Option::is_none) {
        return Ok(formatted);
    }
    while let Some((row, column, style)) = cells.next_style_id()? {
        if let Some(Some(shown)) = shown.get(style) {
            formatted.push(((row, column), Rc::clone(shown)));
        }
    }
    Ok(formatted)
}

/// Whether the `value` beside a formula is none. Programs that ask Excel to compute all when it opens the workbook
/// (`lacks_results`) write zero for it.
fn is_uncomputed(value: &Data, lacks_results: bool) -> bool {
    match value {
        Data::Empty => true,
        Data::Float(value) => lacks_results && *value == 0.0,
        Data::Int(value) => lacks_results && *value == 0,
        _ => false,
    }
}

/// A formula without its result. One that is a mere text needs none: `="00123"`.
fn uncomputed(formula: &XlsxFormulaMetadata) -> Cell {
    let formula = match formula {
        XlsxFormulaMetadata::Normal { formula } | XlsxFormulaMetadata::Shared { formula, .. } => {
            formula.as_str()
        }
        _ => "",
    };
    let formula = formula.trim_start_matches('=');
    let quoted = formula
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        Some(text) if !text.contains('"') => Cell {
            text: text.to_owned(),
            kind: CellKind::Text,
        },
        _ => Cell {
            text: format!("={formula}"),
            kind: CellKind::Uncomputed,
        },
    }
}

impl Cell {
    /// `value` as Excel shows it by the format `shown`.
    fn new(value: &Data, shown: Option<&Shown>) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "whole numbers of cells have at most 31 bits"
        )]
        let number = match value {
            Data::Int(value) => Some(*value as f64),
            Data::Float(value) => Some(*value),
            _ => None,
        };
        let text = number
            .and_then(|number| shown?.of(number))
            .unwrap_or_else(|| text(value));
        // `06 12 34 56 78` and `CL0042` are no numbers any more.
        let is_code = matches!(shown, Some(Shown::Digits(_)))
            && !text.bytes().all(|byte| byte.is_ascii_digit());
        let kind = match kind(value) {
            CellKind::Number if is_code && text.parse::<f64>().is_err() => CellKind::Text,
            CellKind::Number if shown == Some(&Shown::Foreign) => CellKind::Foreign,
            kind => kind,
        };
        Self { text, kind }
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
        Data::Float(value) => plain(*value),
        Data::DateTime(value) => instant(value),
        Data::Error(error) => error.to_string(),
    }
}

/// A day as ISO 8601; a duration, or a day before Excel's first, as the number it is.
fn instant(value: &ExcelDateTime) -> String {
    if !is_day(value) {
        return plain(value.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Excel's first day is number 1.
fn is_day(value: &ExcelDateTime) -> bool {
    value.is_datetime() && value.as_f64() >= 1.0
}
