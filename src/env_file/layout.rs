//! A `.env` text split into its assignments, and joined again with some of them changed.
//!
//! `dotenvy` yields assignments without their positions. It therefore receives one physical line at a time: the
//! number of lines it has read when it yields an assignment is where that assignment ends.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::rc::Rc;

const BOM: &str = "\u{feff}";

/// A text split where `dotenvy` splits it; its parts, joined, are the text.
pub(super) struct Layout<'a> {
    bom: &'a str,
    assignments: Vec<Assignment<'a>>,
    /// The comments and blank lines after the last assignment.
    tail: &'a str,
}

struct Assignment<'a> {
    /// The comments and blank lines above the assignment.
    lead: &'a str,
    /// The line or lines of the assignment (several when its value is quoted), with the line end.
    line: &'a str,
    name: String,
    value: String,
}

impl<'a> Layout<'a> {
    /// Splits the text; fails with the number of the first unreadable line (from 1).
    pub(super) fn of(text: &'a str) -> Result<Self, usize> {
        // `dotenvy` skips the byte-order mark only when it loads into the environment, not when it is iterated over.
        let body = text.strip_prefix(BOM).unwrap_or(text);
        let bom = text.strip_suffix(body).unwrap_or_default();
        let given = Rc::new(Cell::new(0));
        let feed = LineFeed {
            rest: body.as_bytes(),
            given: Rc::clone(&given),
        };
        let mut assignments = Vec::new();
        let mut start = 0;
        // `dotenvy` fails on a blank before the end of the file, unless a line end follows.
        for item in dotenvy::from_read_iter(feed.chain(&b"\n"[..])) {
            let read = body.get(start..given.get()).unwrap_or_default();
            let (lead, line) = read
                .split_at_checked(lead_length(read))
                .unwrap_or((read, ""));
            let Ok((name, value)) = item else {
                let before = body.get(..start + lead.len()).unwrap_or_default();
                return Err(1 + before.matches('\n').count());
            };
            assignments.push(Assignment {
                lead,
                line,
                name,
                value,
            });
            start = given.get();
        }
        Ok(Self {
            bom,
            assignments,
            tail: body.get(start..).unwrap_or_default(),
        })
    }

    pub(super) fn values(self) -> BTreeMap<String, String> {
        self.assignments
            .into_iter()
            .map(|assignment| (assignment.name, assignment.value))
            .collect()
    }

    /// The text with these values: the first line of an existing variable is rewritten and its later lines are
    /// dropped; new variables follow in their order under `block_comment`. A name given twice gets its last value.
    pub(super) fn with(
        self,
        block_comment: Option<&str>,
        assignments: &[(String, String)],
    ) -> String {
        let wanted: BTreeMap<&str, &str> = pairs(assignments).collect();
        let mut pending = wanted.clone();
        let mut text = self.bom.to_owned();
        for assignment in &self.assignments {
            text.push_str(assignment.lead);
            match pending.remove(assignment.name.as_str()) {
                Some(value) => text.push_str(&assignment.with(value)),
                None if wanted.contains_key(assignment.name.as_str()) => {}
                None => text.push_str(assignment.line),
            }
        }
        text.push_str(self.tail);
        if !pending.is_empty() {
            open_block(&mut text, block_comment);
        }
        let eol = line_end(&text);
        for (name, _) in pairs(assignments) {
            if let Some(value) = pending.remove(name) {
                text.extend([name, "=", &quoted(value), eol]);
            }
        }
        text
    }

    /// The text without the variables that `is_ours` accepts, and the names of those.
    pub(super) fn without(
        self,
        block_comment: Option<&str>,
        is_ours: impl Fn(&str) -> bool,
    ) -> (String, Vec<String>) {
        let mut text = self.bom.to_owned();
        let mut removed = Vec::new();
        for assignment in self.assignments {
            if is_ours(&assignment.name) {
                text.push_str(block_comment.map_or(assignment.lead, |comment| {
                    lead_without(assignment.lead, comment)
                }));
                removed.push(assignment.name);
            } else {
                text.push_str(assignment.lead);
                text.push_str(assignment.line);
            }
        }
        (text + self.tail, removed)
    }
}

impl Assignment<'_> {
    /// This line with another value. A line with that value stays as it is, unless its value refers to other
    /// variables.
    fn with(&self, value: &str) -> String {
        if self.value == value && !self.line.contains('$') {
            return self.line.to_owned();
        }
        let line = self.line.trim_end_matches(['\r', '\n']);
        let end = self.line.strip_prefix(line).unwrap_or_default();
        let (name, _) = line.split_once('=').unwrap_or((line, ""));
        let comment = trailing_comment(line);
        // Exactly one blank: after two, `dotenvy` no longer sees the comment as one.
        let gap = if comment.is_empty() { "" } else { " " };
        format!("{name}={}{gap}{comment}{end}", quoted(value))
    }
}

/// Length of the comments and blank lines at the start of a text. `dotenvy` reads each of them as a whole line.
fn lead_length(text: &str) -> usize {
    let opens = |line: &&str| line.trim().is_empty() || line.trim_start().starts_with('#');
    text.split_inclusive('\n')
        .take_while(opens)
        .map(str::len)
        .sum()
}

/// The `# …` after the value of an assignment, or an empty text. It starts at the first `#` without which the line
/// still has its value. A comment that a quote continues on the next lines is dropped: it would break behind another
/// value.
fn trailing_comment(line: &str) -> &str {
    let value_of = |line: &str| {
        dotenvy::from_read_iter(line.as_bytes().chain(&b"\n"[..]))
            .next()
            .and_then(Result::ok)
    };
    let value = value_of(line);
    let blanks_before = |start: usize| {
        line.get(..start)
            .is_some_and(|before| before.ends_with([' ', '\t']))
    };
    line.match_indices('#')
        .filter(|(start, _)| blanks_before(*start))
        .find(|(start, _)| {
            line.get(..*start)
                .is_some_and(|before| value.is_some() && value_of(before.trim_end()) == value)
        })
        .and_then(|(start, _)| line.get(start..))
        .filter(|comment| !comment.contains('\n'))
        .unwrap_or_default()
}

/// A value in `dotenvy`'s syntax: bare when it is plain, otherwise between double quotes.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=*?".contains(c);
    if value.chars().all(plain) {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for c in value.chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\\' | '"' | '$' => text.extend(['\\', c]),
            _ => text.push(c),
        }
    }
    text.push('"');
    text
}

/// The assignments as borrowed pairs, to put in a map.
pub(super) fn pairs(assignments: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    assignments
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

/// Prepares the end of the text for new assignments: ends the last line, adds a blank one and the comment.
fn open_block(text: &mut String, comment: Option<&str>) {
    let eol = line_end(text);
    let has_lines = !text.trim_start_matches(BOM).is_empty();
    if has_lines && !text.ends_with('\n') {
        text.push_str(eol);
    }
    if let Some(comment) = comment {
        if has_lines {
            text.push_str(eol);
        }
        text.push_str(&comment_block(comment, eol));
    }
}

/// The line end of the file, so that a Windows file keeps its own.
fn line_end(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((first, _)) if first.ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

fn comment_block(comment: &str, eol: &str) -> String {
    comment.lines().fold(String::new(), |block, line| {
        block + "# " + line.trim() + eol
    })
}

/// The lines above an assignment, without the block comment and blank line that [`open_block`] wrote.
fn lead_without<'a>(lead: &'a str, comment: &str) -> &'a str {
    // With mixed line ends, the block has those that the file had when it was written.
    let written = ["\r\n", "\n"].into_iter().find_map(|eol| {
        let block = comment_block(comment, eol);
        Some((eol, lead.strip_suffix(block.as_str())?))
    });
    let Some((eol, rest)) = written else {
        return lead;
    };
    match rest.strip_suffix(eol) {
        Some(above) if above.is_empty() || above.ends_with('\n') => above,
        _ => rest,
    }
}

/// Returns one physical line per read. `dotenvy` refills its buffer only when it is empty: after each assignment,
/// `given` is therefore the offset of its end.
struct LineFeed<'a> {
    rest: &'a [u8],
    given: Rc<Cell<usize>>,
}

impl Read for LineFeed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self
            .rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(self.rest.len(), |at| at + 1);
        let mut line = self.rest.get(..end).unwrap_or_default();
        let count = line.read(buffer)?;
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.given.set(self.given.get() + count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(assignments: &[(&str, &str)]) -> Vec<(String, String)> {
        assignments
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn set(text: &str, assignments: &[(&str, &str)]) -> String {
        Layout::of(text).unwrap().with(None, &owned(assignments))
    }

    #[test]
    fn a_line_is_replaced_where_it_stands() {
        let cases = [
            ("A=1\nB=2\nC=3\n", "A=1\nB=9\nC=3\n"),
            ("# B=2\nB=2", "# B=2\nB=9"),
            (
                "export B = '2'  # why\r\nC=3\r\n",
                "export B =9 # why\r\nC=3\r\n",
            ),
            ("B=\"2 # no\" # yes # yes\n", "B=9 # yes # yes\n"),
            ("B=2#no\n", "B=9\n"),
            ("B=\"1\n2\"\nC=3\n", "B=9\nC=3\n"),
            ("\u{feff}B=2\n", "\u{feff}B=9\n"),
            ("B=1\nC=3\nB=2\n", "B=9\nC=3\n"),
            ("C='x\nB=1'\nB=2\n", "C='x\nB=1'\nB=9\n"),
            ("B=9 # same\n", "B=9 # same\n"),
            ("B=#\t\t#x'\nj=15\n#'\nC=2\n", "B=9\nC=2\n"),
            ("B=$C\n", "B=9\n"),
            ("B=\n", "B=9\n"),
            ("A=1", "A=1\nB=9\n"),
            ("A=1\r\n#x", "A=1\r\n#x\r\nB=9\r\n"),
            ("A=1  ", "A=1  \nB=9\n"),
            ("", "B=9\n"),
            ("\u{feff}", "\u{feff}B=9\n"),
        ];
        for (before, after) in cases {
            assert_eq!(set(before, &[("B", "9")]), after, "{before:?}");
        }
    }

    #[test]
    fn a_value_is_quoted_only_when_it_must_be() {
        let cases = [
            ("/mnt/é", "\"/mnt/é\""),
            ("*.csv", "*.csv"),
            ("", ""),
            (" a", "\" a\""),
            ("a#b", "\"a#b\""),
            ("$A\\\"'\n", "\"\\$A\\\\\\\"'\\n\""),
        ];
        for (value, written) in cases {
            assert_eq!(quoted(value), written);
        }
    }

    #[test]
    fn the_first_unreadable_line_is_told() {
        let cases = [
            ("A=1\n\n# c\nB\nC\n", 4),
            ("A=1\nB=\"x\n\n", 2),
            ("A=a b\n", 1),
            ("A=\\q", 1),
            ("1A=2", 1),
        ];
        for (text, line) in cases {
            assert_eq!(Layout::of(text).err(), Some(line), "{text:?}");
        }
    }

    #[test]
    fn a_block_leaves_with_its_comment_and_nothing_else() {
        let before = "# top\nA=1\n\n# mine\n# B\n";
        let layout = Layout::of(before).unwrap();
        let with = layout.with(
            Some("B\nhere"),
            &owned(&[("B", "1"), ("B2", "2"), ("B", "3")]),
        );
        assert_eq!(with, format!("{before}\n# B\n# here\nB=3\nB2=2\n"));
        let (without, removed) = Layout::of(&with)
            .unwrap()
            .without(Some("B\nhere"), |name| name.starts_with('B'));
        assert_eq!(
            (without.as_str(), removed),
            (before, vec!["B".to_owned(), "B2".to_owned()])
        );
        let (by_hand, _) = Layout::of("# top\n# B\nB=1\n")
            .unwrap()
            .without(Some("B"), |name| name == "B");
        assert_eq!(by_hand, "# top\n");
    }
}
