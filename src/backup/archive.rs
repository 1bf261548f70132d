//! The archive: a tar compressed with Zstandard, of the manifest, the database, its sums and the settings, in that order.
//!
//! An archive that is read may come from anywhere. Only these names are accepted, no path of it is ever used, the manifest
//! and the settings are short, and no more of the database is read than the manifest says.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use ring::digest;
use tar::{Archive, Builder, Entry, EntryType, Header};
use zstd::stream::{read::Decoder, write::Encoder};

use super::manifest::{Manifest, Sums, hexadecimal};
use crate::error::{Error, Result, io_reason};
use crate::home::{create_file, open_file};
use crate::store::TableSum;

const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "crmreco.db";
const SUMS: &str = "sums.json";
const SETTINGS: &str = "settings.env";

/// Longest manifest, and longest settings.
const MOST_TEXT_BYTES: u64 = 4 << 20;

/// What `zstd` takes by itself: a higher level takes several times as long for a tenth.
const LEVEL: i32 = 3;

/// Base-two logarithm of the largest window that is accepted, 8 MiB: more is memory that a hostile archive asks for.
const MOST_WINDOW_LOG: u32 = 23;

const BUFFER: usize = 256 * 1024;

/// What is packed into an archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'p> {
    pub(super) manifest: &'p Manifest,
    /// The database file.
    pub(super) database: &'p Path,
    pub(super) settings: Option<&'p [u8]>,
}

/// Writes an archive to `out`. `tables` returns the sums of the tables, once the database is packed. `waiting` is called
/// between parts; its error ends the work, as that of `tables` does.
pub(super) fn write<W: Write>(
    out: W,
    parts: Parts<'_>,
    tables: impl FnOnce() -> Result<Vec<TableSum>>,
    waiting: &mut dyn FnMut() -> Result<()>,
) -> io::Result<Sums> {
    let Parts {
        manifest,
        database,
        settings,
    } = parts;
    let mut encoder = Encoder::new(out, LEVEL)?;
    encoder.include_checksum(true)?;
    // One thread of its own, which compresses while this one reads and hashes. It is given whole parts, and compresses them
    // in three quarters of the time that the pieces of a stream take.
    encoder.multithread(1)?;
    let mut tar = Builder::new(encoder);
    let seconds = u64::try_from(manifest.created_at.as_second()).unwrap_or_default();
    let header = |bytes: u64| {
        let mut header = Header::new_gnu();
        header.set_mode(0o600);
        header.set_mtime(seconds);
        header.set_size(bytes);
        header
    };
    let text = serde_json::to_vec_pretty(manifest)?;
    tar.append_data(&mut header(text.len() as u64), MANIFEST, text.as_slice())?;
    let mut packed = Watched {
        reader: File::open(database)?.take(manifest.bytes),
        hash: digest::Context::new(&digest::SHA256),
        waiting,
    };
    tar.append_data(&mut header(manifest.bytes), DATABASE, &mut packed)?;
    let sums = Sums {
        sha256: hexadecimal(packed.hash.finish().as_ref()),
        tables: tables().map_err(io::Error::other)?,
    };
    let text = serde_json::to_vec_pretty(&sums)?;
    tar.append_data(&mut header(text.len() as u64), SUMS, text.as_slice())?;
    if let Some(text) = settings {
        tar.append_data(&mut header(text.len() as u64), SETTINGS, text)?;
    }
    tar.into_inner()?.finish()?;
    Ok(sums)
}

/// A reader that hashes what it reads, and asks before each part whether to go on.
struct Watched<'w, R> {
    reader: R,
    hash: digest::Context,
    waiting: &'w mut dyn FnMut() -> Result<()>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (self.waiting)().map_err(io::Error::other)?;
        let read = self.reader.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// An archive that is read.
pub(super) struct Reader<'p> {
    path: &'p Path,
    archive: Archive<Decoder<'static, BufReader<File>>>,
}

/// What an archive holds beside its database.
pub(super) struct Contents {
    pub(super) manifest: Manifest,
    pub(super) sums: Sums,
    pub(super) settings: Option<Vec<u8>>,
    /// Size of the archive in bytes.
    pub(super) bytes: u64,
}

impl<'p> Reader<'p> {
    /// Opens the archive at `path`.
    pub(super) fn open(path: &'p Path) -> Result<Self> {
        let unreadable = |error| unreadable(path, &error);
        let file = open_file(File::options().read(true), path).map_err(unreadable)?;
        let mut decoder = Decoder::new(file).map_err(unreadable)?;
        decoder
            .window_log_max(MOST_WINDOW_LOG)
            .map_err(unreadable)?;
        Ok(Self {
            path,
            archive: Archive::new(decoder),
        })
    }

    /// Its manifest alone: the rest is not looked at.
    pub(super) fn manifest(mut self) -> Result<Manifest> {
        let path = self.path;
        let mut entries = self
            .archive
            .entries()
            .map_err(|error| spoiled(path, &error))?
            .raw(true);
        read_manifest(path, entries.next())
    }

    /// Reads it to its end, and writes its database to the new file at `to`. Fails where it is damaged, incomplete, or
    /// holds anything else. `waiting` is called between parts; its error ends the work.
    pub(super) fn extract(
        mut self,
        to: &Path,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<Contents> {
        let path = self.path;
        let spoiled = |error| spoiled(path, &error);
        // Names and attributes of other systems are not read: an archive of ours has none.
        let mut entries = self.archive.entries().map_err(spoiled)?.raw(true);
        let manifest = read_manifest(path, entries.next())?;
        let database = named(path, entries.next(), DATABASE)?.ok_or_else(|| incomplete(path))?;
        let hash = extract_database(path, database, &manifest, to, waiting)?;
        let sums = named(path, entries.next(), SUMS)?.ok_or_else(|| incomplete(path))?;
        let sums =
            Sums::parse(&read_short(path, sums)?).map_err(|error| error.at(path.display()))?;
        if sums.sha256 != hash {
            return Err(other_than_said(path));
        }
        let settings = match entries.next() {
            None => None,
            settings => named(path, settings, SETTINGS)?
                .map(|entry| read_short(path, entry))
                .transpose()?,
        };
        if entries.next().is_some() {
            return Err(foreign(path));
        }
        // What follows the archive is part of no file, and its checksum is at the end.
        io::copy(
            &mut self.archive.into_inner().take(MOST_TEXT_BYTES),
            &mut io::sink(),
        )
        .map_err(spoiled)?;
        Ok(Contents {
            manifest,
            sums,
            settings,
            bytes: std::fs::metadata(path).map_or(0, |found| found.len()),
        })
    }
}

type Read1<'a, R> = Option<io::Result<Entry<'a, R>>>;

fn read_manifest<R: Read>(path: &Path, entry: Read1<'_, R>) -> Result<Manifest> {
    let entry = named(path, entry, MANIFEST)?.ok_or_else(|| foreign(path))?;
    let text = read_short(path, entry)?;
    Manifest::parse(&text).map_err(|error| error.at(path.display()))
}

/// The next file of an archive, which must be called `name`; `None` at the end.
fn named<'a, R: Read>(
    path: &Path,
    entry: Read1<'a, R>,
    name: &str,
) -> Result<Option<Entry<'a, R>>> {
    let Some(entry) = entry else { return Ok(None) };
    let entry = entry.map_err(|error| spoiled(path, &error))?;
    let is_file = matches!(
        entry.header().entry_type(),
        EntryType::Regular | EntryType::Continuous
    );
    if !is_file || *entry.path_bytes() != *name.as_bytes() {
        return Err(foreign(path));
    }
    Ok(Some(entry))
}

fn read_short<R: Read>(path: &Path, entry: Entry<'_, R>) -> Result<Vec<u8>> {
    let bytes = entry.size();
    if bytes > MOST_TEXT_BYTES {
        return Err(foreign(path));
    }
    let mut text = Vec::new();
    let read = entry.take(MOST_TEXT_BYTES).read_to_end(&mut text);
    read.map_err(|error| spoiled(path, &error))?;
    if text.len() as u64 != bytes {
        return Err(incomplete(path));
    }
    Ok(text)
}

/// Writes the database to `to`, and returns its SHA-256.
fn extract_database<R: Read>(
    path: &Path,
    mut entry: Entry<'_, R>,
    manifest: &Manifest,
    to: &Path,
    mut waiting: impl FnMut() -> Result<()>,
) -> Result<String> {
    if entry.size() != manifest.bytes {
        return Err(other_than_said(path));
    }
    let full = |error: io::Error| no_room(to, &error);
    create_file(to).map_err(full)?;
    let mut file = File::options().write(true).open(to).map_err(full)?;
    let mut hash = digest::Context::new(&digest::SHA256);
    let (mut buffer, mut left) = (vec![0; BUFFER], manifest.bytes);
    while left > 0 {
        waiting()?;
        let read = entry
            .read(&mut buffer)
            .map_err(|error| spoiled(path, &error))?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else {
            return Err(incomplete(path));
        };
        hash.update(part);
        file.write_all(part).map_err(full)?;
        left = left.saturating_sub(part.len() as u64);
    }
    Ok(hexadecimal(hash.finish().as_ref()))
}

/// The error of a backup that the system cannot read.
fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::store(format!(
        "{} ne peut pas être lu : {}",
        path.display(),
        io_reason(error)
    ))
    .hint("Donnez le chemin d'une sauvegarde de crmreco, que vous avez le droit de lire")
}

/// The error of a backup whose bytes are not those of an archive: the system's own errors have a number.
fn spoiled(path: &Path, error: &io::Error) -> Error {
    if error.raw_os_error().is_some() {
        return unreadable(path, error);
    }
    let place = path.display();
    Error::data(format!("{place} n'est pas une sauvegarde entière de crmreco : le fichier est tronqué, abîmé ou d'un autre programme"))
        .hint("Prenez une autre sauvegarde, ou copiez celle-ci de nouveau")
        .because(io::Error::other(error.to_string()))
}

fn incomplete(path: &Path) -> Error {
    spoiled(path, &io::ErrorKind::UnexpectedEof.into())
}

fn foreign(path: &Path) -> Error {
    Error::data(format!(
        "{} n'est pas une sauvegarde de crmreco : elle contient d'autres fichiers que les siens",
        path.display()
    ))
    .hint("Prenez une autre sauvegarde ; rien n'en a été utilisé")
}

pub(super) fn other_than_said(path: &Path) -> Error {
    Error::data(format!(
        "{} est abîmée : la base qu'elle contient n'est pas celle de son manifeste",
        path.display()
    ))
    .hint("Prenez une autre sauvegarde ; rien n'en a été utilisé")
}

/// The error of a copy that has no room.
fn no_room(to: &Path, error: &io::Error) -> Error {
    let folder = to.parent().and_then(Path::parent).unwrap_or(to);
    Error::store(format!(
        "La base de la sauvegarde n'a pas pu être écrite dans {} : {}",
        folder.display(),
        io_reason(error)
    ))
    .hint("Libérez de la place sur ce disque, puis relancez : rien n'a été changé")
}
