//! Delimited text as rows: decoded, split, and numbered by the lines of the file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use encoding_rs::Encoding;
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use super::records::{Broken, Records};
use super::tap::{LineEnds, Tap, Tapped};
use super::{Line, dialect};
use crate::connectors::isavigne::survey::unreadable;
use crate::error::{Error, Result};

/// Decoded bytes looked at to tell the delimiter.
const SAMPLE: u64 = 64 * 1024;

/// Bytes decoded at a time.
const BUFFER: usize = 128 * 1024;

type Decoded<R> = LineEnds<DecodeReaderBytes<R, Vec<u8>>>;

/// A delimited file being read.
pub(in super::super) struct Delimited {
    records: Records<Decoded<Tapped<File>>>,
    pub(super) tap: Tap,
    pub(super) delimiter: u8,
    /// Rows without any filled cell.
    blank_rows: u64,
}

impl Delimited {
    /// Opens `file`, encoded in `encoding`.
    pub(super) fn open(mut file: File, encoding: &'static Encoding) -> Result<Self> {
        let mut sample = Vec::new();
        decoded(&file, encoding)?
            .take(SAMPLE)
            .read_to_end(&mut sample)
            .map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let tap = Tap::default();
        let delimiter = dialect::delimiter(&sample);
        let mut opened = Self {
            records: Records::new(decoded(tap.on(file), encoding)?, delimiter),
            tap,
            delimiter,
            blank_rows: 0,
        };
        if dialect::has_preamble(&sample) {
            opened.read_record(&mut Line::default())?;
        }
        Ok(opened)
    }

    /// Reads the next row that is not blank.
    pub(super) fn read(&mut self, line: &mut Line) -> Result<bool> {
        while self.read_record(line)? {
            if !line.cells.is_blank() {
                return Ok(true);
            }
            self.blank_rows += 1;
        }
        Ok(false)
    }

    /// Lines without any filled cell met so far.
    pub(super) fn empty_lines(&self) -> u64 {
        self.records.empty_lines + self.blank_rows
    }

    fn read_record(&mut self, line: &mut Line) -> Result<bool> {
        self.records.read(line).map_err(|broken| match broken {
            Broken::Io(error) => unreadable(error),
            Broken::Endless(line) => {
                Error::data(format!("la ligne {line} ne finit pas : un guillemet y est ouvert et jamais refermé, ou ce n'est pas un fichier de texte"))
                    .hint("Corrigez cette ligne dans l'export, ou doublez le guillemet")
            }
            Broken::Text(line, error) => Error::data(format!("ligne {line} : texte illisible"))
                .hint("Vérifiez l'encodage de l'export")
                .because(error),
        })
    }
}

/// `reader` as UTF-8 without byte-order mark, lines ending with line feeds.
fn decoded<R: Read>(reader: R, encoding: &'static Encoding) -> Result<Decoded<R>> {
    let mut decoder = DecodeReaderBytesBuilder::new();
    decoder.encoding(Some(encoding)).bom_override(true);
    let decoder = decoder.build_with_buffer(reader, vec![0; BUFFER]);
    Ok(LineEnds::of(decoder.map_err(unreadable)?))
}
