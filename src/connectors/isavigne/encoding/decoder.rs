//! Decodes bytes of any encoding to UTF-8, as a stream.

use std::io::{self, Read};

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use super::TextEncoding;

/// Bytes decoded at a time.
const BUFFER: usize = 128 * 1024;

/// A reader of UTF-8 without byte-order mark, for an inner reader in any encoding.
pub(in super::super) enum Decoder<R> {
    Standard(DecodeReaderBytes<R, Vec<u8>>),
    Cp850(OneByte<R>),
}

impl<R: Read> Decoder<R> {
    /// Decodes `reader`; its byte-order mark overrides `encoding`.
    pub(in super::super) fn new(reader: R, encoding: TextEncoding) -> io::Result<Self> {
        let Some(standard) = encoding.standard() else {
            return Ok(Self::Cp850(OneByte::new(reader, encoding)));
        };
        let mut decoder = DecodeReaderBytesBuilder::new();
        decoder.encoding(Some(standard)).bom_override(true);
        let decoder = decoder.build_with_buffer(reader, vec![0; BUFFER])?;
        Ok(Self::Standard(decoder))
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Standard(decoder) => decoder.read(buffer),
            Self::Cp850(decoder) => decoder.read(buffer),
        }
    }
}

/// Decodes a one-byte encoding.
pub(in super::super) struct OneByte<R> {
    reader: R,
    /// UTF-8 of each byte above ASCII.
    letters: Vec<String>,
    block: Vec<u8>,
    /// Decoded text; the bytes up to `taken` were returned.
    text: Vec<u8>,
    taken: usize,
}

impl<R: Read> OneByte<R> {
    fn new(reader: R, encoding: TextEncoding) -> Self {
        Self {
            reader,
            letters: (0..0x80)
                .map(|high| encoding.letter(high).to_string())
                .collect(),
            block: vec![0; BUFFER],
            text: Vec::new(),
            taken: 0,
        }
    }

    /// Reads and decodes one more block.
    fn fill(&mut self) -> io::Result<()> {
        let count = self.reader.read(&mut self.block)?;
        self.text.clear();
        self.taken = 0;
        for byte in self.block.get(..count).unwrap_or_default() {
            if byte.is_ascii() {
                self.text.push(*byte);
            } else {
                let letter = self.letters.get(usize::from(byte & 0x7F));
                self.text
                    .extend_from_slice(letter.map_or(&[], String::as_bytes));
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for OneByte<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.text.len() {
            self.fill()?;
        }
        let mut rest = self.text.get(self.taken..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], encoding: TextEncoding) -> String {
        let mut text = String::new();
        let mut decoder = Decoder::new(bytes, encoding).unwrap();
        decoder.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn each_encoding_is_read() {
        for (bytes, encoding) in [
            (&b"B\xc3\xa9n"[..], TextEncoding::Utf8),
            (b"B\0\xe9\0n\0", TextEncoding::Utf16Le),
            (b"\0B\0\xe9\0n", TextEncoding::Utf16Be),
            (b"B\xe9n", TextEncoding::Windows1252),
            (b"B\xe9n", TextEncoding::Iso8859_15),
            (b"B\x8en", TextEncoding::Macintosh),
            (b"B\x82n", TextEncoding::Cp850),
        ] {
            assert_eq!(decoded(bytes, encoding), "Bén", "{encoding:?}");
        }
    }

    #[test]
    fn letters_longer_than_the_buffer_of_the_reader_are_whole() {
        let bytes = [0x82; 1000];
        let mut decoder = Decoder::new(&bytes[..], TextEncoding::Cp850).unwrap();
        let mut text = Vec::new();
        let mut one = [0];
        while decoder.read(&mut one).unwrap() > 0 {
            text.push(one[0]);
        }
        assert_eq!(String::from_utf8(text).unwrap(), "é".repeat(1000));
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        let marked = [&b"\xef\xbb\xbf"[..], "é".as_bytes()].concat();
        assert_eq!(decoded(&marked, TextEncoding::Utf8), "é");
    }
}
