//! The files of an export folder: which are read, for which table, and in which order.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::documents::Documents;
use super::names::{Name, days_in};
use super::survey::unreadable;
use crate::canonical::{Table, text};
use crate::error::{Error, Result, io_reason};

/// Endings of files that somebody is still writing.
const UNFINISHED: &[&str] = &["~", ".tmp", ".part", ".partial", ".crdownload", ".filepart"];

/// A file of the folder.
#[derive(Debug, Clone)]
pub(super) struct ExportFile {
    pub(super) path: PathBuf,
    /// Its name, for people.
    pub(super) name: String,
    /// Tables its name speaks of: none, one, or several between which the header decides.
    pub(super) tables: Vec<Table>,
    /// The one sheet of a workbook that this unit is; its name is then `book.xlsx#Sheet`.
    pub(super) sheet: Option<String>,
    /// What kind of documents its name says it holds; sales where it says nothing.
    pub(super) documents: Documents,
    /// The first and the last day its name bears.
    pub(super) days: Option<(Date, Date)>,
    /// Age, for reading the oldest first: last day in the name, else of the last change.
    pub(super) order: (Date, Timestamp, String),
}

impl ExportFile {
    /// The sheet called `sheet` of this workbook.
    pub(super) fn sheet(&self, sheet: &str) -> Self {
        let said = Name::of(sheet);
        let is_of_sales = said.tables().contains(&Table::SalesLines);
        Self {
            documents: if is_of_sales {
                said.documents()
            } else {
                self.documents
            },
            name: format!("{}#{}", self.name, text::visible(sheet)),
            sheet: Some(sheet.to_owned()),
            ..self.clone()
        }
    }

    /// Whether its days and those of `other` are certain to be others.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        match (self.days, other.days) {
            (Some((first, last)), Some((other_first, other_last))) => {
                last < other_first || other_last < first
            }
            _ => false,
        }
    }

    /// Whether it is newer than `since`: by the date in its name when there is one.
    pub(super) fn is_since(&self, since: Timestamp) -> bool {
        let (day, modified, _) = &self.order;
        *modified >= since || *day >= since.to_zoned(TimeZone::system()).date()
    }
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Files to read, the oldest first.
    pub(super) files: Vec<ExportFile>,
    /// Files the pattern lets in but that cannot be exports, and why.
    pub(super) warnings: Vec<String>,
    /// Files that look like exports, but that the pattern leaves out.
    pub(super) left_out: Vec<String>,
}

/// Endings of files that may be exports.
const ENDINGS: &[&str] = &["csv", "txt", "tsv", "xlsx", "xls"];

/// Whether a file called `name` looks like an export of a table.
fn looks_like_an_export(path: &Path, name: &str) -> bool {
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let is_known = ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()));
    is_known && path.is_file() && !Name::of(name).tables().is_empty()
}

/// Lists the files of `folder` that `pattern` lets in.
pub(super) fn list(folder: &Path, pattern: &Pattern) -> Result<Listing> {
    let cannot = |error: std::io::Error| {
        Error::source_failed(format!(
            "Le dossier d'exports {} n'est pas lisible : {}",
            folder.display(),
            io_reason(&error)
        ))
        .hint("Vérifiez qu'il existe, que le partage réseau est monté et que vous avez le droit de le lire")
        .because(error)
    };
    let options = MatchOptions {
        case_sensitive: false,
        ..MatchOptions::default()
    };
    let home = fs::canonicalize(folder).map_err(cannot)?;
    let mut listing = Listing::default();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = match path.file_name() {
            Some(name) => text::visible(&name.to_string_lossy()).into_owned(),
            None => continue,
        };
        if is_hidden_or_unfinished(&name) {
            continue;
        }
        if !pattern.matches_with(&name, options) {
            if looks_like_an_export(&path, &name) {
                listing.left_out.push(name);
            }
            continue;
        }
        match describe(&path, name, &home) {
            Ok(Some(file)) => listing.files.push(file),
            Ok(None) => {}
            Err(warning) => listing.warnings.push(warning),
        }
    }
    listing.left_out.sort();
    listing
        .files
        .sort_by(|one, other| one.order.cmp(&other.order));
    Ok(listing)
}

fn is_hidden_or_unfinished(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    // Office programs keep such a file beside each document they have open.
    let is_office_lock = name.starts_with("~$") || name.starts_with(".~lock");
    name.starts_with('.') || is_office_lock || UNFINISHED.iter().any(|end| lower.ends_with(end))
}

/// What is known of a file without reading it; `None` for what is no file (a folder).
fn describe(
    path: &Path,
    name: String,
    home: &Path,
) -> std::result::Result<Option<ExportFile>, String> {
    let unreadable =
        |error: std::io::Error| format!("{name} : fichier ignoré, {}", io_reason(&error));
    let real = fs::canonicalize(path).map_err(unreadable)?;
    if !real.starts_with(home) {
        return Err(format!(
            "{name} : fichier ignoré, c'est un lien qui mène hors du dossier"
        ));
    }
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        // Any folder is let in by `*`; one called `ventes.csv` is a mistake.
        let looks_like_a_file = path.extension().is_some();
        return if looks_like_a_file {
            Err(format!("{name} : ignoré, c'est un dossier"))
        } else {
            Ok(None)
        };
    }
    if !metadata.is_file() {
        return Err(format!(
            "{name} : ignoré, ce n'est pas un fichier ordinaire"
        ));
    }
    let modified = metadata.modified().map_err(unreadable)?;
    let modified = Timestamp::try_from(modified).unwrap_or(Timestamp::UNIX_EPOCH);
    let days = days_in(&name);
    let day = days.map_or_else(
        || Zoned::new(modified, TimeZone::system()).date(),
        |(_, last)| last,
    );
    let said = Name::of(&name);
    Ok(Some(ExportFile {
        path: path.to_owned(),
        tables: said.tables(),
        sheet: None,
        documents: said.documents(),
        days,
        order: (day, modified, name.clone()),
        name,
    }))
}

/// Opens an export. What was a file when it was listed may be a pipe by now, which nobody must wait for.
pub(super) fn open(path: &Path) -> Result<File> {
    let mut at_once = File::options();
    at_once.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut at_once, libc::O_NONBLOCK);
    let opened = match at_once.open(path) {
        // A file server may have to call it back from somebody else first: that is worth waiting for.
        Err(error) if error.kind() == ErrorKind::WouldBlock && path.is_file() => File::open(path),
        opened => opened,
    };
    let file = opened.map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Error::source_failed("ce n'est plus un fichier ordinaire")
            .hint("Remettez l'export à sa place, puis relancez la synchronisation"));
    }
    Ok(file)
}
