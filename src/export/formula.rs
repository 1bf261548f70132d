//! Texts that a spreadsheet would run as a formula.

use std::borrow::Cow;

/// Signs with which a formula begins, also in the wide form that Japanese Excel takes, and those that some programs skip
/// before one (OWASP, *CSV Injection*).
const BEGINS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// `text` so that no spreadsheet runs it: behind an apostrophe where it begins like a formula.
pub(crate) fn defused(text: &str) -> Cow<'_, str> {
    if text.starts_with(BEGINS) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_like_a_formula_is_changed() {
        for text in [
            "=1+1",
            "+33388123456",
            "-2",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
        ] {
            assert_eq!(defused(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "Château =", "1+1", "é", "'=1", " =1"] {
            assert_eq!(defused(text), text, "{text:?}");
        }
    }
}
