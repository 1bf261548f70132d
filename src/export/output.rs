//! Where an export goes: standard output, or a file that is there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::unwritable;
use crate::error::Result;
use crate::home;

/// Bytes written at once.
pub(super) const BUFFER: usize = 64 * 1024;

/// What standard output is called in messages.
const STANDARD_OUTPUT: &str = "la sortie standard";

/// Where an export goes.
pub struct Output {
    writer: BufWriter<Target>,
    place: String,
}

enum Target {
    StandardOutput(io::Stdout),
    /// A pipe or a device: no file can take its place.
    Device(File),
    /// A temporary file beside the file whose place it will take.
    File(NamedTempFile, PathBuf),
}

impl Output {
    /// Standard output.
    pub fn standard() -> Self {
        Self::of(
            Target::StandardOutput(io::stdout()),
            STANDARD_OUTPUT.to_owned(),
        )
    }

    /// The file at `path`, which is replaced once all is written; links are followed. Only its owner may read it: it
    /// holds personal data.
    pub fn file(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        let target = target(path).map_err(|error| unwritable(&place, &error))?;
        Ok(Self::of(target, place))
    }

    fn of(target: Target, place: String) -> Self {
        Self {
            writer: BufWriter::with_capacity(BUFFER, target),
            place,
        }
    }

    /// What messages call it.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<()> {
        let Self { writer, place } = self;
        let finished = writer.into_inner().map_err(io::IntoInnerError::into_error);
        let finished = finished.and_then(|target| match target {
            Target::File(file, path) => {
                file.as_file().sync_all()?;
                file.persist(path).map(drop).map_err(|error| error.error)
            }
            mut other => other.flush(),
        });
        finished.map_err(|error| unwritable(&place, &error))
    }
}

fn target(path: &Path) -> io::Result<Target> {
    let path = home::linked(path)?;
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if !found.is_file() => {
            return Ok(Target::Device(OpenOptions::new().write(true).open(&path)?));
        }
        _ => {}
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = tempfile::Builder::new()
        .prefix(".crmreco-export-")
        .suffix(".tmp")
        .tempfile_in(folder)?;
    home::narrow(file.as_file())?;
    Ok(Target::File(file, path))
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::StandardOutput(output) => output.write(bytes),
            Self::Device(file) => file.write(bytes),
            Self::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::StandardOutput(output) => output.flush(),
            Self::Device(file) => file.flush(),
            Self::File(file, _) => file.flush(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
