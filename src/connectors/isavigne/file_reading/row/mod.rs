//! The cells of a row by field, parsed by type.

pub(in crate::connectors::isavigne) mod file_evidence;

use std::borrow::Cow;

use jiff::civil::Date;

use self::file_evidence::FileEvidence;
use crate::canonical::{Decimal, text};
use crate::connectors::isavigne::cells;
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::sheet::{CellKind, Line};
pub(in super::super) use crate::connectors::shared::Fault;
use crate::error::Error;

/// The reason for an empty required cell.
pub(in super::super) const EMPTY: &str = "est vide, une valeur est obligatoire";

/// Why a row cannot be read. It is passed on in a box: nearly every cell is read without one, and a small result is faster
/// to return.
#[derive(Debug)]
pub(in super::super) enum Refusal {
    /// The row is invalid.
    Row(Fault),
    /// The file must be read again with a newly found doubt.
    Again,
    /// Reading or writing failed.
    Stop(Error),
}

impl From<Error> for Box<Refusal> {
    fn from(error: Error) -> Self {
        Self::new(Refusal::Stop(error))
    }
}

/// One row of a file.
pub(in super::super) struct Cells<'a> {
    pub(in super::super) line: &'a Line,
    pub(in super::super) columns: &'a Columns,
    pub(in super::super) evidence: &'a FileEvidence<'a>,
    /// Last accepted day.
    pub(in super::super) last_day: Date,
}

impl<'a> Cells<'a> {
    /// The cell in `column`, peeled.
    pub(in super::super) fn at(&self, column: usize) -> &'a str {
        cells::peel(self.line.cells.get(column).unwrap_or_default())
    }

    /// The raw cell of `field`, if it is filled.
    pub(in super::super) fn plain(&self, field: Field) -> Option<&'a str> {
        let cell = self.at(self.columns.of(field)?);
        (!cell.is_empty()).then_some(cell)
    }

    /// What the cell of `field` is to the program that wrote it.
    pub(in super::super) fn kind(&self, field: Field) -> CellKind {
        self.line.kind(self.columns.of(field).unwrap_or_default())
    }

    /// The text of `field`, when it is filled.
    pub(in super::super) fn text(&self, field: Field) -> Option<Cow<'a, str>> {
        let text = text::clean(self.plain(field)?);
        (!text.is_empty()).then_some(text)
    }

    /// Whether `field` has a column.
    pub(in super::super) fn has(&self, field: Field) -> bool {
        self.columns.has(field)
    }

    /// The header of `field`, as written.
    pub(in super::super) fn header(&self, field: Field) -> &'a str {
        let column = self.columns.of(field);
        column.map_or("", |column| self.columns.header(column))
    }

    /// The filled cells of all columns of `field`.
    pub(in super::super) fn filled(&self, field: Field) -> impl Iterator<Item = &'a str> {
        let columns = self.columns.all(field).iter();
        columns
            .map(|&column| self.at(column))
            .filter(|cell| !cell.is_empty())
    }

    /// The code of `field`, when it is filled: part of a key.
    pub(in super::super) fn code(
        &self,
        field: Field,
    ) -> Result<Option<Cow<'a, str>>, Box<Refusal>> {
        let Some(cell) = self.plain(field) else {
            return Ok(None);
        };
        if cells::is_plain(cell) {
            return Ok(Some(Cow::Borrowed(cell)));
        }
        let code = match cells::code(cell) {
            Ok(code) => code,
            // A cash register may number its days by their dates.
            Err(cells::CodeError::DateText) if self.are_all_days(field)? => cell,
            Err(error) => return Err(self.refuse(field, error.to_string())),
        };
        let text = text::clean(code);
        Ok((!text.is_empty()).then_some(text))
    }

    /// Whether every code of `field` looks like a day, which then is what its codes look like.
    fn are_all_days(&self, field: Field) -> Result<bool, Box<Refusal>> {
        let Some(column) = self.columns.of(field) else {
            return Ok(false);
        };
        Ok(self.evidence.are_all_days(column, self.last_day)?)
    }

    /// Whether every filled cell of `field` is a number, which then is what its cells are.
    pub(in super::super) fn are_all_numbers(&self, field: Field) -> Result<bool, Box<Refusal>> {
        let Some(column) = self.columns.of(field) else {
            return Ok(false);
        };
        Ok(self.evidence.are_all_numbers(column, self.last_day)?)
    }

    /// The code of `field`, which a row cannot do without.
    pub(in super::super) fn required_code(
        &self,
        field: Field,
    ) -> Result<Cow<'a, str>, Box<Refusal>> {
        self.code(field)?.ok_or_else(|| self.refuse(field, EMPTY))
    }

    /// Shows every row of the file to `look`: for a doubt that the other rows decide.
    pub(in super::super) fn each_row(
        &self,
        look: impl FnMut(&Cells<'_>),
    ) -> Result<(), Box<Refusal>> {
        Ok(self.evidence.each_row(self.last_day, look)?)
    }

    /// Whether some row read so far is of an invoice.
    pub(in super::super) fn has_invoices(&self) -> bool {
        self.evidence.has_invoices()
    }

    /// Records that this row is of an invoice.
    pub(in super::super) fn note_invoice(&self) {
        self.evidence.note_invoice();
    }

    /// The texts of all columns of `field`.
    pub(in super::super) fn texts(&self, field: Field) -> impl Iterator<Item = Cow<'a, str>> {
        let columns = self.columns.all(field).iter();
        columns.map(|&column| text::clean(self.at(column)))
    }

    /// The text of `field`, which a row cannot do without.
    pub(in super::super) fn required(&self, field: Field) -> Result<Cow<'a, str>, Box<Refusal>> {
        self.text(field).ok_or_else(|| self.refuse(field, EMPTY))
    }

    /// The number of `field`, when it is filled.
    pub(in super::super) fn decimal(&self, field: Field) -> Result<Option<Decimal>, Box<Refusal>> {
        let Some(cell) = self.plain(field) else {
            return Ok(None);
        };
        self.read_decimal(field, cell).map(Some)
    }

    /// Like [`Cells::decimal`], after removing one of `suffixes`: `12,5 % vol`.
    pub(in super::super) fn decimal_before(
        &self,
        field: Field,
        suffixes: &[&str],
    ) -> Result<Option<Decimal>, Box<Refusal>> {
        let Some(cell) = self.plain(field) else {
            return Ok(None);
        };
        let bare = suffixes.iter().find_map(|suffix| cell.strip_suffix(suffix));
        self.read_decimal(field, bare.map_or(cell, str::trim_end))
            .map(Some)
    }

    /// The number of `field`, which a row cannot do without.
    pub(in super::super) fn required_decimal(&self, field: Field) -> Result<Decimal, Box<Refusal>> {
        self.decimal(field)?
            .ok_or_else(|| self.refuse(field, EMPTY))
    }

    fn read_decimal(&self, field: Field, cell: &str) -> Result<Decimal, Box<Refusal>> {
        let refuse = |error: cells::NumberError| self.refuse(field, error.to_string());
        let column = self.columns.of(field).unwrap_or_default();
        if self.line.kind(column) == CellKind::Foreign {
            return Err(refuse(cells::NumberError::Currency));
        }
        match cells::number(cell).map_err(refuse)? {
            cells::Number::Exact(value) => Ok(value),
            ambiguous @ cells::Number::Ambiguous { .. } => {
                let mark = match self.line.kind(column) {
                    CellKind::Number => Some(cells::DecimalMark::Dot),
                    _ => self.evidence.of(column, self.columns)?,
                };
                ambiguous.resolve(mark).map_err(refuse)
            }
        }
    }

    /// The yes or no of `field`; `default` where there is no such column.
    pub(in super::super) fn flag(&self, field: Field, default: bool) -> Result<bool, Box<Refusal>> {
        let Some(column) = self.columns.of(field) else {
            return Ok(default);
        };
        cells::flag(self.at(column)).map_err(|error| self.refuse(field, error.to_string()))
    }

    /// Refuses the row for its cell of `field`; `reason` is a French predicate.
    #[expect(
        clippy::unnecessary_box_returns,
        reason = "every result that may be refused holds it so"
    )]
    pub(in super::super) fn refuse(&self, field: Field, reason: impl Into<String>) -> Box<Refusal> {
        let column = self.columns.of(field).unwrap_or_default();
        let header = self.columns.header(column);
        let fault = Fault::of_field(header, Some(self.at(column)), reason.into());
        Box::new(Refusal::Row(fault))
    }
}
