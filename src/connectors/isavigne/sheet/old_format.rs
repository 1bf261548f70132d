//! A look at a workbook of the old format (.xls, BIFF in an OLE container) before it is parsed: the parser
//! makes a rectangle around all cells of a sheet, and one stray cell can make it larger than memory.
//!
//! Record numbers and layouts: Microsoft, [MS-XLS] 2.3 and 2.4.

use std::fs::File;
use std::io::{self, Read, Seek};

/// Cells the rectangle may have: 65,536 rows of 60 columns.
const MOST_CELLS: u64 = 4_000_000;

/// Streams that hold the sheets: BIFF8, then BIFF5.
const STREAMS: [&str; 2] = ["/Workbook", "/Book"];

/// Records of one cell, which begin with its row and column: `Formula`, `Number`, `Label`, `BoolErr`, `RK`,
/// `RString`, `LabelSst`.
const ONE_CELL: [u16; 7] = [0x0006, 0x0203, 0x0204, 0x0205, 0x027e, 0x00d6, 0x00fd];

/// A record of several numbers in one row, which ends with its last column: `MulRk`.
const SEVERAL_CELLS: u16 = 0x00bd;

/// Whether the cells of `file` spread over more than a sheet should.
/// The file is left at its beginning.
pub(super) fn is_too_large(mut file: &File) -> io::Result<bool> {
    let mut container = cfb::CompoundFile::open(file)?;
    for name in STREAMS {
        if container.is_stream(name) {
            let mut content = Vec::new();
            container.open_stream(name)?.read_to_end(&mut content)?;
            if spread(&content) > MOST_CELLS {
                return Ok(true);
            }
        }
    }
    file.rewind()?;
    Ok(false)
}

/// Rows × columns from the first cell of a sheet to the farthest of any.
fn spread(mut records: &[u8]) -> u64 {
    let (mut rows, mut columns) = (0, 0);
    while let Some((kind, body, rest)) = next_record(records) {
        records = rest;
        let column = if ONE_CELL.contains(&kind) {
            number(body, 2)
        } else if kind == SEVERAL_CELLS {
            number(body, body.len().saturating_sub(2))
        } else {
            None
        };
        if let (Some(row), Some(column)) = (number(body, 0), column) {
            rows = rows.max(u64::from(row) + 1);
            columns = columns.max(u64::from(column) + 1);
        }
    }
    rows * columns
}

/// Kind and body of the first record, and what follows it.
fn next_record(records: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (kind, length) = (number(records, 0)?, number(records, 2)?);
    let rest = records.get(4..)?;
    let (body, rest) = rest.split_at(rest.len().min(length.into()));
    Some((kind, body, rest))
}

/// The little-endian number of two bytes at `at`.
fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?))
}
