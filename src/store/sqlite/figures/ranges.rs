//! Sales lines split into files by ranges of customer keys, so that each range can be folded in little memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use rusqlite::Connection;

use super::line::{Length, SalesLine, length_of};
use crate::error::{Error, Result};
use crate::store::sqlite::database::folder_of;
use crate::store::sqlite::failure::unwritable;

/// Customers per range, up to [`MOST_RANGES`] ranges.
const CUSTOMERS_PER_RANGE: u64 = 1_024;

/// Each range is an open file.
const MOST_RANGES: u64 = 128;

/// Bytes buffered for a range before they are written to its file.
const BUFFER: usize = 16 * 1024;

/// The lines of each range, in the order of the ranges.
#[derive(Debug)]
pub(super) struct Ranges {
    bounds: Bounds,
    files: Vec<BufWriter<File>>,
    bytes: Vec<u8>,
}

impl Ranges {
    /// Creates ranges that contain about equal shares of the `customers_count` customers of `source`.
    pub(super) fn of_customers(
        db: &Connection,
        source: &str,
        customers_count: u64,
    ) -> Result<Self> {
        let bounds = Bounds::of_customers(db, source, customers_count)?;
        let folder = folder_of(db);
        let files = (0..=bounds.keys.len()).map(|_| file(&folder));
        Ok(Self {
            files: files.collect::<Result<_>>()?,
            bounds,
            bytes: Vec::new(),
        })
    }

    /// Appends `line` to the range of its customer.
    pub(super) fn put(&mut self, line: &SalesLine<'_>) -> Result<()> {
        let range = self.bounds.range_of(line.customer);
        let Some(file) = self.files.get_mut(range) else {
            return Ok(());
        };
        self.bytes.clear();
        line.pack(&mut self.bytes);
        file.write_all(&self.bytes)
            .map_err(|error| unwritable(&error))
    }

    /// Passes each range to `take`: its first key, the first key of the next range, and its lines.
    pub(super) fn each(
        self,
        mut take: impl FnMut(Option<&str>, Option<&str>, Lines) -> Result<()>,
    ) -> Result<()> {
        let mut from = None;
        for (at, file) in self.files.into_iter().enumerate() {
            let mut file = file
                .into_inner()
                .map_err(|error| unwritable(error.error()))?;
            file.rewind().map_err(|error| unwritable(&error))?;
            let to = self.bounds.keys.get(at).map(String::as_str);
            take(from, to, Lines(BufReader::with_capacity(BUFFER, file)))?;
            from = to;
        }
        Ok(())
    }
}

/// First key of each range but the first.
#[derive(Debug)]
struct Bounds {
    keys: Vec<String>,
    /// Common prefix of all keys of a source.
    common: String,
    /// The eight bytes after the prefix, as one number each: nearly always enough to compare two keys.
    heads: Vec<u64>,
}

impl Bounds {
    fn of_customers(db: &Connection, source: &str, customers_count: u64) -> Result<Self> {
        let count = (customers_count / CUSTOMERS_PER_RANGE + 1).min(MOST_RANGES);
        let per_range = customers_count / count + 1;
        let mut select = db.prepare(
            "SELECT customer_key FROM customers WHERE source = ?1 ORDER BY customer_key",
        )?;
        let mut rows = select.query([source])?;
        let mut keys = Vec::new();
        let mut place = 0;
        while let Some(row) = rows.next()? {
            if place > 0 && place % per_range == 0 {
                keys.push(row.get(0)?);
            }
            place += 1;
        }
        Ok(Self::new(keys))
    }

    /// Creates bounds from `keys`, which ascend.
    fn new(keys: Vec<String>) -> Self {
        let common = match keys.as_slice() {
            [first, .., last] => common(first, last),
            _ => "",
        };
        let common = common.to_owned();
        let rests = keys.iter().map(|key| key.strip_prefix(&common));
        Self {
            heads: rests.map(|rest| head(rest.unwrap_or_default())).collect(),
            common,
            keys,
        }
    }

    /// Index of the range that contains `key`.
    fn range_of(&self, key: &str) -> usize {
        let Some(rest) = key.strip_prefix(&self.common) else {
            return self.keys.partition_point(|bound| bound.as_str() <= key);
        };
        let head = head(rest);
        let below = self.heads.partition_point(|bound| *bound < head);
        let others = self.heads.iter().zip(&self.keys).skip(below);
        let alike = others.take_while(|(bound, text)| **bound == head && text.as_str() <= key);
        below + alike.count()
    }
}

/// Longest common prefix.
fn common<'a>(one: &'a str, other: &str) -> &'a str {
    let mut pairs = one.char_indices().zip(other.chars());
    let end = pairs.find(|((_, c), d)| c != d).map(|((at, _), _)| at);
    one.get(..end.unwrap_or(one.len().min(other.len())))
        .unwrap_or_default()
}

/// The first eight bytes of `text` as a number with the same sort order.
fn head(text: &str) -> u64 {
    let mut head = [0; size_of::<u64>()];
    for (slot, byte) in head.iter_mut().zip(text.bytes()) {
        *slot = byte;
    }
    u64::from_be_bytes(head)
}

fn file(folder: &Path) -> Result<BufWriter<File>> {
    let file = tempfile::tempfile_in(folder).map_err(|error| unwritable(&error))?;
    Ok(BufWriter::with_capacity(BUFFER, file))
}

/// The lines of one range.
pub(super) struct Lines(BufReader<File>);

impl Lines {
    /// Passes each line to `take`, in the order in which they were written.
    pub(super) fn each(mut self, mut take: impl FnMut(&SalesLine<'_>)) -> Result<()> {
        let mut bytes = Vec::new();
        while !self.0.fill_buf().map_err(garbled)?.is_empty() {
            let mut length = Length::default();
            self.read(&mut length)?;
            bytes.resize(length_of(length), 0);
            self.read(&mut bytes)?;
            take(&SalesLine::unpack(&bytes).ok_or_else(cut)?);
        }
        Ok(())
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.0.read_exact(bytes).map_err(garbled)
    }
}

/// The error for a truncated file.
pub(super) fn cut() -> Error {
    garbled(io::Error::from(io::ErrorKind::InvalidData))
}

/// The error for a temporary file that cannot be read back.
pub(super) fn garbled(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::store("Les achats mis de côté ne peuvent pas être relus : rien n'a été changé")
        .hint("Vérifiez le disque et la place libre, puis relancez la synchronisation")
        .because(cause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    /// A file whose last bytes are missing, and one with bytes that are not a line.
    fn spoiled() -> [File; 2] {
        let mut bytes = Vec::new();
        let line = SalesLine {
            customer: "isavigne-C1",
            product: "P1",
            order: 1,
            day: b"2025-12-27",
            total: 1,
            bottles: 1,
            is_fresh: true,
        };
        line.pack(&mut bytes);
        let whole = bytes.len();
        let no_line = bytes.iter().zip(0..).map(|(byte, at)| match at {
            0..4 => *byte,
            _ => 0xFF,
        });
        [bytes[..whole - 1].to_vec(), no_line.collect()].map(|bytes| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&bytes).unwrap();
            file.rewind().unwrap();
            file
        })
    }

    #[test]
    fn lines_that_do_not_come_back_are_an_error_that_says_what_to_do() {
        for file in spoiled() {
            let lines = Lines(BufReader::new(file));
            let error = lines.each(|line| panic!("{line:?}")).unwrap_err();
            let text = error.full_text();
            assert!(
                text.contains("rien n'a été changé") && text.contains("Vérifiez le disque"),
                "{text}"
            );
        }
    }

    proptest! {
        /// Keys with a common prefix, keys without one, keys that are prefixes of others.
        #[test]
        fn a_key_is_in_the_range_a_plain_search_finds(
            keys in btree_set("(isavigne-)?[Cé\0]{0,9}[01]{0,2}", 0..9),
            key in "(isavigne-)?[Cé\0]{0,9}[01]{0,2}",
        ) {
            let keys: Vec<String> = keys.into_iter().collect();
            let plain = keys.partition_point(|bound| *bound <= key);
            prop_assert_eq!(Bounds::new(keys).range_of(&key), plain);
        }
    }
}
