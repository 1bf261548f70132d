//! Parses quoted cells strictly (RFC 4180): quotes are doubled inside quotes, and a closing quote is at the end of a
//! cell.
//!
//! Otherwise an unclosed quote would swallow rows up to the next quote of the file.

use memchr::{memchr, memchr_iter, memchr2};

use super::layout::Shape;

/// Position of a cell in the bytes of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is between quotes, which are just outside.
    pub(super) is_quoted: bool,
    /// Whether it contains doubled quotes.
    pub(super) has_doubled: bool,
}

/// Result of parsing a record with quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parsed {
    /// A row of so many bytes, including its line end.
    Row(usize),
    /// The bytes end before the record does.
    Cut,
    /// The bytes end within the cell whose quote is at `opened`.
    Unfinished { opened: usize },
    /// The quote at `at` is neither doubled nor at the end of a cell.
    Misplaced { opened: usize, at: usize },
}

/// Parses the record at the start of `input`, whose lines end with line feeds; adds its cells to `spans`. `is_all`:
/// no bytes follow `input`.
pub(super) fn parse(input: &[u8], is_all: bool, delimiter: u8, spans: &mut Vec<Span>) -> Parsed {
    spans.clear();
    let mut at = 0;
    loop {
        let first = at + blanks(rest(input, at), delimiter);
        let end = if input.get(first) == Some(&b'"') {
            match quoted(input, is_all, first, delimiter) {
                Ok((span, end)) => {
                    spans.push(span);
                    end
                }
                Err(parsed) => return parsed,
            }
        } else {
            let end = match memchr2(delimiter, b'\n', rest(input, at)) {
                Some(length) => at + length,
                None if is_all => input.len(),
                None => return Parsed::Cut,
            };
            spans.push(plain(at, end));
            end
        };
        at = end + 1;
        if input.get(end) != Some(&delimiter) {
            return Parsed::Row(at.min(input.len()));
        }
    }
}

/// The cell whose quote is at `opened`, and the offset of the delimiter or line end after it.
fn quoted(
    input: &[u8],
    is_all: bool,
    opened: usize,
    delimiter: u8,
) -> Result<(Span, usize), Parsed> {
    let mut has_doubled = false;
    let mut from = opened + 1;
    loop {
        let Some(length) = memchr(b'"', rest(input, from)) else {
            return Err(Parsed::Unfinished { opened });
        };
        let at = from + length;
        match input.get(at + 1) {
            None if !is_all => return Err(Parsed::Unfinished { opened }),
            Some(b'"') => {
                has_doubled = true;
                from = at + 2;
                continue;
            }
            _ => {}
        }
        let end = at + 1 + blanks(rest(input, at + 1), delimiter);
        return match input.get(end) {
            None if !is_all => Err(Parsed::Unfinished { opened }),
            Some(&byte) if byte != delimiter && byte != b'\n' => {
                Err(Parsed::Misplaced { opened, at })
            }
            _ => {
                let span = Span {
                    start: opened + 1,
                    end: at,
                    is_quoted: true,
                    has_doubled,
                };
                Ok((span, end))
            }
        };
    }
}

const fn plain(start: usize, end: usize) -> Span {
    Span {
        start,
        end,
        is_quoted: false,
        has_doubled: false,
    }
}

fn rest(bytes: &[u8], from: usize) -> &[u8] {
    bytes.get(from..).unwrap_or_default()
}

/// Number of blanks at the start of `bytes`, without line ends and delimiters.
fn blanks(bytes: &[u8], delimiter: u8) -> usize {
    let mut at = 0;
    loop {
        at += match rest(bytes, at) {
            [b' ', ..] => 1,
            [b'\t', ..] if delimiter != b'\t' => 1,
            [0xC2, 0xA0, ..] => 2,
            _ => return at,
        };
    }
}

/// Takes the quotes of `line` as characters (`"Prestige" rouge`) if that is unambiguous: the line has a cell for each
/// of `width` columns, and no cell both begins and ends with an unrelated quote.
pub(super) fn literal(line: &[u8], delimiter: u8, width: usize, spans: &mut Vec<Span>) -> bool {
    spans.clear();
    let mut start = 0;
    for end in memchr_iter(delimiter, line).chain([line.len()]) {
        let cell = line.get(start..end).unwrap_or_default();
        let Some(span) = literal_cell(cell, start, delimiter) else {
            return false;
        };
        spans.push(span);
        start = end + 1;
    }
    spans.len() == width
}

fn literal_cell(cell: &[u8], start: usize, delimiter: u8) -> Option<Span> {
    let first = blanks(cell, delimiter);
    if cell.get(first) != Some(&b'"') {
        return Some(plain(start, start + cell.len()));
    }
    if let Ok((span, end)) = quoted(cell, true, first, delimiter)
        && end == cell.len()
    {
        return Some(Span {
            start: start + span.start,
            end: start + span.end,
            ..span
        });
    }
    let is_paired = memchr_iter(b'"', cell).count().is_multiple_of(2);
    let ends_quoted = cell.trim_ascii_end().last() == Some(&b'"');
    (is_paired && !ends_quoted).then(|| plain(start, start + cell.len()))
}

/// The quotes of the first cell of `record` that contains lines which look like rows: it was never closed.
pub(super) fn swallower(
    record: &[u8],
    spans: &[Span],
    delimiter: u8,
    shape: &Shape,
) -> Option<(usize, usize)> {
    let found = spans
        .iter()
        .filter(|span| span.is_quoted)
        .find(|span| holds_rows(record, span, delimiter, shape))?;
    Some((found.start.saturating_sub(1), found.end))
}

fn holds_rows(record: &[u8], span: &Span, delimiter: u8, shape: &Shape) -> bool {
    let content = record.get(span.start..span.end).unwrap_or_default();
    let Some(first_end) = memchr(b'\n', content) else {
        return false;
    };
    let marks_of_a_row = shape.least_cells().saturating_sub(1).max(1);
    let count = |line: &[u8]| marks(line, delimiter, shape.is_padded);
    let is_row = |line: &[u8]| count(line) >= marks_of_a_row;
    let before = record.get(..span.start).unwrap_or_default();
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let opens_in_a_row = is_row(
        record
            .get(line_start..span.start + first_end)
            .unwrap_or_default(),
    );
    let mut inner: Vec<&[u8]> = rest(content, first_end + 1)
        .split(|byte| *byte == b'\n')
        .collect();
    let last = inner.pop().unwrap_or_default();
    let tail = rest(record, span.end);
    let tail = tail.split(|byte| *byte == b'\n').next().unwrap_or_default();
    // A cell that ends on its last line may have neighbours there: those before the quote are the swallowed ones.
    let closes_in_a_row = count(last) > 0 && count(last) + count(tail) >= marks_of_a_row;
    let rows = inner.iter().filter(|line| is_row(line)).count();
    (opens_in_a_row && (rows > 0 || closes_in_a_row)) || (marks_of_a_row > 1 && rows > 1)
}

/// Number of delimiters in `line`. One before a blank is punctuation, unless the file has blanks after its
/// delimiters.
fn marks(line: &[u8], delimiter: u8, is_padded: bool) -> usize {
    memchr_iter(delimiter, line)
        .filter(|at| is_padded || line.get(at + 1) != Some(&b' '))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(input: &str) -> Result<Vec<&str>, Parsed> {
        let mut spans = Vec::new();
        match parse(input.as_bytes(), true, b';', &mut spans) {
            Parsed::Row(bytes) => {
                assert_eq!(bytes, input.len());
                Ok(spans
                    .iter()
                    .map(|span| &input[span.start..span.end])
                    .collect())
            }
            other => Err(other),
        }
    }

    #[test]
    fn quoted_cells_may_hold_delimiters_and_line_ends() {
        assert_eq!(cells("\"a;b\";c\n"), Ok(vec!["a;b", "c"]));
        assert_eq!(cells("a;\"b\nc\"\n"), Ok(vec!["a", "b\nc"]));
        assert_eq!(cells("\"a \"\"b\"\"\";\"\"\n"), Ok(vec!["a \"\"b\"\"", ""]));
        assert_eq!(cells("a \"b\" c;d\"\n"), Ok(vec!["a \"b\" c", "d\""]));
    }

    #[test]
    fn blanks_around_quotes_are_dropped() {
        assert_eq!(
            cells("C1; \"Durand\" ;\u{A0}\"Nice\"\n"),
            Ok(vec!["C1", "Durand", "Nice"])
        );
        assert_eq!(cells(" a; b \n"), Ok(vec![" a", " b "]));
    }

    #[test]
    fn a_closing_quote_stands_where_a_cell_ends() {
        assert_eq!(
            cells("P1;\"Prestige\" rouge\n"),
            Err(Parsed::Misplaced { opened: 3, at: 12 })
        );
        assert_eq!(cells("P1;\"a\nb\n"), Err(Parsed::Unfinished { opened: 3 }));
    }

    #[test]
    fn quotes_are_letters_only_where_that_leaves_no_doubt() {
        let mut spans = Vec::new();
        for (line, width, expected) in [
            ("P1;\"Prestige\" rouge;10,00", 3, true),
            ("\"P1\";\"Prestige\" rouge;\"10,00\"", 3, true),
            ("P1;\"Prestige\" rouge;10,00", 4, false),
            ("\"P1\";\"Clos \"Le Haut\" rouge\";\"10,00\"", 3, false),
            ("P1;\"Prestige rouge;10,00", 3, false),
        ] {
            assert_eq!(
                literal(line.as_bytes(), b';', width, &mut spans),
                expected,
                "{line}"
            );
        }
    }

    fn swallows(record: &str, width: usize) -> bool {
        let mut spans = Vec::new();
        let parsed = parse(record.as_bytes(), true, b';', &mut spans);
        assert_eq!(parsed, Parsed::Row(record.len()));
        let shape = Shape::of_width(width);
        swallower(record.as_bytes(), &spans, b';', &shape).is_some()
    }

    #[test]
    fn a_cell_that_holds_rows_was_never_closed() {
        for (record, width, expected) in [
            ("C1;\"Durand\nC2;Petit\nC3;Roux\"\n", 2, true),
            ("C1;\"Durand\nC2;Petit\"\n", 2, true),
            ("\"C1;Durand\nC2\";Petit\n", 2, false),
            ("C1;\"Durand;Nice\nC2;Petit;Metz\nC3;Roux\";Lyon\n", 3, true),
            ("C1;Durand;\"1 rue A\nBât B; esc. 2\";Nice\n", 4, false),
            ("C1;\"1 rue A\nBât B;esc. 2\";Nice\n", 3, false),
            ("C1;\"1 rue A\nBât B\"\n", 2, false),
            ("C1;\"Dur\nand\";Nice;x\n", 4, false),
            ("\"Dur\nand\";Nice;x\n", 3, false),
            ("C1;x;\"Visite; achat\nRappeler; lundi\"\n", 3, false),
        ] {
            assert_eq!(swallows(record, width), expected, "{record}");
        }
    }
}
