//! A workbook of the old format (.xls, BIFF in an OLE container), made fit for a parser that believes all it reads:
//! it makes a rectangle around all cells of each sheet, room for as many as the sheet says it has, and follows the
//! container wherever that leads. One stray cell, or one wrong number, can be larger than memory.
//!
//! Record numbers and layouts: Microsoft, [MS-XLS] 2.3 and 2.4.

use std::fs::File;
use std::io::{self, Cursor, Read, Write};

use cfb::{CompoundFile, Version};

/// Cells the rectangle may have: 65,536 rows of 60 columns.
const MOST_CELLS: u64 = 4_000_000;

/// Streams that hold the sheets: BIFF8, then BIFF5.
const STREAMS: [&str; 2] = ["/Workbook", "/Book"];

const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;

/// Where a sheet begins: `BoundSheet8`.
const SHEET: u16 = 0x0085;

/// How many cells a sheet says it has.
const DIMENSIONS: u16 = 0x0200;

/// Of no record that the parser knows.
const NOTHING: u16 = 0xffff;

/// Records of one cell, which begin with its row and column: `Formula`, `Number`, `Label`, `BoolErr`, `RK`,
/// `RString`, `LabelSst`.
const ONE_CELL: [u16; 7] = [0x0006, 0x0203, 0x0204, 0x0205, 0x027e, 0x00d6, 0x00fd];

/// A record of several numbers in one row, six bytes each: `MulRk`.
const SEVERAL_CELLS: u16 = 0x00bd;

/// The first sheet of the workbook in `file`, alone in a container of our own; nothing where its cells spread over
/// more than a sheet should.
pub(super) fn tame(file: &File) -> io::Result<Option<Cursor<Vec<u8>>>> {
    let size = file.metadata()?.len();
    let mut container = CompoundFile::open(file)?;
    let there = STREAMS.iter().find(|name| container.is_stream(name));
    let name = there.ok_or(io::ErrorKind::InvalidData)?;
    let mut content = Vec::new();
    // No stream is longer than the file it is in.
    let stream = container.open_stream(name)?;
    stream.take(size).read_to_end(&mut content)?;
    let sheet = keep_first_sheet(&mut content);
    if sheet.is_some_and(|begin| tame_sheet(&mut content, begin) > MOST_CELLS) {
        return Ok(None);
    }
    // The version all programs write: the parser loses its way in the small streams of the other.
    let mut alone = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
    alone.create_stream(name)?.write_all(&content)?;
    alone.flush()?;
    Ok(Some(alone.into_inner()))
}

/// Takes all sheets but the first out of the list at the beginning of `content`; tells where that one begins.
fn keep_first_sheet(content: &mut [u8]) -> Option<usize> {
    let mut first = None;
    let mut at = 0;
    while let Some((kind, body)) = record(content, at) {
        let next = at + 4 + body.len();
        match kind {
            END => break,
            SHEET if first.is_none() => {
                let (low, high) = (number(body, 0), number(body, 2));
                let begin = low.zip(high)?;
                first = Some(usize::from(begin.0) | usize::from(begin.1) << 16);
            }
            SHEET => blank(content, at),
            _ => {}
        }
        at = next;
    }
    first
}

/// Takes out of the sheet at `at` how many cells it says it has; counts them itself, as rows × columns from the first
/// cell of a sheet to the farthest. Charts within it are passed over, as the parser does.
fn tame_sheet(content: &mut [u8], mut at: usize) -> u64 {
    let (mut rows, mut columns) = (0, 0);
    let (mut has_begun, mut depth) = (false, 0_u64);
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
                if let Some((row, column)) = farthest(kind, body) {
                    rows = rows.max(row + 1);
                    columns = columns.max(column + 1);
                }
            }
        }
        at = next;
    }
    rows * columns
}

/// Row and last column of the cells in a record.
fn farthest(kind: u16, body: &[u8]) -> Option<(u64, u64)> {
    let several = match kind {
        // Before and after the numbers, of which there is one: row, first column, last column.
        SEVERAL_CELLS => (body.len() as u64).saturating_sub(6 + 6) / 6,
        _ if ONE_CELL.contains(&kind) => 0,
        _ => return None,
    };
    let (row, column) = (number(body, 0)?, number(body, 2)?);
    Some((row.into(), u64::from(column) + several))
}

/// Kind and body of the record at `at`.
fn record(content: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let rest = content.get(at..)?;
    let (kind, length) = (number(rest, 0)?, number(rest, 2)?);
    let body = rest.get(4..)?;
    Some((kind, body.get(..length.into()).unwrap_or(body)))
}

/// Makes the record at `at` one that is passed over.
fn blank(content: &mut [u8], at: usize) {
    if let Some(kind) = content.get_mut(at..at.saturating_add(2)) {
        kind.copy_from_slice(&NOTHING.to_le_bytes());
    }
}

/// The little-endian number of two bytes at `at`.
fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?))
}
