//! Whether the folder can be read right now, file by file.

use super::files::{self, ExportFile};
use super::sheet::Line;
use super::survey;
use super::{Isavigne, plan, reading};
use crate::canonical::Table;
use crate::connectors::Check;
use crate::error::{Error, Result};

/// Checks every file the pattern lets in.
pub(super) fn check(config: &Isavigne) -> Result<Vec<Check>> {
    let listing = files::list(&config.folder, &config.pattern)?;
    let mut warnings = listing.warnings;
    let mut files = plan::assign(config, listing.files, &mut warnings);
    files.sort_by_key(|&(table, _)| table);
    if files.is_empty() {
        return Err(Error::source_failed(format!(
            "Aucun fichier lisible pour {} dans {}",
            config.pattern.as_str(),
            config.folder.display()
        ))
        .hint("Vérifiez le dossier, le motif FILE_PATTERN, et que les noms disent ce que les fichiers contiennent"));
    }
    let mut checks: Vec<Check> = files
        .iter()
        .map(|(table, file)| check_file(config, *table, file))
        .collect();
    checks.extend(warnings.into_iter().map(|warning| {
        let (name, detail) = warning.split_once(" : ").unwrap_or(("", &warning));
        Check {
            name: name.to_owned(),
            ok: true,
            detail: detail.to_owned(),
            rows: None,
        }
    }));
    Ok(checks)
}

fn check_file(config: &Isavigne, table: Table, file: &ExportFile) -> Check {
    let (ok, detail, rows) = match count_rows(config, table, file) {
        Ok((detail, rows)) => (true, detail, Some(rows)),
        Err(error) => (
            false,
            format!("{} : {}", table.label(), error.full_text()),
            None,
        ),
    };
    Check {
        name: file.name.clone(),
        ok,
        detail,
        rows,
    }
}

/// What the file is, and how many filled lines follow its header.
fn count_rows(config: &Isavigne, table: Table, file: &ExportFile) -> Result<(String, u64)> {
    let mut content = files::open(&file.path)?;
    let survey = survey::survey(&mut content, config.encoding)?;
    let (mut sheet, columns) = reading::open(file, &survey, table, config)?;
    let mut line = Line::default();
    let mut rows = 0;
    while sheet.read(&mut line)? {
        rows += 1;
    }
    let mut detail = format!("{} : lisible", table.label());
    if !sheet.is_workbook() {
        detail = format!("{detail}, {}", survey.encoding.name().to_lowercase());
    }
    if !columns.unused.is_empty() {
        detail = format!(
            "{detail}, colonnes inconnues, ignorées : {}",
            columns.unused.join(", ")
        );
    }
    Ok((detail, rows))
}
