//! One pass over a file's bytes before it is read: what identifies it, what it is, how it is encoded, whether it is
//! whole.

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

use self::decoding::{Decoding, Distrust};
use self::pass::Pass;
use super::Isavigne;
use super::encoding::TextEncoding;
use super::files::ExportFile;
use super::folder::Source;
use super::settings::EncodingChoice;
use super::sheet::format::{self, Format};
use crate::connectors::isavigne::folder::unreadable;
use crate::error::{Error, Result};
use crate::french;

/// Bytes read at a time.
const BLOCK: usize = 128 * 1024;

/// What one pass over a file tells.
#[derive(Debug, Clone)]
pub(super) struct Survey {
    /// XXH3 of the content, 128 bits in hexadecimal: what "already read" means.
    pub(super) hash: String,
    pub(super) size: u64,
    pub(super) modified: Option<SystemTime>,
    /// What it is, whatever its name says.
    pub(super) format: Format,
    /// How it is to be decoded.
    pub(super) encoding: TextEncoding,
    /// Bytes of its text: a DOS end-of-file mark and a tail of zeros are none of it.
    pub(super) text_size: u64,
    /// Whether the last line of its text has its line end.
    pub(super) ends_with_line_end: bool,
    /// Whether its text ends within a character: somebody is still writing it.
    pub(super) ends_within_character: bool,
    distrust: Distrust,
    remark: Option<String>,
    is_doubtful: bool,
}

impl Survey {
    /// Why `text`, a row of the file, cannot be trusted to be what was written: it holds letters that two encodings read
    /// differently, or bytes that are no text.
    pub(super) fn refuses(&self, text: &str) -> Option<String> {
        self.distrust.refuses(text)
    }

    /// What people should know of how the file is encoded.
    pub(super) fn remark(&self) -> Option<String> {
        self.remark.clone()
    }

    /// A doubt about how the file is encoded, which every sync repeats.
    pub(super) fn warning(&self) -> Option<String> {
        self.remark.clone().filter(|_| self.is_doubtful)
    }
}

/// Surveys `file`, unless it is larger than the settings allow: what takes hours to hash says nothing meanwhile.
pub(super) fn of(file: &ExportFile, config: &Isavigne) -> Result<Survey> {
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
    survey(&mut content, config.encoding)
}

/// Surveys the open `file`, which is left at its beginning.
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
    // What grows while it is read could be read for ever; past its size, all is known that need be.
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

/// Reads until `block` is full or the file ends; returns how many bytes.
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

/// Whether the file at `path` is still the one surveyed: same size, same instant of change.
pub(super) fn is_still(path: &Path, survey: &Survey) -> bool {
    std::fs::metadata(path)
        .is_ok_and(|now| now.len() == survey.size && modified(&now) == survey.modified)
}

fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

#[cfg(test)]
mod tests;
