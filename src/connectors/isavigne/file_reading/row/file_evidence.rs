//! Evidence from the other rows of a file for a doubtful cell.
//!
//! Most files need none. The first doubtful cell costs one more pass over the file. The results are kept when the
//! file must be read again.

use std::cell::{Cell, OnceCell, RefCell};

use foldhash::HashSet;
use jiff::civil::Date;

use super::Cells;
use crate::canonical::Table;
use crate::connectors::isavigne::Isavigne;
use crate::connectors::isavigne::cells::{self, DateOrder, DecimalMark, MarkEvidence};
use crate::connectors::isavigne::columns::{ColumnType, Columns};
use crate::connectors::isavigne::file_reading::opened::open;
use crate::connectors::isavigne::files::ExportFile;
use crate::connectors::isavigne::settings::DateForm;
use crate::connectors::isavigne::sheet::{CellKind, Line};
use crate::connectors::isavigne::survey::Survey;
use crate::error::Result;

/// Keys that several stock counts of a file share.
#[derive(Debug, Default)]
pub(in crate::connectors::isavigne) struct SharedKeys {
    /// Shared keys of product, place and lot: the other columns are added to them.
    pub(in crate::connectors::isavigne) short: HashSet<u64>,
    /// Keys that are shared even with all columns.
    pub(in crate::connectors::isavigne) whole: HashSet<u64>,
}

/// The evidence of one file, computed on first use.
pub(in crate::connectors::isavigne) struct FileEvidence<'a> {
    file: &'a ExportFile,
    survey: &'a Survey,
    table: Table,
    config: &'a Isavigne,
    decimals: OnceCell<Vec<MarkEvidence>>,
    /// Date columns that prove another order than the French one.
    date_doubts: RefCell<Vec<(usize, DateOrder)>>,
    has_date_doubts: Cell<bool>,
    /// Date columns that were checked and are not year first.
    sound_dates: RefCell<Vec<usize>>,
    /// Whether some row is of an invoice, by its column of types.
    has_invoices: Cell<bool>,
    /// Columns with codes that look like days, and whether all their codes do.
    days: RefCell<Vec<(usize, bool)>>,
    /// Whether all units are numbers, once one was.
    number_units: OnceCell<bool>,
    /// In a stock count: the keys that several rows share, once two did.
    shared_keys: OnceCell<SharedKeys>,
}

impl<'a> FileEvidence<'a> {
    pub(in crate::connectors::isavigne) fn of_file(
        file: &'a ExportFile,
        survey: &'a Survey,
        table: Table,
        config: &'a Isavigne,
    ) -> Self {
        Self {
            file,
            survey,
            table,
            config,
            decimals: OnceCell::new(),
            date_doubts: RefCell::default(),
            has_date_doubts: Cell::new(false),
            sound_dates: RefCell::default(),
            has_invoices: Cell::new(false),
            days: RefCell::default(),
            number_units: OnceCell::new(),
            shared_keys: OnceCell::new(),
        }
    }

    /// The decimal mark of `column`: from the setting, from the column itself, or from the other number columns where
    /// every number of this one is ambiguous.
    pub(in crate::connectors::isavigne::file_reading) fn of(
        &self,
        column: usize,
        columns: &Columns,
    ) -> Result<Option<DecimalMark>> {
        if self.config.decimal_mark.is_some() {
            return Ok(self.config.decimal_mark);
        }
        let found = if let Some(found) = self.decimals.get() {
            found
        } else {
            let found = self.scan_decimals()?;
            self.decimals.get_or_init(|| found)
        };
        let Some(own) = found.get(column) else {
            return Ok(None);
        };
        if !own.is_doubtful_throughout() {
            return Ok(own.decimal_mark());
        }
        let others = columns
            .typed()
            .filter(|&(other, kind)| kind == ColumnType::Number && other != column)
            .filter_map(|(other, _)| found.get(other));
        let together = others.fold(MarkEvidence::default(), |all, one| all.and(*one));
        Ok(together.decimal_mark())
    }

    fn scan_decimals(&self) -> Result<Vec<MarkEvidence>> {
        let mut evidence = Vec::new();
        self.each_line(|line, _| {
            evidence.resize_with(evidence.len().max(line.cells.len()), MarkEvidence::default);
            for (column, (cell, seen)) in line.cells.iter().zip(&mut evidence).enumerate() {
                // Numbers written by a program prove nothing about typed ones.
                if line.kind(column) == CellKind::Text {
                    seen.observe(cells::peel(cell));
                }
            }
        })?;
        Ok(evidence)
    }

    /// Passes every row of the file to `look`, from the first one on.
    pub(in crate::connectors::isavigne::file_reading) fn each_row(
        &self,
        last_day: Date,
        mut look: impl FnMut(&Cells<'_>),
    ) -> Result<()> {
        self.each_line(|line, columns| {
            look(&Cells {
                line,
                columns,
                evidence: self,
                last_day,
            });
        })
    }

    fn each_line(&self, mut look: impl FnMut(&Line, &Columns)) -> Result<()> {
        let mut opened = open(self.file, self.survey, self.table, self.config)?;
        let mut line = Line::default();
        while opened.sheet.bytes_read() <= self.survey.size && opened.sheet.read(&mut line)? {
            look(&line, &opened.columns);
        }
        Ok(())
    }

    /// The order of dates from the settings.
    pub(in crate::connectors::isavigne::file_reading) fn date_order(&self) -> Option<DateOrder> {
        self.config.date_form.map(|form| match form {
            DateForm::DayFirst => DateOrder::DayFirst,
            DateForm::MonthFirst => DateOrder::MonthFirst,
            DateForm::YearFirst => DateOrder::YearFirst,
        })
    }

    /// The other order that date `column` proves.
    pub(in crate::connectors::isavigne::file_reading) fn date_doubt(
        &self,
        column: usize,
    ) -> Option<DateOrder> {
        if !self.has_date_doubts.get() {
            return None;
        }
        let doubts = self.date_doubts.borrow();
        let found = doubts.iter().find(|(doubted, _)| *doubted == column);
        found.map(|&(_, order)| order)
    }

    /// Records that `column` proves `order`. False if it was already known, or another order was.
    pub(in crate::connectors::isavigne::file_reading) fn doubt_dates(
        &self,
        column: usize,
        order: DateOrder,
    ) -> bool {
        if self.date_doubt(column).is_some() {
            return false;
        }
        self.date_doubts.borrow_mut().push((column, order));
        self.has_date_doubts.set(true);
        true
    }

    /// Whether every date of `column` can be read year first: `25-12-27`, a future day when read day first.
    pub(in crate::connectors::isavigne::file_reading) fn may_be_year_first(
        &self,
        column: usize,
        last_day: Date,
    ) -> Result<bool> {
        if self.sound_dates.borrow().contains(&column) {
            return Ok(false);
        }
        let mut may_be = true;
        self.each_row(last_day, |cells| {
            let cell = cells.at(column);
            may_be &= cells::date(cell, last_day).is_err()
                || cells::date_in(cell, DateOrder::YearFirst, last_day).is_ok();
        })?;
        if !may_be {
            self.sound_dates.borrow_mut().push(column);
        }
        Ok(may_be)
    }

    /// Whether every filled cell of the unit `column` is a number.
    pub(in crate::connectors::isavigne::file_reading) fn are_all_numbers(
        &self,
        column: usize,
        last_day: Date,
    ) -> Result<bool> {
        if let Some(known) = self.number_units.get() {
            return Ok(*known);
        }
        let mut are_numbers = true;
        self.each_row(last_day, |cells| {
            let cell = cells.at(column);
            are_numbers &= cell.is_empty() || cells::number(cell).is_ok();
        })?;
        Ok(*self.number_units.get_or_init(|| are_numbers))
    }

    /// Whether every code of `column` looks like a day.
    pub(in crate::connectors::isavigne::file_reading) fn are_all_days(
        &self,
        column: usize,
        last_day: Date,
    ) -> Result<bool> {
        let known = self
            .days
            .borrow()
            .iter()
            .find(|(at, _)| *at == column)
            .copied();
        if let Some((_, are_days)) = known {
            return Ok(are_days);
        }
        let mut others = 0_u64;
        self.each_row(last_day, |cells| {
            let cell = cells.at(column);
            let is_day = cells::code(cell) == Err(cells::CodeError::DateText);
            others += u64::from(!cell.is_empty() && !is_day);
        })?;
        self.days.borrow_mut().push((column, others == 0));
        Ok(others == 0)
    }

    /// Whether the shared keys are known.
    pub(in crate::connectors::isavigne) fn knows_shared_keys(&self) -> bool {
        self.shared_keys.get().is_some()
    }

    /// Stores the keys that several rows share.
    pub(in crate::connectors::isavigne) fn note_shared_keys(&self, keys: SharedKeys) {
        self.shared_keys.get_or_init(|| keys);
    }

    /// Calls `look` with the shared keys; false if there are none.
    pub(in crate::connectors::isavigne) fn with_shared_keys(
        &self,
        look: impl FnOnce(&SharedKeys) -> bool,
    ) -> bool {
        self.shared_keys.get().is_some_and(look)
    }

    /// Whether a row of the file was of an invoice, in this pass or an earlier one.
    pub(in crate::connectors::isavigne::file_reading) fn has_invoices(&self) -> bool {
        self.has_invoices.get()
    }

    /// Records that a row of the file is of an invoice.
    pub(in crate::connectors::isavigne::file_reading) fn note_invoice(&self) {
        self.has_invoices.set(true);
    }
}
