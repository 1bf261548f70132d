//! Cells that no intact export contains.

use std::fmt;

use memchr::memchr_iter;

/// The longest cell accepted, in bytes: 64 KiB.
pub const MAX_BYTES: usize = 64 * 1024;

/// Why a cell's row is rejected unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A control character other than tab and line ends.
    ControlCharacter,
    /// More than 64 KiB.
    TooLong,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ControlCharacter => {
                "contient un caractère de contrôle (seuls la tabulation et le retour à la ligne sont admis)"
            }
            Self::TooLong => "dépasse 64 Kio : un guillemet fermant manque peut-être",
        })
    }
}

impl std::error::Error for Reason {}

/// The reason to reject a cell unread, if there is one.
#[must_use]
pub fn suspicious(cell: &str) -> Option<Reason> {
    if cell.len() > MAX_BYTES {
        return Some(Reason::TooLong);
    }
    (has_control(cell) && cell.chars().any(is_refused)).then_some(Reason::ControlCharacter)
}

/// Whether a text holds a control character, a tab or a line end among them.
#[must_use]
#[inline]
pub fn has_control(text: &str) -> bool {
    let low = text
        .bytes()
        .fold(false, |low, byte| low | byte.is_ascii_control());
    low || has_control_beyond_ascii(text)
}

/// Whether a text holds a control character of those beyond ASCII, U+0080 to U+009F.
fn has_control_beyond_ascii(text: &str) -> bool {
    let bytes = text.as_bytes();
    // No-break spaces, in many amounts, begin with the same byte.
    memchr_iter(0xC2, bytes).any(|at| matches!(bytes.get(at + 1), Some(0x80..=0x9F)))
}

fn is_refused(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_suspicious_cells() {
        let longest = "a".repeat(MAX_BYTES);
        let too_long = "a".repeat(MAX_BYTES + 1);
        let cases = [
            ("", None),
            ("Café\u{A0}du Port\r\n\tN° 5 «»", None),
            ("a\u{0}", Some(Reason::ControlCharacter)),
            ("\u{7F}", Some(Reason::ControlCharacter)),
            ("a\u{85}b", Some(Reason::ControlCharacter)),
            ("a\u{B}b", Some(Reason::ControlCharacter)),
            (longest.as_str(), None),
            (too_long.as_str(), Some(Reason::TooLong)),
        ];
        for (cell, reason) in cases {
            assert_eq!(suspicious(cell), reason);
        }
    }
}
