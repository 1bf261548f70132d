//! Maximum length of stored and shown messages.

use std::borrow::Cow;

/// Longest message, or part of a reject, that is stored or shown, in bytes. A header of a million columns must not
/// fill the history.
pub const MOST_MESSAGE_BYTES: usize = 4 * 1024;

/// `text`, cut to [`MOST_MESSAGE_BYTES`], with an ellipsis where it was longer.
pub fn cut_message(text: &str) -> Cow<'_, str> {
    cut(text, MOST_MESSAGE_BYTES)
}

/// `text`, cut to `most` bytes between two characters, with an ellipsis where it was longer.
pub fn cut(text: &str, most: usize) -> Cow<'_, str> {
    const SIGN: &str = "…";
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let mut end = most.saturating_sub(SIGN.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (kept, _) = text.split_at(end);
    Cow::Owned(format!("{kept}{SIGN}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_between_characters() {
        for (text, most, expected) in [
            ("", 4, ""),
            ("abcd", 4, "abcd"),
            ("abcde", 4, "a…"),
            ("éééé", 7, "éé…"),
            ("éééé", 6, "é…"),
            ("🍷🍷🍷", 9, "🍷…"),
        ] {
            assert_eq!(cut(text, most), expected, "{text} {most}");
        }
        let long = "é".repeat(MOST_MESSAGE_BYTES);
        let cut = cut_message(&long);
        assert!(
            cut.ends_with('…')
                && (MOST_MESSAGE_BYTES - 1..=MOST_MESSAGE_BYTES).contains(&cut.len())
        );
    }
}
