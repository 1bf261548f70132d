//! The rows of one sheet, cell by cell.

use std::collections::VecDeque;
use std::io::{self, BufReader};
use std::rc::Rc;

use calamine::{
    CellErrorType, Data, ExcelDateTime, Reader, Xls, XlsError, Xlsx, XlsxError, XlsxFormulaMetadata,
};

use super::super::number_format::{Shown, plain};
use super::super::package::{Meter, Package, TooLarge};
use super::super::row_text::RowText;
use super::super::{CellKind, old_format};
use crate::connectors::isavigne::folder::Source;

/// Most columns of a sheet. One stray cell far to the right would make every row as wide as Excel allows.
pub(super) const MOST_COLUMNS: usize = 1_000;

/// Most rows of a sheet, the limit of Excel.
const MOST_ROWS: u32 = 1 << 20;

/// Bytes of text in a block of rows.
const BLOCK: usize = 256 * 1024;

/// Adjacent rows with filled cells: a million separate rows would take three times the memory.
#[derive(Default)]
pub(super) struct Block {
    /// The text of all cells.
    text: String,
    /// End of each cell in the text.
    ends: Vec<u32>,
    kinds: Vec<CellKind>,
    /// Number of each row in the sheet, counted from 1, and index of its first cell.
    rows: Vec<(u64, u32)>,
}

impl Block {
    /// Fills `cells` and `kinds` with row number `at` of the block; returns its number in the sheet, `None` after the
    /// last.
    pub(super) fn read(
        &self,
        at: usize,
        cells: &mut RowText,
        kinds: &mut Vec<CellKind>,
    ) -> Option<u64> {
        let &(number, first) = self.rows.get(at)?;
        let first = usize::try_from(first).ok()?;
        let next = self.rows.get(at + 1);
        let next = next.map_or(self.ends.len(), |(_, next)| {
            usize::try_from(*next).unwrap_or(usize::MAX)
        });
        let end_of = |cell: usize| {
            let end = self.ends.get(cell).copied().unwrap_or_default();
            usize::try_from(end).unwrap_or_default()
        };
        let begin = first.checked_sub(1).map_or(0, end_of);
        let end = next.checked_sub(1).map_or(0, end_of);
        cells.become_text(self.text.get(begin..end).unwrap_or_default());
        let mut start = 0;
        for cell in first..next {
            let end = end_of(cell) - begin;
            cells.bound(start, end);
            start = end;
        }
        kinds.clear();
        kinds.extend_from_slice(self.kinds.get(first..next).unwrap_or_default());
        Some(number)
    }

    fn push(&mut self, text: &str, kind: CellKind) {
        self.text.push_str(text);
        // A block is at most one cell longer than its limit.
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.kinds.push(kind);
    }

    fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.kinds.shrink_to_fit();
        self.rows.shrink_to_fit();
    }
}

/// Collects the rows of a sheet cell by cell.
pub(super) struct SheetRows {
    pub(super) blocks: VecDeque<Block>,
    /// Number of cells of the widest row.
    pub(super) width: usize,
    /// Number of rows to read.
    most: usize,
    count: usize,
    /// Number of the last row, and of its cells.
    last: (u64, usize),
    pub(super) is_too_wide: bool,
    /// Whether a rectangle around all cells would exceed the limit.
    pub(super) is_too_spread: bool,
    /// Whether a cell came after one below it or to its right: columns are then unreliable.
    pub(super) is_out_of_order: bool,
}

/// A cell as text.
struct Cell {
    text: String,
    kind: CellKind,
}

/// Whether all cells of the sheet called `name` are empty.
pub(super) fn is_empty(
    workbook: &mut Xlsx<BufReader<Package<'_>>>,
    name: &str,
    meter: &Meter,
) -> Result<bool, XlsxError> {
    meter.begin_cells();
    let mut cells = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata()? {
        meter.cell();
        if cell.formula.is_some() || !text(&Data::from(cell.value)).trim().is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

impl SheetRows {
    /// An empty collection of up to `most` rows.
    pub(super) fn up_to(most: usize) -> Self {
        Self {
            blocks: VecDeque::new(),
            width: 0,
            most,
            count: 0,
            last: (0, 0),
            is_too_wide: false,
            is_too_spread: false,
            is_out_of_order: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && !self.is_too_wide
    }

    /// Reads the sheet called `name`, cell by cell: a rectangle around all cells could have billions of cells.
    pub(super) fn read_new(
        &mut self,
        workbook: &mut Xlsx<BufReader<Package<'_>>>,
        name: &str,
        lacks_results: bool,
        meter: &Meter,
    ) -> Result<(), XlsxError> {
        let formats = formatted(workbook, name, (meter, self.most))?;
        meter.begin_cells();
        let mut formats = formats.iter().peekable();
        let mut cells = workbook.worksheet_cells_reader(name)?;
        while let Some(record) = cells.next_cell_with_formula_metadata()? {
            meter.cell();
            let (row, column) = record.pos;
            let format = formats.next_if(|(at, _)| *at == record.pos);
            let value = Data::from(record.value);
            let cell = match record.formula {
                Some(formula) if is_uncomputed(&value, lacks_results) => uncomputed(&formula),
                _ => Cell::new(&value, format.map(|(_, shown)| &**shown)),
            };
            if !self.push(row, column as usize, &cell, meter)? {
                break;
            }
        }
        Ok(())
    }

    /// Reads part number `part` of the workbook, counted from 0. The old format has at most 65,536 rows of 256
    /// columns. A formula without a result comes as `#GETTING_DATA`; its text is unknown.
    pub(super) fn read_old(
        &mut self,
        file: &Source,
        part: usize,
        meter: &Meter,
    ) -> Result<(), XlsError> {
        let Some(tame) = old_format::tame(file, part, meter)? else {
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
            let cell = match value {
                Data::Error(CellErrorType::GettingData) => Cell {
                    text: "=…".to_owned(),
                    kind: CellKind::Uncomputed,
                },
                value => Cell::new(value, tame.formats.get(&place).map(Rc::as_ref)),
            };
            if !self.push(row, column, &cell, meter)? {
                break;
            }
        }
        Ok(())
    }

    /// Adds a cell; they come row by row, from left to right. Returns whether to go on.
    fn push(&mut self, row: u32, column: usize, cell: &Cell, meter: &Meter) -> io::Result<bool> {
        if cell.text.trim().is_empty() {
            return Ok(true);
        }
        if row >= MOST_ROWS {
            return Err(meter.refuse(TooLarge::Rows));
        }
        if column >= MOST_COLUMNS {
            self.is_too_wide = true;
            return Ok(true);
        }
        let number = u64::from(row) + 1;
        let (last_number, last_width) = self.last;
        if number < last_number || (number == last_number && column < last_width) {
            self.is_out_of_order = true;
            return Ok(true);
        }
        let mut width = last_width;
        if number > last_number {
            if self.count == self.most {
                return Ok(false);
            }
            self.begin_row(number);
            width = 0;
        }
        let Some(block) = self.blocks.back_mut() else {
            return Ok(false);
        };
        for _ in width..column {
            block.push("", CellKind::Text);
        }
        block.push(&cell.text, cell.kind);
        self.last = (number, column + 1);
        self.width = self.width.max(column + 1);
        // A cell takes five bytes besides its text, a row sixteen.
        let cells = (column + 1 - width) as u64;
        meter.keep(16 * u64::from(width == 0) + 5 * cells + cell.text.len() as u64)?;
        Ok(true)
    }

    fn begin_row(&mut self, number: u64) {
        let is_full = |block: &Block| block.text.len() >= BLOCK || block.ends.len() >= BLOCK;
        if self.blocks.back().is_none_or(is_full) {
            if let Some(last) = self.blocks.back_mut() {
                last.shrink();
            }
            self.blocks.push_back(Block::default());
        }
        if let Some(block) = self.blocks.back_mut() {
            let first = u32::try_from(block.ends.len()).unwrap_or(u32::MAX);
            block.rows.push((number, first));
        }
        self.count += 1;
    }
}

/// Row, column and number format of a cell.
type Formatted = ((u32, u32), Rc<Shown>);

/// The cells of the sheet called `name` whose number format changes their value, in file order. Most workbooks have
/// no such format, and then their sheets are not read for it.
fn formatted(
    workbook: &mut Xlsx<BufReader<Package<'_>>>,
    name: &str,
    (meter, most): (&Meter, usize),
) -> Result<Vec<Formatted>, XlsxError> {
    meter.begin_cells();
    let mut cells = workbook.worksheet_cells_reader(name)?;
    let styles = cells.styles().iter();
    let shown: Vec<Option<Rc<Shown>>> = styles
        .map(|style| {
            let format = style.number_format.as_ref()?;
            let shown = Shown::by(&format.format_code)?;
            // A built-in currency format depends on the country of the computer.
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
    let mut rows = (0, 0);
    while let Some((row, column, style)) = cells.next_style_id()? {
        meter.cell();
        // With few rows to read, twice as many rows are checked: some have no text.
        if row != rows.0 {
            rows = (row, rows.1 + 1);
        }
        if rows.1 > most.saturating_mul(2) {
            break;
        }
        if let Some(Some(shown)) = shown.get(style) {
            // A list takes twice its size when it doubles, and three times while it grows.
            meter.keep(48)?;
            formatted.push(((row, column), Rc::clone(shown)));
        }
    }
    Ok(formatted)
}

/// Whether the `value` of a formula is no result. Programs that request a computation from Excel (`lacks_results`)
/// write zero.
fn is_uncomputed(value: &Data, lacks_results: bool) -> bool {
    match value {
        Data::Empty => true,
        Data::Float(value) => lacks_results && *value == 0.0,
        Data::Int(value) => lacks_results && *value == 0,
        _ => false,
    }
}

/// A formula without a result. A constant text needs none: `="00123"`.
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
    /// `value` in the number format `shown`.
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
        // `06 12 34 56 78` and `CL0042` are not numbers any more.
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

/// A day as ISO 8601; a duration, or a day before Excel's first one, as a number.
fn instant(value: &ExcelDateTime) -> String {
    if !is_day(value) {
        return plain(value.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

/// Whether the number is at least 1, Excel's first day.
fn is_day(value: &ExcelDateTime) -> bool {
    value.is_datetime() && value.as_f64() >= 1.0
}
