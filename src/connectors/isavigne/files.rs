//! The files of an export folder: which are read, for which table, and in which order.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::survey::unreadable;
use crate::canonical::{Table, text};
use crate::error::{Error, Result, io_reason};

/// Words in a file's name that say what it holds.
const WORDS: &[(&str, Table)] = &[
    ("client", Table::Customers),
    ("produit", Table::Products),
    ("article", Table::Products),
    ("vente", Table::SalesLines),
    ("facture", Table::SalesLines),
    ("stock", Table::StockLevels),
    ("contact", Table::ContactHistory),
    ("campagne", Table::ContactHistory),
];

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
    /// Age, for reading the oldest first: date in the name, else of the last change.
    pub(super) order: (Date, Timestamp, String),
}

impl ExportFile {
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
        if !pattern.matches_with(&name, options) || is_hidden_or_unfinished(&name) {
            continue;
        }
        match describe(&path, name, &home) {
            Ok(Some(file)) => listing.files.push(file),
            Ok(None) => {}
            Err(warning) => listing.warnings.push(warning),
        }
    }
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
    let day = date_in(&name).unwrap_or_else(|| Zoned::new(modified, TimeZone::system()).date());
    Ok(Some(ExportFile {
        path: path.to_owned(),
        tables: tables_in(&name),
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

/// The tables a file's name speaks of.
fn tables_in(name: &str) -> Vec<Table> {
    let name = text::fold(name);
    let mut tables: Vec<Table> = WORDS
        .iter()
        .filter(|(word, _)| name.contains(word))
        .map(|&(_, table)| table)
        .collect();
    tables.dedup();
    tables
}

/// The date a file's name bears: `2025-12-27`, `20251227`, `27-12-2025`, `27122025`, `2025-12` (its first
/// day); a time may follow.
fn date_in(name: &str) -> Option<Date> {
    let groups: Vec<&str> = name
        .split(|one: char| !one.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    let spelled_out = groups.windows(3).find_map(|window| match window {
        [year, month, day] if year.len() == 4 => date(year, month, day),
        [day, month, year] if year.len() == 4 => date(year, month, day),
        _ => None,
    });
    let in_one = || {
        groups.iter().find_map(|group| {
            let is_whole = group.len() == 8 || group.len() == 14;
            let group = group.get(..8).filter(|_| is_whole)?;
            let year_first = date(group.get(..4)?, group.get(4..6)?, group.get(6..)?);
            year_first.or_else(|| date(group.get(4..)?, group.get(2..4)?, group.get(..2)?))
        })
    };
    let month_only = || {
        groups.windows(2).find_map(|window| match window {
            [year, month] if year.len() == 4 && month.len() == 2 => date(year, month, "1"),
            _ => None,
        })
    };
    spelled_out.or_else(in_one).or_else(month_only)
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let year = year
        .parse()
        .ok()
        .filter(|year| (1990..2200).contains(year))?;
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_names_are_read_however_they_are_spelled() {
        let day = |y, m, d| Some(jiff::civil::date(y, m, d));
        for (name, expected) in [
            ("ventes_2025-12-27.csv", day(2025, 12, 27)),
            ("Ventes 27.12.2025.csv", day(2025, 12, 27)),
            ("ventes20251227.csv", day(2025, 12, 27)),
            ("ventes27122025.csv", day(2025, 12, 27)),
            ("ventes_20251227083015.csv", day(2025, 12, 27)),
            ("2025-12-27_0800_ventes.csv", day(2025, 12, 27)),
            ("ventes_2025-11.csv", day(2025, 11, 1)),
            ("ventes_123456789.csv", None),
            ("ventes.csv", None),
        ] {
            assert_eq!(date_in(name), expected, "{name}");
        }
    }

    #[test]
    fn names_speak_of_tables_accents_and_case_aside() {
        assert_eq!(tables_in("CLIENTS.csv"), [Table::Customers]);
        assert_eq!(tables_in("Articles_2025.csv"), [Table::Products]);
        assert_eq!(
            tables_in("stock_produits.csv"),
            [Table::Products, Table::StockLevels]
        );
        assert_eq!(tables_in("notes.csv"), []);
    }
}
