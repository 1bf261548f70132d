//! Tests whether the folder can be read now, file by file.

use super::assign::assign;
use super::files::ExportFile;
use super::{Isavigne, file_reading, survey};
use crate::canonical::Table;
use crate::error::Result;
use crate::report::Check;

/// Checks every file that matches the pattern.
pub(super) fn check(config: &Isavigne) -> Result<Vec<Check>> {
    let mut folder = assign(config)?;
    folder.units.sort_by_key(|unit| unit.table);
    let mut checks = Vec::new();
    for unit in &folder.units {
        let check = check_file(config, unit.table, &unit.file);
        // A file that was not read completely has no result.
        config.stop.check()?;
        checks.push(check);
    }
    checks.extend(folder.warnings.iter().map(|warning| {
        let (name, detail) = warning.split_once(" : ").unwrap_or(("", warning));
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

/// A description of the file, and the number of filled lines after its header.
fn count_rows(config: &Isavigne, table: Table, file: &ExportFile) -> Result<(String, u64)> {
    let survey = survey::of(file, config)?;
    let mut opened = file_reading::open(file, &survey, table, config)?;
    let rows = opened.count_rows()?;
    let (sheet, columns) = (opened.sheet, opened.columns);
    let remarks = opened.remarks.into_iter().chain(survey.remark());
    let mut detail = format!("{} : lisible", table.label());
    if !sheet.is_workbook() {
        detail = format!("{detail}, {}", survey.encoding.name());
    }
    for remark in remarks.chain(file_reading::unknown_columns(&columns)) {
        detail = format!("{detail}, {remark}");
    }
    Ok((detail, rows))
}
