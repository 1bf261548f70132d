//! Compares the totals in a file with the sums of its rows.
//!
//! Only a file with totals is read an additional time.

use super::super::labels;
use super::super::non_rows::NonRows;
use super::super::rows::Rows;
use crate::canonical::Decimal;
use crate::connectors::isavigne::cells::{self, DecimalMark};
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::sheet::{CellKind, Line};
use crate::error::Result;

/// Fields that can be summed.
const SUMMED: &[Field] = &[Field::Quantity, Field::Total, Field::TotalExclTax];

/// Most lines of totals that are checked.
const MOST_LINES: usize = 1000;

/// Accepted rounding difference, in ten-thousandths.
const TOLERANCE: i128 = 500;

/// The lines of totals of a file.
#[derive(Default)]
pub(super) struct WrittenTotals {
    /// Numbers of the lines with totals.
    lines: Vec<u64>,
}

/// Sums by column, in ten-thousandths.
type Sums = Vec<i128>;

impl WrittenTotals {
    /// Adds `line`, which is not a row, if it contains a total of a column that can be summed.
    pub(super) fn note(&mut self, line: &Line, columns: &Columns) {
        let mut cells = line.cells.iter().map(cells::peel);
        let is_sum = cells
            .find(|cell| !cell.is_empty())
            .is_some_and(labels::is_sum);
        let has_sum = summed(columns).any(|column| written(line, column, None).is_some());
        if is_sum && has_sum && self.lines.len() < MOST_LINES {
            self.lines.push(line.number);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Reads `rows` from the header on, and compares; returns a sentence about the totals that differ.
    pub(super) fn compare(
        &self,
        rows: &mut Rows,
        non_rows: &NonRows<'_>,
        columns: &Columns,
        mark: impl Fn(usize) -> Result<Option<DecimalMark>>,
    ) -> Result<Option<String>> {
        let summed: Vec<usize> = summed(columns).collect();
        let mut sums: Sums = vec![0; summed.len()];
        let mut marks = Vec::with_capacity(summed.len());
        for &column in &summed {
            marks.push(mark(column)?);
        }
        // The sums at each line of totals: a subtotal may start at any of them.
        let mut before: Vec<Sums> = vec![sums.clone()];
        let mut first = None;
        let mut wrong = 0_u64;
        let mut line = Line::default();
        rows.read(&mut line)?;
        while rows.read(&mut line)? {
            if line.broken_quote.is_some() {
                continue;
            }
            let is_noted = self.lines.binary_search(&line.number).is_ok();
            if is_noted {
                for (place, &column) in summed.iter().enumerate() {
                    let mark = marks.get(place).copied().flatten();
                    let Some(value) = written(&line, column, mark) else {
                        continue;
                    };
                    if let Some(sum) = missed(value, place, &sums, &before) {
                        wrong += 1;
                        first.get_or_insert((line.number, value, sum));
                    }
                }
            }
            if is_noted || (non_rows.is_doubtful(&line) && non_rows.kind(&line)?.is_some()) {
                if is_noted {
                    before.push(sums.clone());
                }
                continue;
            }
            for (place, (&column, sum)) in summed.iter().zip(&mut sums).enumerate() {
                let mark = marks.get(place).copied().flatten();
                *sum += written(&line, column, mark).unwrap_or_default();
            }
        }
        Ok(first.map(|(line, value, sum)| sentence(line, value, sum, wrong)))
    }
}

/// The expected sum for `value`, if it equals none of the possible ones.
fn missed(value: i128, place: usize, sums: &Sums, before: &[Sums]) -> Option<i128> {
    let now = sums.get(place).copied().unwrap_or_default();
    let since = |earlier: &Sums| now - earlier.get(place).copied().unwrap_or_default();
    let is_met = before
        .iter()
        .any(|earlier| (since(earlier) - value).abs() <= TOLERANCE);
    let nearest = before
        .iter()
        .map(since)
        .min_by_key(|sum| (sum - value).abs());
    if is_met { None } else { nearest }
}

fn sentence(line: u64, value: i128, sum: i128, wrong: u64) -> String {
    let others = match wrong {
        1 => String::new(),
        2 => " ; 1 autre total diffère aussi".to_owned(),
        _ => format!(" ; {} autres totaux diffèrent aussi", wrong - 1),
    };
    format!(
        "le total écrit ligne {line} ({}) n'est pas la somme des lignes lues ({}){others}",
        amount(value),
        amount(sum)
    )
}

/// `12 345,00`
fn amount(ten_thousandths: i128) -> String {
    let cents = (ten_thousandths.abs() + 50) / 100;
    let whole = (cents / 100).to_string();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('\u{A0}');
        }
        grouped.push(digit);
    }
    let sign = if ten_thousandths < 0 { "-" } else { "" };
    format!("{sign}{grouped},{:02}", cents % 100)
}

fn summed(columns: &Columns) -> impl Iterator<Item = usize> {
    SUMMED.iter().filter_map(|&field| columns.of(field))
}

/// The number in `column` of `line`, if there is one.
fn written(line: &Line, column: usize, mark: Option<DecimalMark>) -> Option<i128> {
    let cell = cells::peel(line.cells.get(column)?);
    let mark = match line.kind(column) {
        CellKind::Number => Some(DecimalMark::Dot),
        _ => mark.or(Some(DecimalMark::Comma)),
    };
    let number: Decimal = cells::number(cell).ok()?.resolve(mark).ok()?;
    Some(i128::from(number.ten_thousandths()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_in_france() {
        assert_eq!(amount(123_450_000), "12\u{A0}345,00");
        assert_eq!(amount(-12_500), "-1,25");
        assert_eq!(amount(0), "0,00");
    }

    #[test]
    fn a_total_counts_from_the_beginning_or_from_any_total_before() {
        let before = [vec![0], vec![360_000]];
        let now = vec![390_000];
        assert_eq!(missed(30_000, 0, &now, &before), None);
        assert_eq!(missed(390_000, 0, &now, &before), None);
        assert_eq!(missed(350_000, 0, &now, &before), Some(390_000));
    }
}
