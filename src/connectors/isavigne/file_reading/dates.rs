//! The dates of a row, and dates with two possible orders.

use jiff::civil::Date;

use super::row::{Cells, EMPTY, Refusal};
use crate::connectors::isavigne::cells::{self, DateOrder};
use crate::connectors::isavigne::columns::Field;
use crate::connectors::isavigne::sheet::CellKind;

/// The date of the row before, as its cell was written: the lines of a document share theirs.
#[derive(Debug, Default)]
pub(in super::super) struct LastDate {
    cell: String,
    kind: CellKind,
    date: Date,
}

impl LastDate {
    /// The day of `field`, which a row cannot do without.
    pub(in super::super) fn read(
        &mut self,
        cells: &Cells<'_>,
        field: Field,
    ) -> Result<Date, Box<Refusal>> {
        let cell = cells.plain(field).unwrap_or_default();
        let kind = cells.kind(field);
        if !cell.is_empty() && cell == self.cell && kind == self.kind {
            return Ok(self.date);
        }
        self.date = cells.required_date(field)?;
        self.kind = kind;
        cell.clone_into(&mut self.cell);
        Ok(self.date)
    }
}

impl Cells<'_> {
    /// The day of `field`, when it is filled.
    pub(in super::super) fn date(&self, field: Field) -> Result<Option<Date>, Box<Refusal>> {
        let Some(cell) = self.plain(field) else {
            return Ok(None);
        };
        let column = self.columns.of(field).unwrap_or_default();
        if self.kind(field) == CellKind::Number {
            // Some type 20251227 as a number: no serial, but a date all the same.
            let date = cells::excel_serial(cell, self.last_day)
                .or_else(|error| cells::date(cell, self.last_day).map_err(|_| error));
            return date
                .map(Some)
                .map_err(|error| self.refuse(field, error.to_string()));
        }
        let order = self.evidence.date_order();
        let read = match order {
            None => cells::date(cell, self.last_day),
            Some(order) => cells::date_in(cell, order, self.last_day),
        };
        match (read, order) {
            (Ok(date), None) => match self.evidence.date_doubt(column) {
                Some(doubt) if cells::other_order(cell, doubt, self.last_day).is_some() => {
                    Err(self.refuse(field, two_dates(doubt)))
                }
                _ => Ok(Some(date)),
            },
            (Ok(date), Some(_)) => Ok(Some(date)),
            (Err(error), None) => Err(self.no_french_date(field, column, error)?),
            (Err(error), Some(_)) => {
                Err(self.refuse(field, format!("{error} ; réglage DATE_FORM")))
            }
        }
    }

    /// Why the cell is not a date with the day first. The first cell that proves another order makes its column
    /// doubtful.
    fn no_french_date(
        &self,
        field: Field,
        column: usize,
        error: cells::DateError,
    ) -> Result<Box<Refusal>, Box<Refusal>> {
        let proven = match error {
            cells::DateError::MonthBeforeDay => Some(DateOrder::MonthFirst),
            cells::DateError::YearBeforeMonth => Some(DateOrder::YearFirst),
            cells::DateError::TooLate if self.is_past_year_first(column)? => {
                Some(DateOrder::YearFirst)
            }
            _ => None,
        };
        let Some(order) = proven else {
            return Ok(self.refuse(field, error.to_string()));
        };
        if self.evidence.doubt_dates(column, order) {
            return Ok(Refusal::Again.into());
        }
        Ok(self.refuse(
            field,
            format!("{error} ; le réglage DATE_FORM dit l'ordre des dates"),
        ))
    }

    /// Whether a day to come is a past one year first, as all others of its column can be read.
    fn is_past_year_first(&self, column: usize) -> Result<bool, Box<Refusal>> {
        let other = cells::other_order(self.at(column), DateOrder::YearFirst, self.last_day);
        Ok(other.is_some() && self.evidence.may_be_year_first(column, self.last_day)?)
    }

    /// The cell of `field`, if it is the zero of a spreadsheet or a database: a date that was not entered.
    pub(in super::super) fn zero_date(&self, field: Field) -> Option<&str> {
        let cell = self.plain(field)?;
        let read = if self.kind(field) == CellKind::Number {
            cells::excel_serial(cell, self.last_day)
        } else {
            cells::date(cell, self.last_day)
        };
        (read == Err(cells::DateError::Zero)).then_some(cell)
    }

    /// The day of `field`, which a row cannot do without.
    pub(in super::super) fn required_date(&self, field: Field) -> Result<Date, Box<Refusal>> {
        self.date(field)?.ok_or_else(|| self.refuse(field, EMPTY))
    }
}

/// The reason to reject a date with two possible orders.
fn two_dates(other: DateOrder) -> String {
    let first = match other {
        DateOrder::YearFirst => "l'année en premier",
        _ => "le mois avant le jour",
    };
    format!(
        "est une date qui peut se lire de deux façons : d'autres dates de cette colonne placent {first} ; le réglage DATE_FORM (dmy, mdy ou ymd) dira laquelle est la bonne"
    )
}
