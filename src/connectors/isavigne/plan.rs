//! What stands to be read in a folder, given what was read before.

use std::collections::HashSet;

use tracing::debug;

use super::Isavigne;
use super::columns::Columns;
use super::files::{self, ExportFile};
use super::reading::{ExportReading, SurveyedFile, header, is_snapshot};
use super::sheet::Sheet;
use super::survey;
use crate::canonical::Table;
use crate::connectors::{Known, Plan, Request};
use crate::error::{Error, Result};
use crate::stopwatch::Stopwatch;

/// Lists what a sync would read, table by table.
pub(super) fn plan(config: &Isavigne, request: &Request) -> Result<Plan> {
    let listing = files::list(&config.folder, &config.pattern)?;
    if listing.files.is_empty() {
        return Err(no_file(config, &listing.warnings));
    }
    let mut plan = Plan {
        warnings: listing.warnings,
        ..Plan::default()
    };
    let files = assign(config, listing.files, &mut plan.warnings);
    for &table in &request.tables {
        let of_table = files.iter().filter(|(assigned, _)| *assigned == table);
        let of_table: Vec<&ExportFile> = of_table.map(|(_, file)| file).collect();
        if of_table.is_empty() && request.tables.len() == 1 {
            plan.errors.push(no_file_of(config, table));
        }
        let known = request.known.get(&table).cloned().unwrap_or_default();
        let unread = select(
            config,
            table,
            &of_table,
            request,
            &known,
            &mut plan.already_read,
        )?;
        if !unread.is_empty() {
            plan.readings.push(Box::new(ExportReading {
                config: config.clone(),
                table,
                files: unread,
                had_rows: known.rows > 0,
                today: request.today,
            }));
        }
    }
    Ok(plan)
}

fn no_file(config: &Isavigne, warnings: &[String]) -> Error {
    let mut message = format!(
        "Aucun fichier {} dans {}",
        config.pattern.as_str(),
        config.folder.display()
    );
    if !warnings.is_empty() {
        message = format!("{message} ({})", warnings.join(" ; "));
    }
    Error::source_failed(message).hint(
        "Vérifiez que l'export d'iSaVigne a bien déposé ses fichiers, et le motif FILE_PATTERN",
    )
}

fn no_file_of(config: &Isavigne, table: Table) -> Error {
    Error::source_failed(format!(
        "{} : aucun fichier de cette table dans {}",
        table.label(),
        config.folder.display()
    ))
    .hint("Le nom du fichier doit le dire : client, produit ou article, vente ou facture, stock, contact ou campagne")
}

/// Files left aside that are named one by one. A connector pointed at the wrong folder may leave thousands.
const MOST_NAMED: usize = 20;

/// Each file with its table; what cannot be told is said.
pub(super) fn assign(
    config: &Isavigne,
    files: Vec<ExportFile>,
    warnings: &mut Vec<String>,
) -> Vec<(Table, ExportFile)> {
    let mut assigned = Vec::with_capacity(files.len());
    for file in files {
        let table = match file.tables.as_slice() {
            [table] => Some(*table),
            [] => None,
            // What cannot be opened fails as what its name says first: it must not go by unseen.
            several => by_header(config, &file, several).unwrap_or(several.first().copied()),
        };
        match table {
            Some(table) => assigned.push((table, file)),
            None => warnings.push(format!(
                "{} : fichier ignoré, son nom ne dit pas ce qu'il contient (client, produit, vente, stock, contact)",
                file.name
            )),
        }
    }
    if warnings.len() > MOST_NAMED + 1 {
        let others = warnings.split_off(MOST_NAMED).len();
        warnings.push(format!("{others} autres fichiers : ignorés eux aussi"));
    }
    assigned
}

/// Of the tables a file's name speaks of, the one its header is of: the one with all it requires and the
/// most columns understood.
fn by_header(config: &Isavigne, file: &ExportFile, candidates: &[Table]) -> Result<Option<Table>> {
    let mut content = files::open(&file.path)?;
    let survey = survey::survey(&mut content, config.encoding)?;
    let header = header(&mut Sheet::open(&file.path, content, &survey)?)?;
    let understood = candidates.iter().filter_map(|&table| {
        let columns = Columns::map(table, &header, &config.overrides).ok()?;
        Some((columns.understood(), table))
    });
    let mut best: Vec<(usize, Table)> = understood.collect();
    best.sort_by_key(|&(understood, _)| std::cmp::Reverse(understood));
    Ok(match best.as_slice() {
        [(most, _), (second, _), ..] if most == second => None,
        [(_, table), ..] => Some(*table),
        [] => None,
    })
}

/// The files of `table` that stand to be read, surveyed, the oldest first.
fn select(
    config: &Isavigne,
    table: Table,
    files: &[&ExportFile],
    request: &Request,
    known: &Known,
    already_read: &mut usize,
) -> Result<Vec<SurveyedFile>> {
    let candidates = if is_snapshot(table) {
        // Only the newest count of the stock is worth anything.
        files
            .get(files.len().saturating_sub(1)..)
            .unwrap_or_default()
    } else {
        files
    };
    let mut unread = Vec::new();
    for file in candidates {
        if request.since.is_some_and(|since| !file.is_since(since)) {
            continue;
        }
        request.stop.check()?;
        let watch = Stopwatch::start();
        let content = files::open(&file.path);
        let survey = content.and_then(|mut content| survey::survey(&mut content, config.encoding));
        let is_read = survey
            .as_ref()
            .is_ok_and(|survey| is_already_read(table, known, &survey.hash));
        if let Ok(survey) = &survey {
            debug!(
                file = file.name,
                table = table.report_name(),
                bytes = survey.size,
                encoding = survey.encoding.name(),
                hash = survey.hash,
                is_read,
                seconds = watch.seconds(),
                "file surveyed"
            );
        }
        if is_read && !request.full && request.since.is_none() {
            *already_read += 1;
            continue;
        }
        unread.push(SurveyedFile {
            file: (*file).clone(),
            survey,
        });
    }
    // Copies of one content are read once, in the place of the oldest: later ones would bring old values back.
    let mut seen = HashSet::new();
    unread.retain(|file| match &file.survey {
        Ok(survey) => seen.insert(survey.hash.clone()),
        Err(_) => true,
    });
    Ok(unread)
}

/// A snapshot is read again when it was not the last one loaded: somebody put an older count back.
fn is_already_read(table: Table, known: &Known, hash: &str) -> bool {
    if is_snapshot(table) {
        known.cursors.newest() == Some(hash)
    } else {
        known.cursors.contains(hash)
    }
}
