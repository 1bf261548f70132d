//! A `.env` text split into its assignments, and joined again with some of them changed.
//!
//! `dotenvy` yields assignments without their positions. It therefore receives one physical line at a time: the
//! number of lines it has read when it yields an assignment is where that assignment ends. It reads the text of
//! [`meant`](super::meant), which has the same lines; what is written back are the original ones.

use std::collections::BTreeMap;
use std::io::Read;

use super::line_feed::LineFeed;
use super::meant::{self, Refused};

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
    /// What stands in its place for a line that is no assignment.
    name: String,
    /// `None` for a line that cannot be read.
    value: Option<String>,
}

/// Takes the lines of a text one after the other.
struct Lines<'a> {
    rest: &'a str,
    /// Lines taken.
    taken: usize,
}

impl<'a> Lines<'a> {
    /// The lines up to number `end`, counted from the start of the text.
    fn up_to(&mut self, end: usize) -> &'a str {
        let lines = self.rest.split_inclusive('\n');
        let length = lines
            .take(end.saturating_sub(self.taken))
            .map(str::len)
            .sum();
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.rest = rest;
        self.taken = self.taken.max(end);
        taken
    }
}

impl<'a> Layout<'a> {
    /// Splits the text.
    pub(super) fn of(text: &'a str) -> Self {
        // `dotenvy` skips the byte-order mark only when it loads into the environment, not when it is iterated over.
        let body = text.strip_prefix(BOM).unwrap_or(text);
        let bom = text.strip_suffix(body).unwrap_or_default();
        let readable = meant::readable(body);
        let mut refused = readable.refused.into_iter().peekable();
        let mut lines = Lines {
            rest: body,
            taken: 0,
        };
        let mut assignments = Vec::new();
        let feed = LineFeed::new(&readable.text);
        let given = feed.given();
        let mut seen = 0;
        // `dotenvy` fails on a blank before the end of the file, unless a line end follows.
        for item in dotenvy::from_read_iter(feed.chain(&b"\n"[..])) {
            let read = readable.text.get(seen..given.get()).unwrap_or_default();
            seen = given.get();
            let end = lines.taken + read.split_inclusive('\n').count();
            while let Some(one) = refused.next_if(|one| one.line < end) {
                assignments.push(Assignment::refused(&mut lines, one));
            }
            let taken = lines.up_to(end);
            let (lead, line) = taken
                .split_at_checked(lead_length(taken))
                .unwrap_or((taken, ""));
            let (name, value) = item.map_or_else(
                |_| (String::new(), None),
                |(name, value)| (name, Some(value)),
            );
            assignments.push(Assignment {
                lead,
                line,
                name,
                value,
            });
        }
        for one in refused {
            assignments.push(Assignment::refused(&mut lines, one));
        }
        Self {
            bom,
            assignments,
            tail: lines.rest,
        }
    }

    /// The lines that cannot be read: number, counted from 1, and what stands where the variable should.
    pub(super) fn refused(&self) -> Vec<(usize, String)> {
        let mut line = 1;
        let mut refused = Vec::new();
        for assignment in &self.assignments {
            line += assignment.lead.matches('\n').count();
            if assignment.value.is_none() {
                refused.push((line, assignment.name.clone()));
            }
            line += assignment.line.matches('\n').count();
        }
        refused
    }

    pub(super) fn values(self) -> BTreeMap<String, String> {
        let assignments = self.assignments.into_iter();
        assignments
            .filter_map(|assignment| Some((assignment.name, assignment.value?)))
            .collect()
    }

    /// The text with these values: the first line of an existing variable is rewritten and its later lines are
    /// dropped. New variables follow in their order: after the last line of a variable that `is_neighbour` accepts,
    /// else at the end under `block_comment`. A name given twice gets its last value.
    pub(super) fn with(
        self,
        block_comment: Option<&str>,
        assignments: &[(String, String)],
        is_neighbour: impl Fn(&str) -> bool,
    ) -> String {
        let wanted: BTreeMap<&str, &str> = pairs(assignments).collect();
        let known = |name: &str| self.assignments.iter().any(|one| one.name == name);
        let mut new: BTreeMap<&str, &str> = wanted.clone();
        new.retain(|name, _| !known(name));
        let neighbour = self
            .assignments
            .iter()
            .rposition(|one| is_neighbour(&one.name));
        let mut pending = wanted.clone();
        let mut text = self.bom.to_owned();
        for (at, assignment) in self.assignments.iter().enumerate() {
            text.push_str(assignment.lead);
            match pending.remove(assignment.name.as_str()) {
                Some(value) => text.push_str(&assignment.with(value)),
                None if wanted.contains_key(assignment.name.as_str()) => {}
                None => text.push_str(assignment.line),
            }
            if Some(at) == neighbour && !new.is_empty() {
                end_line(&mut text);
                push_all(&mut text, assignments, &mut new);
            }
        }
        text.push_str(self.tail);
        if !new.is_empty() {
            open_block(&mut text, block_comment);
            push_all(&mut text, assignments, &mut new);
        }
        text
    }

    /// The text with other names: `renamed` gives the new name of a variable. The comment `from` above one, as
    /// [`Layout::with`] writes it, becomes `to`.
    pub(super) fn renamed(
        self,
        (from, to): (&str, &str),
        renamed: impl Fn(&str) -> Option<String>,
    ) -> String {
        let mut text = self.bom.to_owned();
        for assignment in &self.assignments {
            let Some(name) = renamed(&assignment.name) else {
                text.extend([assignment.lead, assignment.line]);
                continue;
            };
            match above_block(assignment.lead, from) {
                Some((eol, above)) => text.extend([above, &comment_block(to, eol)]),
                None => text.push_str(assignment.lead),
            }
            text.push_str(&assignment.line.replacen(&assignment.name, &name, 1));
        }
        text + self.tail
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

impl<'a> Assignment<'a> {
    /// The next line that cannot be read, with the comments above it.
    fn refused(lines: &mut Lines<'a>, one: Refused) -> Self {
        Self {
            lead: lines.up_to(one.line),
            line: lines.up_to(one.line + 1),
            name: one.name,
            value: None,
        }
    }

    /// This line with another value. A line with that value stays as it is, unless its value refers to other
    /// variables.
    fn with(&self, value: &str) -> String {
        if self.value.as_deref() == Some(value) && !self.line.contains('$') {
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
    if value.is_none() {
        let at = meant::comment_at(line).filter(|_| !line.contains('\n'));
        return at.and_then(|at| line.get(at..)).unwrap_or_default();
    }
    let blanks_before = |start: usize| {
        line.get(..start)
            .is_some_and(|before| before.ends_with([' ', '\t']))
    };
    line.match_indices('#')
        .filter(|(start, _)| blanks_before(*start))
        .find(|(start, _)| {
            line.get(..*start)
                .is_some_and(|before| value_of(before.trim_end()) == value)
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
    end_line(text);
    if let Some(comment) = comment {
        if has_lines {
            text.push_str(eol);
        }
        text.push_str(&comment_block(comment, eol));
    }
}

/// Ends the last line of the text.
fn end_line(text: &mut String) {
    let has_lines = !text.trim_start_matches(BOM).is_empty();
    if has_lines && !text.ends_with('\n') {
        text.push_str(line_end(text));
    }
}

/// Adds a line for each of `assignments` that is in `pending`, and takes it from there.
fn push_all<'p>(
    text: &mut String,
    assignments: &'p [(String, String)],
    pending: &mut BTreeMap<&'p str, &'p str>,
) {
    let eol = line_end(text);
    for (name, _) in pairs(assignments) {
        if let Some(value) = pending.remove(name) {
            text.extend([name, "=", &quoted(value), eol]);
        }
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

/// The line end of the block comment at the end of `lead`, and what is above it; `None` without one. With mixed line
/// ends, the block has those that the file had when it was written.
fn above_block<'a>(lead: &'a str, comment: &str) -> Option<(&'static str, &'a str)> {
    ["\r\n", "\n"].into_iter().find_map(|eol| {
        let block = comment_block(comment, eol);
        Some((eol, lead.strip_suffix(block.as_str())?))
    })
}

/// The lines above an assignment, without the block comment and blank line that [`open_block`] wrote.
fn lead_without<'a>(lead: &'a str, comment: &str) -> &'a str {
    let Some((eol, rest)) = above_block(lead, comment) else {
        return lead;
    };
    match rest.strip_suffix(eol) {
        Some(above) if above.is_empty() || above.ends_with('\n') => above,
        _ => rest,
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
        Layout::of(text).with(None, &owned(assignments), |_| false)
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
            ("B=#\t\t#x'\nj=15\n#'\nC=2\n", "B=9 #x'\nj=15\n#'\nC=2\n"),
            ("B=a b # c\nC=3\n", "B=9 # c\nC=3\n"),
            ("B=l'a\nC=3\n", "B=9\nC=3\n"),
            ("A=1\nB=\"x\nC=3\n", "A=1\nB=9\nC=3\n"),
            ("foo bar\nB=2\nfoo\n", "foo bar\nB=9\nfoo\n"),
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
    fn unreadable_lines_are_numbered_and_named() {
        for (text, line, name) in [
            ("A=1\n\n# c\nB\nC=1\n", 4, "B"),
            ("A=1\nB=\"x\n\n", 2, "B"),
            ("A=1\nB=\"x\nC=2", 2, "B"),
            ("1A=2", 1, "1A"),
        ] {
            let refused = [(line, name.to_owned())];
            assert_eq!(Layout::of(text).refused(), refused, "{text:?}");
        }
        let several = Layout::of("x\n# y\nA=1\nB='\nz\n").refused();
        let names = [(1, "x"), (4, "B"), (5, "z")].map(|(line, name)| (line, name.to_owned()));
        assert_eq!(several, names);
    }

    #[test]
    fn a_new_variable_follows_its_neighbours() {
        let near = |name: &str| name.starts_with('B');
        for (before, after) in [
            ("B1=1\n\nC=3\n", "B1=1\nB9=x\n\nC=3\n"),
            ("A=1\r\nB1=\"a\r\nb\"", "A=1\r\nB1=\"a\r\nb\"\r\nB9=x\r\n"),
            ("B1=1\nB2=2\n#c\nC=3\n", "B1=1\nB2=2\nB9=x\n#c\nC=3\n"),
            ("A=1\n", "A=1\n\n# b\nB9=x\n"),
        ] {
            let new = owned(&[("B9", "x")]);
            let text = Layout::of(before).with(Some("b"), &new, near);
            assert_eq!(text, after, "{before:?}");
        }
    }

    #[test]
    fn names_change_and_nothing_else() {
        let renamed = |name: &str| Some(name.strip_prefix('B')?.to_owned() + "_NEW");
        let before = "# b\nA=1\n\n# b\nBX=BX # BX\nexport BY = 'a b'\r\n# x\nBZ=l'a b\n# b\n";
        let after =
            "# b\nA=1\n\n# c\nX_NEW=BX # BX\nexport Y_NEW = 'a b'\r\n# x\nZ_NEW=l'a b\n# b\n";
        assert_eq!(Layout::of(before).renamed(("b", "c"), renamed), after);
    }

    #[test]
    fn a_block_leaves_with_its_comment_and_nothing_else() {
        let before = "# top\nA=1\n\n# mine\n# B\n";
        let layout = Layout::of(before);
        let with = layout.with(
            Some("B\nhere"),
            &owned(&[("B", "1"), ("B2", "2"), ("B", "3")]),
            |_| false,
        );
        assert_eq!(with, format!("{before}\n# B\n# here\nB=3\nB2=2\n"));
        let (without, removed) =
            Layout::of(&with).without(Some("B\nhere"), |name| name.starts_with('B'));
        assert_eq!(
            (without.as_str(), removed),
            (before, vec!["B".to_owned(), "B2".to_owned()])
        );
        let (by_hand, _) = Layout::of("# top\n# B\nB=1\n").without(Some("B"), |name| name == "B");
        assert_eq!(by_hand, "# top\n");
    }
}
