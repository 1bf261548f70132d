//! The files of one table, read one after the other, the oldest first.

mod marks;
pub(super) mod remarks;
pub(super) mod row;

use std::thread;
use std::time::{Duration, SystemTime};

use jiff::civil::Date;

use self::marks::Marks;
use self::remarks::Remarks;
use self::row::{Cells, Fault, Refusal};
use super::columns::Columns;
use super::files::ExportFile;
use super::readers::{self, Context, RowReader};
use super::sheet::{Line, Sheet};
use super::survey::{self, Survey, unreadable};
use super::{Isavigne, cells};
use crate::canonical::{Catalog, Cursor, Table, text};
use crate::connectors::{Reading, Sink};
use crate::error::{Error, Result};

/// A file that ends without a line end may be growing still: it is looked at again once nobody has touched it
/// for this long.
const QUIET: Duration = Duration::from_secs(2);

/// A row that spans more lines than this has swallowed its neighbours: a quote was never closed.
const MOST_LINES_PER_ROW: u64 = 20;

/// What a closing line of totals calls itself, as [`text::header_key`] spells it.
const TOTALS: &[&str] = &[
    "total",
    "totaux",
    "total_general",
    "totaux_generaux",
    "grand_total",
];

/// Rows between two signs of life.
const ROWS_PER_ADVANCE: u64 = 1024;

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

/// How the reading of a file ended.
enum Ending {
    /// All of it was read.
    Whole,
    /// It is not finished, or changed meanwhile: for the next sync.
    NotYet(&'static str),
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
            let ending = read.map_err(|error| {
                let error = error.at(&file.name);
                match waiting_sentence(waiting) {
                    Some(sentence) => error.and_hint(&sentence),
                    None => error,
                }
            })?;
            if let Ending::NotYet(why) = ending {
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
        sink.begin_unit(&file.name, survey.size)?;
        let (mut sheet, columns) = open(file, survey, self.table, &self.config)?;
        if !columns.unused.is_empty() {
            sink.warn(format!(
                "{} : colonnes ignorées, personne ne les connaît : {}",
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
            remarks: Remarks::default(),
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
    let content = std::fs::File::open(&file.path).map_err(unreadable)?;
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

/// One pass over the rows of one file.
struct FilePass<'a> {
    file: &'a ExportFile,
    survey: &'a Survey,
    columns: &'a Columns,
    marks: &'a Marks<'a>,
    reader: Box<dyn RowReader + 'a>,
    remarks: Remarks,
    last_day: Date,
    /// Rows accepted or rejected.
    rows: u64,
    totals_lines: u64,
    /// The first cell that seems to have been decoded twice.
    decoded_twice: Option<String>,
}

impl FilePass<'_> {
    fn read_rows(&mut self, sheet: &mut Sheet, sink: &mut dyn Sink) -> Result<Ending> {
        let (mut line, mut next) = (Line::default(), Line::default());
        let mut is_last_short = false;
        let mut has_line = sheet.read(&mut line)?;
        while has_line {
            has_line = sheet.read(&mut next)?;
            if !has_line && self.is_totals(&line) {
                self.totals_lines += 1;
                break;
            }
            is_last_short = line.cells.len() < self.columns.width();
            self.check_quotes(&line, sheet.delimiter(), is_last_short, has_line)?;
            self.read_row(&line, sink)?;
            if self.rows.is_multiple_of(ROWS_PER_ADVANCE) {
                sink.advance(sheet.bytes_read())?;
            }
            std::mem::swap(&mut line, &mut next);
        }
        sink.advance(sheet.bytes_read())?;
        Ok(self.ending(sheet, is_last_short))
    }

    fn ending(&self, sheet: &Sheet, is_last_short: bool) -> Ending {
        let is_open_ended = !self.survey.ends_with_line_end && !sheet.is_workbook();
        let ends_within_character =
            self.survey.ends_within_character && self.survey.encoding == encoding_rs::UTF_8;
        if is_open_ended && (is_last_short || ends_within_character) {
            return Ending::NotYet("la dernière ligne est coupée");
        }
        if is_open_ended {
            let age = self
                .survey
                .modified
                .and_then(|at| SystemTime::now().duration_since(at).ok());
            thread::sleep(age.map_or(Duration::ZERO, |age| QUIET.saturating_sub(age)));
        }
        let has_changed = sheet.hash().is_some_and(|hash| hash != self.survey.hash)
            || !survey::is_still(&self.file.path, self.survey);
        if has_changed {
            return Ending::NotYet("le fichier a changé pendant la lecture");
        }
        Ending::Whole
    }

    /// `Total général;;;;;12 345,00`: the sums an export may close with. Its first words say nothing but "total",
    /// or begin the line with it and lack what a row cannot do without: a customer `TOTAL ENERGIES` is none.
    fn is_totals(&self, line: &Line) -> bool {
        let mut cells = line.cells.iter().map(cells::peel).enumerate();
        let Some((column, first)) = cells.find(|(_, cell)| !cell.is_empty()) else {
            return false;
        };
        let words = text::header_key(first);
        if TOTALS.contains(&words.as_str()) {
            return true;
        }
        let is_blank = |column| {
            let cell = line.cells.get(column);
            cell.is_none_or(|cell| cells::peel(cell).is_empty())
        };
        column == 0 && words.starts_with("total_") && self.columns.required().any(is_blank)
    }

    /// A quote that is never closed swallows the lines after it: none of them may go unseen.
    fn check_quotes(
        &self,
        line: &Line,
        delimiter: char,
        is_short: bool,
        has_more: bool,
    ) -> Result<()> {
        if line.more_lines == 0 {
            return Ok(());
        }
        let marks_of_a_row = self.columns.width().saturating_sub(1).max(2);
        let holds_rows = |cell: &str| {
            let inner = cell.split('\n').skip(1);
            inner
                .map(|line| line.matches(delimiter).count())
                .any(|marks| marks >= marks_of_a_row)
        };
        let swallows = line.more_lines > MOST_LINES_PER_ROW || line.cells.iter().any(holds_rows);
        let ends_open =
            !has_more && is_short && line.more_lines > 0 && self.survey.ends_with_line_end;
        if swallows || ends_open {
            return Err(Error::data(format!(
                "un guillemet ouvert vers la ligne {} n'est pas refermé : {} lignes seraient perdues",
                line.number, line.more_lines
            ))
            .hint("Corrigez cette ligne dans l'export, ou doublez le guillemet"));
        }
        Ok(())
    }

    fn read_row(&mut self, line: &Line, sink: &mut dyn Sink) -> Result<()> {
        self.rows += 1;
        self.look_for_double_decoding(line);
        let cells = Cells {
            line,
            columns: self.columns,
            marks: self.marks,
            last_day: self.last_day,
        };
        let reject =
            |fault: Fault| fault.reject(self.columns.table(), &self.file.name, line.number);
        if let Err(fault) = self.check_shape(line) {
            self.reader.pass_over(&cells);
            return sink.reject(reject(fault), None);
        }
        match self
            .reader
            .read(line.number, &cells, &mut self.remarks, sink)
        {
            Ok(()) => Ok(()),
            Err(Refusal::Stop(error)) => Err(error),
            Err(Refusal::Row(fault)) => sink.reject(reject(fault), self.reader.refused_key()),
        }
    }

    /// As many cells as the header, and none with what no cell may hold.
    fn check_shape(&self, line: &Line) -> std::result::Result<(), Fault> {
        let width = self.columns.width();
        let extra = line
            .cells
            .iter()
            .skip(width)
            .filter(|cell| !cell.trim().is_empty())
            .count();
        if line.cells.len() < width || extra > 0 {
            let count = line.cells.len().min(width) + extra;
            let swallowed = match line.more_lines {
                0 => String::new(),
                lines => format!(
                    " (elle s'étend sur {} lignes : guillemet non refermé ?)",
                    lines + 1
                ),
            };
            return Err(Fault::of_row(format!(
                "a {count} cellules au lieu de {width}{swallowed}"
            )));
        }
        if let Some(column) = line.first_error() {
            let cell = line.cells.get(column).unwrap_or_default();
            let reason = "est une erreur d'Excel, pas une valeur";
            return Err(Fault::of_cell(
                self.columns.header(column),
                cell,
                reason.to_owned(),
            ));
        }
        if cells::suspicious(line.cells.as_slice()).is_none() {
            return Ok(());
        }
        let faults = line.cells.iter().enumerate().find_map(|(column, cell)| {
            let reason = cells::suspicious(cell)?;
            let header = self.columns.header(column);
            Some(Fault::of_cell(header, cell, reason.to_string()))
        });
        faults.map_or(Ok(()), Err)
    }

    fn look_for_double_decoding(&mut self, line: &Line) {
        if self.decoded_twice.is_some() || !text::looks_decoded_twice(line.cells.as_slice()) {
            return;
        }
        let mut cells = line.cells.iter().enumerate();
        let found = cells.find(|(_, cell)| text::looks_decoded_twice(cell));
        self.decoded_twice = found.map(|(column, cell)| {
            let header = self.columns.header(column);
            format!(
                "ligne {}, colonne {header}, « {} »",
                line.number,
                text::clean(cell)
            )
        });
    }

    /// Says what there is to say of a file that was read whole.
    fn tell(&self, sheet: &Sheet, sink: &mut dyn Sink) {
        let name = &self.file.name;
        for sentence in self.remarks.sentences() {
            sink.warn(format!("{name} : {sentence}"));
        }
        if let Some(place) = &self.decoded_twice {
            sink.warn(format!(
                "{name} : texte décodé deux fois, d'abord {place} ; vérifiez l'encodage à la source"
            ));
        }
        if !self.survey.ends_with_line_end && !sheet.is_workbook() {
            sink.warn(format!(
                "{name} : la dernière ligne n'a pas de fin de ligne, vérifiez qu'elle est entière"
            ));
        }
        let skipped = [
            (
                sheet.empty_lines(),
                "ligne vide sautée",
                "lignes vides sautées",
            ),
            (
                self.totals_lines,
                "ligne de total sautée",
                "lignes de total sautées",
            ),
        ];
        for (count, one, several) in skipped {
            if count > 0 {
                let what = if count == 1 { one } else { several };
                sink.warn(format!("{name} : {count} {what}"));
            }
        }
    }
}
