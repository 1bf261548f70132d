//! Removes what spreadsheets wrap around a text to keep it from being read as a number.

use crate::canonical::text::trim;

/// The cell's text without Excel's wrapping and surrounding blanks.
///
/// Removed are the formula `="00123"`, also with doubled quotes or a missing closing one (careless writers), and a
/// leading apostrophe where Excel needs one: before a digit or one of `=`, `+`, `-`, `@`. The apostrophe of a name
/// (`'t Hooft`) stays, and so does a formula of more than one quoted text.
#[must_use]
#[inline]
pub fn peel(cell: &str) -> &str {
    match cell.as_bytes() {
        // Nearly every cell begins with a letter or digit and ends with a visible character.
        []
        | [b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z']
        | [b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z', .., b'!'..=b'~'] => cell,
        _ => peel_trimmed(trim(cell)),
    }
}

fn peel_trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [b'=', b'"', ..] => trim(quoted_formula(cell).unwrap_or(cell)),
        [b'\'', b'0'..=b'9' | b'=' | b'+' | b'-' | b'@', ..] => cell.trim_start_matches('\''),
        _ => cell,
    }
}

/// The text between the quotes of `="…"`; `None` when it contains a quote.
fn quoted_formula(cell: &str) -> Option<&str> {
    let text = cell.strip_prefix('=')?.trim_matches('"');
    (!text.contains('"')).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn peels() {
        let cases = [
            ("plain", "plain"),
            ("  C123\u{A0}", "C123"),
            ("=\"00123\"", "00123"),
            (" =\"00123\" ", "00123"),
            ("=\"00123", "00123"),
            ("=\"\"00123\"\"", "00123"),
            ("=\" 00123 \"", "00123"),
            ("=\"\"", ""),
            ("=\"", ""),
            ("=\"a\"&\"b\"", "=\"a\"&\"b\""),
            ("=00123", "=00123"),
            ("\"quoted\"", "\"quoted\""),
            ("'00123", "00123"),
            ("'+33388123456", "+33388123456"),
            ("'-3", "-3"),
            ("'=A1", "=A1"),
            ("'@home", "@home"),
            ("'t Hooft", "'t Hooft"),
            ("''12", "''12"),
            ("'", "'"),
            ("", ""),
        ];
        for (cell, peeled) in cases {
            assert_eq!(peel(cell), peeled, "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in prop_oneof!["\\PC*", "[='\" 0-9a]{0,8}"]) {
            prop_assert!(text.contains(peel(&text)));
        }

        #[test]
        fn a_wrapped_code_comes_back(code in "[A-Z0-9]{0,8}") {
            let formula = format!("=\"{code}\"");
            prop_assert_eq!(peel(&formula), code);
        }
    }
}
