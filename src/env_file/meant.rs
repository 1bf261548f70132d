//! Lines that `dotenvy` refuses, read as a person means them: an unquoted value with blanks or an apostrophe.
//!
//! `EXPORT_PATH=/mnt/Mes exports` has one meaning, although `dotenvy` stops there. A line without any, such as a quote
//! that is never closed, is refused alone: the lines after it are read all the same.

use super::line_feed::LineFeed;

/// A text that `dotenvy` reads to its end, with as many lines as the original.
pub(super) struct Readable {
    pub(super) text: String,
    pub(super) refused: Vec<Refused>,
}

/// A line without any meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    /// Counted from 0.
    pub(super) line: usize,
    /// What stands where its variable should, which may be no name; empty when nothing does.
    pub(super) name: String,
}

/// `body` with each line that `dotenvy` refuses quoted as it is meant, or turned into a comment.
pub(super) fn readable(body: &str) -> Readable {
    let lines: Vec<&str> = body.split_inclusive('\n').collect();
    let mut found = Readable {
        text: String::with_capacity(body.len()),
        refused: Vec::new(),
    };
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        let span = span_of(line, rest);
        if span > 0 {
            found.text.extend(rest.iter().take(span).copied());
            at += span;
            continue;
        }
        let ending = line.strip_prefix(line.trim_end_matches(['\r', '\n']));
        if let Some(quoted) = meant(line) {
            found.text.push_str(&quoted);
        } else {
            found.text.push('#');
            found.refused.push(Refused {
                line: at,
                name: name_of(line).to_owned(),
            });
        }
        found.text.push_str(ending.unwrap_or_default());
        at += 1;
    }
    found
}

/// Number of lines of the assignment, comment or blank line at the start of `rest`; zero when `dotenvy` refuses it.
/// Only a value that begins with a quote goes on in the next line (nobody means that by an apostrophe in it), and never
/// over a line that sets another variable: then the quote was forgotten.
fn span_of(line: &str, rest: &[&str]) -> usize {
    if line.trim().is_empty() || line.trim_start().starts_with('#') || is_read(line) {
        return 1;
    }
    let is_quoted = name_and_value(line).is_some_and(|(_, value)| value.starts_with(['"', '\'']));
    if !is_quoted {
        return 0;
    }
    let text = rest.concat();
    let feed = LineFeed::new(&text);
    let given = feed.given();
    let first = dotenvy::from_read_iter(feed).next();
    let read = text.get(..given.get()).unwrap_or_default();
    let within = read.split_inclusive('\n').skip(1);
    match first {
        Some(Ok(_)) if !within.clone().any(sets_another) => 1 + within.count(),
        _ => 0,
    }
}

/// Whether a line within quotes is an assignment after all: `OTHER_NAME=`, as environment variables are named.
fn sets_another(line: &str) -> bool {
    let is_usual = |one: char| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_';
    name_and_value(line).is_some_and(|(name, _)| name.contains('_') && name.chars().all(is_usual))
}

/// What names the variable of a line: what stands before `=`, else the first word.
fn name_of(line: &str) -> &str {
    if let Some((name, _)) = name_and_value(line) {
        return name;
    }
    let before = line.split_once('=').map(|(before, _)| before.trim());
    before.unwrap_or_else(|| line.split_whitespace().next().unwrap_or_default())
}

/// Whether `dotenvy` reads this line alone. It fails on a blank before the end of the file, unless a line end follows.
fn is_read(line: &str) -> bool {
    let line = line.to_owned() + "\n";
    !matches!(
        dotenvy::from_read_iter(line.as_bytes()).next(),
        Some(Err(_))
    )
}

/// `NAME=a value` as `NAME="a value"`, if it is one and has no quotes of its own.
fn meant(line: &str) -> Option<String> {
    let (name, value) = name_and_value(line)?;
    let value = without_comment(value);
    if value.is_empty() || value.starts_with(['"', '\'']) {
        return None;
    }
    let quoted = format!("{name}=\"{}\"", escaped(value));
    is_read(&quoted).then_some(quoted)
}

/// The value without the comment behind it.
fn without_comment(value: &str) -> &str {
    comment_at(value).map_or(value, |at| value.get(..at).unwrap_or_default().trim_end())
}

/// Where the comment behind an unquoted value begins.
pub(super) fn comment_at(text: &str) -> Option<usize> {
    let blank_before = |at: usize| {
        text.get(..at)
            .is_some_and(|before| before.ends_with([' ', '\t']))
    };
    text.match_indices('#')
        .map(|(at, _)| at)
        .find(|&at| blank_before(at))
}

/// `value` for double quotes; a variable in it stays one.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut signs = value.chars().peekable();
    while let Some(sign) = signs.next() {
        let begins_name = signs
            .peek()
            .is_some_and(|next| next.is_ascii_alphabetic() || ['_', '{'].contains(next));
        if matches!(sign, '\\' | '"') || (sign == '$' && !begins_name) {
            text.push('\\');
        }
        text.push(sign);
    }
    text
}

/// Name and value of a line in the form of an assignment, without the blanks around them.
pub(super) fn name_and_value(line: &str) -> Option<(&str, &str)> {
    let (before, value) = line.split_once('=')?;
    let before = before.trim();
    let exported = before.strip_prefix("export").map(str::trim_start);
    let name = exported.filter(|name| !name.is_empty() && before.len() > name.len() + 6);
    let name = name.unwrap_or(before);
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_name = |one: char| one.is_ascii_alphanumeric() || "_.".contains(one);
    (starts_well && name.chars().all(is_name)).then(|| (name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_quoted_as_it_is_meant() {
        for (line, expected) in [
            ("A=/mnt/Mes exports\n", "A=\"/mnt/Mes exports\"\n"),
            ("export A = a b \r\n", "A=\"a b\"\r\n"),
            ("A=a b # why\n", "A=\"a b\"\n"),
            (
                "A=/mnt/l'export\nB=l'autre\n",
                "A=\"/mnt/l'export\"\nB=\"l'autre\"\n",
            ),
            ("A=C:\\Mes exports\\é\n", "A=\"C:\\\\Mes exports\\\\é\"\n"),
            ("A=a \"b\" c", "A=\"a \\\"b\\\" c\""),
            ("A=$B/x y 5$ z", "A=\"$B/x y 5\\$ z\""),
            ("exported=a b", "exported=\"a b\""),
            (
                "A=1\n# l'a\n\nB='x\ny'\nC=\"z\"\n",
                "A=1\n# l'a\n\nB='x\ny'\nC=\"z\"\n",
            ),
        ] {
            let read = readable(line);
            assert_eq!(read.text, expected, "{line:?}");
            assert!(read.refused.is_empty(), "{line:?}");
        }
    }

    #[test]
    fn a_line_without_meaning_is_refused_alone() {
        for (text, line, name, left) in [
            ("A=\"x\nB=1\n", 0, "A", "#\nB=1\n"),
            (
                "A=\"x\nB_1=\"y z\"\nC=\"z\"\n",
                0,
                "A",
                "#\nB_1=\"y z\"\nC=\"z\"\n",
            ),
            ("A=1\nfoo bar\r\nB=1", 1, "foo", "A=1\n#\r\nB=1"),
            ("A='a' b\n", 0, "A", "#\n"),
            ("1A=2", 0, "1A", "#"),
            ("A B = 2", 0, "A B", "#"),
            ("=2", 0, "", "#"),
        ] {
            let read = readable(text);
            let name = name.to_owned();
            assert_eq!(read.refused, [Refused { line, name }], "{text:?}");
            assert_eq!(read.text, left, "{text:?}");
        }
    }
}
