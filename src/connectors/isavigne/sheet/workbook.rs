//! The sheets of an Excel workbook as rows of text.
//!
//! Each cell has its Excel type: the decimal mark of a number is certain, and an error is not a text. Days are in
//! ISO 8601.

mod rows;

use std::collections::VecDeque;
use std::io::{self, BufReader, Seek};
use std::rc::Rc;
use std::thread;

use calamine::{Reader, SheetType, SheetVisible, Xls, Xlsx};

use self::rows::{Block, MOST_COLUMNS, SheetRows};
use super::format::Format;
use super::hashing_reader::Tap;
use super::package::{Meter, Package, TooLarge};
use super::{Line, new_format, old_format};
use crate::connectors::isavigne::folder::{Source, unreadable};
use crate::connectors::isavigne::survey::Survey;
use crate::error::{Error, Result};
use crate::french;

/// Name of the thread that opens workbooks. Some damaged files make the parser panic: that must not end the program
/// or its other syncs, and should print no backtrace.
pub const WORKBOOK_THREAD: &str = "workbook";

/// Most sheets of a workbook. A sheet a month for eighty years are fewer.
const MOST_SHEETS: usize = 1_000;

/// A sheet of a workbook, without charts and macros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct SheetInfo {
    pub(in super::super) name: String,
    pub(in super::super) is_hidden: bool,
    /// Whether all cells are empty.
    pub(in super::super) is_empty: bool,
}

/// The sheets of the workbook `file`, in order; empty if `survey` says that it is not a workbook.
pub(in super::super) fn sheets(file: &Source, survey: &Survey) -> Result<Vec<SheetInfo>> {
    match survey.format {
        Format::Xlsx => apart(file, Format::Xlsx, new_sheets),
        Format::Xls => apart(file, Format::Xls, old_sheets),
        _ => Ok(Vec::new()),
    }
}

/// An open workbook. Its filled cells are in memory: the format does not allow streaming because shared texts come at
/// its end, and Excel has at most 1,048,576 rows.
pub(in super::super) struct Workbook {
    /// The remaining rows, and the number of rows read of the first block.
    blocks: VecDeque<Block>,
    passed: usize,
    /// The hash of the file, if it was read completely.
    pub(super) hash: Option<String>,
    /// Columns of the widest row: a workbook does not contain the end of a row.
    width: usize,
    next_number: u64,
    pub(super) size: u64,
    pub(super) empty_lines: u64,
}

impl Workbook {
    /// Opens a workbook of `format` at the sheet called `sheet`, or at the first that is neither hidden nor empty.
    /// `most`: number of rows to read.
    pub(super) fn open(
        file: &Source,
        format: Format,
        sheet: Option<&str>,
        most: usize,
    ) -> Result<Self> {
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        let hash = if most == usize::MAX {
            Some(hash(file, size)?)
        } else {
            None
        };
        let read = |file: &Source, meter: &Rc<Meter>| match format {
            Format::Xls => read_old(file, sheet, meter, most),
            _ => read_new(file, sheet, meter, most),
        };
        let rows = match apart(file, format, read)? {
            Found::Rows(rows) => rows,
            Found::NoSuchSheet(names) => {
                return Err(no_such_sheet(sheet.unwrap_or_default(), &names));
            }
        };
        if rows.is_out_of_order {
            return Err(damaged(format));
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
            width: rows.width,
            blocks: rows.blocks,
            passed: 0,
            hash,
            next_number: 1,
            size,
            empty_lines: 0,
        })
    }

    /// Number of rows so far, in the numbering of the sheet.
    pub(super) fn lines(&self) -> u64 {
        self.next_number - 1
    }

    pub(super) fn read(&mut self, line: &mut Line) -> bool {
        let number = loop {
            let Some(block) = self.blocks.front() else {
                return false;
            };
            if let Some(number) = block.read(self.passed, &mut line.cells, &mut line.kinds) {
                break number;
            }
            self.blocks.pop_front();
            self.passed = 0;
        };
        self.passed += 1;
        self.empty_lines += number.saturating_sub(self.next_number);
        self.next_number = number + 1;
        line.number = number;
        line.more_lines = 0;
        line.is_open = false;
        while line.cells.len() < self.width {
            line.cells.push("");
        }
        true
    }
}

/// Result of opening the requested sheet.
enum Found {
    Rows(SheetRows),
    /// The names of the existing sheets.
    NoSuchSheet(Vec<String>),
}

/// The hash of `file`, whose size was `size`, for comparison with the survey's.
fn hash(mut file: &Source, size: u64) -> Result<String> {
    file.rewind().map_err(unreadable)?;
    let tap = Tap::default();
    let mut content = BufReader::with_capacity(128 * 1024, tap.on(file, 0, size));
    io::copy(&mut content, &mut io::sink()).map_err(unreadable)?;
    Ok(tap.hash())
}

/// Why a workbook cannot be read.
enum Failed {
    TooLarge(TooLarge),
    Parser(calamine::Error),
}

/// Runs `work` on its own thread. Fails when it panics, which means only that the file is damaged.
pub(super) fn on_own_thread<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().name(WORKBOOK_THREAD.to_owned());
        let working = thread.spawn_scoped(scope, work)?;
        working.join().map_err(|_| io::Error::other("panicked"))
    })
}

/// Runs `parse` on `file` in its own thread, under the limits of a [`Meter`].
fn apart<T: Send>(
    file: &Source,
    format: Format,
    parse: impl FnOnce(&Source, &Rc<Meter>) -> std::result::Result<T, calamine::Error> + Send,
) -> Result<T> {
    let parse = || {
        let meter = Rc::new(Meter::default());
        let parsed = parse(file, &meter);
        match meter.refused() {
            Some(why) => Err(Failed::TooLarge(why)),
            None => parsed.map_err(Failed::Parser),
        }
    };
    let parsed = on_own_thread(parse).map_err(|error| damaged(format).because(error));
    // A stopped parser reports damage.
    file.check_stop()?;
    parsed?.map_err(|error| match error {
        Failed::TooLarge(why) => why.into_error(),
        Failed::Parser(error) => damaged(format).because(error),
    })
}

type NewWorkbook<'a> = Xlsx<BufReader<Package<'a>>>;

fn open_new<'a>(
    package: &Package<'a>,
    meter: &Meter,
) -> std::result::Result<NewWorkbook<'a>, calamine::XlsxError> {
    if new_format::is_boastful(package)? {
        return Err(calamine::XlsxError::Unexpected("so many shared texts"));
    }
    let workbook = Xlsx::new(BufReader::new(package.clone()))?;
    check_count(workbook.sheets_metadata(), meter)?;
    meter.begin_cells();
    Ok(workbook)
}

/// Fails where a workbook has too many sheets: each is opened by itself, and looked up among all.
fn check_count(sheets: &[calamine::Sheet], meter: &Meter) -> io::Result<()> {
    if sheets.len() > MOST_SHEETS {
        return Err(meter.refuse(TooLarge::Sheets));
    }
    Ok(())
}

/// The sheets in `metadata`, without charts and macros; assumed not to be empty.
fn listed(metadata: &[calamine::Sheet]) -> Vec<SheetInfo> {
    let tables = metadata
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let info = |sheet: &calamine::Sheet| SheetInfo {
        name: sheet.name.clone(),
        is_hidden: sheet.visible != SheetVisible::Visible,
        is_empty: false,
    };
    tables.map(info).collect()
}

fn new_sheets(
    file: &Source,
    meter: &Rc<Meter>,
) -> std::result::Result<Vec<SheetInfo>, calamine::Error> {
    let package = Package::open(file, meter).map_err(calamine::XlsxError::from)?;
    let mut workbook = open_new(&package, meter)?;
    let mut sheets = listed(workbook.sheets_metadata());
    for sheet in &mut sheets {
        // A sheet that cannot be read fails later, when it is read.
        sheet.is_empty = rows::is_empty(&mut workbook, &sheet.name, meter).unwrap_or(false);
    }
    Ok(sheets)
}

fn read_new(
    file: &Source,
    name: Option<&str>,
    meter: &Rc<Meter>,
    most: usize,
) -> std::result::Result<Found, calamine::Error> {
    let package = Package::open(file, meter).map_err(calamine::XlsxError::from)?;
    let lacks_results = new_format::lacks_results(&package).map_err(calamine::XlsxError::from)?;
    let mut workbook = open_new(&package, meter)?;
    let sheets = listed(workbook.sheets_metadata());
    let Some(name) = name else {
        let mut rows = SheetRows::up_to(most);
        for sheet in sheets.iter().filter(|sheet| !sheet.is_hidden) {
            rows.read_new(&mut workbook, &sheet.name, lacks_results, meter)?;
            if !rows.is_empty() {
                break;
            }
        }
        return Ok(Found::Rows(rows));
    };
    if !sheets.iter().any(|sheet| sheet.name == name) {
        return Ok(Found::NoSuchSheet(names(sheets)));
    }
    let mut rows = SheetRows::up_to(most);
    rows.read_new(&mut workbook, name, lacks_results, meter)?;
    Ok(Found::Rows(rows))
}

fn old_sheets(
    file: &Source,
    meter: &Rc<Meter>,
) -> std::result::Result<Vec<SheetInfo>, calamine::Error> {
    let sheets = old_list(file, meter)?;
    Ok(sheets.into_iter().map(|(_, sheet)| sheet).collect())
}

/// The sheets, and the part number of each.
fn old_list(
    file: &Source,
    meter: &Meter,
) -> std::result::Result<Vec<(usize, SheetInfo)>, calamine::XlsError> {
    let list = old_format::list(file, meter)?;
    let workbook = Xls::new(list.container)?;
    check_count(workbook.sheets_metadata(), meter)?;
    let metadata = workbook.sheets_metadata().iter();
    let parts = metadata.zip(list.are_empty).enumerate();
    let sheet = |(at, (sheet, is_empty))| {
        let mut listed = listed(std::slice::from_ref(sheet)).pop()?;
        listed.is_empty = is_empty;
        Some((at, listed))
    };
    Ok(parts.filter_map(sheet).collect())
}

fn read_old(
    file: &Source,
    name: Option<&str>,
    meter: &Rc<Meter>,
    most: usize,
) -> std::result::Result<Found, calamine::Error> {
    let sheets = old_list(file, meter)?;
    let is_wanted = |(_, sheet): &&(usize, SheetInfo)| match name {
        Some(name) => sheet.name == name,
        None => !sheet.is_hidden && !sheet.is_empty,
    };
    let mut rows = SheetRows::up_to(most);
    if let Some((at, _)) = sheets.iter().find(is_wanted) {
        rows.read_old(file, *at, meter)?;
    } else if name.is_some() {
        let sheets = sheets.into_iter().map(|(_, sheet)| sheet);
        return Ok(Found::NoSuchSheet(names(sheets.collect())));
    }
    Ok(Found::Rows(rows))
}

fn names(sheets: Vec<SheetInfo>) -> Vec<String> {
    sheets.into_iter().map(|sheet| sheet.name).collect()
}

fn no_such_sheet(name: &str, names: &[String]) -> Error {
    let names: Vec<String> = names.iter().map(|name| format!("« {name} »")).collect();
    Error::data(format!("ce classeur n'a pas de feuille « {name} »")).hint(format!(
        "Ses feuilles : {} (réglage SHEET)",
        french::listed(&names)
    ))
}

fn damaged(format: Format) -> Error {
    let ending = format.ending();
    Error::data(format!(
        "ce classeur .{ending} est abîmé ou n'en est pas un"
    ))
    .hint("Ouvrez-le dans Excel et enregistrez-le de nouveau, ou exportez-le en CSV")
}

#[cfg(test)]
mod old_tests;
#[cfg(test)]
mod tests;
