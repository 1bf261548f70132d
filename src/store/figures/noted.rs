//! Sales lines noted on disk on their way to a table that holds some already. An export mostly repeats all there are:
//! whoever must look for those of a few customers finds them here several times faster than in the table.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::path::Path;

use foldhash::HashSet;
use xxhash_rust::xxh3::xxh3_64;

use super::line::{Columns, Length, Line};
use super::ranges::{cut, garbled};
use crate::canonical::rows::Row;
use crate::error::Result;

/// Bytes gathered before they go to the file.
const BUFFER: usize = 64 * 1024;

/// Lines whose keys ascend, so that none of them comes twice.
#[derive(Debug)]
pub(in crate::store) struct Noted {
    file: File,
    /// What is not in the file yet, each line behind the hash of its customer.
    bytes: Vec<u8>,
    lines: u64,
    last_key: String,
    columns: Columns,
}

impl Noted {
    /// Nothing yet; `None` where `folder` takes no file.
    pub(in crate::store) fn nothing(folder: &Path) -> Option<Self> {
        let file = tempfile::tempfile_in(folder).ok()?;
        Some(Self {
            file,
            bytes: Vec::new(),
            lines: 0,
            last_key: String::new(),
            columns: Columns::of_sales(),
        })
    }

    /// Notes `row`. `None` when that is not possible, and what was noted is of no use: keys do not ascend, or the disk
    /// does not take it. The table has it too.
    pub(in crate::store) fn add(&mut self, row: &Row<'_>, is_fresh: bool) -> Option<()> {
        if row.key() <= self.last_key.as_str() {
            return None;
        }
        row.key().clone_into(&mut self.last_key);
        self.lines += 1;
        let line = self.columns.read(row, is_fresh);
        self.bytes
            .extend_from_slice(&hash(line.customer).to_le_bytes());
        line.pack(&mut self.bytes);
        if self.bytes.len() >= BUFFER {
            self.write_out()?;
        }
        Some(())
    }

    /// Itself, if it is `rows` lines.
    pub(in crate::store) fn if_all_of(mut self, rows: u64) -> Option<Self> {
        self.write_out()?;
        (self.lines == rows).then_some(self)
    }

    fn write_out(&mut self) -> Option<()> {
        self.file.write_all(&self.bytes).ok()?;
        self.bytes.clear();
        Some(())
    }

    /// Hands each line to `take`, those of `customers` alone where they are given; others may be among them.
    pub(super) fn each(
        mut self,
        customers: Option<&HashSet<String>>,
        mut take: impl FnMut(&Line<'_>) -> Result<()>,
    ) -> Result<()> {
        let wanted = customers.map(|keys| keys.iter().map(|key| hash(key)).collect());
        let wanted: Option<HashSet<u32>> = wanted;
        self.file.rewind().map_err(garbled)?;
        let mut file = BufReader::with_capacity(BUFFER, self.file);
        let mut bytes = self.bytes;
        while !file.fill_buf().map_err(garbled)?.is_empty() {
            let (mut customer, mut length) = ([0; 4], Length::default());
            file.read_exact(&mut customer).map_err(garbled)?;
            file.read_exact(&mut length).map_err(garbled)?;
            let (customer, length) = (u32::from_le_bytes(customer), u32::from_le_bytes(length));
            let is_wanted = |keys: &HashSet<u32>| keys.contains(&customer);
            if !wanted.as_ref().is_none_or(is_wanted) {
                file.seek_relative(length.into()).map_err(garbled)?;
                continue;
            }
            bytes.resize(length as usize, 0);
            file.read_exact(&mut bytes).map_err(garbled)?;
            take(&Line::unpack(&bytes).ok_or_else(cut)?)?;
        }
        Ok(())
    }
}

/// Enough of a customer's hash to tell nearly all others from him.
fn hash(customer: &str) -> u32 {
    let [a, b, c, d, ..] = xxh3_64(customer.as_bytes()).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
