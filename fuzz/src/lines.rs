//! The lines of an export, and where in them the key of each row stands.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::known_by::KnownBy;

/// Signs that may stand between cells.
const DELIMITERS: [char; 4] = [';', ',', '\t', '|'];

/// Ends the text of a DOS file.
const DOS_END: char = '\u{1A}';

/// The lines of a text.
#[derive(Debug, Clone)]
pub(super) struct Lines(Vec<String>);

/// What a reading reported of one file.
#[derive(Debug, Default)]
pub(super) struct Reported {
    /// Lines on which rows and rejects begin, ascending.
    begins: Vec<usize>,
    known_by: Vec<(usize, KnownBy)>,
    /// Lines that were passed over, as the reading says: totals, headers, sales that do not count.
    passed: u64,
}

impl Reported {
    /// A row or a reject begins on line `position`.
    pub(super) fn begins(&mut self, position: u64) {
        self.begins.push(index(position));
    }

    /// The row on line `position` has a key made of these cells.
    pub(super) fn is_known_by(&mut self, position: u64, known_by: KnownBy) {
        self.known_by.push((index(position), known_by));
    }

    /// A line was passed over.
    pub(super) fn passes(&mut self) {
        self.passed += 1;
    }

    /// Counts the lines that `warning` says were passed over: `v.csv : 2 lignes de total sautées`.
    pub(super) fn is_warned(&mut self, warning: &str) {
        let is_of_lines = warning.contains(" sautée") && !warning.contains(" vide");
        let count = warning.rsplit(" : ").next().unwrap_or_default();
        let count = count.split(' ').next().unwrap_or_default();
        if is_of_lines {
            self.passed += count.parse::<u64>().unwrap_or_default();
        }
    }

    /// The line after which the row or reject on line `begin` cannot go on.
    fn limit(&self, begin: usize, end: usize) -> usize {
        let next = self.begins.partition_point(|line| *line <= begin);
        self.begins.get(next).map_or(end, |next| *next)
    }
}

fn index(position: u64) -> usize {
    usize::try_from(position).expect("a line of a file in memory") - 1
}

impl Lines {
    /// Those of `content`, where its text is certain.
    pub(super) fn of(content: &[u8], encoding: &str) -> Option<Self> {
        let text = std::str::from_utf8(content).ok()?;
        let is_utf8 = matches!(encoding, "auto" | "utf-8");
        let is_certain = is_utf8 || encoding == "windows-1252" && text.is_ascii();
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        (is_certain && !content.contains(&0))
            .then(|| Self(text.split('\n').map(str::to_owned).collect()))
    }

    /// Fails unless the cells that every key is made of stand on the lines of its row, and every line that looks like the
    /// rows around it was reported: what a row swallows is not.
    pub(super) fn check(&self, reported: &Reported) {
        for (begin, known_by) in &reported.known_by {
            let row = self.row(*begin, reported);
            for cell in &known_by.cells {
                assert!(
                    holds(row, cell),
                    "{} {cell:?} is not on line {}: {row:?}",
                    known_by.column,
                    begin + 1
                );
            }
        }
        let silent = self.silent(reported);
        assert!(
            silent.len() as u64 <= reported.passed,
            "neither row nor reject, {} passed over: lines {silent:?} (from 0) of {:?}",
            reported.passed,
            self.0
        );
    }

    /// The lines of the row that begins at `begin`: a quoted cell holds line ends, where quotes do not come in pairs.
    fn row(&self, begin: usize, reported: &Reported) -> &[String] {
        let limit = reported.limit(begin, self.0.len()).min(self.0.len());
        let lines = self.0.get(begin..limit).unwrap_or_default();
        let mut quotes = 0;
        let is_last = |line: &String| {
            quotes += line.matches('"').count();
            quotes % 2 == 0
        };
        let count = lines.iter().position(is_last).map_or(1, |last| last + 1);
        lines.get(..count).unwrap_or_default()
    }

    /// Lines that look like rows and were not reported.
    fn silent(&self, reported: &Reported) -> BTreeSet<usize> {
        let rows: Vec<(usize, &[String])> = reported
            .begins
            .iter()
            .map(|begin| (*begin, self.row(*begin, reported)))
            .collect();
        let alone = rows.iter().filter_map(|(_, lines)| match lines {
            [line] if !line.contains('"') => shape(line),
            _ => None,
        });
        let usual: BTreeSet<String> = alone.collect();
        let mut silent = BTreeSet::new();
        for (at, (begin, lines)) in rows.iter().enumerate() {
            let end = rows.get(at + 1).map_or(self.end(*begin), |next| next.0);
            silent.extend(swallowed(*begin, lines, &usual));
            for line in begin + lines.len()..end {
                let shape = self.0.get(line).and_then(|line| shape(line));
                if shape.is_some_and(|shape| usual.contains(&shape)) {
                    silent.insert(line);
                }
            }
        }
        silent
    }

    /// Where the text behind `begin` ends.
    fn end(&self, begin: usize) -> usize {
        let lines = self.0.get(begin..).unwrap_or_default();
        let last = lines.iter().position(|line| line.contains(DOS_END));
        last.map_or(self.0.len(), |last| begin + last)
    }
}

/// Lines of the row at `begin` that look like rows of their own, where its first line does too and all others do.
fn swallowed(begin: usize, lines: &[String], usual: &BTreeSet<String>) -> Vec<usize> {
    let [first, others @ ..] = lines else {
        return Vec::new();
    };
    let Some(first) = shape(first) else {
        return Vec::new();
    };
    let is_row = |line: &String| {
        shape(line)
            .is_some_and(|shape| shape == first || usual.contains(&shape) && usual.contains(&first))
    };
    if !others.iter().all(is_row) {
        return Vec::new();
    }
    (begin + 1..=begin + others.len()).collect()
}

/// What a line looks like: letters as `a`, figures as `0`, other signs as they are, quotes left out. `None` where that
/// tells nothing: no code, no delimiter, or one that may be punctuation.
fn shape(line: &str) -> Option<String> {
    let mut shape = String::new();
    for sign in line.chars().filter(|sign| *sign != '"') {
        let sign = match sign {
            sign if sign.is_numeric() => '0',
            sign if sign.is_alphabetic() => 'a',
            sign => sign,
        };
        let is_run = matches!(sign, '0' | 'a') && shape.ends_with(sign);
        if sign == ' ' && shape.ends_with(DELIMITERS) {
            return None;
        }
        if !is_run {
            shape.push(sign);
        }
    }
    (shape.contains(DELIMITERS) && shape.contains('0')).then_some(shape)
}

/// `text` without blanks, quotes, and what no terminal shows.
fn bare(text: &str) -> String {
    let shown = |sign: &char| !sign.is_whitespace() && !sign.is_control() && *sign != '"';
    text.nfc().filter(shown).collect()
}

/// Whether `cell` stands in `row`, not as a part of another word. A tab may stand between cells, or in one, and so may a
/// line end.
fn holds(row: &[String], cell: &str) -> bool {
    let has_tab = row.iter().any(|line| line.contains('\t'));
    let (mut text, mut ends) = (String::new(), BTreeSet::new());
    for line in row {
        text.push_str(&bare(line));
        ends.insert(text.len());
    }
    let cell = bare(cell);
    let is_word = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    text.match_indices(&cell).any(|(at, _)| {
        let (before, behind) = (text.get(..at), text.get(at + cell.len()..));
        let goes_on_before = is_word(before.and_then(|before| before.chars().next_back()));
        let goes_on_behind = is_word(behind.and_then(|behind| behind.chars().next()));
        let is_whole = !goes_on_before || ends.contains(&at);
        has_tab || is_whole && (!goes_on_behind || ends.contains(&(at + cell.len())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether rows on `positions` of `text`, which have these keys, pass.
    fn passes(text: &str, rows: &[(u64, &str)]) -> bool {
        let mut reported = Reported::default();
        for (position, key) in rows {
            reported.begins(*position);
            let known_by = KnownBy::of("customer_key", key, 0);
            reported.is_known_by(*position, known_by.expect("a code"));
        }
        let lines = Lines::of(text.as_bytes(), "auto").expect("text");
        std::panic::catch_unwind(|| lines.check(&reported)).is_ok()
    }

    #[test]
    fn a_key_stands_on_a_line_of_its_row() {
        let text = "code;nom\nC1;Roux\nC11;Petit\n";
        assert!(passes(text, &[(2, "isavigne-C1"), (3, "isavigne-C11")]));
        assert!(!passes(text, &[(2, "isavigne-C11"), (3, "isavigne-C11")]));
        // A part of a code is another code.
        assert!(!passes(text, &[(2, "isavigne-C1"), (3, "isavigne-C1")]));
    }

    #[test]
    fn a_row_swallows_no_other() {
        let text = "code;nom\nC1;\"Roux\nC2;Petit\"\nC3;Blanc\n";
        assert!(!passes(text, &[(2, "isavigne-C1"), (4, "isavigne-C3")]));
        assert!(!passes(text, &[(2, "isavigne-C1")]));
        let lost = "code;nom\nC1;Roux\nC2;Petit\nC3;Blanc\n";
        assert!(!passes(lost, &[(2, "isavigne-C1"), (4, "isavigne-C3")]));
        assert!(!passes(lost, &[(2, "isavigne-C1"), (3, "isavigne-C2")]));
    }

    #[test]
    fn a_cell_may_hold_lines() {
        let text = "code;nom;rue\nC1;Roux;\"12 rue du Port\nNantes\"\nC3;Blanc;3 quai\n";
        assert!(passes(text, &[(2, "isavigne-C1"), (4, "isavigne-C3")]));
    }
}
