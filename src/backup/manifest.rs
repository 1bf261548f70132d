//! The manifest: what a backup holds.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::canonical::Table;
use crate::error::{Error, Result};
use crate::store::TableSum;

/// The format of the archive; a newer one is refused.
pub(super) const FORMAT: u32 = 1;

/// The first file of a backup, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Format of the archive.
    pub format: u32,
    /// Version of the crmreco that wrote it.
    pub version: String,
    /// The instant of the state that it holds.
    pub created_at: Timestamp,
    /// Random name of the home whose backup it is: others may share its folder.
    pub home_id: String,
    /// Schema version of the database.
    pub schema: i64,
    /// Size of the database file in bytes: no more is read.
    pub bytes: u64,
    /// Whether the settings hold their secrets.
    pub has_secrets: bool,
    /// Names of the settings whose values were left out.
    pub masked: Vec<String>,
}

impl Manifest {
    /// Reads a manifest; fails where it is none, or is of a newer format.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        /// Known of every format.
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } = serde_json::from_slice(bytes).map_err(unreadable)?;
        if format > FORMAT {
            return Err(newer());
        }
        serde_json::from_slice(bytes).map_err(unreadable)
    }
}

/// The sums of a backup: the file after its database, so that it is packed while it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// SHA-256 of the database file, in hexadecimal.
    pub sha256: String,
    /// Rows and checksum of each table.
    pub tables: Vec<TableSum>,
}

impl Sums {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(unreadable)
    }

    /// Number of rows of the five canonical tables.
    pub fn rows(&self) -> u64 {
        let sums = Table::ALL.iter().filter_map(|table| self.of_table(*table));
        sums.map(|sum| sum.rows).sum()
    }

    /// Number of rows of a canonical table, and its checksum.
    pub fn of_table(&self, table: Table) -> Option<&TableSum> {
        let name = table.sql_name();
        self.tables.iter().find(|sum| sum.table == name)
    }
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::data("le manifeste de la sauvegarde est illisible")
        .hint("Prenez une autre sauvegarde ; rien n'en a été utilisé")
        .because(error)
}

/// The error of a backup that only a newer crmreco can read.
fn newer() -> Error {
    Error::data("la sauvegarde vient d'une version plus récente de crmreco")
        .hint("Mettez crmreco à jour, puis recommencez ; rien n'a été changé")
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
