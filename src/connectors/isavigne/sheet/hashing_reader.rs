//! A reader between a file and its parser, which counts and hashes.

use std::cell::RefCell;
use std::io::{self, Read};
use std::rc::Rc;

use xxhash_rust::xxh3::Xxh3Default;

/// Counters and hash of the bytes read.
#[derive(Default)]
struct Passed {
    bytes: u64,
    hasher: Xxh3Default,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_is_counted_and_hashed_but_not_handed_on() {
        let whole = b"a;b\n\x1a\0\0";
        let tap = Tap::default();
        let mut text = Vec::new();
        let mut tapped = tap.on(&whole[..], 4, 7);
        tapped.read_to_end(&mut text).unwrap();
        assert_eq!(text, b"a;b\n");
        assert_eq!(tap.bytes(), 7);
        let mut hasher = Xxh3Default::default();
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
}
