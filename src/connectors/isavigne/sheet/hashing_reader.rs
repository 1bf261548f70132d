//! Readers between a file and its parser: count, hash, and normalize line ends.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use memchr::memchr;
use xxhash_rust::xxh3::Xxh3;

/// Counters and hash of the bytes read.
#[derive(Default)]
struct Passed {
    bytes: u64,
    hasher: Xxh3,
}

/// Counts and hashes the bytes of a reader; clones share the counters.
#[derive(Clone, Default)]
pub(super) struct Tap(Rc<RefCell<Passed>>);

impl Tap {
    /// Wraps `reader`. Of its `size` bytes, only the first `text_size` are returned: the rest is not text.
    pub(super) fn on<R: Read>(&self, reader: R, text_size: u64, size: u64) -> HashingReader<R> {
        HashingReader {
            reader,
            tap: self.clone(),
            text_left: text_size,
            size,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.borrow().bytes
    }

    pub(super) fn hash(&self) -> String {
        format!("{:032x}", self.0.borrow().hasher.digest128())
    }
}

/// A reader whose bytes are counted and hashed.
pub(super) struct HashingReader<R> {
    reader: R,
    tap: Tap,
    /// Bytes of text still to return.
    text_left: u64,
    /// Size of the file; bytes appended later are not read.
    size: u64,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.reader.read(buffer)?;
            let mut passed = self.tap.0.borrow_mut();
            passed.bytes += count as u64;
            passed
                .hasher
                .update(buffer.get(..count).unwrap_or_default());
            let text = usize::try_from(self.text_left).map_or(count, |left| left.min(count));
            self.text_left -= text as u64;
            if text > 0 || count == 0 || passed.bytes > self.size {
                return Ok(text);
            }
        }
    }
}

/// Turns every line end into a line feed, and adds a missing last one: exports contain `\r\n`, `\n` and a lone `\r`,
/// and line numbers must be right for each.
pub(super) struct LineEnds<R> {
    reader: R,
    after_return: bool,
    at_line_start: bool,
    ended: bool,
}

impl<R: Read> LineEnds<R> {
    pub(super) fn of(reader: R) -> Self {
        Self {
            reader,
            after_return: false,
            at_line_start: true,
            ended: false,
        }
    }

    /// Rewrites `bytes` in place; returns the remaining length.
    fn normalise(&mut self, bytes: &mut [u8]) -> usize {
        let is_feed = |bytes: &[u8], at| bytes.get(at) == Some(&b'\n');
        let mut read = usize::from(self.after_return && is_feed(bytes, 0));
        let mut kept = 0;
        self.after_return = false;
        while let Some(length) = memchr(b'\r', bytes.get(read..).unwrap_or_default()) {
            bytes.copy_within(read..read + length, kept);
            kept += length;
            if let Some(slot) = bytes.get_mut(kept) {
                *slot = b'\n';
            }
            kept += 1;
            read += length + 1;
            self.after_return = read == bytes.len();
            read += usize::from(is_feed(bytes, read));
        }
        bytes.copy_within(read.., kept);
        kept + bytes.len() - read
    }
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.reader.read(buffer)?;
            let bytes = buffer.get_mut(..count).unwrap_or_default();
            if count == 0 {
                return Ok(self.finish(buffer));
            }
            let kept = self.normalise(bytes);
            if kept > 0 {
                let last = buffer.get(kept - 1);
                self.at_line_start = last == Some(&b'\n');
                return Ok(kept);
            }
        }
    }
}

impl<R> LineEnds<R> {
    /// Adds a missing last line feed, once.
    fn finish(&mut self, buffer: &mut [u8]) -> usize {
        if self.ended || self.at_line_start {
            return 0;
        }
        self.ended = true;
        match buffer.first_mut() {
            Some(slot) => {
                *slot = b'\n';
                1
            }
            None => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `bytes` three at a time, so that each line end falls on a block border.
    fn normalised(bytes: &[u8]) -> Vec<u8> {
        struct Drip<'a>(&'a [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let count = self.0.len().min(buffer.len()).min(3);
                self.0.read(&mut buffer[..count])
            }
        }
        let mut out = Vec::new();
        LineEnds::of(Drip(bytes)).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn a_tail_is_counted_and_hashed_but_not_handed_on() {
        let whole = b"a;b\n\x1a\0\0";
        let tap = Tap::default();
        let mut text = Vec::new();
        let mut tapped = tap.on(&whole[..], 4, 7);
        tapped.read_to_end(&mut text).unwrap();
        assert_eq!(text, b"a;b\n");
        assert_eq!(tap.bytes(), 7);
        let mut hasher = Xxh3::default();
        hasher.update(whole);
        assert_eq!(tap.hash(), format!("{:032x}", hasher.digest128()));
    }

    #[test]
    fn what_grows_is_not_followed_for_ever() {
        let tap = Tap::default();
        let mut text = Vec::new();
        let mut tapped = tap.on(io::repeat(b'a'), 4, 7);
        tapped.read_to_end(&mut text).unwrap();
        assert_eq!(text, b"aaaa");
    }

    #[test]
    fn every_kind_of_line_end_becomes_one_line_feed() {
        for (raw, expected) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\rb\r", "a\nb\n"),
            ("a\nb\n", "a\nb\n"),
            ("ab\r\ncd", "ab\ncd\n"),
            ("a\r\r\nb", "a\n\nb\n"),
            ("", ""),
        ] {
            assert_eq!(normalised(raw.as_bytes()), expected.as_bytes(), "{raw:?}");
        }
    }
}
