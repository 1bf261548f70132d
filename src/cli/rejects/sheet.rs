//! Rejected rows as a sheet that goes out, is mended in a spreadsheet, and comes back.
//!
//! A row of the sheet is a rejected row; each of its columns is there twice, as the export says it, and empty, for what
//! is to be read instead.

use std::collections::BTreeMap;
use std::path::Path;

use encoding_rs::WINDOWS_1252;

use crate::canonical::Table;
use crate::error::{Error, Result, io_reason};
use crate::export::{Delimited, Output};
use crate::json::InboxEntryAnswer;
use crate::store::{RowSink, Value};
use crate::sync::RowChanges;

/// Columns before those of the rows; the first one identifies a row.
const TITLES: [&str; 5] = ["N°", "Table", "Fichier", "Place", "Faute"];

/// Begins the title of a column for corrections.
const CORRECTION: &str = "correction ";

/// Largest sheet that is read.
const MOST_BYTES: u64 = 64 << 20;

/// Writes `entries` to the file at `path`, as French Excel opens it; returns how many can be mended there.
pub(super) fn write(path: &Path, entries: &[InboxEntryAnswer]) -> Result<u64> {
    let headers = headers(entries);
    let mut output = Output::file(path)?;
    let place = output.place().to_owned();
    let mut sheet = Delimited::for_excel(&mut output, &place)?;
    let titles = TITLES.iter().map(|title| (*title).to_owned());
    let pairs = headers
        .iter()
        .flat_map(|header| [header.clone(), format!("{CORRECTION}{header}")]);
    let titles: Vec<String> = titles.chain(pairs).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    sheet.columns(&titles)?;
    let entries = entries.iter().filter(|entry| entry.replayable);
    for entry in entries {
        let label = Table::from_report_name(entry.table).map_or(entry.table, Table::label);
        let mut row = vec![
            Value::Text(&entry.reject_id),
            Value::Text(label),
            Value::Text(&entry.origin),
            Value::Text(&entry.position),
            Value::Text(&entry.reason),
        ];
        let cells = entry.cells.as_ref().map_or(&[][..], |cells| &cells.0);
        for header in &headers {
            let cell = cells.iter().find(|(own, _)| own == header);
            row.push(cell.map_or(Value::Null, |(_, cell)| Value::Text(cell)));
            row.push(Value::Null);
        }
        sheet.row(&row)?;
    }
    let rows = sheet.finish()?;
    output.finish()?;
    Ok(rows)
}

/// The headers of all rows, each once, in their order.
fn headers(entries: &[InboxEntryAnswer]) -> Vec<String> {
    let mut headers: Vec<String> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.replayable) {
        for (header, _) in entry.cells.iter().flat_map(|cells| &cells.0) {
            if !headers.contains(header) {
                headers.push(header.clone());
            }
        }
    }
    headers
}

/// The corrections in the sheet at `path`: of each row with any, its number and its columns. Fails where it is no such
/// sheet.
pub(super) fn read(path: &Path) -> Result<Vec<RowChanges>> {
    let text = text(path)?;
    let title = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b'\t', b','];
    let delimiter = delimiter
        .into_iter()
        .max_by_key(|sign| title.matches(char::from(*sign)).count());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b';'))
        .flexible(true)
        .from_reader(text.as_bytes());
    let broken = |error: csv::Error| refused(path, &format!("n'est pas un fichier CSV : {error}"));
    let titles = reader.headers().map_err(broken)?.clone();
    let columns: BTreeMap<usize, String> = titles
        .iter()
        .enumerate()
        .filter_map(|(at, title)| Some((at, title.trim().strip_prefix(CORRECTION)?.to_owned())))
        .collect();
    if titles.get(0).map(str::trim) != Some(TITLES[0]) || columns.is_empty() {
        let why = format!(
            "n'a pas les colonnes « {} » et « {CORRECTION}… » de ce qui a été exporté",
            TITLES[0]
        );
        return Err(refused(path, &why));
    }
    let mut changes = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let filled = columns.iter().filter_map(|(at, header)| {
            let typed = record.get(*at)?.trim();
            (!typed.is_empty()).then(|| (header.clone(), meant(typed).to_owned()))
        });
        let filled: Vec<_> = filled.collect();
        let id = record.get(0).unwrap_or_default().trim();
        if !filled.is_empty() && !id.is_empty() {
            changes.push((id.to_owned(), filled));
        }
    }
    Ok(changes)
}

/// What was typed, without the apostrophe that keeps a spreadsheet from running it.
fn meant(typed: &str) -> &str {
    match typed.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => typed,
    }
}

/// The text of the file, in UTF-8 or as Excel saves it on a French machine.
fn text(path: &Path) -> Result<String> {
    let unreadable = |error: std::io::Error| refused(path, &io_reason(&error));
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MOST_BYTES {
        return Err(refused(path, "est trop grand"));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(error) => WINDOWS_1252.decode(error.as_bytes()).0.into_owned(),
    })
}

fn refused(path: &Path, why: &str) -> Error {
    Error::config(format!("{} {why} : rien n'a été changé", path.display()))
        .hint("Exportez les lignes rejetées de nouveau, et remplissez les colonnes de corrections")
}
