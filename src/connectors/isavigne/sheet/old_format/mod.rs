//! Sanitizes a workbook of the old format (.xls, BIFF in an OLE container) for a parser that trusts its input: it
//! allocates a rectangle around all cells of a sheet, and the announced number of cells, and follows all references
//! of the container. One stray cell, or one wrong number, can exceed the memory.
//!
//! Record numbers and layouts: Microsoft, [MS-XLS] 2.3 and 2.4.

mod formulas;
mod memory;
mod styles;

use std::io::{self, Cursor, Read, Write};

use cfb::{CompoundFile, Version};

use self::formulas::{Formulas, GETTING_DATA, RESULT};
use self::styles::Formats;
use crate::connectors::isavigne::folder::Source;
use crate::connectors::isavigne::sheet::package::{Frugal, Meter, TooLarge};

/// Most cells of the rectangle: 65,536 rows of 60 columns.
const MOST_CELLS: u64 = 4_000_000;

/// Largest stream of a workbook, in bytes; a sheet full of numbers takes 20 MiB.
const MOST_STREAM: u64 = 64 << 20;

/// Most sheets of a workbook.
const MOST_PARTS: usize = 4096;

/// Streams with the sheets: BIFF8, then BIFF5.
const STREAMS: [&str; 2] = ["/Workbook", "/Book"];

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;

/// The shared texts: `SST`.
const TEXTS: u16 = 0x00fc;

/// Most bytes read of a container: its sector lists and the stream.
const MOST_READ: u64 = MOST_STREAM + (16 << 20);

/// Encryption of all later records: `FilePass`.
const PASSWORD: u16 = 0x002f;

/// Offset of a sheet: `BoundSheet8`.
const SHEET: u16 = 0x0085;

/// The announced number of cells of a sheet.
const DIMENSIONS: u16 = 0x0200;

/// A name for a range: `Lbl`. Removed because names are not used, and may expand to many times their size.
const NAME: u16 = 0x0018;

const FORMULA: u16 = 0x0006;

/// Offset of the formula in its record, and a formula that is zero (`PtgInt`). Formulas are replaced because they are
/// not used, and may expand to many times their size.
const EXPRESSION: usize = 20;
const ZERO: [u8; 5] = [3, 0, 0x1e, 0, 0];

/// A record type that the parser skips.
const NOTHING: u16 = 0xffff;

/// Records of one cell, which begin with its row and column: `Formula`, `Number`, `Label`, `BoolErr`, `RK`,
/// `RString`, `LabelSst`.
const ONE_CELL: [u16; 7] = [0x0006, 0x0203, 0x0204, 0x0205, 0x027e, 0x00d6, 0x00fd];

/// A record of several numbers in one row, six bytes each: `MulRk`.
const SEVERAL_CELLS: u16 = 0x00bd;

/// A sanitized workbook with one sheet, in a new container.
pub(super) struct Tame {
    pub(super) container: Cursor<Vec<u8>>,
    /// The cells of the sheet whose number format changes their value, by row and column.
    pub(super) formats: Formats,
}

/// The list of a workbook's parts, in a new container in which all of them are empty.
pub(super) struct List {
    pub(super) container: Cursor<Vec<u8>>,
    /// Whether each part is without filled cells.
    pub(super) are_empty: Vec<bool>,
}

/// Sanitizes part number `part` of the workbook in `file`, counted from 0; `None` if its cells exceed the limit.
/// Fails when `meter` exceeds the memory limit.
pub(super) fn tame(file: &Source, part: usize, meter: &Meter) -> io::Result<Option<Tame>> {
    let (name, mut content) = read(file, meter)?;
    blank_names(&mut content);
    let mut formats = Formats::default();
    for (at, (place, begin)) in parts(&content).into_iter().enumerate() {
        if at != part {
            blank(&mut content, place);
            continue;
        }
        let rectangle = tame_sheet(&mut content, begin);
        if rectangle > MOST_CELLS {
            return Ok(None);
        }
        if memory::taken(&content, begin, rectangle)? > memory::MOST_BYTES {
            return Err(meter.refuse(TooLarge::Kept));
        }
        formats = styles::formats(&content, begin);
    }
    let container = contain(name, &content)?;
    Ok(Some(Tame { container, formats }))
}

/// The parts of the workbook in `file`.
pub(super) fn list(file: &Source, meter: &Meter) -> io::Result<List> {
    let (name, mut content) = read(file, meter)?;
    blank_names(&mut content);
    blank_all(&mut content, TEXTS);
    let parts = parts(&content);
    if parts.len() > MOST_PARTS {
        return Err(meter.refuse(TooLarge::Parts));
    }
    let are_empty = parts
        .iter()
        .map(|(_, begin)| {
            !records(&content, *begin).any(|(kind, body)| farthest(kind, body).is_some())
        })
        .collect();
    // The parser ignores what is after the end of the list.
    let end = globals(&content).find(|(_, kind, _)| *kind == END);
    let end = end.map_or(content.len(), |(at, ..)| at);
    let end = u32::try_from(end).map_err(|_| io::ErrorKind::InvalidData)?;
    for (place, _) in parts {
        let begin = content.get_mut(place + 4..place + 8);
        begin
            .ok_or(io::ErrorKind::InvalidData)?
            .copy_from_slice(&end.to_le_bytes());
    }
    Ok(List {
        container: contain(name, &content)?,
        are_empty,
    })
}

/// Whether the workbook with the first records in `content` is encrypted: `FilePass`.
pub(super) fn is_encrypted(content: &[u8]) -> bool {
    globals(content)
        .take_while(|(_, kind, _)| *kind != SHEET && *kind != END)
        .any(|(_, kind, body)| kind == PASSWORD && number(body, 0) != Some(0))
}

/// Name and contents of the stream of the workbook in `file`.
fn read(file: &Source, meter: &Meter) -> io::Result<(&'static str, Vec<u8>)> {
    let size = file.metadata()?.len().min(MOST_STREAM + 1);
    let mut container = CompoundFile::open(Frugal::up_to(file, MOST_READ)?)?;
    let there = STREAMS.into_iter().find(|name| container.is_stream(name));
    let name = there.ok_or(io::ErrorKind::InvalidData)?;
    let mut content = Vec::new();
    // A stream is not longer than its file.
    let stream = container.open_stream(name)?;
    stream.take(size).read_to_end(&mut content)?;
    if content.len() as u64 > MOST_STREAM {
        return Err(meter.refuse(TooLarge::Kept));
    }
    Ok((name, content))
}

fn contain(name: &str, content: &[u8]) -> io::Result<Cursor<Vec<u8>>> {
    // Sectors, and their list: a list takes twice its size when it doubles.
    let room = Vec::with_capacity(content.len() + content.len() / 64 + 64 * 1024);
    // Version 3, which all programs write: the parser misreads the small streams of version 4.
    let mut alone = CompoundFile::create_with_version(Version::V3, Cursor::new(room))?;
    alone.create_stream(name)?.write_all(content)?;
    alone.flush()?;
    Ok(alone.into_inner())
}

/// The records at the start of `content`, up to the end of the list of sheets: offset, type and body.
fn globals(content: &[u8]) -> impl Iterator<Item = (usize, u16, &[u8])> {
    let mut at = 0;
    let mut has_ended = false;
    std::iter::from_fn(move || {
        if has_ended {
            return None;
        }
        let (kind, body) = record(content, at)?;
        let found = (at, kind, body);
        at += 4 + body.len();
        has_ended = kind == END;
        Some(found)
    })
}

/// Offsets of the record of each part, and of the part.
fn parts(content: &[u8]) -> Vec<(usize, usize)> {
    let parts = globals(content).filter(|(_, kind, _)| *kind == SHEET);
    let begin = |(at, _, body)| Some((at, long_number(body, 0)?));
    parts.filter_map(begin).collect()
}

/// The records of the sheet at offset `begin`, without those of charts within it.
pub(super) fn records(content: &[u8], begin: usize) -> impl Iterator<Item = (u16, &[u8])> {
    let mut at = begin;
    let (mut has_begun, mut depth) = (false, 0_u64);
    std::iter::from_fn(move || {
        loop {
            let (kind, body) = record(content, at)?;
            at += 4 + body.len();
            match kind {
                BEGIN if has_begun => depth += 1,
                BEGIN => has_begun = true,
                END if depth == 0 => return None,
                END => depth -= 1,
                _ if depth > 0 => {}
                _ => return Some((kind, body)),
            }
        }
    })
}

/// Removes the announced number of cells of the sheet at `at`; returns the actual number, as rows × columns from the
/// first cell of a sheet to the farthest. Skips charts within it, like the parser. Formulas that were never computed
/// become `#GETTING_DATA`.
fn tame_sheet(content: &mut [u8], mut at: usize) -> u64 {
    let (mut rows, mut columns) = (0, 0);
    let (mut has_begun, mut depth) = (false, 0_u64);
    let mut formulas = Formulas::default();
    while let Some((kind, body)) = record(content, at) {
        let next = at + 4 + body.len();
        match kind {
            BEGIN if has_begun => depth += 1,
            BEGIN => has_begun = true,
            END if depth == 0 => break,
            END => depth -= 1,
            DIMENSIONS => blank(content, at),
            _ if depth > 0 => {}
            _ => {
                let is_formula = kind == FORMULA && body.len() >= EXPRESSION + ZERO.len();
                if let Some((row, column)) = farthest(kind, body) {
                    rows = rows.max(row + 1);
                    columns = columns.max(column + 1);
                }
                if is_formula {
                    formulas.add(at, body);
                    let expression = at + 4 + EXPRESSION;
                    put(content, expression, &ZERO);
                }
            }
        }
        at = next;
    }
    for formula in formulas.uncomputed() {
        put(content, formula + 4 + RESULT, &GETTING_DATA);
    }
    rows * columns
}

/// Row and last column of the cells in a record.
fn farthest(kind: u16, body: &[u8]) -> Option<(u64, u64)> {
    let several = match kind {
        // The body: row, first column, numbers, last column.
        SEVERAL_CELLS => (body.len() as u64).saturating_sub(6 + 6) / 6,
        _ if ONE_CELL.contains(&kind) => 0,
        _ => return None,
    };
    let (row, column) = (number(body, 0)?, number(body, 2)?);
    Some((row.into(), u64::from(column) + several))
}

/// Type and body of the record at `at`.
pub(super) fn record(content: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let rest = content.get(at..)?;
    let (kind, length) = (number(rest, 0)?, number(rest, 2)?);
    let body = rest.get(4..)?;
    Some((kind, body.get(..length.into()).unwrap_or(body)))
}

/// Turns the record at `at` into one that the parser skips.
fn blank(content: &mut [u8], at: usize) {
    put(content, at, &NOTHING.to_le_bytes());
}

/// Removes the names of ranges.
fn blank_names(content: &mut [u8]) {
    blank_all(content, NAME);
}

/// Removes the records of type `kind` at the start of `content`.
fn blank_all(content: &mut [u8], kind: u16) {
    let found = globals(content).filter(|(_, one, _)| *one == kind);
    let found: Vec<usize> = found.map(|(at, ..)| at).collect();
    for at in found {
        blank(content, at);
    }
}

fn put(content: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = content.get_mut(at..at.saturating_add(bytes.len())) {
        place.copy_from_slice(bytes);
    }
}

/// The little-endian number of two bytes at `at`.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?))
}

/// The little-endian number of four bytes at `at`.
fn long_number(bytes: &[u8], at: usize) -> Option<usize> {
    let (low, high) = (number(bytes, at)?, number(bytes, at.checked_add(2)?)?);
    Some(usize::from(low) | usize::from(high) << 16)
}
