//! A log on disk of the sales lines of a load into a table that is not empty. An export usually repeats all lines:
//! finding those of a few customers is several times faster here than in the table.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::mem;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use foldhash::HashSet;

use super::documents::{Documents, Head, each_line, hash};
use super::line::{SalesLine, length_of, take};
use super::ranges::{cut, garbled};
use crate::canonical::rows::{Row, Rows};
use crate::error::{Error, Result};

/// Bytes buffered before they are written to the file or sent to the channel.
const BUFFER: usize = 64 * 1024;

/// Channel capacity, in batches: 4 MiB, the lines of ten thousand customers.
const DEPTH: usize = 64;

/// Lines with ascending keys: no key occurs twice.
#[derive(Debug)]
pub(in crate::store) struct LineLog {
    file: File,
    /// Lines not yet written to the file.
    documents: Documents,
    lines: u64,
    last_key: String,
}

impl LineLog {
    /// An empty log; `None` where no file can be created in `folder`.
    pub(in crate::store) fn nothing(folder: &Path) -> Option<Self> {
        let file = tempfile::tempfile_in(folder).ok()?;
        Some(Self {
            file,
            documents: Documents::default(),
            lines: 0,
            last_key: String::new(),
        })
    }

    /// Starts a batch of `rows`, whose keys ascend. `None` makes the log unusable: a key may occur twice. The table is
    /// read instead.
    pub(in crate::store) fn begin_batch(&mut self, rows: &Rows) -> Option<()> {
        let mut keys = rows.iter().map(|row| row.key());
        let Some(first) = keys.next() else {
            return Some(());
        };
        if first <= self.last_key.as_str() {
            return None;
        }
        keys.next_back()
            .unwrap_or(first)
            .clone_into(&mut self.last_key);
        Some(())
    }

    /// Appends a row of the batch. `None` makes the log unusable: the disk is full.
    pub(in crate::store) fn add(&mut self, row: &Row<'_>, is_fresh: bool) -> Option<()> {
        self.lines += 1;
        self.documents.add(&SalesLine::in_batch(row, is_fresh));
        if self.documents.len() >= BUFFER {
            self.write_out()?;
        }
        Some(())
    }

    /// Returns the log if it contains exactly `rows` lines.
    pub(in crate::store) fn if_all_of(mut self, rows: u64) -> Option<Self> {
        self.write_out()?;
        (self.lines == rows).then_some(self)
    }

    fn write_out(&mut self) -> Option<()> {
        let file = &mut self.file;
        self.documents
            .empty_into(|bytes| file.write_all(bytes))
            .ok()
    }

    /// Starts a thread that searches the lines of `customers`, or reads all lines: the caller can load customers
    /// meanwhile.
    pub(super) fn sift(self, customers: Option<&HashSet<String>>) -> Result<Sifted> {
        let wanted = customers.map(|keys| keys.iter().map(|key| hash(key)).collect());
        let (found, batches) = sync_channel(DEPTH);
        let thread = thread::Builder::new()
            .spawn(move || look_for(wanted.as_ref(), self.file, &found))
            .map_err(Error::no_thread)?;
        Ok(Sifted { batches, thread })
    }
}

/// Lines found by the thread. Hash collisions let some lines of other customers through.
#[derive(Debug)]
pub(super) struct Sifted {
    batches: Receiver<Vec<u8>>,
    thread: JoinHandle<Result<()>>,
}

impl Sifted {
    /// Passes each line to `each`.
    pub(super) fn each(self, mut each: impl FnMut(&SalesLine<'_>) -> Result<()>) -> Result<()> {
        for batch in self.batches {
            let mut documents = batch.as_slice();
            while let Some(length) = take(&mut documents) {
                let document = documents.split_off(..length_of(length));
                each_line(document.ok_or_else(cut)?, &mut each)?;
            }
        }
        // The channel also closes when the thread fails: only its result says that all lines came.
        self.thread.join().unwrap_or_else(|_| Err(cut()))
    }
}

/// Sends the documents of the customers whose hashes are `wanted`, each preceded by its length.
fn look_for(
    wanted: Option<&HashSet<u32>>,
    mut file: File,
    found: &SyncSender<Vec<u8>>,
) -> Result<()> {
    file.rewind().map_err(garbled)?;
    let mut file = BufReader::with_capacity(BUFFER, file);
    let mut batch = Vec::new();
    while !file.fill_buf().map_err(garbled)?.is_empty() {
        let mut head = Head::default();
        file.read_exact(head.as_flattened_mut()).map_err(garbled)?;
        let [customer, length] = head;
        let customer = u32::from_le_bytes(customer);
        let bytes = length_of(length);
        if wanted.is_some_and(|wanted| !wanted.contains(&customer)) {
            let bytes = i64::try_from(bytes).map_err(garbled)?;
            file.seek_relative(bytes).map_err(garbled)?;
            continue;
        }
        batch.extend_from_slice(&length);
        let begun = batch.len();
        batch.resize(begun + bytes, 0);
        let document = batch.get_mut(begun..).ok_or_else(cut)?;
        file.read_exact(document).map_err(garbled)?;
        if batch.len() >= BUFFER && found.send(mem::take(&mut batch)).is_err() {
            return Ok(()); // The receiver has failed; its error is returned.
        }
    }
    let _ = found.send(batch);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of `lines` lines of two customers in turn; `spoil` changes the bytes before they are written.
    fn noted(lines: i64, spoil: impl FnOnce(&mut Vec<u8>)) -> LineLog {
        let mut line_log = LineLog::nothing(&std::env::temp_dir()).unwrap();
        for total in 0..lines {
            line_log.documents.add(&SalesLine {
                customer: ["isavigne-C0", "isavigne-C1"][usize::from(total % 2 == 1)],
                product: "P1",
                order: 1,
                day: b"2025-12-27",
                total,
                bottles: 1,
                is_fresh: false,
            });
        }
        let mut bytes = line_log.documents.empty_into(<[u8]>::to_vec);
        spoil(&mut bytes);
        line_log.file.write_all(&bytes).unwrap();
        line_log
    }

    fn totals(sifted: Sifted) -> Result<Vec<i64>> {
        let mut totals = Vec::new();
        sifted.each(|line| {
            totals.push(line.total);
            Ok(())
        })?;
        Ok(totals)
    }

    #[test]
    fn lines_come_back_in_order_those_of_the_others_left_out_however_many_wait() {
        // More lines than the channel can hold.
        let lines = 150_000;
        let sifted = noted(lines, |_| {}).sift(None).unwrap();
        assert_eq!(totals(sifted).unwrap(), (0..lines).collect::<Vec<_>>());
        let only = HashSet::from_iter(["isavigne-C1".to_owned(), "isavigne-C7".to_owned()]);
        let sifted = noted(lines, |_| {}).sift(Some(&only)).unwrap();
        assert_eq!(
            totals(sifted).unwrap(),
            (1..lines).step_by(2).collect::<Vec<_>>()
        );
        let nobody = HashSet::default();
        let sifted = noted(lines, |_| {}).sift(Some(&nobody)).unwrap();
        assert!(totals(sifted).unwrap().is_empty());
    }

    #[test]
    fn lines_that_do_not_come_back_are_an_error_that_says_what_to_do() {
        let cut_short = |bytes: &mut Vec<u8>| {
            bytes.pop();
        };
        let garbled = |bytes: &mut Vec<u8>| {
            let last = bytes.last_mut().unwrap();
            *last = 0xFF;
        };
        for sifted in [noted(2, cut_short).sift(None), noted(2, garbled).sift(None)] {
            let text = totals(sifted.unwrap()).unwrap_err().full_text();
            assert!(
                text.contains("rien n'a été changé") && text.contains("Vérifiez le disque"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_failing_receiver_does_not_block_the_thread() {
        let sifted = noted(150_000, |_| {}).sift(None).unwrap();
        let Sifted { batches, thread } = sifted;
        drop(batches);
        assert!(thread.join().unwrap().is_ok());
    }
}
