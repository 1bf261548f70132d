//! Sales lines dealt out to files by ranges of customers' keys, so that each range can be folded in little memory.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use rusqlite::Connection;

use super::purchases::Line;
use crate::error::{Error, Result};
use crate::store::{folder_of, unwritable};

/// Customers a range, until there are [`MOST_RANGES`].
const CUSTOMERS_PER_RANGE: u64 = 1_024;

/// Each range is an open file.
const MOST_RANGES: u64 = 128;

/// Bytes gathered for a range before they go to its file.
const BUFFER: usize = 16 * 1024;

/// The lines of each range, in the order of the ranges.
#[derive(Debug)]
pub(super) struct Ranges {
    /// Where each range but the first begins.
    bounds: Vec<String>,
    files: Vec<BufWriter<File>>,
    bytes: Vec<u8>,
}

impl Ranges {
    /// Ranges that hold about the same number of the `held` customers of `source`.
    pub(super) fn of_customers(db: &Connection, source: &str, held: u64) -> Result<Self> {
        let count = (held / CUSTOMERS_PER_RANGE + 1).min(MOST_RANGES);
        let per_range = held / count + 1;
        let mut select = db.prepare(
            "SELECT customer_key FROM customers WHERE source = ?1 ORDER BY customer_key",
        )?;
        let mut keys = select.query([source])?;
        let mut bounds = Vec::new();
        let mut place = 0;
        while let Some(key) = keys.next()? {
            if place > 0 && place % per_range == 0 {
                bounds.push(key.get(0)?);
            }
            place += 1;
        }
        let folder = folder_of(db);
        let files = (0..=bounds.len()).map(|_| file(&folder));
        Ok(Self {
            files: files.collect::<Result<_>>()?,
            bounds,
            bytes: Vec::new(),
        })
    }

    /// Puts `line` with those of its customer's range.
    pub(super) fn put(&mut self, line: &Line<'_>) -> Result<()> {
        let range = self
            .bounds
            .partition_point(|bound| bound.as_str() <= line.customer);
        let Some(file) = self.files.get_mut(range) else {
            return Ok(());
        };
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        self.bytes = postcard::to_extend(line, bytes).map_err(garbled)?;
        let length = u32::try_from(self.bytes.len()).map_err(garbled)?;
        file.write_all(&length.to_le_bytes())
            .and_then(|()| file.write_all(&self.bytes))
            .map_err(|error| unwritable(&error))
    }

    /// Hands each range to `take`: where it begins, where the next one begins, and its lines.
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
            let to = self.bounds.get(at).map(String::as_str);
            take(from, to, Lines(BufReader::with_capacity(BUFFER, file)))?;
            from = to;
        }
        Ok(())
    }
}

fn file(folder: &Path) -> Result<BufWriter<File>> {
    let file = tempfile::tempfile_in(folder).map_err(|error| unwritable(&error))?;
    Ok(BufWriter::with_capacity(BUFFER, file))
}

/// The lines of one range.
pub(super) struct Lines(BufReader<File>);

impl Lines {
    /// Hands each line to `take`, in the order in which they were put.
    pub(super) fn each(mut self, mut take: impl FnMut(&Line<'_>)) -> Result<()> {
        let mut bytes = Vec::new();
        while !self.0.fill_buf().map_err(garbled)?.is_empty() {
            let mut length = [0; size_of::<u32>()];
            self.read(&mut length)?;
            bytes.resize(u32::from_le_bytes(length) as usize, 0);
            self.read(&mut bytes)?;
            take(&postcard::from_bytes(&bytes).map_err(garbled)?);
        }
        Ok(())
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.0.read_exact(bytes).map_err(garbled)
    }
}

/// A file of ours that does not give back what was put there.
pub(super) fn garbled(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::store("Les achats mis de côté ne peuvent pas être relus : rien n'a été changé")
        .hint("Vérifiez le disque et la place libre, puis relancez la synchronisation")
        .because(cause)
}
