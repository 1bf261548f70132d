//! Offsets of a package's parts: in the file, and in the package presented to the parser.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::rc::Rc;

use zip::result::{ZipError, ZipResult};
use zip::{CompressionMethod, ZipArchive};

use super::meter::{Meter, TooLarge};
use crate::connectors::isavigne::folder::Source;

/// Most parts of a package. A sheet has three or four, and a picture one.
const MOST_PARTS: usize = 10_000;

/// Most bytes read of the headers and the directory of a package.
const MOST_DIRECTORY: u64 = 16 << 20;

/// Most bytes of all inflated parts: the limit of the header fields.
const MOST_BYTES: u64 = u32::MAX as u64 - (MOST_DIRECTORY * 2);

/// Empty bytes between the parts and their directory. The parser searches the end of the directory backwards, beyond
/// its start, and would otherwise have the last part inflated.
const GAP: usize = 128 * 1024;

/// A part: its offset and its inflated size.
pub(super) struct Part {
    /// Offset of its data in the file.
    pub(super) begin: u64,
    pub(super) raw_size: u64,
    pub(super) is_deflated: bool,
    /// Inflated size in the directory. No more bytes are read; fewer are an error.
    pub(super) size: u64,
    /// Offset of its local header in the presented package.
    header_at: u64,
    header: Vec<u8>,
}

/// All parts in order, followed by the directory.
pub(super) struct Layout {
    parts: Vec<Part>,
    /// Offset of the gap before the directory.
    directory_at: u64,
    directory: Vec<u8>,
}

/// Contents at an offset of the presented package.
pub(super) enum Place<'l> {
    /// The rest of a header, or of the directory.
    Header(&'l [u8]),
    /// A part, and the offset in it.
    Part(usize, u64),
    End,
}

impl Layout {
    /// The layout of the package in `source`, without parts that Office does not write (encrypted, other
    /// compressions).
    pub(super) fn of(source: &Source, meter: &Rc<Meter>) -> ZipResult<Self> {
        let mut archive = ZipArchive::new(Frugal::on(source)?)?;
        if archive.len() > MOST_PARTS {
            return Err(meter.refuse(TooLarge::Parts).into());
        }
        let mut parts = Vec::new();
        let mut directory = vec![0; GAP];
        let mut at = 0;
        for number in 0..archive.len() {
            let entry = archive.by_index_raw(number)?;
            let is_deflated = match entry.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                _ => continue,
            };
            let (Ok(name), Some(begin)) = (entry.name(), entry.data_start()) else {
                continue;
            };
            if entry.encrypted() || name.len() > u16::MAX.into() {
                continue;
            }
            let size = entry.size();
            let fields = fields(entry.crc32(), size, name.as_bytes()).ok_or(ZipError::FileNotFound);
            let end = size.checked_add(at).filter(|end| *end <= MOST_BYTES);
            let (Ok(fields), Some(_)) = (fields, end) else {
                return Err(meter.refuse(TooLarge::Inflated).into());
            };
            let header = [b"PK\x03\x04".as_slice(), &fields, name.as_bytes()].concat();
            directory.extend(entry_of_directory(&fields, at, name.as_bytes()));
            let part = Part {
                begin,
                raw_size: entry.compressed_size(),
                is_deflated,
                size,
                header_at: at,
                header,
            };
            at = part.end();
            parts.push(part);
        }
        let count = u16::try_from(parts.len()).unwrap_or(u16::MAX);
        let end = end_of_directory(count, directory.len() - GAP, at + GAP as u64);
        directory.extend(end);
        Ok(Self {
            parts,
            directory_at: at,
            directory,
        })
    }

    pub(super) fn size(&self) -> u64 {
        self.directory_at + self.directory.len() as u64
    }

    pub(super) fn part(&self, number: usize) -> Option<&Part> {
        self.parts.get(number)
    }

    /// The contents at offset `at` of the package.
    pub(super) fn place(&self, at: u64) -> Place<'_> {
        let rest = |bytes, begin: u64| {
            let from = usize::try_from(at - begin).unwrap_or(usize::MAX);
            <[u8]>::get(bytes, from..).unwrap_or_default()
        };
        if at >= self.directory_at {
            let rest = rest(&self.directory, self.directory_at);
            return if rest.is_empty() {
                Place::End
            } else {
                Place::Header(rest)
            };
        }
        let number = self.parts.partition_point(|part| part.end() <= at);
        let Some(part) = self.parts.get(number) else {
            return Place::End;
        };
        match at.checked_sub(part.data_at()) {
            Some(offset) => Place::Part(number, offset),
            None => Place::Header(rest(&part.header, part.header_at)),
        }
    }
}

impl Part {
    fn data_at(&self) -> u64 {
        self.header_at + self.header.len() as u64
    }

    fn end(&self) -> u64 {
        self.data_at() + self.size
    }
}

/// The fields that the local header and the directory of a stored part share: from the version needed to the length
/// of extra fields. Its name is UTF-8 (flag 11).
fn fields(crc: u32, size: u64, name: &[u8]) -> Option<[u8; 26]> {
    let size = u32::try_from(size).ok()?.to_le_bytes();
    let length = u16::try_from(name.len()).ok()?.to_le_bytes();
    let mut fields = [0; 26];
    let values: [(usize, &[u8]); 6] = [
        (0, &20_u16.to_le_bytes()),
        (2, &0x0800_u16.to_le_bytes()),
        (10, &crc.to_le_bytes()),
        (14, &size),
        (18, &size),
        (22, &length),
    ];
    for (at, value) in values {
        fields.get_mut(at..at + value.len())?.copy_from_slice(value);
    }
    Some(fields)
}

fn entry_of_directory(fields: &[u8; 26], header_at: u64, name: &[u8]) -> Vec<u8> {
    let header_at = u32::try_from(header_at).unwrap_or(u32::MAX);
    // Version made by; comment, disk, attributes.
    [
        b"PK\x01\x02".as_slice(),
        &20_u16.to_le_bytes(),
        fields,
        &[0; 10],
        &header_at.to_le_bytes(),
        name,
    ]
    .concat()
}

fn end_of_directory(count: u16, size: usize, at: u64) -> Vec<u8> {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    [
        b"PK\x05\x06".as_slice(),
        &[0; 4],
        &count.to_le_bytes(),
        &count.to_le_bytes(),
        &size.to_le_bytes(),
        &at.to_le_bytes(),
        &[0; 2],
    ]
    .concat()
}

/// A file whose reads are limited to the size of an honest package's directory. A directory of millions of parts
/// takes far more memory than its bytes.
pub(in super::super) struct Frugal<'a> {
    reader: BufReader<&'a Source>,
    left: u64,
}

impl<'a> Frugal<'a> {
    /// `source` from its beginning.
    pub(in super::super) fn on(source: &'a Source) -> io::Result<Self> {
        Self::up_to(source, MOST_DIRECTORY)
    }

    /// Limits the reads to `most` bytes.
    pub(in super::super) fn up_to(mut source: &'a Source, most: u64) -> io::Result<Self> {
        source.rewind()?;
        Ok(Self {
            reader: BufReader::new(source),
            left: most,
        })
    }
}

impl Read for Frugal<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let left = self.left.checked_sub(count as u64);
        self.left = left.ok_or_else(|| io::Error::other("a directory out of proportion"))?;
        Ok(count)
    }
}

impl Seek for Frugal<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}
