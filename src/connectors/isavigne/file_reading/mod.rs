//! Reads the files of one table, the oldest first.

pub(super) mod dates;
mod header;
mod header_names;
mod invoice_search;
mod key_columns;
mod labels;
mod non_rows;
mod odd_quotes;
mod opened;
mod pass;
pub(super) mod row;
mod rows;
mod second_header;
mod shape;
#[cfg(test)]
mod tests;
mod typed;
mod waiting;

use std::cell::Cell;

use jiff::civil::Date;
use tracing::{info, warn};

pub(super) use self::opened::{columns, first_rows, open};
use self::pass::{Ending, FilePass, Given};
pub(super) use self::row::file_evidence::FileEvidence;
pub(super) use self::rows::Rows;
use super::Isavigne;
use super::columns::{self, Columns, Field};
use super::documents::Documents;
use super::files::ExportFile;
use super::invoices::Invoices;
use super::readers::sale_key::{self, SaleKeyRule};
use super::readers::{self, Context};
use super::settings::SalesFiles;
use super::state::{self, Read, State, Waiting};
use super::survey::Survey;
use crate::canonical::{Catalog, KeyRule, Table};
use crate::connectors::{Known, Reading, Sink};
use crate::error::{Error, Result};
use crate::stopwatch::Stopwatch;

/// The files of one table, ready to be read.
pub(super) struct ExportReading {
    config: Isavigne,
    table: Table,
    files: Vec<SurveyedFile>,
    known: Known,
    today: Date,
    invoices: Invoices,
    /// Whether the existing rows have keys of another form.
    replaces_keys: bool,
    /// All files of the table in the folder.
    names: Vec<String>,
    /// Whether some file numbers documents by journal, and whether some file does not.
    series: Cell<(bool, bool)>,
}

/// A file and its survey.
pub(super) struct SurveyedFile {
    pub(super) file: ExportFile,
    pub(super) survey: Result<Survey>,
}

impl ExportReading {
    /// `all`: all files of the table, including those that are not read.
    pub(super) fn new(
        config: &Isavigne,
        table: Table,
        files: Vec<SurveyedFile>,
        all: Vec<ExportFile>,
        known: &Known,
        today: Date,
    ) -> Self {
        let read = Read::of(config, table, known);
        let names = all.iter().map(|file| file.name.clone()).collect();
        Self {
            series: Cell::new(read.series()),
            names,
            config: config.clone(),
            table,
            files,
            known: known.clone(),
            today,
            invoices: invoices_among(config, all, read.has_invoices()),
            replaces_keys: table == Table::SalesLines && known.rows > 0 && read.has_other_keys(),
        }
    }
}

impl Reading for ExportReading {
    fn table(&self) -> Table {
        self.table
    }

    fn is_snapshot(&self) -> bool {
        state::is_snapshot(&self.config, self.table)
    }

    fn is_of_periods(&self) -> bool {
        self.table == Table::SalesLines && self.config.sales_files == SalesFiles::Period
    }

    fn key_rule(&self) -> Option<Box<dyn KeyRule>> {
        let is_of_sales = self.table == Table::SalesLines;
        is_of_sales.then(|| Box::new(SaleKeyRule::of(&self.config)) as Box<dyn KeyRule>)
    }

    fn replaces_keys(&self) -> bool {
        self.replaces_keys
    }

    fn size(&self) -> u64 {
        let surveys = self
            .files
            .iter()
            .filter_map(|file| file.survey.as_ref().ok());
        surveys.map(|survey| survey.size).sum()
    }

    fn read(&mut self, catalog: &Catalog, sink: &mut dyn Sink) -> Result<()> {
        let files = std::mem::take(&mut self.files);
        let read = Read::of(&self.config, self.table, &self.known);
        let outdated = read.outdated(self.replaces_keys);
        for mark in outdated
            .into_iter()
            .chain(state::gone_while_waiting(&self.known, &self.names))
        {
            sink.forget(mark)?;
        }
        let mut waiting: Vec<ExportFile> = Vec::new();
        let mut left = files.len();
        for SurveyedFile { file, survey } in files {
            left -= 1;
            // A newer file read now would be overwritten by a waiting one at the next sync, unless their days differ.
            if !waiting.iter().all(|older| self.may_overtake(older, &file)) {
                sink.warn(format!(
                    "{} : attend que {} soit lisible",
                    file.name,
                    names(&waiting)
                ));
                continue;
            }
            let survey = survey.map_err(|error| blame(error, &file, left))?;
            let why_not_yet = self
                .read_file(&file, &survey, catalog, sink)
                .map_err(|error| blame(error, &file, left))?;
            if let Some(why) = why_not_yet {
                warn!(file = file.name, why, "file left for the next sync");
                sink.warn(format!(
                    "{} : {why} ; il sera lu à la prochaine synchronisation",
                    file.name
                ));
                waiting::remember(&file, &survey, &self.known, why, sink)?;
                waiting.push(file);
            } else if self.known.cursors.contains(&Waiting::mark(&file.name)) {
                sink.forget(&Waiting::mark(&file.name))?;
            }
        }
        self.retire_orders(sink)
    }
}

/// The names of `files`.
fn names(files: &[ExportFile]) -> String {
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    names.join(", ")
}

/// Adds the file name to the error, and what happens to the files after it.
fn blame(error: Error, file: &ExportFile, waiting: usize) -> Error {
    if !error.is_of_source() {
        return error;
    }
    let error = error.at(&file.name);
    match waiting_sentence(waiting) {
        Some(sentence) => error.and_hint(&sentence),
        None => error,
    }
}

/// French sentence about the files after one that could not be read.
fn waiting_sentence(waiting: usize) -> Option<String> {
    match waiting {
        0 => None,
        1 => Some("Le fichier plus récent attend que celui-ci soit lisible".to_owned()),
        _ => Some(format!(
            "Les {waiting} fichiers plus récents attendent que celui-ci soit lisible"
        )),
    }
}

/// Whether some of `files` contain invoices; `are_known`: a file read before did. An unreadable file fails later,
/// when it is read.
fn invoices_among(config: &Isavigne, files: Vec<ExportFile>, are_known: bool) -> Invoices {
    let config = config.clone();
    Invoices::new(are_known, move || {
        let mut files = files.iter();
        files.any(|file| invoice_search::are_in(file, &config).unwrap_or(false))
    })
}

impl ExportReading {
    /// Whether `newer` may be read while `older` waits.
    fn may_overtake(&self, older: &ExportFile, newer: &ExportFile) -> bool {
        self.table == Table::SalesLines && newer.is_apart_from(older)
    }

    /// Reads one file, and starts again each time a doubt changes how its rows are read. Returns why it is left for
    /// the next sync, if it is.
    fn read_file(
        &self,
        file: &ExportFile,
        survey: &Survey,
        catalog: &Catalog,
        sink: &mut dyn Sink,
    ) -> Result<Option<&'static str>> {
        let evidence = FileEvidence::of_file(file, survey, self.table, &self.config);
        let mut times = 0;
        loop {
            sink.begin_unit(&file.name, survey.size)?;
            let ending = self.read_once(file, survey, &evidence, catalog, sink)?;
            times += 1;
            match ending {
                Ending::Whole => return Ok(None),
                Ending::NotYet(why) => {
                    sink.discard_unit()?;
                    return Ok(Some(why));
                }
                Ending::Again if times < MOST_TIMES => sink.discard_unit()?,
                Ending::Again => {
                    return Err(Error::data("ses dates se contredisent")
                        .hint("Dites leur ordre avec le réglage DATE_FORM"));
                }
            }
        }
    }

    /// Reads one file once, and keeps its rows if it was read whole.
    fn read_once(
        &self,
        file: &ExportFile,
        survey: &Survey,
        evidence: &FileEvidence<'_>,
        catalog: &Catalog,
        sink: &mut dyn Sink,
    ) -> Result<Ending> {
        let watch = Stopwatch::start();
        let opened = open(file, survey, self.table, &self.config)?;
        let (mut sheet, columns, layout) = (opened.sheet, opened.columns, opened.layout);
        let context = Context {
            catalog,
            config: &self.config,
            documents: file.documents,
            invoices: &self.invoices,
            file: &file.name,
            today: self.today,
        };
        let mut pass = FilePass::of(Given {
            cut_line: waiting::cut_line(file, survey, &self.known),
            file,
            survey,
            columns: &columns,
            layout,
            header_lines: opened.header_lines,
            evidence,
            reader: readers::reader(&columns, context),
            last_day: self.today.tomorrow().unwrap_or(self.today),
            corrections: &self.known.corrections,
        });
        let ending = pass.read_rows(&mut sheet, sink)?;
        if let Ending::NotYet(_) | Ending::Again = ending {
            return Ok(ending);
        }
        info!(
            file = file.name,
            rows = pass.rows,
            bytes = survey.size,
            seconds = watch.seconds(),
            "file read"
        );
        let remarks = survey.warning().into_iter().chain(opened.remarks);
        for remark in remarks.chain(unknown_columns(&columns)) {
            sink.warn(format!("{} : {remark}", file.name));
        }
        pass.send_warnings(&sheet, sink);
        if let Some(remark) = pass.reader().remark() {
            sink.warn(format!("{} : {remark}", file.name));
        }
        if pass.rows == 0 {
            self.refuse_header_alone(file, sink)?;
            return Ok(ending);
        }
        sink.held(pass.held(&sheet))?;
        let mut state = State::of(&self.config, self.table, file, survey);
        state.has_series = self.has_series(&columns);
        state.has_invoices = pass.reader().saw_invoices();
        self.keep(file, &state, pass.reader().days(), sink)?;
        Ok(ending)
    }

    /// Keeps the rows of `file`, read in `state`. `days`: the first and the last day of its rows.
    fn keep(
        &self,
        file: &ExportFile,
        state: &State,
        days: Option<(Date, Date)>,
        sink: &mut dyn Sink,
    ) -> Result<()> {
        if let Some((first, last)) = days {
            sink.covers(first, last)?;
        }
        if let Some(has_series) = state.has_series {
            self.compare_series(file, has_series, sink);
        }
        if state.has_invoices {
            self.invoices.are_here();
        }
        sink.keep_unit(state.cursor(&file.name))
    }

    /// Whether a file with `columns` numbers its documents by journal; `None` without documents.
    fn has_series(&self, columns: &Columns) -> Option<bool> {
        let has_documents = self.table == Table::SalesLines && columns.has(Field::OrderRef);
        has_documents.then(|| columns.has(Field::Series))
    }

    /// Warns when `file` and the others differ in `has_series`: a document has different keys with and without its
    /// journal.
    fn compare_series(&self, file: &ExportFile, has_series: bool, sink: &mut dyn Sink) {
        let (with, without) = self.series.get();
        if (has_series && without) || (!has_series && with) {
            let (here, there) = if has_series {
                (
                    "a une colonne de journal (ou souche, caisse)",
                    "n'en avaient pas",
                )
            } else {
                (
                    "n'a pas de colonne de journal (ou souche, caisse)",
                    "en avaient une",
                )
            };
            sink.warn(format!(
                "{} : cet export {here}, d'autres {there} : une pièce qui est dans les deux compte deux fois ; exportez-les avec les mêmes colonnes",
                file.name
            ));
        }
        self.series
            .set((with || has_series, without || !has_series));
    }

    /// Deletes orders that counted as sales while there were no invoices.
    fn retire_orders(&self, sink: &mut dyn Sink) -> Result<()> {
        if self.table != Table::SalesLines || !self.invoices.are_known() {
            return Ok(());
        }
        let orders = format!(
            "{}{}|",
            readers::KEY_PREFIX,
            sale_key::word(Documents::Order)
        );
        sink.remove_all(
            &orders,
            "lignes de commandes ou de bons de livraison retirées : il y a maintenant des factures, qui seules comptent",
        )
    }

    /// Handles a file without rows: an error where rows exist, otherwise a warning.
    fn refuse_header_alone(&self, file: &ExportFile, sink: &mut dyn Sink) -> Result<()> {
        let what = "il n'y a que l'en-tête, aucune ligne";
        if self.known.rows > 0 {
            return Err(Error::data(what)
                .hint("Refaites l'export : la base contient déjà des lignes de cette table, elles n'ont pas été touchées"));
        }
        sink.discard_unit()?;
        sink.warn(format!("{} : {what}", file.name));
        Ok(())
    }
}

/// Most readings of a file; more doubts are contradictions.
const MOST_TIMES: usize = 4;

/// A remark about unknown columns, if there are any.
pub(super) fn unknown_columns(columns: &Columns) -> Option<String> {
    let unused = &columns.unused;
    if unused.is_empty() {
        return None;
    }
    let names = columns::listed(unused);
    Some(format!("colonnes inconnues, ignorées : {names}"))
}
