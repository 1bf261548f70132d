//! Text encodings: detection, and decoding to UTF-8.

mod decoder;
mod evidence;
mod french;
mod verdict;

pub(super) use decoder::Decoder;
pub(super) use evidence::Evidence;
pub(super) use verdict::{Doubt, excludes, verdict};

use encoding_rs::Encoding;
use oem_cp::code_table::DECODING_TABLE_CP850;

/// An encoding of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextEncoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
    Iso8859_15,
    Macintosh,
    /// The code page of DOS in Western Europe.
    Cp850,
}

impl TextEncoding {
    /// The one-byte encodings, the commonest first.
    pub(super) const ONE_BYTE: [Self; 4] = [
        Self::Windows1252,
        Self::Iso8859_15,
        Self::Cp850,
        Self::Macintosh,
    ];

    /// Its common name, also the value of the setting `ENCODING`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
            Self::Iso8859_15 => "iso-8859-15",
            Self::Macintosh => "macintosh",
            Self::Cp850 => "cp850",
        }
    }

    /// Its value of the setting `ENCODING`.
    pub(super) fn setting(self) -> &'static str {
        if self.is_utf16() {
            "utf-16"
        } else {
            self.name()
        }
    }

    /// Whether it is UTF-16, in either byte order.
    pub(super) fn is_utf16(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }

    /// Its decoder; `None` for cp850, which the WHATWG standard lacks.
    fn standard(self) -> Option<&'static Encoding> {
        match self {
            Self::Utf8 => Some(encoding_rs::UTF_8),
            Self::Utf16Le => Some(encoding_rs::UTF_16LE),
            Self::Utf16Be => Some(encoding_rs::UTF_16BE),
            Self::Windows1252 => Some(encoding_rs::WINDOWS_1252),
            Self::Iso8859_15 => Some(encoding_rs::ISO_8859_15),
            Self::Macintosh => Some(encoding_rs::MACINTOSH),
            Self::Cp850 => None,
        }
    }

    /// The character of the byte 0x80 + `high` in a one-byte encoding. Bytes without a character are control
    /// characters, as in browsers.
    pub(super) fn letter(self, high: u8) -> char {
        let byte = high | 0x80;
        match self.standard() {
            None => {
                let letter = DECODING_TABLE_CP850.get(usize::from(high & 0x7F));
                letter.copied().unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            Some(encoding) => {
                let bytes = [byte];
                let (text, _) = encoding.decode_without_bom_handling(&bytes);
                text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER)
            }
        }
    }
}

/// Whether the character of a byte is meaningless: C1 control characters do not occur in texts.
pub(super) fn is_no_letter(letter: char) -> bool {
    matches!(letter, '\u{80}'..='\u{9F}' | char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_above_ascii_are_the_letters_of_their_encoding() {
        let letters = |high| TextEncoding::ONE_BYTE.map(|encoding| encoding.letter(high));
        assert_eq!(letters(0x69), ['é', 'é', 'Ú', 'È']);
        assert_eq!(letters(0x02), ['‚', '\u{82}', 'é', 'Ç']);
        assert_eq!(letters(0x0E), ['Ž', '\u{8E}', 'Ä', 'é']);
        assert_eq!(letters(0x3D), ['½', 'œ', '¢', 'Ω']);
        assert_eq!(letters(0x24), ['¤', '€', 'ñ', '§']);
    }
}
