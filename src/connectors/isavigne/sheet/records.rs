//! Splits bytes into records: at delimiters, or with the quote parser where a line contains a quote.
//!
//! Few lines of an export contain one; searching for quotes first and splitting the other lines is several times
//! faster.

use std::io::{self, Read};
use std::str::Utf8Error;

use memchr::{memchr, memchr_iter, memchr2};

use super::layout::Shape;
use super::line_ends::to_feeds;
use super::quotes::{self, Parsed, Span};
use super::{BrokenQuote, Line};

/// Bytes read at a time.
const BLOCK: usize = 128 * 1024;

/// Longest line, in bytes.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Bytes and lines searched for the end of a quoted cell. Without a limit, an unclosed quote would read the whole
/// file into memory.
const MOST_QUOTED_BYTES: usize = 1024 * 1024;
const MOST_QUOTED_LINES: usize = 1000;

/// Why no more records can be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// An I/O error.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line exceeds the limit.
    #[error("line {0} is endless")]
    Endless(u64),
    /// Invalid UTF-8 after decoding.
    #[error("line {0}: {1}")]
    Text(u64, Utf8Error),
}

/// The records of `source`, whose lines end in any way.
pub(super) struct Records<R> {
    source: R,
    delimiter: u8,
    /// The shape of rows, once known: a quoted cell must then not contain rows.
    shape: Option<Shape>,
    /// Bytes read; those from `start` to `end` are not parsed yet.
    block: Vec<u8>,
    start: usize,
    end: usize,
    /// Up to here, all lines of the block end with line feeds: where a line has quotes, line ends may be in cells.
    fed: usize,
    has_ended: bool,
    /// Where in `block` the next quote is, else its end; unknown after more was read.
    quote: Option<usize>,
    /// The line the next record begins on, counted from 1.
    line: u64,
    /// Number of empty lines.
    pub(super) empty_lines: u64,
    /// Cells of the current record.
    spans: Vec<Span>,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R, delimiter: u8) -> Self {
        Self {
            source,
            delimiter,
            shape: None,
            block: vec![0; BLOCK],
            start: 0,
            end: 0,
            fed: 0,
            has_ended: false,
            quote: None,
            line: 1,
            empty_lines: 0,
            spans: Vec::new(),
        }
    }

    /// Sets the delimiter of the next records.
    pub(super) fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
    }

    /// Sets the shape of the next rows.
    pub(super) fn set_shape(&mut self, shape: Shape) {
        self.shape = Some(shape);
    }

    /// Number of lines so far.
    pub(super) fn lines(&self) -> u64 {
        self.line - 1
    }

    /// Skips the lines before `line`; false when there is no such line.
    pub(super) fn skip_to(&mut self, line: u64) -> Result<bool, Broken> {
        while self.line < line {
            let Some((length, end)) = self.next_line()? else {
                return Ok(false);
            };
            self.empty_lines += u64::from(length == 0);
            self.pass(length + end);
        }
        Ok(true)
    }

    /// Reads the next record that is not an empty line; false at the end.
    pub(super) fn read(&mut self, line: &mut Line) -> Result<bool, Broken> {
        loop {
            let Some((length, end)) = self.next_line()? else {
                return Ok(false);
            };
            if length == 0 {
                self.empty_lines += 1;
                self.pass(end);
                continue;
            }
            line.number = self.line;
            line.more_lines = 0;
            line.is_open = false;
            line.broken_quote = None;
            line.has_quotes = self.next_quote() < self.start + length;
            if line.has_quotes {
                self.end_with_feeds();
                self.parse(line)?;
            } else {
                let bytes = self.unparsed().get(..length).unwrap_or_default();
                let text = text(bytes).map_err(|error| Broken::Text(self.line, error))?;
                line.cells.split(text, self.delimiter);
                self.pass(length + end);
            }
            return Ok(true);
        }
    }

    fn unparsed(&self) -> &[u8] {
        self.block.get(self.start..self.end).unwrap_or_default()
    }

    /// Where in the block the next quote is, else its end. Most exports hold none: it is looked for once a block.
    fn next_quote(&mut self) -> usize {
        match self.quote {
            Some(quote) if quote >= self.start => quote,
            _ => {
                let found = memchr(b'"', self.unparsed());
                let quote = found.map_or(self.end, |at| self.start + at);
                *self.quote.insert(quote)
            }
        }
    }

    /// Goes past a line of `bytes` bytes.
    fn pass(&mut self, bytes: usize) {
        self.start += bytes;
        self.line += 1;
    }

    /// Length of the next line, and of its end; `None` at the end.
    fn next_line(&mut self) -> Result<Option<(usize, usize)>, Broken> {
        let mut looked_at = 0;
        loop {
            let unparsed = self.unparsed();
            let found = memchr2(b'\n', b'\r', unparsed.get(looked_at..).unwrap_or_default());
            looked_at = found.map_or(unparsed.len(), |length| looked_at + length);
            match unparsed.get(looked_at..) {
                Some([b'\r', b'\n', ..]) => return Ok(Some((looked_at, 2))),
                // A line feed may follow a carriage return at the end of the block.
                Some([b'\n', ..] | [b'\r', _, ..]) => return Ok(Some((looked_at, 1))),
                _ => {}
            }
            if looked_at > MOST_BYTES {
                return Err(Broken::Endless(self.line));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Makes every line that was read end with a line feed, for the parser of quotes.
    fn end_with_feeds(&mut self) {
        let from = self.fed.max(self.start);
        let bytes = self.block.get_mut(from..self.end).unwrap_or_default();
        let kept = to_feeds(bytes);
        let ends_with_return = kept.checked_sub(1).and_then(|last| bytes.get(last)) == Some(&b'\r');
        self.end = from + kept;
        self.fed = self.end - usize::from(ends_with_return);
        self.quote = None;
    }

    /// Reads more bytes; false at the end. Ends the last line with a line feed.
    fn fill(&mut self) -> io::Result<bool> {
        self.quote = None;
        if self.start > 0 {
            self.block.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.fed = self.fed.saturating_sub(self.start);
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
        Ok(count > 0 || self.end_last_line())
    }

    /// Ends the last line with a line feed; false when it has one, or was ended before.
    fn end_last_line(&mut self) -> bool {
        if std::mem::replace(&mut self.has_ended, true) {
            return false;
        }
        let (last, room) = match self.unparsed().last() {
            None | Some(b'\n') => return false,
            Some(b'\r') => (self.end - 1, self.end),
            Some(_) => (self.end, self.end + 1),
        };
        let Some(slot) = self.block.get_mut(last) else {
            return false;
        };
        *slot = b'\n';
        self.end = room;
        true
    }

    /// Parses a record with quotes, which may span several lines.
    fn parse(&mut self, line: &mut Line) -> Result<(), Broken> {
        let mut is_all = false;
        loop {
            let mut spans = std::mem::take(&mut self.spans);
            let parsed = quotes::parse(self.unparsed(), is_all, self.delimiter, &mut spans);
            self.spans = spans;
            // Errors refer to whole lines: the line of the error must be complete.
            let needs_more = match parsed {
                Parsed::Row(_) => false,
                Parsed::Cut => true,
                Parsed::Unfinished { opened } => {
                    self.is_within_bounds(opened) || !self.has_line_end(opened)
                }
                Parsed::Misplaced { at, .. } => !self.has_line_end(at),
            };
            if needs_more && !is_all {
                if self.unparsed().len() > MOST_BYTES {
                    return Err(Broken::Endless(line.number));
                }
                is_all = !self.fill()?;
                self.end_with_feeds();
                continue;
            }
            return match parsed {
                Parsed::Row(bytes) => self.take_row(bytes, line),
                Parsed::Misplaced { at, .. } if self.is_literal(at) => {
                    let bytes = self.end_of_line(at);
                    self.take_row(bytes, line)
                }
                Parsed::Misplaced { opened, at } => self.take_broken(opened, Some(at), line),
                Parsed::Unfinished { opened } => {
                    line.is_open = is_all;
                    self.take_broken(opened, None, line)
                }
                Parsed::Cut => Err(Broken::Endless(line.number)),
            };
        }
    }

    fn has_line_end(&self, at: usize) -> bool {
        memchr(b'\n', self.unparsed().get(at..).unwrap_or_default()).is_some()
    }

    /// Whether the quote at `opened` may still be closed within the limits.
    fn is_within_bounds(&self, opened: usize) -> bool {
        let quoted = self.unparsed().get(opened..).unwrap_or_default();
        quoted.len() < MOST_QUOTED_BYTES && memchr_iter(b'\n', quoted).count() < MOST_QUOTED_LINES
    }

    /// Whether the line of the quote at `at` is a complete row when its quotes are characters.
    fn is_literal(&mut self, at: usize) -> bool {
        let Some(shape) = self.shape else {
            return false;
        };
        let end = self.end_of_line(at).saturating_sub(1);
        let line = self
            .block
            .get(self.start..self.start + end)
            .unwrap_or_default();
        memchr(b'\n', line).is_none()
            && quotes::literal(line, self.delimiter, shape.width, &mut self.spans)
    }

    /// End of the line with the unparsed byte `at`, including its line feed.
    fn end_of_line(&self, at: usize) -> usize {
        let unparsed = self.unparsed();
        let length = memchr(b'\n', unparsed.get(at..).unwrap_or_default());
        length.map_or(unparsed.len(), |length| at + length + 1)
    }

    /// Takes `bytes` as a row with the found cells, unless one of them contains rows.
    fn take_row(&mut self, bytes: usize, line: &mut Line) -> Result<(), Broken> {
        let whole = self.unparsed().get(..bytes).unwrap_or_default();
        let record = whole.strip_suffix(b"\n").unwrap_or(whole);
        let more_lines = memchr_iter(b'\n', record).count() as u64;
        if more_lines > 0
            && let Some(shape) = &self.shape
            && let Some((opened, closed)) =
                quotes::swallower(whole, &self.spans, self.delimiter, shape)
        {
            return self.take_broken(opened, Some(closed), line);
        }
        let text = text(record).map_err(|error| Broken::Text(line.number, error))?;
        line.cells.become_text(text);
        for span in &self.spans {
            if span.has_doubled {
                let cell = text.get(span.start..span.end).unwrap_or_default();
                line.cells.push(&cell.replace("\"\"", "\""));
            } else {
                line.cells.bound(span.start, span.end);
            }
        }
        line.more_lines = more_lines;
        self.line += more_lines + 1;
        self.start += bytes;
        Ok(())
    }

    /// Takes the lines up to the quote at `closed`, or to the one at `opened`, as a broken record; each line is a
    /// cell.
    fn take_broken(
        &mut self,
        opened: usize,
        closed: Option<usize>,
        line: &mut Line,
    ) -> Result<(), Broken> {
        let bytes = self.end_of_line(closed.unwrap_or(opened));
        let record = self.unparsed().get(..bytes).unwrap_or_default();
        let line_of = |at: usize| {
            let before = record.get(..at).unwrap_or_default();
            line.number + memchr_iter(b'\n', before).count() as u64
        };
        let is_escaped = closed.is_some_and(|at| at > 0 && record.get(at - 1) == Some(&b'\\'));
        line.broken_quote = Some(BrokenQuote {
            opened: line_of(opened),
            closed: closed.map(line_of),
            is_escaped,
        });
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        let text = text(record).map_err(|error| Broken::Text(line.number, error))?;
        line.cells.split(text, b'\n');
        line.more_lines = memchr_iter(b'\n', record).count() as u64;
        self.line += line.more_lines + 1;
        self.start += bytes;
        Ok(())
    }
}

/// `bytes` as text, validated many bytes at once; the standard library describes the error.
fn text(bytes: &[u8]) -> Result<&str, Utf8Error> {
    simdutf8::basic::from_utf8(bytes).or_else(|_| std::str::from_utf8(bytes))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use proptest::prelude::*;

    /// Returns a few bytes at a time, so that lines and quotes fall on block borders.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(3);
            self.0.read(&mut buffer[..count])
        }
    }

    /// First line, last line, whether its quotes are broken, cells.
    type Row = (u64, u64, bool, Vec<String>);

    fn rows_of(text: &str, shape: Option<Shape>) -> Vec<Row> {
        let mut records = Records::new(Drip(text.as_bytes()), b';');
        if let Some(shape) = shape {
            records.set_shape(shape);
        }
        let mut line = Line::default();
        let mut rows = Vec::new();
        while records.read(&mut line).unwrap() {
            rows.push((
                line.number,
                line.number + line.more_lines,
                line.broken_quote.is_some(),
                line.cells.iter().map(str::to_owned).collect(),
            ));
        }
        rows
    }

    fn ours(text: &str) -> Vec<Vec<String>> {
        let rows = rows_of(text, None);
        rows.into_iter().map(|(_, _, _, cells)| cells).collect()
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

    /// The lines that are rows, and those that are broken.
    fn lines(text: &str, width: usize) -> (Vec<u64>, Vec<(u64, u64)>) {
        let (mut good, mut broken) = (Vec::new(), Vec::new());
        for (first, last, is_broken, _) in rows_of(text, Some(Shape::of_width(width))) {
            if is_broken {
                broken.push((first, last));
            } else {
                good.push(first);
            }
        }
        (good, broken)
    }

    #[test]
    fn rows_know_the_line_they_begin_on() {
        let rows = rows_of("a;b\n\n\"c\nd\";e\nf\n", None);
        let numbers: Vec<u64> = rows.iter().map(|(number, ..)| *number).collect();
        assert_eq!(numbers, [1, 3, 5]);
        assert_eq!(rows[1].3, ["c\nd", "e"]);
    }

    #[test]
    fn quotes_are_doubled_inside_quotes() {
        assert_eq!(
            ours("\"a \"\"b\"\" c\";\"d\";\"\"\"\"\n"),
            [["a \"b\" c", "d", "\""]]
        );
    }

    #[test]
    fn lines_that_an_open_quote_swallowed_are_broken_and_reading_goes_on() {
        let pair = "h;n\nC1;\"Durand\nC2;Petit\nC3;Roux\"\nC4;Blanc\n";
        assert_eq!(lines(pair, 2), (vec![1, 5], vec![(2, 4)]));
        let misplaced = "h;n;v\nC1;\"Durand;Nice\nC2;Petit;Metz\nC3;Roux;\"Lyon\nC4;Blanc;Nancy\n";
        assert_eq!(lines(misplaced, 3), (vec![1, 5], vec![(2, 4)]));
    }

    #[test]
    fn a_quote_never_closed_costs_its_own_line_alone() {
        let text = "h;n\nC1;\"Durand\nC2;Petit\nC3;Roux\n";
        assert_eq!(lines(text, 2), (vec![1, 3, 4], vec![(2, 2)]));
        let mut long = String::from("h;n\nC1;\"Durand\n");
        for number in 0..2_000 {
            writeln!(long, "D{number};x").unwrap();
        }
        long += "E1;\"Petit\"\n";
        let (good, broken) = lines(&long, 2);
        assert_eq!((good.len(), broken), (2_002, vec![(2, 2)]));
    }

    #[test]
    fn a_word_in_quotes_at_the_start_of_a_cell_is_text() {
        let rows = rows_of("P1;\"Prestige\" rouge;10\n", Some(Shape::of_width(3)));
        assert_eq!(rows[0].3, ["P1", "\"Prestige\" rouge", "10"]);
        let not_doubled = "\"P1\";\"Clos \"Le Haut\" rouge\";\"10\"\n\"P2\";\"Pinot\";\"20\"\n";
        assert_eq!(lines(not_doubled, 3), (vec![2], vec![(1, 1)]));
    }

    #[test]
    fn a_quote_left_open_at_the_end_of_the_file_is_seen() {
        let mut records = Records::new(&b"a;b\nc;\"d\ne\n"[..], b';');
        let mut line = Line::default();
        assert!(records.read(&mut line).unwrap() && !line.is_open);
        assert!(records.read(&mut line).unwrap() && line.is_open);
        assert_eq!((line.number, line.more_lines), (2, 0));
        assert!(records.read(&mut line).unwrap() && !line.is_open);
        assert!(!records.read(&mut line).unwrap());
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let endless = io::Read::chain(&b"\"a"[..], io::repeat(b'x'));
        let mut records = Records::new(endless, b';');
        let broken = records.read(&mut Line::default()).unwrap_err();
        assert!(matches!(broken, Broken::Endless(1)), "{broken:?}");
    }

    #[test]
    fn lines_above_the_header_are_skipped_whatever_they_hold() {
        let mut records = Records::new(&b"Liste \"x\n\n\"open\na;b\n"[..], b';');
        assert!(records.skip_to(4).unwrap());
        let mut line = Line::default();
        assert!(records.read(&mut line).unwrap());
        assert_eq!((line.number, line.cells.len()), (4, 2));
    }

    fn written(rows: &[Vec<String>], style: csv::QuoteStyle) -> String {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(b';')
            .quote_style(style)
            .flexible(true)
            .from_writer(Vec::new());
        for row in rows {
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    proptest! {
        #[test]
        fn rows_without_quotes_are_those_of_the_csv_crate(text in "[ab;\n é]{0,40}") {
            let text = text + "\n";
            prop_assert_eq!(ours(&text), theirs(&text));
        }

        #[test]
        fn rows_of_a_careful_writer_come_back(
            rows in proptest::collection::vec(
                proptest::collection::vec("[ab;\"\n é]{0,6}", 1..4), 0..6),
            always in any::<bool>(),
        ) {
            let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let text = written(&rows, style);
            prop_assert_eq!(ours(&text), theirs(&text));
            if always {
                prop_assert_eq!(ours(&text), rows);
            }
        }

        #[test]
        fn rows_are_the_same_whatever_ends_the_lines(text in "[ab;\"\r\n]{0,40}", width in 1_usize..4) {
            let feeds = text.replace("\r\n", "\n").replace('\r', "\n");
            let shape = Shape::of_width(width);
            prop_assert_eq!(rows_of(&text, Some(shape)), rows_of(&feeds, Some(shape)));
            prop_assert_eq!(rows_of(&text, None), rows_of(&(feeds + "\n"), None));
        }

        #[test]
        fn every_line_is_in_one_row_or_broken(text in "[ab;\"\n é]{0,60}", width in 1_usize..4) {
            let text = text + "\n";
            let mut next = 1;
            for (first, last, ..) in rows_of(&text, Some(Shape::of_width(width))) {
                prop_assert!(first >= next && last >= first);
                next = last + 1;
            }
            prop_assert!(next <= text.matches('\n').count() as u64 + 1);
        }
    }
}
