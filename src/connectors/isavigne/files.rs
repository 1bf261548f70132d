//! Lists the files of an export folder: which are read, for which table, and in which order.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glob::{MatchOptions, Pattern};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::documents::Documents;
use super::folder::{Denied, EntryKind, ExportFolder, Source};
use super::names::{Name, days_in};
use crate::canonical::{Table, text};
use crate::error::{Error, Result, io_reason};
use crate::stop::Stop;

/// Endings of files that are still being written.
const UNFINISHED: &[&str] = &["~", ".tmp", ".part", ".partial", ".crdownload", ".filepart"];

/// A file of the folder.
#[derive(Debug, Clone)]
pub(super) struct ExportFile {
    folder: Arc<ExportFolder>,
    pub(super) path: PathBuf,
    /// Its name for messages.
    pub(super) name: String,
    /// Tables that its name suggests: none, one, or several between which the header decides.
    pub(super) tables: Vec<Table>,
    /// The sheet of a workbook that this unit is; its name is then `book.xlsx#Sheet`.
    pub(super) sheet: Option<String>,
    /// Kind of documents in its name; sales by default.
    pub(super) documents: Documents,
    /// The first and the last day in its name.
    pub(super) days: Option<(Date, Date)>,
    /// Sort key, the oldest first: the last day in the name, otherwise the day of the last change.
    pub(super) order: (Date, Timestamp, String),
}

impl ExportFile {
    /// The file at `path`, of one table.
    #[cfg(test)]
    pub(super) fn of_table(path: &Path, table: Table) -> Self {
        let folder = path.parent().unwrap();
        let folder = ExportFolder::open(folder, &Stop::default()).unwrap();
        Self {
            folder: Arc::new(folder),
            path: path.to_owned(),
            name: "file.csv".to_owned(),
            tables: vec![table],
            sheet: None,
            documents: Documents::Sale,
            days: None,
            order: (Date::ZERO, Timestamp::UNIX_EPOCH, String::new()),
        }
    }

    /// Opens the file, relative to the handle of its folder.
    pub(super) fn open(&self) -> Result<Source> {
        self.folder.file(self.path.file_name().unwrap_or_default())
    }

    /// The sheet `sheet` of this workbook as a unit.
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

    /// Whether its days certainly differ from those of `other`.
    pub(super) fn is_apart_from(&self, other: &Self) -> bool {
        match (self.days, other.days) {
            (Some((first, last)), Some((other_first, other_last))) => {
                last < other_first || other_last < first
            }
            _ => false,
        }
    }

    /// Whether it is newer than `since`: by the date in its name if there is one.
    pub(super) fn is_since(&self, since: Timestamp) -> bool {
        let (day, modified, _) = &self.order;
        *modified >= since || *day >= since.to_zoned(TimeZone::system()).date()
    }
}

/// Contents of a folder.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Files to read, the oldest first.
    pub(super) files: Vec<ExportFile>,
    /// Why files that match the pattern cannot be exports.
    pub(super) warnings: Vec<String>,
    /// Files that look like exports but do not match the pattern.
    pub(super) left_out: Vec<String>,
}

/// Endings of files that may be exports.
const ENDINGS: &[&str] = &["csv", "txt", "tsv", "xlsx", "xls"];

/// Whether a file called `name` looks like an export.
fn looks_like_an_export(folder: &ExportFolder, entry: &OsString, name: &str) -> bool {
    let ending = Path::new(entry)
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let is_known = ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()));
    let is_file = || {
        let entry = folder.look(entry);
        entry.is_ok_and(|entry| entry.kind == EntryKind::File)
    };
    is_known && !Name::of(name).tables().is_empty() && is_file()
}

/// Lists the files of the folder at `path` that match `pattern`. `stop` ends the listing, and later reads of the
/// files.
pub(super) fn list(path: &Path, pattern: &Pattern, stop: &Stop) -> Result<Listing> {
    let cannot = |error: std::io::Error| {
        Error::source_failed(format!(
            "Le dossier d'exports {} n'est pas lisible : {}",
            path.display(),
            io_reason(&error)
        ))
        .hint("Vérifiez qu'il existe, que le partage réseau est monté et que vous avez le droit de le lire")
        .because(error)
    };
    let options = MatchOptions {
        case_sensitive: false,
        ..MatchOptions::default()
    };
    let folder = Arc::new(ExportFolder::open(path, stop).map_err(cannot)?);
    let mut listing = Listing::default();
    for entry in folder.names().map_err(cannot)? {
        stop.check()?;
        let name = text::visible(&entry.to_string_lossy()).into_owned();
        if is_hidden_or_unfinished(&name) {
            continue;
        }
        if !pattern.matches_with(&name, options) {
            if looks_like_an_export(&folder, &entry, &name) {
                listing.left_out.push(name);
            }
            continue;
        }
        match describe(&folder, path.join(&entry), &entry, name) {
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
    // Excel creates a file called `~$…` beside each open workbook, LibreOffice a hidden one.
    name.starts_with('.')
        || name.starts_with("~$")
        || UNFINISHED.iter().any(|end| lower.ends_with(end))
}

/// Describes a file without reading it; `None` for a folder.
fn describe(
    folder: &Arc<ExportFolder>,
    path: PathBuf,
    entry: &OsString,
    name: String,
) -> std::result::Result<Option<ExportFile>, String> {
    let found = folder
        .look(entry)
        .map_err(|denied| format!("{name} : fichier ignoré, {}", denied.reason()))?;
    match found.kind {
        EntryKind::File => {}
        // `*` matches any folder; one called `ventes.csv` is a mistake.
        EntryKind::Folder if path.extension().is_none() => return Ok(None),
        EntryKind::Folder => return Err(format!("{name} : ignoré, c'est un dossier")),
        EntryKind::Other => {
            return Err(format!("{name} : ignoré, {}", Denied::NotAFile.reason()));
        }
    }
    let modified = Timestamp::try_from(found.modified).unwrap_or(Timestamp::UNIX_EPOCH);
    let days = days_in(&name);
    let day = days.map_or_else(
        || Zoned::new(modified, TimeZone::system()).date(),
        |(_, last)| last,
    );
    let said = Name::of(&name);
    Ok(Some(ExportFile {
        folder: Arc::clone(folder),
        path,
        tables: said.tables(),
        sheet: None,
        documents: said.documents(),
        days,
        order: (day, modified, name.clone()),
        name,
    }))
}
