//! Estimates the memory of the parser of old workbooks (.xls) from the records, before it runs: it copies the text of
//! a cell for each cell that refers to it, and stores all cells in a rectangle.
//!
//! Record layouts: Microsoft, [MS-XLS] 2.4 and 2.5.

use std::io;

use super::{FORMULA, SEVERAL_CELLS, TEXTS, globals, long_number, number, records};

/// Memory limit of the parser, in bytes, of the 256 MiB limit of a workbook.
pub(super) const MOST_BYTES: u64 = 224 << 20;

/// The continuation of the previous record: `Continue`.
const MORE: u16 = 0x003c;

/// A cell with a shared text: `LabelSst`.
const SHARED: u16 = 0x00fd;

/// Cells with their own text: `Label`, `RString`, `String` of a formula.
const TEXTUAL: [u16; 3] = [0x0204, 0x00d6, 0x0207];

/// Bytes of a cell: its position and its value.
const CELL: u64 = 40;

/// Bytes of a value in the rectangle.
const VALUE: u64 = 32;

/// Bytes of a text besides its characters: its pointer, and the allocator's overhead.
const TEXT: u64 = 48;

/// Memory in bytes that the parser needs for the sheet at offset `begin` of `content`, whose cells fill a
/// rectangle of `rectangle` cells. Fails where the shared texts cannot be separated.
pub(super) fn taken(content: &[u8], begin: usize, rectangle: u64) -> io::Result<u64> {
    let texts = shared_texts(content)?;
    let mut taken: u64 = texts.iter().map(|bytes| TEXT * 2 + bytes).sum();
    let (mut cells, mut formulas) = (0_u64, 0_u64);
    for (kind, body) in records(content, begin) {
        let length = body.len() as u64;
        match kind {
            SEVERAL_CELLS => cells += length / 6,
            FORMULA => {
                cells += 1;
                formulas += 1;
                taken += TEXT + length;
            }
            SHARED => {
                cells += 1;
                taken += TEXT + shared_length(&texts, body);
            }
            _ if TEXTUAL.contains(&kind) => {
                cells += 1;
                taken += TEXT + 2 * length;
            }
            _ => cells += 1,
        }
    }
    // The container, its sectors and its stream; lists double when they grow.
    taken += 3 * content.len() as u64;
    taken += cells.next_power_of_two() * CELL + rectangle * VALUE;
    if formulas > 0 {
        taken += formulas.next_power_of_two() * CELL + rectangle * VALUE;
    }
    Ok(taken)
}

/// The length of the text that a cell refers to.
fn shared_length(texts: &[u64], body: &[u8]) -> u64 {
    let at = long_number(body, 6);
    at.and_then(|at| texts.get(at)).copied().unwrap_or_default()
}

/// The decoded size of each shared text in bytes, at most.
fn shared_texts(content: &[u8]) -> io::Result<Vec<u64>> {
    let mut pieces = Pieces::default();
    let mut are_texts = false;
    for (_, kind, body) in globals(content) {
        match kind {
            // After the two numbers of texts.
            TEXTS if pieces.0.is_empty() => pieces.0.extend(body.get(8..)),
            TEXTS => return Err(io::ErrorKind::InvalidData.into()),
            MORE if are_texts => pieces.0.push(body),
            _ => {}
        }
        are_texts = kind == TEXTS || (are_texts && kind == MORE);
    }
    pieces.0.reverse();
    let mut texts = Vec::new();
    while pieces.go_on() {
        let bytes = pieces.text().ok_or(io::ErrorKind::InvalidData)?;
        texts.push(bytes);
        if TEXT * texts.len() as u64 > MOST_BYTES {
            // These alone exceed the limit.
            break;
        }
    }
    Ok(texts)
}

/// A record and its continuations, the next one last.
#[derive(Default)]
struct Pieces<'c>(Vec<&'c [u8]>);

impl Pieces<'_> {
    /// Whether bytes are left; the next byte is then in the last piece.
    fn go_on(&mut self) -> bool {
        while self.0.last().is_some_and(|piece| piece.is_empty()) {
            self.0.pop();
        }
        !self.0.is_empty()
    }

    /// The next bytes, which must be in one piece.
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let piece = self.0.last_mut()?;
        let (taken, rest) = piece.split_at_checked(count)?;
        *piece = rest;
        Some(taken)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            if !self.go_on() {
                return None;
            }
            let length = self.0.last()?.len().min(count);
            self.take(length)?;
            count -= length;
        }
        Some(())
    }

    /// Skips a text (`XLUnicodeRichExtendedString`); returns its decoded size in bytes, at most.
    fn text(&mut self) -> Option<u64> {
        let begin = self.take(3)?;
        let mut letters = usize::from(number(begin, 0)?);
        let flags = *begin.last()?;
        let mut behind = 0_usize;
        if flags & 8 != 0 {
            behind += 4 * usize::from(number(self.take(2)?, 0)?);
        }
        if flags & 4 != 0 {
            let length = self.take(4)?;
            behind += long_number(length, 0)?;
        }
        let mut is_wide = flags & 1 == 1;
        let mut bytes = 0;
        loop {
            let width = if is_wide { 2 } else { 1 };
            let here = self.0.last().map_or(0, |piece| piece.len() / width);
            let here = here.min(letters);
            self.take(here * width)?;
            letters -= here;
            bytes += here as u64 * if is_wide { 3 } else { 2 };
            if letters == 0 {
                break;
            }
            // A continuation begins with a byte that repeats the width of the characters.
            self.0.pop();
            is_wide = self.take(1)?.first()? & 1 == 1;
        }
        self.skip(behind)?;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::END;
    use super::*;

    fn record_of(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap();
        [&kind.to_le_bytes(), &length.to_le_bytes(), body].concat()
    }

    /// A text of one-byte characters, and one of two-byte characters.
    fn two_texts() -> Vec<u8> {
        [
            &[0; 8],
            &[3, 0, 0][..],
            b"abc",
            &[2, 0, 1],
            &[0xe9, 0, 0xe8, 0],
        ]
        .concat()
    }

    #[test]
    fn texts_are_told_apart() {
        let globals = [record_of(TEXTS, &two_texts()), record_of(END, &[])].concat();
        assert_eq!(shared_texts(&globals).unwrap(), [6, 6]);
    }

    #[test]
    fn a_text_goes_on_in_the_next_record() {
        let first = [&[0; 8], &[5, 0, 0][..], b"ab"].concat();
        let globals = [
            record_of(TEXTS, &first),
            record_of(MORE, b"\x01c\0d\0e\0"),
            record_of(MORE, &[1, 0, 0, b'x']),
        ]
        .concat();
        assert_eq!(shared_texts(&globals).unwrap(), [4 + 9, 2]);
    }

    #[test]
    fn a_text_that_ends_nowhere_is_damaged() {
        let globals = record_of(TEXTS, &[&[0; 8], &[200, 0, 0][..], b"abc"].concat());
        assert!(shared_texts(&globals).is_err());
    }

    #[test]
    fn a_long_text_counts_as_often_as_it_is_named() {
        let text = [&[0; 8], &[0x00, 0x10, 0][..], &[b'a'; 4096]].concat();
        let globals = [record_of(TEXTS, &text), record_of(END, &[])].concat();
        let cells = record_of(SHARED, &[0; 10]).repeat(1000);
        let begin = globals.len();
        let content = [globals, record_of(0x0809, &[0; 4]), cells].concat();
        let taken = taken(&content, begin, 1000).unwrap();
        assert!(taken > 1000 * 8192, "{taken}");
    }
}
