//! Refuses unsupported kinds of quotes, so that no cell is loaded with its quotes.

use super::super::sheet::Line;
use crate::error::{Error, Result};

/// Pairs of characters used as quotes, and their French names.
const PAIRS: &[(char, char, &str)] = &[
    ('\'', '\'', "apostrophes ( ' )"),
    ('`', '`', "accents graves ( ` )"),
    ('‘', '’', "apostrophes typographiques ( ‘ ’ )"),
    ('’', '’', "apostrophes typographiques ( ’ )"),
    ('“', '”', "guillemets typographiques ( “ ” )"),
    ('”', '”', "guillemets typographiques ( ” )"),
    ('„', '“', "guillemets typographiques ( „ “ )"),
    ('„', '”', "guillemets typographiques ( „ ” )"),
    ('«', '»', "guillemets français ( « » )"),
];

/// Refuses a file whose cells are in other quotes than `"`, or whose quotes are escaped with backslashes.
pub(super) fn refuse(header: &Line, below: &[Line]) -> Result<()> {
    let hint =
        "Refaites l'export en CSV avec des guillemets droits ( \" ), doublés dans les cellules";
    let escaped = below
        .iter()
        .find(|line| line.broken_quote.is_some_and(|quote| quote.is_escaped));
    if let Some(line) = escaped {
        return Err(Error::data(format!(
            "guillemets précédés d'une barre oblique inversée ( \\\" ), ligne {}, au lieu d'être doublés",
            line.number
        ))
        .hint(hint));
    }
    for &(open, close, name) in PAIRS {
        let is_quoted = |line: &&Line| is_quoted(line, open, close);
        let rows = below.iter().filter(is_quoted).count();
        if is_quoted(&header) || (rows > 0 && rows * 2 >= below.len()) {
            return Err(Error::data(format!(
                "les cellules sont entre {name}, à la place de guillemets droits"
            ))
            .hint(hint));
        }
    }
    Ok(())
}

/// Whether the first filled cell of `line`, or most cells, are between `open` and `close`.
fn is_quoted(line: &Line, open: char, close: char) -> bool {
    let is_quoted = |cell: &str| {
        let inner = cell
            .strip_prefix(open)
            .and_then(|cell| cell.strip_suffix(close));
        inner.is_some()
    };
    let mut filled = line
        .cells
        .iter()
        .map(str::trim)
        .filter(|cell| !cell.is_empty());
    let first = filled.next().is_some_and(is_quoted);
    let (mut quoted, mut bare) = (usize::from(first), usize::from(!first));
    for cell in filled {
        if is_quoted(cell) {
            quoted += 1;
        } else {
            bare += 1;
        }
    }
    first || quoted > bare
}
