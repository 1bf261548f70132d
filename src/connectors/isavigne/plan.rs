//! Plans what to read in a folder, given what was read before.

use std::collections::{HashMap, HashSet};

use tracing::debug;

use super::Isavigne;
use super::assign::{Assigned, Folder, assign};
use super::file_reading::{ExportReading, SurveyedFile};
use super::files::ExportFile;
use super::settings::SalesFiles;
use super::state::{self, State, is_snapshot};
use super::survey::Survey;
use crate::canonical::Table;
use crate::connectors::{Known, Plan, Request};
use crate::error::{Error, Result};
use crate::french;

/// Lists what a sync would read, table by table.
pub(super) fn plan(config: &Isavigne, request: &Request) -> Result<Plan> {
    let folder = assign(config)?;
    let mut plan = Plan {
        warnings: folder.warnings.clone(),
        ..Plan::default()
    };
    for &table in &request.tables {
        let of_table = folder.units.iter().filter(|unit| unit.table == table);
        let of_table: Vec<&Assigned> = of_table.collect();
        if of_table.is_empty() && request.tables.len() == 1 {
            plan.errors.push(no_file_of(config, table, &folder));
        }
        let known = request.known.get(&table).cloned().unwrap_or_default();
        let selection = select(config, table, &of_table, request, &known)?;
        plan.already_read += selection.already_read;
        plan.warnings.extend(selection.warnings);
        let all: Vec<ExportFile> = of_table.iter().map(|unit| unit.file.clone()).collect();
        let names: Vec<String> = all.iter().map(|file| file.name.clone()).collect();
        let has_stale_waits = state::gone_while_waiting(&known, &names).next().is_some();
        if !selection.unread.is_empty() || has_stale_waits {
            plan.readings.push(Box::new(ExportReading::new(
                config,
                table,
                selection.unread,
                all,
                &known,
                request.today,
            )));
        }
    }
    Ok(plan)
}

fn no_file_of(config: &Isavigne, table: Table, folder: &Folder) -> Error {
    Error::source_failed(format!(
        "{} : aucun fichier de cette table dans {}{}",
        table.label(),
        config.folder.display(),
        folder.left_out_in_brackets()
    ))
    .hint("Le nom du fichier doit le dire : client, produit ou article, vente ou facture, stock, contact ou campagne")
}

/// The files of a table to read.
#[derive(Default)]
struct Selection {
    unread: Vec<SurveyedFile>,
    already_read: usize,
    /// Why unchanged files are read again, and why some are not read.
    warnings: Vec<String>,
}

/// The files of `table` to read, surveyed, the oldest first.
fn select(
    config: &Isavigne,
    table: Table,
    units: &[&Assigned],
    request: &Request,
    known: &Known,
) -> Result<Selection> {
    let surveyed = surveyed(config, table, units, request)?;
    let reads_all = request.full || request.since.is_some();
    let is_here = |name: &str| surveyed.iter().any(|file| file.file.name == name);
    let read = state::Read::of(config, table, known).rereading(known, is_here);
    // When keys take another form, all rows are read again together.
    let is_rekeyed = table == Table::SalesLines && known.rows > 0 && read.has_other_keys();
    let contents = contents(&surveyed);
    let mut selection = Selection::default();
    let mut again = 0;
    for file in surveyed {
        let is_read = file.survey.as_ref().is_ok_and(|survey| {
            let state = State::of(config, table, &file.file, survey);
            let is_read = read.has(&file.file.name, &state, &contents);
            again += usize::from(!is_read && read.had(&state));
            log_known(table, &file.file, survey, is_read);
            is_read
        });
        if is_read && !reads_all && !is_rekeyed {
            selection.already_read += 1;
        } else {
            selection.unread.push(file);
        }
    }
    if !(table == Table::SalesLines && config.sales_files == SalesFiles::Append) {
        keep_oldest_copies(&mut selection.unread);
    }
    if again > 0 && !reads_all {
        selection.warnings.push(read_again(table, again));
    }
    selection.warnings.extend(same_day(table, units));
    Ok(selection)
}

/// The files that may be read, with their surveys. Of complete snapshots, only the newest file is read.
fn surveyed(
    config: &Isavigne,
    table: Table,
    units: &[&Assigned],
    request: &Request,
) -> Result<Vec<SurveyedFile>> {
    let newest = units.last().map(|unit| &unit.file.path);
    let mut surveyed = Vec::new();
    for unit in units {
        let file = &unit.file;
        let is_replaced = is_snapshot(config, table) && Some(&file.path) != newest;
        if is_replaced || request.since.is_some_and(|since| !file.is_since(since)) {
            continue;
        }
        surveyed.push(SurveyedFile {
            file: file.clone(),
            survey: unit.survey(config),
        });
        // A survey that was stopped has failed.
        request.stop.check()?;
    }
    Ok(surveyed)
}

/// The warning that `count` unchanged files are read again.
fn read_again(table: Table, count: usize) -> String {
    let files = if count == 1 {
        "fichier relu"
    } else {
        "fichiers relus"
    };
    format!(
        "{} : {count} {files}, car un réglage ou les règles de lecture ont changé depuis la dernière fois",
        table.label()
    )
}

/// A warning about files of the same day as the newest stock with other contents: one per place, perhaps.
fn same_day(table: Table, units: &[&Assigned]) -> Option<String> {
    if table != Table::StockLevels {
        return None;
    }
    let newest = &units.last()?.file;
    let stem = |file: &ExportFile| {
        let is_letter = |sign: &char| sign.is_alphabetic();
        file.path.file_stem().map(|name| {
            name.to_string_lossy()
                .chars()
                .filter(is_letter)
                .collect::<String>()
        })
    };
    let others: Vec<&str> = units
        .iter()
        .map(|unit| &unit.file)
        .filter(|file| file.path != newest.path && file.order.0 == newest.order.0)
        .filter(|file| file.days.is_some() && stem(file) != stem(newest))
        .map(|file| file.name.as_str())
        .collect();
    (!others.is_empty()).then(|| {
        format!(
            "{} : plusieurs fichiers du même jour, seul le dernier compte, {} n'est pas lu ; réunissez-les en un fichier, ou donnez un dossier à chacun",
            table.label(),
            french::listed(&others)
        )
    })
}

fn log_known(table: Table, file: &ExportFile, survey: &Survey, is_read: bool) {
    debug!(
        file = file.name,
        table = table.report_name(),
        bytes = survey.size,
        encoding = survey.encoding.name(),
        hash = survey.hash,
        is_read,
        "file known"
    );
}

/// The content hash of each file in the folder.
fn contents(files: &[SurveyedFile]) -> HashMap<String, String> {
    let contents = files.iter().filter_map(|file| {
        let survey = file.survey.as_ref().ok()?;
        Some((file.file.name.clone(), state::content(&file.file, survey)))
    });
    contents.collect()
}

/// Keeps the oldest of several copies of one content: later ones would restore old values.
fn keep_oldest_copies(files: &mut Vec<SurveyedFile>) {
    let mut seen = HashSet::new();
    files.retain(|file| match &file.survey {
        Ok(survey) => seen.insert(state::content(&file.file, survey)),
        Err(_) => true,
    });
}
