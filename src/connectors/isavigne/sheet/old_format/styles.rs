//! The number formats of an old workbook, of which the parser only keeps whether they are dates.

use std::collections::HashMap;
use std::rc::Rc;

use super::{BEGIN, SEVERAL_CELLS, globals, number, records};
use crate::connectors::isavigne::sheet::number_format::Shown;

/// Number formats that change a value, by row and column of their cells.
pub(super) type Formats = HashMap<(u32, u32), Rc<Shown>>;

/// A number format: `Format`.
const FORMAT: u16 = 0x041e;

/// A cell style: `XF`.
const STYLE: u16 = 0x00e0;

/// Records of one number, which begin with its row, column and style: `Formula`, `Number`, `RK`.
const ONE_NUMBER: [u16; 3] = [0x0006, 0x0203, 0x027e];

/// The version of Excel 97 and later in the first record.
const BIFF8: u16 = 0x0600;

/// The cells with such a format in the sheet at offset `begin`.
pub(super) fn formats(content: &[u8], begin: usize) -> Formats {
    let styles = styles(content);
    let mut found = Formats::new();
    if styles.iter().all(Option::is_none) {
        return found;
    }
    let mut add = |row: u16, column: u16, style: u16| {
        if let Some(Some(shown)) = styles.get(usize::from(style)) {
            found.insert((row.into(), column.into()), Rc::clone(shown));
        }
    };
    for (kind, body) in records(content, begin) {
        let (Some(row), Some(column)) = (number(body, 0), number(body, 2)) else {
            continue;
        };
        if ONE_NUMBER.contains(&kind) {
            if let Some(style) = number(body, 4) {
                add(row, column, style);
            }
        } else if kind == SEVERAL_CELLS {
            // The last column comes after the last number.
            let numbers = body
                .get(4..body.len().saturating_sub(2))
                .unwrap_or_default();
            for (style, column) in numbers.chunks_exact(6).zip(column..) {
                if let Some(style) = number(style, 0) {
                    add(row, column, style);
                }
            }
        }
    }
    found
}

/// The effect of each style, where it changes a value.
fn styles(content: &[u8]) -> Vec<Option<Rc<Shown>>> {
    let mut is_biff8 = true;
    let mut codes = HashMap::new();
    let mut styles = Vec::new();
    for (_, kind, body) in globals(content) {
        match kind {
            BEGIN => is_biff8 = number(body, 0) == Some(BIFF8),
            FORMAT => {
                if let Some((format, code)) = code(body, is_biff8) {
                    codes.insert(format, Shown::by(&code).map(Rc::new));
                }
            }
            STYLE => styles.extend(number(body, 2)),
            _ => {}
        }
    }
    let shown = |format: u16| match codes.get(&format) {
        Some(shown) => shown.clone(),
        // Built in: `0%` and `0.00%`.
        None if matches!(format, 9 | 10) => Some(Rc::new(Shown::Percent)),
        None => None,
    };
    styles.into_iter().map(shown).collect()
}

/// Number and code of a format. Its non-ASCII characters do not matter here.
fn code(body: &[u8], is_biff8: bool) -> Option<(u16, String)> {
    let format = number(body, 0)?;
    let text = if is_biff8 {
        let is_wide = body.get(4)? & 1 == 1;
        let units = body.get(5..)?;
        if is_wide {
            let (pairs, _) = units.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
            String::from_utf16_lossy(&units)
        } else {
            units.iter().map(|byte| char::from(*byte)).collect()
        }
    } else {
        body.get(3..)?
            .iter()
            .map(|byte| char::from(*byte))
            .collect()
    };
    Some((format, text))
}
