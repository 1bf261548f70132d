//! Delimited text as rows: decoded, split, and numbered by the lines of the file.

use std::io::{Read, Seek, SeekFrom};

use super::hashing_reader::{HashingReader, Tap};
use super::line_ends::all_to_feeds;
use super::records::{Broken, Records};
use super::{Layout, Line, Shape, dialect};
use crate::connectors::isavigne::encoding::{Decoder, TextEncoding};
use crate::connectors::isavigne::folder::{Source, unreadable};
use crate::connectors::isavigne::survey::Survey;
use crate::error::{Error, Result};

/// Decoded bytes in which delimiter and header are searched.
const SAMPLE: u64 = 128 * 1024;

/// A delimited file being read.
pub(in super::super) struct Delimited {
    records: Records<Decoder<HashingReader<Source>>>,
    pub(super) tap: Tap,
    /// The first lines, until the header is found among them.
    sample: Vec<u8>,
    /// Rows without a filled cell.
    blank_rows: u64,
    /// Further lines that these rows span.
    more_blank_lines: u64,
}

impl Delimited {
    /// Opens `file` with the results of its `survey`.
    pub(super) fn open(mut file: Source, survey: &Survey) -> Result<Self> {
        let encoding = survey.encoding;
        let mut sample = Vec::new();
        decoded((&file).take(survey.text_size), encoding)?
            .take(SAMPLE)
            .read_to_end(&mut sample)
            .map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let is_all = (sample.len() as u64) < SAMPLE;
        all_to_feeds(&mut sample);
        if !is_all {
            // An incomplete line proves nothing.
            let whole = memchr::memrchr(b'\n', &sample).map_or(sample.len(), |at| at + 1);
            sample.truncate(whole);
        }
        let tap = Tap::default();
        let tapped = tap.on(file, survey.text_size, survey.size);
        let delimiter = dialect::preamble(&sample).unwrap_or(b';');
        Ok(Self {
            records: Records::new(decoded(tapped, encoding)?, delimiter),
            tap,
            sample,
            blank_rows: 0,
            more_blank_lines: 0,
        })
    }

    /// The delimiter in a first line `sep=;`.
    pub(super) fn preamble(&self) -> Option<u8> {
        dialect::preamble(&self.sample)
    }

    /// At most `most` of the first rows from line `from` on.
    pub(super) fn sample(
        &self,
        delimiter: u8,
        from: u64,
        most: usize,
        shape: Option<Shape>,
    ) -> Vec<Line> {
        let mut records = Records::new(self.sample.as_slice(), delimiter);
        let mut lines = Vec::new();
        // Too long a line, or invalid text: the next reader of the file reports it.
        if !records.skip_to(from).unwrap_or(false) {
            return lines;
        }
        if let Some(shape) = shape {
            records.set_shape(shape);
        }
        let mut line = Line::default();
        while lines.len() < most && records.read(&mut line).unwrap_or(false) {
            if !line.cells.is_blank() {
                lines.push(line.clone());
            }
        }
        lines
    }

    /// Moves to the header of `layout`, the next row.
    pub(super) fn go_to(&mut self, layout: &Layout) -> Result<()> {
        self.sample = Vec::new();
        self.records.set_delimiter(layout.delimiter);
        self.records
            .skip_to(layout.header_line)
            .map_err(unparsable)?;
        self.records.set_shape(layout.shape);
        Ok(())
    }

    /// Reads the next row that is not blank.
    pub(super) fn read(&mut self, line: &mut Line) -> Result<bool> {
        while self.read_record(line)? {
            if !line.cells.is_blank() {
                return Ok(true);
            }
            self.blank_rows += 1;
            self.more_blank_lines += line.more_lines;
        }
        Ok(false)
    }

    /// Number of lines so far; a row without a filled cell counts as one.
    pub(super) fn lines(&self) -> u64 {
        self.records.lines() - self.more_blank_lines
    }

    /// Number of lines without a filled cell so far.
    pub(super) fn empty_lines(&self) -> u64 {
        self.records.empty_lines + self.blank_rows
    }

    fn read_record(&mut self, line: &mut Line) -> Result<bool> {
        self.records.read(line).map_err(unparsable)
    }
}

fn unparsable(broken: Broken) -> Error {
    match broken {
        Broken::Io(error) => unreadable(error),
        Broken::Endless(line) => Error::data(format!(
            "la ligne {line} ne finit pas : ce n'est pas un fichier de texte"
        ))
        .hint("Refaites l'export en CSV"),
        Broken::Text(line, error) => Error::data(format!("ligne {line} : texte illisible"))
            .hint("Vérifiez l'encodage de l'export")
            .because(error),
    }
}

/// `reader` as UTF-8 without byte-order mark.
fn decoded<R: Read>(reader: R, encoding: TextEncoding) -> Result<Decoder<R>> {
    Decoder::new(reader, encoding).map_err(unreadable)
}
