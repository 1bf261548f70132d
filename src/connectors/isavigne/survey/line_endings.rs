//! Finds the end of a file's text, before a DOS end-of-file mark and trailing zeros.

/// The end-of-file mark of DOS programs.
const DOS_END: u16 = 0x1A;

/// The end of the text seen so far.
#[derive(Debug, Default)]
pub(super) struct LineEndings {
    seen: u64,
    /// Bytes of the text, without the tail.
    text: u64,
    /// The last unit of the text.
    last: Option<u16>,
    /// Whether a tail has begun; any unit other than tail and blank lines makes it text again.
    in_tail: bool,
}

impl LineEndings {
    /// Bytes of the file that are text.
    pub(super) fn text(&self) -> u64 {
        if self.in_tail { self.text } else { self.seen }
    }

    /// Whether a tail has begun.
    pub(super) fn in_tail(&self) -> bool {
        self.in_tail
    }

    /// Whether the last line has a line end.
    pub(super) fn with_line_end(&self) -> bool {
        matches!(self.last, Some(0x0A | 0x0D))
    }

    /// Adds one unit of `length` bytes.
    pub(super) fn add_unit(&mut self, unit: u16, length: u64) {
        match unit {
            0 | DOS_END => {
                if !self.in_tail {
                    self.text = self.seen;
                }
                self.in_tail = true;
            }
            0x0A | 0x0D if self.in_tail => {}
            _ => {
                self.in_tail = false;
                self.last = Some(unit);
            }
        }
        self.seen += length;
    }

    /// Adds a block of one-byte characters: only the bytes after the last letter are checked.
    pub(super) fn add_bytes(&mut self, block: &[u8]) {
        let is_letter = |byte: &u8| !matches!(byte, 0 | 0x1A | b'\r' | b'\n');
        let last = block.iter().rposition(is_letter).unwrap_or(0);
        self.seen += last as u64;
        for byte in block.get(last..).unwrap_or_default() {
            self.add_unit(u16::from(*byte), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_and_zeros_at_the_end_are_no_text() {
        for (bytes, text, with_line_end) in [
            (&b"a;b\r\n"[..], 5, true),
            (b"a;b", 3, false),
            (b"a;b\r\n\x1a", 5, true),
            (b"a;b\x1a", 3, false),
            (b"a;b\n\0\0\0\0", 4, true),
            (b"a;b\n\x1a\r\n", 4, true),
            (b"a;b\n\x1a\n\0\x1a\0", 4, true),
            (b"a;\x1a;b\n", 6, true),
            (b"a;\0\0;b", 6, false),
            (b"a\n\x1a\n\x1ab", 6, false),
            (b"\0\0\0", 0, false),
            (b"", 0, false),
        ] {
            for size in 1..=bytes.len().max(1) {
                let mut ends = LineEndings::default();
                for block in bytes.chunks(size) {
                    ends.add_bytes(block);
                }
                assert_eq!(ends.text(), text, "{bytes:?} in blocks of {size}");
                assert_eq!(ends.with_line_end(), with_line_end, "{bytes:?} in {size}");
            }
        }
    }
}
