//! What the other rows of a file show of a doubtful cell.
//!
//! Most files never ask. The first cell that does costs one more pass over the file. What was found outlives the
//! reading of the rows, so that a file that must be read again does not ask twice.

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

/// The keys of a file that several counts share.
#[derive(Debug, Default)]
pub(in crate::connectors::isavigne) struct SharedKeys {
    /// Those of product, place and lot: the other parts belong to them.
    pub(in crate::connectors::isavigne) short: HashSet<u64>,
    /// Those that all parts leave the same.
    pub(in crate::connectors::isavigne) whole: HashSet<u64>,
}

/// The evidence of one file, found when first asked for.
pub(in crate::connectors::isavigne) struct FileEvidence<'a> {
    file: &'a ExportFile,
    survey: &'a Survey,
    table: Table,
    config: &'a Isavigne,
    decimals: OnceCell<Vec<MarkEvidence>>,
    /// Columns of dates that prove another order than the French one.
    date_doubts: RefCell<Vec<(usize, DateOrder)>>,
    has_date_doubts: Cell<bool>,
    /// Columns of dates that were looked through and prove no year first.
    sound_dates: RefCell<Vec<usize>>,
    /// Whether some row is of an invoice, by its column of types.
    has_invoices: Cell<bool>,
    /// Columns of codes that look like days, and whether all of theirs do.
    days: RefCell<Vec<(usize, bool)>>,
    /// Whether all units are numbers, once one was.
    number_units: OnceCell<bool>,
    /// Of a count of the stock: the keys that several rows share, once two did.
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

    /// The decimal mark of `column`: what the setting says, what the column shows, else what the other columns of
    /// numbers do, where every number of this one is in doubt.
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
                // What a program wrote shows nothing of how people write.
                if line.kind(column) == CellKind::Text {
                    seen.observe(cells::peel(cell));
                }
            }
        })?;
        Ok(evidence)
    }

    /// Shows every row of the file to `look`, from the first one on.
    pub(in crate::connectors::isavigne::file_reading) fn each_row(
        &self,
        last_day: Date,
        mut look: impl FnMut(&Cells<'_>),
    ) -> Result<()> {
        self.each_line(|line, columns| {
            look(&Cells {
                line,
                columns,
                marks: self,
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

    /// The order of dates that the estate set.
    pub(in crate::connectors::isavigne::file_reading) fn date_order(&self) -> Option<DateOrder> {
        self.config.date_form.map(|form| match form {
            DateForm::DayFirst => DateOrder::DayFirst,
            DateForm::MonthFirst => DateOrder::MonthFirst,
            DateForm::YearFirst => DateOrder::YearFirst,
        })
    }

    /// The order that `column` of dates proves beside the French one.
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

    /// Notes that `column` proves `order`. False where that, or another order, was known.
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

    /// Whether every date of `column` can be read year first: `25-12-27`, a day to come when the day is first.
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

    /// Whether every filled cell of `column`, that of the units, is a number.
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

    /// Whether the keys that several rows share are known.
    pub(in crate::connectors::isavigne) fn knows_shared_keys(&self) -> bool {
        self.shared_keys.get().is_some()
    }

    /// Notes the keys that several rows share.
    pub(in crate::connectors::isavigne) fn note_shared_keys(&self, keys: SharedKeys) {
        self.shared_keys.get_or_init(|| keys);
    }

    /// What `look` says of the keys that several rows share; false where none does.
    pub(in crate::connectors::isavigne) fn with_shared_keys(
        &self,
        look: impl FnOnce(&SharedKeys) -> bool,
    ) -> bool {
        self.shared_keys.get().is_some_and(look)
    }

    /// Whether a row of the file was of an invoice, in this reading or the one before.
    pub(in crate::connectors::isavigne::file_reading) fn has_invoices(&self) -> bool {
        self.has_invoices.get()
    }

    /// Notes that a row of the file is of an invoice.
    pub(in crate::connectors::isavigne::file_reading) fn note_invoice(&self) {
        self.has_invoices.set(true);
    }
}
