//! The one pass over the bytes of a file.

use xxhash_rust::xxh3::Xxh3Default;

use super::line_endings::LineEndings;
use super::utf8::Utf8Check;
use super::utf16::{self, Utf16Check};
use crate::connectors::isavigne::encoding::TextEncoding;
use crate::connectors::isavigne::settings::EncodingChoice;
use crate::connectors::isavigne::sheet::format::Format;

/// The byte order of a UTF-16 file that begins with `head`: true when the high byte comes first; `None` for other
/// files.
pub(in super::super) fn byte_order(head: &[u8]) -> Option<bool> {
    marked(head).map_or_else(
        || utf16::order(head),
        |encoding| match encoding {
            TextEncoding::Utf16Be => Some(true),
            TextEncoding::Utf16Le => Some(false),
            _ => None,
        },
    )
}

/// The encoding of a byte-order mark.
pub(super) fn marked(head: &[u8]) -> Option<TextEncoding> {
    if head.starts_with(b"\xef\xbb\xbf") {
        Some(TextEncoding::Utf8)
    } else if head.starts_with(b"\xff\xfe") {
        Some(TextEncoding::Utf16Le)
    } else if head.starts_with(b"\xfe\xff") {
        Some(TextEncoding::Utf16Be)
    } else {
        None
    }
}

/// State of the pass.
pub(super) struct Pass {
    pub(super) hasher: Xxh3Default,
    pub(super) size: u64,
    pub(super) ends: LineEndings,
    pub(super) check: Check,
}

/// How the bytes are validated as text.
pub(super) enum Check {
    Utf8(Utf8Check),
    Utf16(Utf16Check),
    /// Not a text.
    Nothing,
}

impl Pass {
    /// Starts a pass over the file of `format` that begins with `head`.
    pub(super) fn over(head: &[u8], choice: EncodingChoice, format: Format) -> Self {
        let order = match (byte_order(head), choice) {
            (Some(order), _) => Some(order),
            (None, EncodingChoice::Utf16) if marked(head).is_none() => Some(false),
            _ => None,
        };
        Self {
            hasher: Xxh3Default::default(),
            size: 0,
            ends: LineEndings::default(),
            check: match order {
                _ if format != Format::Text => Check::Nothing,
                Some(is_big_endian) => Check::Utf16(Utf16Check::new(is_big_endian)),
                None => Check::Utf8(Utf8Check::default()),
            },
        }
    }

    pub(super) fn add(&mut self, block: &[u8]) {
        self.hasher.update(block);
        self.size += block.len() as u64;
        match &mut self.check {
            Check::Utf8(check) => {
                check.add(block);
                self.ends.add_bytes(block);
            }
            Check::Utf16(check) => check.add(block, &mut self.ends),
            Check::Nothing => {}
        }
    }

    /// Ends the pass; returns whether the text ends within a character.
    pub(super) fn finish(&mut self) -> bool {
        match &mut self.check {
            Check::Utf8(check) if check.ends_within_character() => true,
            Check::Utf8(check) => {
                check.finish();
                false
            }
            Check::Utf16(check) => check.ends_within_character() && !self.ends.in_tail(),
            Check::Nothing => false,
        }
    }
}
