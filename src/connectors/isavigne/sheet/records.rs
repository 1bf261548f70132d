//! Bytes as records: split at delimiters, parsed by the `csv` crate's own parser where a line holds a quote.
//!
//! Nearly no line of an export holds one; looking for it first and splitting the others is several times faster.

use std::io::{self, Read};
use std::str::Utf8Error;

use csv_core::ReadRecordResult;
use memchr::{memchr, memchr_iter};

use super::Line;

/// Bytes read at a time.
const BLOCK: usize = 128 * 1024;

/// Bytes one record may take. Without a bound, a quote that is never closed would pull the whole file into memory.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Why no more records can be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The bytes cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A record does not end where any would.
    #[error("the record on line {0} is endless")]
    Endless(u64),
    /// Text that is none, though it was decoded.
    #[error("line {0}: {1}")]
    Text(u64, Utf8Error),
}

/// The records of `source`, whose every line ends with a line feed.
pub(super) struct Records<R> {
    source: R,
    delimiter: u8,
    /// What was read; bytes from `start` to `end` were not parsed yet.
    block: Vec<u8>,
    start: usize,
    end: usize,
    /// The line the next record begins on, counted from 1.
    line: u64,
    /// Lines with nothing on them.
    pub(super) empty_lines: u64,
    parser: csv_core::Reader,
    /// What the parser writes: unquoted cells, and where each ends.
    cells: Vec<u8>,
    ends: Vec<usize>,
}

/// What one quoted record took.
struct Quoted {
    bytes: usize,
    cells: usize,
    ends: usize,
    /// Whether the file ends within its quotes.
    is_open: bool,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R, delimiter: u8) -> Self {
        let mut parser = csv_core::ReaderBuilder::new();
        parser
            .delimiter(delimiter)
            .terminator(csv_core::Terminator::Any(b'\n'));
        Self {
            source,
            delimiter,
            block: vec![0; BLOCK],
            start: 0,
            end: 0,
            line: 1,
            empty_lines: 0,
            parser: parser.build(),
            cells: vec![0; 1024],
            ends: vec![0; 64],
        }
    }

    /// Reads the next record that is not an empty line; false at the end.
    pub(super) fn read(&mut self, line: &mut Line) -> Result<bool, Broken> {
        loop {
            let Some(length) = self.line_length()? else {
                return Ok(false);
            };
            if length == 0 {
                self.empty_lines += 1;
                self.pass(length);
                continue;
            }
            line.number = self.line;
            line.more_lines = 0;
            line.is_open = false;
            let bytes = self.unparsed().get(..length).unwrap_or_default();
            if memchr(b'"', bytes).is_some() {
                self.parse(line)?;
            } else {
                let text = text(bytes).map_err(|error| Broken::Text(self.line, error))?;
                line.cells.split(text, self.delimiter);
                self.pass(length);
            }
            return Ok(true);
        }
    }

    fn unparsed(&self) -> &[u8] {
        self.block.get(self.start..self.end).unwrap_or_default()
    }

    /// Goes past a line of `length` bytes and its end.
    fn pass(&mut self, length: usize) {
        self.start = self.end.min(self.start + length + 1);
        self.line += 1;
    }

    /// Bytes of the next line without its end; `None` when there is no more.
    fn line_length(&mut self) -> Result<Option<usize>, Broken> {
        let mut looked_at = 0;
        loop {
            let unparsed = self.unparsed();
            if let Some(length) = memchr(b'\n', unparsed.get(looked_at..).unwrap_or_default()) {
                return Ok(Some(looked_at + length));
            }
            looked_at = unparsed.len();
            if looked_at > MOST_BYTES {
                return Err(Broken::Endless(self.line));
            }
            if !self.fill()? {
                return Ok((looked_at > 0).then_some(looked_at));
            }
        }
    }

    /// Reads more behind what is unparsed; false when there is no more.
    fn fill(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.block.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.block.len() {
            self.block.resize(self.block.len() * 2, 0);
        }
        let room = self.block.get_mut(self.end..).unwrap_or_default();
        let count = loop {
            match self.source.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.end += count;
        Ok(count > 0)
    }

    /// Parses a record that holds quotes, over as many lines as it takes.
    fn parse(&mut self, line: &mut Line) -> Result<(), Broken> {
        let quoted = self.unquote()?;
        let cells = self.cells.get(..quoted.cells).unwrap_or_default();
        let text = std::str::from_utf8(cells).map_err(|error| Broken::Text(line.number, error))?;
        let ends = self.ends.get(..quoted.ends).unwrap_or_default();
        line.cells.cut(text, ends);
        line.more_lines = memchr_iter(b'\n', cells).count() as u64;
        line.is_open = quoted.is_open;
        self.line += line.more_lines + u64::from(!quoted.is_open);
        Ok(())
    }

    fn unquote(&mut self) -> Result<Quoted, Broken> {
        let mut taken = Quoted {
            bytes: 0,
            cells: 0,
            ends: 0,
            is_open: false,
        };
        loop {
            let input = self.block.get(self.start..self.end).unwrap_or_default();
            let cells = self.cells.get_mut(taken.cells..).unwrap_or_default();
            let ends = self.ends.get_mut(taken.ends..).unwrap_or_default();
            let (result, bytes_in, bytes_out, cells_out) =
                self.parser.read_record(input, cells, ends);
            self.start += bytes_in;
            taken.bytes += bytes_in;
            taken.cells += bytes_out;
            taken.ends += cells_out;
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => return Ok(taken),
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::InputEmpty if taken.bytes > MOST_BYTES => {
                    return Err(Broken::Endless(self.line));
                }
                // Every line has its end: whoever still waits for more is within quotes. Told that there is no more,
                // the parser gives what it has.
                ReadRecordResult::InputEmpty => taken.is_open = !self.fill()?,
            }
        }
    }
}

/// `bytes` as text, checked many bytes at once; the standard library says what is wrong with those that are none.
fn text(bytes: &[u8]) -> Result<&str, Utf8Error> {
    simdutf8::basic::from_utf8(bytes).or_else(|_| std::str::from_utf8(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Hands out a few bytes at a time, so that lines and quotes meet the borders of blocks.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(3);
            self.0.read(&mut buffer[..count])
        }
    }

    type Row = (u64, Vec<String>);

    fn ours(text: &str) -> Vec<Row> {
        let mut records = Records::new(Drip(text.as_bytes()), b';');
        let mut line = Line::default();
        let mut rows = Vec::new();
        while records.read(&mut line).unwrap() {
            rows.push((line.number, line.cells.iter().map(str::to_owned).collect()));
        }
        rows
    }

    fn theirs(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new();
        reader
            .delimiter(b';')
            .terminator(csv::Terminator::Any(b'\n'))
            .has_headers(false)
            .flexible(true);
        let records = reader.from_reader(text.as_bytes()).into_records();
        records
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn rows_know_the_line_they_begin_on() {
        let rows = ours("a;b\n\n\"c\nd\";e\nf\n");
        let numbers: Vec<u64> = rows.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 3, 5]);
        assert_eq!(rows[1].1, ["c\nd", "e"]);
    }

    #[test]
    fn a_quote_left_open_is_seen() {
        let mut records = Records::new(&b"a;b\nc;\"d\ne\n"[..], b';');
        let mut line = Line::default();
        assert!(records.read(&mut line).unwrap() && !line.is_open);
        assert!(records.read(&mut line).unwrap() && line.is_open);
        assert_eq!(line.more_lines, 2);
        assert!(!records.read(&mut line).unwrap());
    }

    #[test]
    fn a_record_without_end_is_refused() {
        let endless = io::Read::chain(&b"\"a"[..], io::repeat(b'x'));
        let mut records = Records::new(endless, b';');
        let broken = records.read(&mut Line::default()).unwrap_err();
        assert!(matches!(broken, Broken::Endless(1)), "{broken:?}");
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_crate(text in "[ab;\"\n é]{0,40}") {
            let text = text + "\n";
            let rows: Vec<_> = ours(&text).into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(rows, theirs(&text));
        }
    }
}
