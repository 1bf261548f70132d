//! Delimited text as rows: decoded, split, and numbered by the lines of the file.

use std::fs::File;
use std::io::{Chain, ErrorKind, Read, Seek, SeekFrom};

use csv::{ReaderBuilder, StringRecord, Terminator};
use encoding_rs::Encoding;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use memchr::memchr_iter;

use super::tap::{LineEnds, Tap, Tapped};
use super::{Line, dialect, is_blank};
use crate::connectors::isavigne::survey::unreadable;
use crate::error::{Error, Result};

/// Decoded bytes looked at to tell the delimiter.
const SAMPLE: u64 = 64 * 1024;

/// Bytes parsed at a time.
const BUFFER: usize = 128 * 1024;

/// Bytes one row may take. Without a bound, a quote that is never closed would pull the whole file into memory.
const MOST_RECORD_BYTES: u64 = 8 * 1024 * 1024;

/// A row of our own after the last of the file. It comes out alone, or within quotes that the file leaves open:
/// no other sign tells such a file from a whole one. No row of a file holds a NUL and is accepted.
const END: &str = "\0fin\0";
const END_LINE: &[u8] = b"\0fin\0\n";

type Decoded<R> = LineEnds<DecodeReaderBytes<R, Vec<u8>>>;

/// A delimited file being read.
pub(in super::super) struct Delimited {
    reader: csv::Reader<Chain<Decoded<Tapped<File>>, &'static [u8]>>,
    pub(super) tap: Tap,
    pub(super) delimiter: u8,
    pub(super) empty_lines: u64,
}

impl Delimited {
    /// Opens `file`, encoded in `encoding`.
    pub(super) fn open(mut file: File, encoding: &'static Encoding) -> Result<Self> {
        let mut sample = Vec::new();
        decoded(&file, encoding)
            .take(SAMPLE)
            .read_to_end(&mut sample)
            .map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let tap = Tap::default();
        let delimiter = dialect::delimiter(&sample);
        let rows = ReaderBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::Any(b'\n'))
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(decoded(tap.on(file), encoding).chain(END_LINE));
        let mut opened = Self {
            reader: rows,
            tap,
            delimiter,
            empty_lines: 0,
        };
        if dialect::has_preamble(&sample) {
            opened.read_record(&mut StringRecord::new())?;
        }
        Ok(opened)
    }

    /// Reads the next row that is not blank.
    pub(super) fn read(&mut self, line: &mut Line) -> Result<bool> {
        loop {
            let before = self.reader.position().line();
            if !self.read_record(&mut line.cells)? || is_end(&line.cells) {
                return Ok(false);
            }
            line.is_open = take_end_off(&mut line.cells);
            // Every line ends with one line feed here, and the parser skips empty lines before a record:
            // the record began as many lines ago as it holds line feeds, plus its own.
            let within = memchr_iter(b'\n', line.cells.as_slice().as_bytes());
            line.more_lines = within.count() as u64;
            let after = self.reader.position().line();
            line.number = after.saturating_sub(1 + line.more_lines);
            self.empty_lines += line.number.saturating_sub(before);
            if !is_blank(&line.cells) {
                return Ok(true);
            }
            self.empty_lines += 1;
        }
    }

    fn read_record(&mut self, record: &mut StringRecord) -> Result<bool> {
        self.tap.allow(MOST_RECORD_BYTES);
        self.reader.read_record(record).map_err(|error| {
            let line = self.reader.position().line();
            match error.into_kind() {
                csv::ErrorKind::Io(error) if error.kind() == ErrorKind::FileTooLarge => {
                    Error::data(format!("la ligne {line} ne finit pas : un guillemet y est ouvert et jamais refermé, ou ce n'est pas un fichier de texte"))
                        .hint("Corrigez cette ligne dans l'export, ou doublez le guillemet")
                }
                csv::ErrorKind::Io(error) => unreadable(error),
                kind => Error::data(format!("ligne {line} : texte illisible ({kind:?})"))
                    .hint("Vérifiez l'encodage de l'export"),
            }
        })
    }
}

fn is_end(cells: &StringRecord) -> bool {
    cells.len() == 1 && cells.get(0) == Some(END)
}

/// Takes our own last line off a cell that swallowed it; whether there was one.
fn take_end_off(cells: &mut StringRecord) -> bool {
    let last = cells.len().saturating_sub(1);
    let whole = cells
        .get(last)
        .and_then(|cell| cell.strip_suffix('\n')?.strip_suffix(END));
    let Some(whole) = whole.map(str::to_owned) else {
        return false;
    };
    cells.truncate(last);
    cells.push_field(&whole);
    true
}

/// `reader` as UTF-8 without byte-order mark, lines ending with line feeds.
fn decoded<R: Read>(reader: R, encoding: &'static Encoding) -> Decoded<R> {
    LineEnds::of(
        DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .bom_override(true)
            .build(reader),
    )
}
