//! A text for `dotenvy`, line by line.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Returns one physical line per read. `dotenvy` refills its buffer only when it is empty: after each assignment,
/// `given` is therefore the offset of its end.
pub(super) struct LineFeed<'a> {
    rest: &'a [u8],
    given: Rc<Cell<usize>>,
}

impl<'a> LineFeed<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text.as_bytes(),
            given: Rc::default(),
        }
    }

    /// Bytes given so far.
    pub(super) fn given(&self) -> Rc<Cell<usize>> {
        Rc::clone(&self.given)
    }
}

impl Read for LineFeed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self
            .rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(self.rest.len(), |at| at + 1);
        let mut line = self.rest.get(..end).unwrap_or_default();
        let count = line.read(buffer)?;
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.given.set(self.given.get() + count);
        Ok(count)
    }
}
