//! One pass over a file's bytes before it is read: what identifies it, how it is encoded, whether it is whole.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use xxhash_rust::xxh3::Xxh3;

use super::settings::EncodingChoice;
use crate::error::{Error, Result};

/// Bytes read at a time.
const BLOCK: usize = 128 * 1024;

/// What one pass over a file tells.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    /// XXH3 of the content, 128 bits in hexadecimal: what "already read" means.
    pub(super) hash: String,
    pub(super) size: u64,
    pub(super) modified: Option<SystemTime>,
    /// How it is to be decoded.
    pub(super) encoding: &'static Encoding,
    /// Whether the last line has its line end.
    pub(super) ends_with_line_end: bool,
    /// Whether it ends within a character of UTF-8: somebody is still writing it.
    pub(super) ends_within_character: bool,
}

/// Surveys the open `file`, which is left at its beginning.
pub(super) fn survey(file: &mut File, choice: EncodingChoice) -> Result<Survey> {
    let before = file.metadata().map_err(unreadable)?;
    let mut pass = Pass::default();
    let mut block = vec![0; BLOCK];
    // What grows while it is read could be read for ever; past its size, all is known that need be.
    while pass.size <= before.len() {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(count) => pass.add(block.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    Ok(Survey {
        hash: format!("{:032x}", pass.hasher.digest128()),
        size: pass.size,
        modified: modified(&before),
        encoding: pass.encoding(choice)?,
        ends_with_line_end: pass.ends_with_line_end(),
        ends_within_character: pass.ends_within_character(),
    })
}

/// Whether the file at `path` is still the one surveyed: same size, same instant of change.
pub(super) fn is_still(path: &Path, survey: &Survey) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|now| now.len() == survey.size && modified(&now) == survey.modified)
}

fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

/// An I/O failure while reading an export.
pub(super) fn unreadable(error: io::Error) -> Error {
    Error::source_failed(format!(
        "lecture impossible, {}",
        crate::error::io_reason(&error)
    ))
    .hint("Vérifiez le fichier et le partage réseau, puis relancez la synchronisation")
    .because(error)
}

/// What has been seen so far of the bytes.
#[derive(Default)]
struct Pass {
    hasher: Xxh3,
    size: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
    utf8: Utf8Check,
}

impl Pass {
    fn add(&mut self, block: &[u8]) {
        self.hasher.update(block);
        if self.head.len() < 3 {
            self.head.extend(block.iter().take(3));
        }
        self.tail.extend_from_slice(
            block
                .get(block.len().saturating_sub(4)..)
                .unwrap_or_default(),
        );
        self.tail.drain(..self.tail.len().saturating_sub(4));
        self.utf8.add(block);
        self.size += block.len() as u64;
    }

    fn encoding(&mut self, choice: EncodingChoice) -> Result<&'static Encoding> {
        if let Some((encoding, _)) = Encoding::for_bom(&self.head)
            && (encoding != UTF_8 || choice != EncodingChoice::Utf8)
        {
            return Ok(encoding);
        }
        if !self.ends_within_character() {
            self.utf8.finish();
        }
        match (choice, self.utf8.first_error) {
            (EncodingChoice::Utf16, _) if self.head.first() == Some(&0) => Ok(UTF_16BE),
            (EncodingChoice::Utf16, _) => Ok(UTF_16LE),
            (EncodingChoice::Windows1252, _) | (EncodingChoice::Auto, Some(_)) => Ok(WINDOWS_1252),
            (EncodingChoice::Auto | EncodingChoice::Utf8, None) => Ok(UTF_8),
            (EncodingChoice::Utf8, Some((line, column))) => Err(Error::data(format!(
                "l'octet en ligne {line}, colonne {column} n'est pas de l'UTF-8"
            ))
            .hint("L'encodage windows-1252 conviendrait : réglage ENCODING=windows-1252, ou auto")),
        }
    }

    /// A last character that never ends, in a file that had whole ones: it is UTF-8, and cut. With none before,
    /// it is the accent that ends a Windows-1252 file.
    fn ends_within_character(&self) -> bool {
        let utf8 = &self.utf8;
        utf8.first_error.is_none() && !utf8.pending.is_empty() && utf8.has_accents
    }

    fn ends_with_line_end(&self) -> bool {
        // In UTF-16 the last unit is two bytes, one of them zero.
        let last = self.tail.iter().rev().take(2).find(|byte| **byte != 0);
        matches!(last, Some(b'\n' | b'\r'))
    }
}

/// Strict UTF-8, block by block, with the place of the first offence.
#[derive(Default)]
struct Utf8Check {
    /// The beginning of a character that the next block must finish.
    pending: Vec<u8>,
    line: u64,
    column: u64,
    first_error: Option<(u64, u64)>,
    /// Whether a character of several bytes was met.
    has_accents: bool,
}

impl Utf8Check {
    fn add(&mut self, block: &[u8]) {
        if self.first_error.is_some() {
            return;
        }
        if self.pending.is_empty() {
            self.check(block);
        } else {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(block);
            self.check(&joined);
        }
    }

    fn check(&mut self, bytes: &[u8]) {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.advance(text),
            Err(error) => {
                let (good, bad) = bytes.split_at(error.valid_up_to());
                self.advance(std::str::from_utf8(good).unwrap_or_default());
                if error.error_len().is_some() {
                    self.first_error = Some(self.place());
                } else {
                    self.pending = bad.to_vec();
                }
            }
        }
    }

    /// A character that never ends is an offence too.
    fn finish(&mut self) {
        if self.first_error.is_none() && !self.pending.is_empty() {
            self.first_error = Some(self.place());
        }
    }

    fn advance(&mut self, text: &str) {
        self.has_accents |= !text.is_ascii();
        let lines = text.bytes().filter(|byte| *byte == b'\n').count() as u64;
        self.line += lines;
        let last = match text.rfind('\n') {
            Some(at) => {
                self.column = 0;
                text.get(at + 1..).unwrap_or_default()
            }
            None => text,
        };
        self.column += last.chars().count() as u64;
    }

    /// Line and column, counted from 1.
    fn place(&self) -> (u64, u64) {
        (self.line + 1, self.column + 1)
    }
}
