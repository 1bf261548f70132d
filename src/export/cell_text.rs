//! Texts in the cells of a workbook.

use std::borrow::Cow;
use std::fmt::Write;

/// Characters of a cell: Excel has no more.
const MOST_CHARS: usize = 32_767;

/// `text` as XML, cut to what a cell can hold. What XML cannot hold is written as `_x0001_`, and what looks like that is
/// escaped itself (ECMA-376, part 1, 22.9.2.19, `ST_Xstring`).
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    let text = match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    };
    let is_special = |one: char| "&<>_".contains(one) || !is_plain(one);
    if !text.contains(is_special) {
        return Cow::Borrowed(text);
    }
    let mut xml = String::with_capacity(text.len() + 16);
    for (at, one) in text.char_indices() {
        match one {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '_' if is_escape(text.get(at..).unwrap_or_default()) => xml.push_str("_x005F_"),
            // Writing to a String cannot fail.
            one if !is_plain(one) => drop(write!(xml, "_x{:04X}_", u32::from(one))),
            one => xml.push(one),
        }
    }
    Cow::Owned(xml)
}

/// Whether XML 1.0 holds `one` and gives it back: a carriage return would come back as a line feed.
fn is_plain(one: char) -> bool {
    matches!(one, '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Whether `text` begins like `_x0001_`.
fn is_escape(text: &str) -> bool {
    let digits = text
        .strip_prefix("_x")
        .and_then(|rest| rest.split_once('_'));
    digits.is_some_and(|(digits, _)| {
        digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_any_text() {
        for (text, xml) in [
            ("Château d'Été", "Château d'Été"),
            ("a_b <&> \"c\"", "a_b &lt;&amp;&gt; \"c\""),
            ("\0\u{1b}\r\n\t", "_x0000__x001B__x000D_\n\t"),
            ("_x0041_ _x41_", "_x005F_x0041_ _x41_"),
            ("\u{fffe}😀", "_xFFFE_😀"),
        ] {
            assert_eq!(escaped(text), xml, "{text:?}");
        }
        assert_eq!(escaped(&"é".repeat(40_000)).chars().count(), 32_767);
    }
}
