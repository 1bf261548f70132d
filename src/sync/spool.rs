//! A spool on disk between a slow source and the database: rows are written in one go once all are read, so that no
//! other process waits for the database while a remote server answers.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use super::channel::{Entry, Event, EventReceiver};
use crate::error::{Error, Result};
use crate::store::{SourceKeys, unwritable};

/// An unnamed temporary file, deleted with its process.
pub(super) struct Spool {
    file: BufWriter<File>,
    entries: u64,
    /// Buffer of the entry being written.
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

    /// Stores what the reader sends until it ends, and answers its questions.
    pub(super) fn fill(
        &mut self,
        receiver: &EventReceiver,
        source_keys: &SourceKeys<'_>,
    ) -> Result<()> {
        while let Ok(event) = receiver.events.recv() {
            match event {
                Event::Ask(question) => question.answer(source_keys)?,
                Event::Entry(entry) => {
                    match &entry {
                        Entry::Rows(rows) => {
                            source_keys.gather(rows.iter().map(|row| row.key()), false)?;
                        }
                        Entry::Reject(_, key) => {
                            source_keys.gather(key.as_deref().into_iter(), true)?;
                        }
                        _ => {}
                    }
                    self.put(&entry)?;
                    if let Entry::Rows(rows) = entry {
                        receiver.give_back(rows);
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes the length of the entry in bytes, then the entry.
    fn put(&mut self, entry: &Entry) -> Result<()> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let bytes = postcard::to_extend(entry, bytes).map_err(|error| {
            Error::store("Ce qui a été lu ne peut pas être mis de côté").because(error)
        })?;
        self.bytes = bytes;
        self.entries += 1;
        let length = self.bytes.len() as u64;
        let written = self.file.write_all(&length.to_le_bytes());
        written
            .and_then(|()| self.file.write_all(&self.bytes))
            .map_err(|error| unwritable(&error))
    }

    /// Passes all entries in order to `take`.
    pub(super) fn replay(self, mut take: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        let mut file = self
            .file
            .into_inner()
            .map_err(|error| unwritable(error.error()))?;
        file.rewind().map_err(|error| unwritable(&error))?;
        let mut reader = BufReader::new(file);
        let mut bytes = self.bytes;
        for _ in 0..self.entries {
            read_next(&mut reader, &mut bytes).map_err(unreadable)?;
            take(postcard::from_bytes(&bytes).map_err(unreadable)?)?;
        }
        Ok(())
    }
}

/// Reads one entry into `bytes`.
fn read_next(reader: &mut impl Read, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let mut length = [0; size_of::<u64>()];
    reader.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    bytes.clear();
    if reader.take(length).read_to_end(bytes)? as u64 != length {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::store("Ce qui a été mis de côté ne peut pas être relu : rien n'a été changé")
        .hint("Vérifiez le disque et la place libre, puis relancez la synchronisation")
        .because(error)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::canonical::Table;
    use crate::canonical::rows::{CellWriter, Record};
    use crate::connectors::Sink;
    use crate::home::Home;
    use crate::stop::Stop;
    use crate::store::Store;
    use crate::sync::Silent;
    use crate::sync::channel::event_channel;

    /// Rows of one page of a server: two batches.
    const PAGE: u64 = 1_000;

    const PATIENCE: Duration = Duration::from_secs(30);

    struct Line(String);

    impl Record for Line {
        fn table(&self) -> Table {
            Table::SalesLines
        }

        fn write(&self, cells: &mut CellWriter<'_>) {
            cells.text(Some(&self.0));
            cells.integer(Some(-1));
            cells.flag(true);
            cells.text(None);
        }
    }

    fn put_page(sink: &mut dyn Sink, number: u64) {
        for id in number * PAGE..(number + 1) * PAGE {
            sink.row(id, &Line(format!("odoo-{id}"))).unwrap();
        }
    }

    fn keys(spool: Spool) -> Vec<String> {
        let mut keys = Vec::new();
        let replayed = spool.replay(|entry| {
            if let Entry::Rows(rows) = entry {
                keys.extend(rows.iter().map(|row| row.key().to_owned()));
            }
            Ok(())
        });
        replayed.unwrap();
        keys
    }

    /// A spool filled by `read`, after `begin` has returned.
    fn spooled(begin: impl FnOnce(), read: impl FnOnce(&mut dyn Sink, &File) + Send) -> Spool {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Home::at(folder.path())).unwrap();
        let source_keys = store.source_keys("cave", Table::SalesLines).unwrap();
        let mut spool = Spool::new(folder.path()).unwrap();
        let file = spool.file.get_ref().try_clone().unwrap();
        let stop = Stop::default();
        let (mut sender, receiver) =
            event_channel(("cave", Table::Customers), &Silent, &stop, None, None);
        thread::scope(|scope| {
            let reader = scope.spawn(move || read(&mut sender, &file));
            begin();
            spool.fill(&receiver, &source_keys).unwrap();
            reader.join().unwrap();
        });
        spool
    }

    fn all_keys() -> Vec<String> {
        (0..2 * PAGE).map(|id| format!("odoo-{id}")).collect()
    }

    #[test]
    fn a_page_is_put_aside_while_the_next_one_is_waited_for() {
        let spool = spooled(
            || {},
            |sink, file| {
                put_page(sink, 0);
                let begun = Instant::now();
                while file.metadata().unwrap().len() == 0 {
                    assert!(begun.elapsed() < PATIENCE, "nothing was put aside");
                    thread::sleep(Duration::from_millis(1));
                }
                put_page(sink, 1);
            },
        );
        assert_eq!(keys(spool), all_keys());
    }

    #[test]
    fn the_next_page_comes_in_while_the_last_one_is_not_yet_put_aside() {
        let (ahead, is_ahead) = channel();
        let spool = spooled(
            move || is_ahead.recv_timeout(PATIENCE).unwrap(),
            move |sink, _| {
                put_page(sink, 0);
                put_page(sink, 1);
                ahead.send(()).unwrap();
            },
        );
        assert_eq!(keys(spool), all_keys());
    }

    #[test]
    fn what_was_cut_is_not_read_as_if_it_were_whole() {
        let mut spool = spooled(|| {}, |sink, _| put_page(sink, 0));
        spool.file.flush().unwrap();
        let file = spool.file.get_ref();
        file.set_len(file.metadata().unwrap().len() - 1).unwrap();
        let error = spool.replay(|_| Ok(())).unwrap_err();
        let text = error.full_text();
        assert!(
            text.contains("rien n'a été changé") && text.contains("Vérifiez le disque"),
            "{text}"
        );
    }
}
