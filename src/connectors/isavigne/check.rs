//! Tests whether the folder can be read now, file by file.

use super::assign::{Assigned, assign};
use super::{Isavigne, file_reading};
use crate::error::Result;
use crate::report::Check;

/// Checks every file that matches the pattern.
pub(super) fn check(config: &Isavigne) -> Result<Vec<Check>> {
    let mut folder = assign(config)?;
    folder.units.sort_by_key(|unit| unit.table);
    let mut checks = Vec::new();
    for unit in &folder.units {
        let check = check_file(config, unit);
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

fn check_file(config: &Isavigne, unit: &Assigned) -> Check {
    let (ok, detail, rows) = match count_rows(config, unit) {
        Ok((detail, rows)) => (true, detail, Some(rows)),
        Err(error) => (
            false,
            format!("{} : {}", unit.table.label(), error.full_text()),
            None,
        ),
    };
    Check {
        name: unit.file.name.clone(),
        ok,
        detail,
        rows,
    }
}

/// A description of the file, and the number of filled lines after its header.
fn count_rows(config: &Isavigne, unit: &Assigned) -> Result<(String, u64)> {
    let (table, survey) = (unit.table, unit.survey(config)?);
    let mut opened = file_reading::open(&unit.file, &survey, table, config)?;
    let rows = opened.count_rows()?;
    let (sheet, columns) = (opened.sheet, opened.columns);
    let remarks = opened.remarks.into_iter().chain(survey.remark());
    let mut detail = format!("{} : lisible", table.label());
    if !sheet.is_workbook() {
        detail = format!("{detail}, {}", survey.encoding.name());
    }
    if rows == 0 {
        detail.push_str(", il n'y a que l'en-tête, aucune ligne");
    }
    for remark in remarks.chain(file_reading::unknown_columns(&columns)) {
        detail = format!("{detail}, {remark}");
    }
    Ok((detail, rows))
}
