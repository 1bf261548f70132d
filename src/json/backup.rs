//! JSON output of `crmreco backup` and `restore`.

use serde::Serialize;

use super::{ByTable, local};
use crate::backup::{Manifest, Restored, SettingsFate, Sums, Taken, Verified};
use crate::canonical::Table;
use crate::store::TableSum;

/// `crmreco backup`.
#[derive(Debug, Clone, Serialize)]
pub struct BackupAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Path of the backup.
    pub file: Option<String>,
    /// Its size in bytes.
    pub bytes: u64,
    /// Rows of each table.
    pub rows: ByTable<u64>,
    /// Checksum of each table: equal where all values are.
    pub sums: ByTable<String>,
    /// Duration in seconds.
    pub duration_seconds: f64,
    /// The instant of the state that it holds.
    pub created_at: String,
    /// Schema version of its database.
    pub schema: i64,
    /// Whether its settings hold their secrets.
    pub has_secrets: bool,
    /// Older backups that were deleted.
    pub removed: Vec<String>,
}

/// `crmreco backup verify`.
#[derive(Debug, Clone, Serialize)]
pub struct VerifyAnswer {
    /// Whether the backup is whole.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Path of the backup.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Rows of each table.
    pub rows: ByTable<u64>,
    /// Checksum of each table: equal where all values are.
    pub sums: ByTable<String>,
    /// Duration in seconds.
    pub duration_seconds: f64,
    /// The instant of the state that it holds.
    pub created_at: String,
    /// Schema version of its database.
    pub schema: i64,
    /// Whether its settings hold their secrets.
    pub has_secrets: bool,
    /// Version of the crmreco that wrote it.
    pub version: String,
}

/// `crmreco restore`.
#[derive(Debug, Clone, Serialize)]
pub struct RestoreAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Path of the backup.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Rows of each table of the backup.
    pub rows: ByTable<u64>,
    /// Checksum of each table of the backup.
    pub sums: ByTable<String>,
    /// Duration in seconds.
    pub duration_seconds: f64,
    /// The instant of the state that it holds.
    pub created_at: String,
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Path of the database that was replaced; `null` where there was none.
    pub before: Option<String>,
    /// Customers who were erased since the backup, and were erased again.
    pub erased_again: u64,
    /// Whether the settings of the backup were restored.
    pub settings_restored: bool,
    /// Settings whose values are not in the backup, where its settings were restored.
    pub masked: Vec<String>,
}

impl BackupAnswer {
    /// The answer about a backup that was `taken`.
    pub fn of(message: String, taken: &Taken, duration_seconds: f64) -> Self {
        let Taken {
            file,
            bytes,
            manifest,
            sums,
            removed,
        } = taken;
        let (rows, sums) = tables(sums);
        Self {
            success: true,
            message,
            file: file.as_ref().map(|path| path.display().to_string()),
            bytes: *bytes,
            rows,
            sums,
            duration_seconds,
            created_at: local(manifest.created_at),
            schema: manifest.schema,
            has_secrets: manifest.has_secrets,
            removed: removed
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
        }
    }
}

impl VerifyAnswer {
    /// The answer about the backup `file`.
    pub fn of(message: String, file: String, verified: &Verified, duration_seconds: f64) -> Self {
        let manifest = &verified.manifest;
        let (rows, sums) = tables(&verified.sums);
        Self {
            success: true,
            message,
            file,
            bytes: verified.bytes,
            rows,
            sums,
            duration_seconds,
            created_at: local(manifest.created_at),
            schema: manifest.schema,
            has_secrets: manifest.has_secrets,
            version: manifest.version.clone(),
        }
    }
}

impl RestoreAnswer {
    /// The answer about the backup `file` of `bytes`, which holds what `manifest` and `sums` say; `restored`: `None` in a dry run.
    pub fn of(
        message: String,
        (file, bytes, manifest, sums): (String, u64, &Manifest, &Sums),
        restored: Option<&Restored>,
        duration_seconds: f64,
    ) -> Self {
        let (rows, sums) = tables(sums);
        let masked = restored.and_then(|restored| match &restored.settings {
            SettingsFate::Restored(masked) => Some(masked.clone()),
            _ => None,
        });
        let before = restored.and_then(|restored| restored.before.as_ref());
        Self {
            success: true,
            message,
            file,
            bytes,
            rows,
            sums,
            duration_seconds,
            created_at: local(manifest.created_at),
            dry_run: restored.is_none(),
            before: before.map(|path| path.display().to_string()),
            erased_again: restored.map_or(0, |restored| restored.erased_again),
            settings_restored: masked.is_some(),
            masked: masked.unwrap_or_default(),
        }
    }
}

/// Rows and sums of the canonical tables.
fn tables(sums: &Sums) -> (ByTable<u64>, ByTable<String>) {
    let found = |table| sums.of_table(table);
    let rows = Table::ALL.map(|table| (table, found(table).map_or(0, |sum| sum.rows)));
    let sum_of = |sum: &TableSum| sum.sum.clone();
    let sums = Table::ALL.map(|table| (table, found(table).map(sum_of).unwrap_or_default()));
    (ByTable(rows.to_vec()), ByTable(sums.to_vec()))
}
