//! One pass over the rows of a file: what is no row is told from what is, and what is to be refused from
//! what the table's reader may have.

use std::thread;
use std::time::{Duration, SystemTime};

use jiff::civil::Date;

use super::marks::Marks;
use super::row::{Cells, Fault, Refusal};
use crate::canonical::text;
use crate::connectors::Sink;
use crate::connectors::isavigne::cells;
use crate::connectors::isavigne::columns::Columns;
use crate::connectors::isavigne::files::ExportFile;
use crate::connectors::isavigne::readers::RowReader;
use crate::connectors::isavigne::sheet::{Line, Sheet};
use crate::connectors::isavigne::survey::{self, Survey};
use crate::connectors::remarks::Remarks;
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

/// Why a file that moves waits.
const CHANGED: &str = "le fichier a changé pendant la lecture";

/// Rows between two signs of life.
const ROWS_PER_ADVANCE: u64 = 1024;

/// How the reading of a file ended.
pub(super) enum Ending {
    /// All of it was read.
    Whole,
    /// It is not finished, or changed meanwhile: for the next sync.
    NotYet(&'static str),
}

/// One pass over the rows of one file.
pub(super) struct FilePass<'a> {
    pub(super) file: &'a ExportFile,
    pub(super) survey: &'a Survey,
    pub(super) columns: &'a Columns,
    pub(super) marks: &'a Marks<'a>,
    pub(super) reader: Box<dyn RowReader + 'a>,
    pub(super) remarks: Remarks,
    pub(super) last_day: Date,
    /// Rows accepted or rejected.
    pub(super) rows: u64,
    pub(super) totals_lines: u64,
    /// The first cell that seems to have been decoded twice.
    pub(super) decoded_twice: Option<String>,
}

impl FilePass<'_> {
    pub(super) fn read_rows(&mut self, sheet: &mut Sheet, sink: &mut dyn Sink) -> Result<Ending> {
        let (mut line, mut next) = (Line::default(), Line::default());
        let mut is_last_cut = false;
        let mut has_line = sheet.read(&mut line)?;
        while has_line {
            has_line = sheet.read(&mut next)?;
            if !has_line && self.is_totals(&line) {
                self.totals_lines += 1;
                break;
            }
            is_last_cut = line.cells.len() < self.columns.width() || line.is_open;
            self.check_quotes(&line, sheet.delimiter())?;
            self.read_row(&line, sink)?;
            if self.rows.is_multiple_of(ROWS_PER_ADVANCE) {
                sink.advance(sheet.bytes_read())?;
                if sheet.bytes_read() > self.survey.size {
                    return Ok(Ending::NotYet(CHANGED)); // However fast it grows.
                }
            }
            std::mem::swap(&mut line, &mut next);
        }
        sink.advance(sheet.bytes_read())?;
        Ok(self.ending(sheet, is_last_cut))
    }

    fn ending(&self, sheet: &Sheet, is_last_cut: bool) -> Ending {
        let is_open_ended = !self.survey.ends_with_line_end && !sheet.is_workbook();
        let ends_within_character =
            self.survey.ends_within_character && self.survey.encoding == encoding_rs::UTF_8;
        if is_open_ended && (is_last_cut || ends_within_character) {
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
            return Ending::NotYet(CHANGED);
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
    fn check_quotes(&self, line: &Line, delimiter: char) -> Result<()> {
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
        let ends_open = line.is_open && self.survey.ends_with_line_end;
        if swallows || ends_open {
            return Err(Error::data(format!(
                "un guillemet ouvert vers la ligne {} n'est pas refermé : les lignes qui suivent seraient perdues",
                line.number
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
        if cells::suspicious(line.cells.whole()).is_none() {
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
        if self.decoded_twice.is_some() || !text::looks_decoded_twice(line.cells.whole()) {
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
    pub(super) fn tell(&self, sheet: &Sheet, sink: &mut dyn Sink) {
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
