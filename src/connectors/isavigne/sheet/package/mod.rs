//! The parts of a workbook (.xlsx), inflated under limits.
//!
//! The parser inflates parts by itself and allocates memory for all contents: three megabytes can contain a cell of
//! three gigabytes. It therefore reads from a virtual package instead: the same parts under the same names, stored
//! instead of deflated. Each read inflates the original part and passes it through a [`Meter`], which ends the
//! reading as soon as a limit is exceeded.
//!
//! Layout of the package: PKWARE, APPNOTE.TXT 6.3, 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end).

mod layout;
mod markup;
mod meter;

use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::rc::Rc;

use flate2::read::DeflateDecoder;

pub(super) use self::layout::Frugal;
use self::layout::{Layout, Part, Place};
pub(super) use self::meter::{Meter, TooLarge};
use crate::connectors::isavigne::folder::Source;

/// Compressed bytes read at a time.
const BLOCK: usize = 32 * 1024;

/// A workbook's package, as presented to the parser. Clones have their own position and share the limits.
pub(super) struct Package<'a> {
    source: &'a Source,
    layout: Rc<Layout>,
    meter: Rc<Meter>,
    /// Position of the next read.
    at: u64,
    open: Option<Inflating<'a>>,
}

/// A part being inflated.
struct Inflating<'a> {
    part: usize,
    /// Bytes returned so far.
    passed: u64,
    bytes: Bytes<'a>,
}

/// The bytes of a part.
enum Bytes<'a> {
    Stored(Take<At<'a>>),
    Deflated(Box<DeflateDecoder<BufReader<Take<At<'a>>>>>),
}

/// The file from an offset on: several parts are read alternately, and each keeps its position.
struct At<'a> {
    source: &'a Source,
    at: u64,
}

impl<'a> Package<'a> {
    /// The package in `source`, with the limits of `meter`.
    pub(super) fn open(source: &'a Source, meter: &Rc<Meter>) -> zip::result::ZipResult<Self> {
        let layout = Layout::of(source, meter)?;
        Ok(Self {
            source,
            layout: Rc::new(layout),
            meter: Rc::clone(meter),
            at: 0,
            open: None,
        })
    }

    /// Reads part number `number` from `offset` on into `buffer`.
    fn read_part(&mut self, number: usize, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // A small part may inflate to a large one without a read of the file.
        self.source.check_stop().map_err(io::Error::other)?;
        let layout = Rc::clone(&self.layout);
        let part = layout.part(number).ok_or(io::ErrorKind::InvalidData)?;
        let left = usize::try_from(part.size - offset).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        let goes_on = |open: &Inflating<'_>| open.part == number && open.passed == offset;
        let mut open = match self.open.take().filter(goes_on) {
            Some(open) => open,
            None => self.inflate(number, part, offset)?,
        };
        let count = open.read(buffer)?;
        self.meter.look(buffer.get(..count).unwrap_or_default())?;
        self.open = Some(open);
        if count == 0 && most > 0 {
            // It is shorter than the directory says.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count)
    }

    /// Opens part number `number`, and skips to `offset`.
    fn inflate(&self, number: usize, part: &Part, offset: u64) -> io::Result<Inflating<'a>> {
        let at = At {
            source: self.source,
            at: part.begin,
        };
        let raw = at.take(part.raw_size);
        let bytes = if part.is_deflated {
            let raw = BufReader::with_capacity(BLOCK, raw);
            Bytes::Deflated(Box::new(DeflateDecoder::new(raw)))
        } else {
            Bytes::Stored(raw)
        };
        self.meter.begin_part();
        let mut open = Inflating {
            part: number,
            passed: 0,
            bytes,
        };
        let mut skipped = [0; 4096];
        while open.passed < offset {
            let left = usize::try_from(offset - open.passed).unwrap_or(usize::MAX);
            let most = left.min(skipped.len());
            let count = open.read(skipped.get_mut(..most).unwrap_or_default())?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.meter.look(skipped.get(..count).unwrap_or_default())?;
        }
        Ok(open)
    }
}

impl Clone for Package<'_> {
    fn clone(&self) -> Self {
        Self {
            source: self.source,
            layout: Rc::clone(&self.layout),
            meter: Rc::clone(&self.meter),
            at: 0,
            open: None,
        }
    }
}

impl Inflating<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.bytes {
            Bytes::Stored(bytes) => bytes.read(buffer)?,
            Bytes::Deflated(bytes) => bytes.read(buffer)?,
        };
        self.passed += count as u64;
        Ok(count)
    }
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut source = self.source;
        source.seek(SeekFrom::Start(self.at))?;
        let count = source.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Read for Package<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let layout = Rc::clone(&self.layout);
        let count = match layout.place(self.at) {
            Place::End => 0,
            Place::Header(mut bytes) => bytes.read(buffer)?,
            Place::Part(number, offset) => self.read_part(number, offset, buffer)?,
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Package<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.layout.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
