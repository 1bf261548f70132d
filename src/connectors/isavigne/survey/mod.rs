//! Survey of a file: one pass over its bytes that computes its hash, format and encoding, and whether it is complete.

mod decoding;
mod line_endings;
mod pass;
mod utf16;
mod utf8;

pub(super) use pass::byte_order;

use std::fs::Metadata;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::time::SystemTime;

use tracing::debug;

use self::decoding::{Decoding, Distrust};
use self::pass::Pass;
use super::Isavigne;
use super::encoding::TextEncoding;
use super::files::ExportFile;
use super::folder::{Source, unreadable};
use super::settings::EncodingChoice;
use super::sheet::format::{self, Format};
use crate::error::{Error, Result};
use crate::french;
use crate::stopwatch::Stopwatch;

/// Bytes read at a time.
const BLOCK: usize = 128 * 1024;

/// Result of a survey.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    /// XXH3 of the content, 128 bits in hexadecimal: identifies files that were already read.
    pub(super) hash: String,
    pub(super) size: u64,
    pub(super) modified: Option<SystemTime>,
    /// Its format, independent of its name.
    pub(super) format: Format,
    /// Its encoding.
    pub(super) encoding: TextEncoding,
    /// Bytes of its text, without a DOS end-of-file mark and trailing zeros.
    pub(super) text_size: u64,
    /// Whether the last line of its text has a line end.
    pub(super) ends_with_line_end: bool,
    /// Whether its text ends within a character: it is still being written.
    pub(super) ends_within_character: bool,
    distrust: Distrust,
    remark: Option<String>,
    is_doubtful: bool,
}

impl Survey {
    /// Why `text`, a row of the file, is rejected as unreliable: it contains letters that two encodings read
    /// differently, or invalid bytes.
    pub(super) fn refuses(&self, text: &str) -> Option<String> {
        self.distrust.refuses(text)
    }

    /// A remark about the file's encoding.
    pub(super) fn remark(&self) -> Option<String> {
        self.remark.clone()
    }

    /// A doubt about the file's encoding, repeated at every sync.
    pub(super) fn warning(&self) -> Option<String> {
        self.remark.clone().filter(|_| self.is_doubtful)
    }
}

/// Surveys `file`, unless it exceeds the size limit: hashing for hours would show no progress.
pub(super) fn of(file: &ExportFile, config: &Isavigne) -> Result<Survey> {
    let watch = Stopwatch::start();
    let mut content = file.open()?;
    let size = content.metadata().map_err(unreadable)?.len();
    if size > config.max_file_size {
        return Err(Error::source_failed(format!(
            "fichier de {}, refusé : le réglage MAX_FILE_SIZE en permet {}",
            french::bytes(size),
            french::bytes(config.max_file_size)
        ))
        .hint("Vérifiez que c'est bien un export ; sinon retirez-le du dossier, ou relevez le réglage MAX_FILE_SIZE"));
    }
    let survey = survey(&mut content, config.encoding)?;
    debug!(file = file.name, seconds = watch.seconds(), "file surveyed");
    Ok(survey)
}

/// Surveys the open `file`, and rewinds it.
pub(super) fn survey(file: &mut Source, choice: EncodingChoice) -> Result<Survey> {
    let before = file.metadata().map_err(unreadable)?;
    let mut block = vec![0; BLOCK];
    let first = fill(file, &mut block)?;
    let begin = block.get(..first).unwrap_or_default();
    let head = begin.get(..format::HEAD).unwrap_or(begin).to_vec();
    let format = format::of(&head, file);
    file.seek(SeekFrom::Start(first as u64))
        .map_err(unreadable)?;
    let mut pass = Pass::over(&head, choice, format);
    pass.add(begin);
    // A growing file could be read for ever; the bytes up to its initial size are enough.
    while pass.size <= before.len() {
        match fill(file, &mut block)? {
            0 => break,
            count => pass.add(block.get(..count).unwrap_or_default()),
        }
    }
    let ends_within_character = pass.finish();
    let decoding = Decoding::find(&pass, &head, choice, file)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    Ok(Survey {
        hash: format!("{:032x}", pass.hasher.digest128()),
        size: pass.size,
        modified: modified(&before),
        format,
        encoding: decoding.encoding,
        text_size: pass.ends.text(),
        ends_with_line_end: pass.ends.with_line_end(),
        ends_within_character,
        distrust: decoding.distrust,
        remark: decoding.remark,
        is_doubtful: decoding.is_doubtful,
    })
}

/// Reads until `block` is full or the file ends; returns the number of bytes.
fn fill(file: &mut Source, block: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    loop {
        match file.read(block.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => return Ok(filled),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
}

/// Whether the file at `path` is unchanged since its survey: same size and time of change.
pub(super) fn is_still(path: &Path, survey: &Survey) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|now| now.len() == survey.size && modified(&now) == survey.modified)
}

fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

#[cfg(test)]
mod tests;
