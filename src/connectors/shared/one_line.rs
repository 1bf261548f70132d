//! A server's own text in a message.

use crate::canonical::text;

/// Longest sentence of a server that is repeated.
const MOST_CHARS: usize = 300;

/// `text` on one line, cut, without control characters.
pub(in crate::connectors) fn one_line(text: &str) -> String {
    text::excerpt(&text::clean(text), MOST_CHARS)
}
