//! What a slow source was read into, on disk, until it can be written in one go: while a server far away is waited
//! for, nobody else must wait for the database.

use std::fs::File;
use std::io::{BufReader, BufWriter, Seek, Write};
use std::path::Path;

use super::pipe::{Entry, Event, Outlet};
use crate::error::{Error, Result};
use crate::store::{Presence, unwritable};

/// A file without a name, gone with its process.
pub(super) struct Spool {
    file: BufWriter<File>,
    entries: u64,
    /// The entry being written.
    bytes: Vec<u8>,
}

impl Spool {
    /// An empty spool on the disk of `folder`.
    pub(super) fn new(folder: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).map_err(|error| unwritable(&error))?;
        Ok(Self {
            file: BufWriter::new(file),
            entries: 0,
            bytes: Vec::new(),
        })
    }

    /// Keeps what the reader sends, until it hangs up, and answers what it asks.
    pub(super) fn fill(&mut self, outlet: &Outlet, presence: &Presence<'_>) -> Result<()> {
        while let Ok(event) = outlet.events.recv() {
            match event {
                Event::Ask(question) => question.answer(presence)?,
                Event::Tell(entry) => {
                    match &entry {
                        Entry::Rows(rows) => {
                            presence.gather(rows.iter().map(|row| row.key()), false)?;
                        }
                        Entry::Reject(_, key) => {
                            presence.gather(key.as_deref().into_iter(), true)?;
                        }
                        _ => {}
                    }
                    self.put(&entry)?;
                    if let Entry::Rows(rows) = entry {
                        outlet.give_back(rows);
                    }
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, entry: &Entry) -> Result<()> {
        self.bytes.clear();
        rmp_serde::encode::write(&mut self.bytes, entry).map_err(|error| {
            Error::store("Ce qui a été lu ne peut pas être mis de côté").because(error)
        })?;
        self.entries += 1;
        self.file
            .write_all(&self.bytes)
            .map_err(|error| unwritable(&error))
    }

    /// Hands everything back in order to `take`.
    pub(super) fn replay(self, mut take: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        let mut file = self
            .file
            .into_inner()
            .map_err(|error| unwritable(error.error()))?;
        file.rewind().map_err(|error| unwritable(&error))?;
        let mut reader = BufReader::new(file);
        for _ in 0..self.entries {
            let entry = rmp_serde::from_read(&mut reader).map_err(|error| {
                Error::store("Ce qui a été mis de côté ne peut pas être relu").because(error)
            })?;
            take(entry)?;
        }
        Ok(())
    }
}
