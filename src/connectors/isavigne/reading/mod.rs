//! The files of one table, read one after the other, the oldest first.

mod marks;
mod pass;
pub(super) mod row;

use jiff::civil::Date;
use tracing::{info, warn};

use self::marks::Marks;
use self::pass::{Ending, FilePass};
use super::columns::Columns;
use super::files::{self, ExportFile};
use super::readers::{self, Context};
use super::sheet::{Line, Sheet};
use super::survey::Survey;
use super::{Isavigne, cells};
use crate::canonical::{Catalog, Cursor, Table, text};
use crate::connectors::remarks::Remarks;
use crate::connectors::{Reading, Sink};
use crate::error::{Error, Result};
use crate::stopwatch::Stopwatch;

/// The files of one table, ready to be read.
pub(super) struct ExportReading {
    pub(super) config: Isavigne,
    pub(super) table: Table,
    pub(super) files: Vec<SurveyedFile>,
    /// Whether the table already holds rows of this source.
    pub(super) had_rows: bool,
    pub(super) today: Date,
}

/// A file and what one pass over its bytes told.
pub(super) struct SurveyedFile {
    pub(super) file: ExportFile,
    pub(super) survey: Result<Survey>,
}

impl Reading for ExportReading {
    fn table(&self) -> Table {
        self.table
    }

    fn is_snapshot(&self) -> bool {
        is_snapshot(self.table)
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
        let mut waiting = files.len();
        for SurveyedFile { file, survey } in files {
            waiting -= 1;
            let read = survey.and_then(|survey| self.read_file(&file, &survey, catalog, sink));
            let ending = read.map_err(|error| blame(error, &file, waiting))?;
            if let Ending::NotYet(why) = ending {
                warn!(file = file.name, why, "file left for the next sync");
                // Read now, the newer ones would be undone by this one at the next sync.
                let others =
                    waiting_sentence(waiting).map_or(String::new(), |others| format!(". {others}"));
                sink.warn(format!(
                    "{} : {why} ; il sera lu à la prochaine synchronisation{others}",
                    file.name
                ));
                break;
            }
        }
        Ok(())
    }
}

/// Says which file is at fault, when one is, and what becomes of those after it.
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

/// What becomes of the files after one that could not be read.
fn waiting_sentence(waiting: usize) -> Option<String> {
    match waiting {
        0 => None,
        1 => Some("Le fichier plus récent attend que celui-ci soit lisible".to_owned()),
        _ => Some(format!(
            "Les {waiting} fichiers plus récents attendent que celui-ci soit lisible"
        )),
    }
}

/// Stock is counted anew each time; the rest adds up.
pub(super) fn is_snapshot(table: Table) -> bool {
    table == Table::StockLevels
}

impl ExportReading {
    fn read_file(
        &self,
        file: &ExportFile,
        survey: &Survey,
        catalog: &Catalog,
        sink: &mut dyn Sink,
    ) -> Result<Ending> {
        let watch = Stopwatch::start();
        sink.begin_unit(&file.name, survey.size)?;
        let (mut sheet, columns) = open(file, survey, self.table, &self.config)?;
        if !columns.unused.is_empty() {
            sink.warn(format!(
                "{} : colonnes inconnues, ignorées : {}",
                file.name,
                columns.unused.join(", ")
            ));
        }
        let context = Context {
            catalog,
            case_size: self.config.case_size,
            today: self.today,
        };
        let marks = Marks::of_file(&file.path, survey);
        let mut pass = FilePass {
            file,
            survey,
            columns: &columns,
            marks: &marks,
            reader: readers::reader(&columns, context),
            remarks: Remarks::on_lines(),
            last_day: self.today.tomorrow().unwrap_or(self.today),
            rows: 0,
            totals_lines: 0,
            decoded_twice: None,
        };
        let ending = pass.read_rows(&mut sheet, sink)?;
        if let Ending::NotYet(_) = ending {
            sink.discard_unit()?;
            return Ok(ending);
        }
        info!(
            file = file.name,
            rows = pass.rows,
            bytes = survey.size,
            seconds = watch.seconds(),
            "file read"
        );
        pass.tell(&sheet, sink);
        if pass.rows == 0 {
            self.refuse_header_alone(file, sink)?;
            return Ok(ending);
        }
        sink.keep_unit(Cursor {
            mark: survey.hash.clone(),
            label: file.name.clone(),
        })?;
        Ok(ending)
    }

    /// Where rows were, a file without any is a broken export; else it is worth a word each time.
    fn refuse_header_alone(&self, file: &ExportFile, sink: &mut dyn Sink) -> Result<()> {
        let what = "il n'y a que l'en-tête, aucune ligne";
        if self.had_rows {
            return Err(Error::data(what)
                .hint("Refaites l'export : la base contient déjà des lignes de cette table, elles n'ont pas été touchées"));
        }
        sink.discard_unit()?;
        sink.warn(format!("{} : {what}", file.name));
        Ok(())
    }
}

/// Opens a file of `table` and understands its header.
pub(super) fn open(
    file: &ExportFile,
    survey: &Survey,
    table: Table,
    config: &Isavigne,
) -> Result<(Sheet, Columns)> {
    let content = files::open(&file.path)?;
    let mut sheet = Sheet::open(&file.path, content, survey)?;
    let header = header(&mut sheet)?;
    let columns = Columns::map(table, &header, &config.overrides)?;
    Ok((sheet, columns))
}

/// The first filled line, cell by cell.
pub(super) fn header(sheet: &mut Sheet) -> Result<Vec<String>> {
    let mut line = Line::default();
    if !sheet.read(&mut line)? {
        return Err(Error::data("le fichier est vide")
            .hint("Refaites l'export, ou retirez ce fichier du dossier"));
    }
    Ok(line
        .cells
        .iter()
        .map(|cell| text::visible(&text::clean(cells::peel(cell))).into_owned())
        .collect())
}
