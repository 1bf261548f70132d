//! Compares the totals in a file with the sums of its rows.
//!
//! Only a file with totals is read an additional time.

use std::collections::{BTreeMap, BTreeSet};

use super::super::labels;
use super::super::rows::Rows;
use super::group_totals::word_and_group;
use super::summed::{MOST_TOTALS, SUMMED, TOLERANCE};
use crate::canonical::{Decimal, Table, sale, stock, text};
use crate::connectors::isavigne::cells::{self, DecimalMark};
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::sheet::{CellKind, Line};
use crate::error::Result;
use crate::french;
use crate::report::Closing;

/// The lines of totals of a file.
#[derive(Default)]
pub(super) struct WrittenTotals {
    /// Numbers of the lines with totals, each with the name of its group, normalized; empty without a name.
    lines: BTreeMap<u64, String>,
}

/// Result of the comparison.
#[derive(Default)]
pub(super) struct Compared {
    /// A sentence about the totals that differ.
    pub(super) remark: Option<String>,
    /// The total at the end of the file, by column.
    pub(super) closing: Vec<Closing>,
}

/// Sums by column, in ten-thousandths.
type Sums = Vec<i128>;

impl WrittenTotals {
    /// Adds `line`, which is not a row, if it contains a total of a column that can be summed.
    pub(super) fn note(&mut self, line: &Line, columns: &Columns) {
        let mut cells = line.cells.iter().map(cells::peel);
        let label = cells.find(|cell| !cell.is_empty()).unwrap_or_default();
        let has_sum = summed(columns).any(|column| written(line, column, None).is_some());
        if labels::is_sum(label) && has_sum && self.lines.len() < MOST_TOTALS {
            let key = text::header_key(label);
            let group = word_and_group(&key).map_or("", |(_, group)| group);
            self.lines.insert(line.number, group.to_owned());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Reads `rows` from the header on, and compares. `is_row`: whether a line is a row, as far as it is not noted.
    pub(super) fn compare(
        &self,
        rows: &mut Rows,
        columns: &Columns,
        is_row: impl Fn(&Line) -> Result<bool>,
        mark: impl Fn(usize) -> Result<Option<DecimalMark>>,
    ) -> Result<Compared> {
        let mut summed_columns = Vec::new();
        let mut last_total = None;
        for column in summed(columns) {
            summed_columns.push((column, mark(column)?));
        }
        let mut sums: Sums = vec![0; summed_columns.len()];
        // The sums at each line of totals: a subtotal may start, or end, at any of them.
        let mut bounds: Vec<Sums> = vec![sums.clone()];
        let mut groups: BTreeMap<&str, Sums> = self
            .lines
            .values()
            .filter(|group| !group.is_empty())
            .map(|group| (group.as_str(), sums.clone()))
            .collect();
        let mut totals = Vec::new();
        let mut line = Line::default();
        rows.read(&mut line)?;
        while rows.read(&mut line)? {
            if line.broken_quote.is_some() {
                continue;
            }
            let values = summed_columns
                .iter()
                .map(|&(column, mark)| written(&line, column, mark));
            if let Some(group) = self.lines.get(&line.number) {
                let filled = values.enumerate();
                totals.extend(filled.filter_map(|(place, value)| {
                    Some(WrittenTotal {
                        line: line.number,
                        group,
                        place,
                        value: value?,
                        at: bounds.len(),
                    })
                }));
                bounds.push(sums.clone());
                last_total = Some(line.number);
            } else if is_row(&line)? {
                last_total = None;
                let values: Sums = values.map(Option::unwrap_or_default).collect();
                add(&mut sums, &values);
                add_to_groups(&mut groups, &line, &values);
            }
        }
        bounds.push(sums);
        let mut wrong = totals
            .iter()
            .filter_map(|total| Some((total, total.missed(&bounds, groups.get(total.group))?)));
        let first = wrong.next();
        let remark = first.map(|(first, sum)| sentence(first, sum, wrong.count()));
        let at_end = totals.iter().filter(|total| Some(total.line) == last_total);
        let fields: Vec<Field> = summed_fields(columns).collect();
        let closing = at_end.filter_map(|total| {
            let column = column_of(columns.table(), *fields.get(total.place)?)?;
            total.closing(column, &bounds, groups.get(total.group))
        });
        Ok(Compared {
            remark,
            closing: closing.collect(),
        })
    }
}

fn add(sums: &mut Sums, values: &Sums) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// Adds the values of a row to the sums of the groups whose names are in its cells.
fn add_to_groups(groups: &mut BTreeMap<&str, Sums>, row: &Line, values: &Sums) {
    if groups.is_empty() {
        return;
    }
    let names: BTreeSet<String> = row.cells.iter().map(text::header_key).collect();
    for name in names {
        if let Some(sums) = groups.get_mut(name.as_str()) {
            add(sums, values);
        }
    }
}

/// A total in a line of totals.
struct WrittenTotal<'a> {
    line: u64,
    /// The name of its group, normalized.
    group: &'a str,
    /// Its index among the columns that can be summed.
    place: usize,
    value: i128,
    /// The index of its line among the sums at lines of totals.
    at: usize,
}

impl WrittenTotal<'_> {
    /// The expected sum, if the value is none of the possible ones: of the rows above it from the beginning or from
    /// any total, of the rows below it up to any total or the end, or of its `group`.
    fn missed(&self, bounds: &[Sums], group: Option<&Sums>) -> Option<i128> {
        let sum_at = |sums: &Sums| sums.get(self.place).copied().unwrap_or_default();
        let here = bounds.get(self.at).map_or(0, sum_at);
        let (above, below) = bounds.split_at(self.at.min(bounds.len()));
        let above = above.iter().map(|sums| here - sum_at(sums));
        let below = below.iter().skip(1).map(|sums| sum_at(sums) - here);
        let gap = |sum: &i128| (sum - self.value).abs();
        let of_group = group.map(sum_at);
        let nearest = above.chain(below).chain(of_group).min_by_key(gap)?;
        (gap(&nearest) > i128::from(TOLERANCE)).then_some(nearest)
    }
}

impl WrittenTotal<'_> {
    /// The value as the total of the whole file for `column`; `None` where it is that of a part.
    fn closing(&self, column: &str, bounds: &[Sums], group: Option<&Sums>) -> Option<Closing> {
        let whole = bounds.last()?.get(self.place).copied()?;
        let is_whole = (whole - self.value).abs() <= i128::from(TOLERANCE);
        let rows = if is_whole {
            whole
        } else {
            self.missed(bounds, group)?
        };
        Some(Closing {
            column: column.to_owned(),
            written: i64::try_from(self.value).ok()?,
            rows,
        })
    }
}

/// The column of `table` that holds `field`.
fn column_of(table: Table, field: Field) -> Option<&'static str> {
    let column = match (table, field) {
        (Table::SalesLines, Field::Quantity) => sale::COLUMN.quantity_units,
        (Table::SalesLines, Field::Total) => sale::COLUMN.price_total_eur,
        (Table::SalesLines, Field::TotalExclTax) => sale::COLUMN.price_total_excl_tax_eur,
        (Table::StockLevels, Field::Quantity) => stock::COLUMN.quantity_units,
        _ => return None,
    };
    Some(table.column_name(column))
}

/// `others`: number of other totals that differ.
fn sentence(first: &WrittenTotal, sum: i128, others: usize) -> String {
    let others = match others {
        0 => String::new(),
        1 => " ; 1 autre total diffère aussi".to_owned(),
        _ => format!(" ; {others} autres totaux diffèrent aussi"),
    };
    format!(
        "le total écrit ligne {} ({}) n'est pas la somme des lignes lues ({}){others}",
        first.line,
        amount(first.value),
        amount(sum)
    )
}

/// `12 345,00`
fn amount(ten_thousandths: i128) -> String {
    let cents = (ten_thousandths.unsigned_abs() + 50) / 100;
    let whole = u64::try_from(cents / 100).unwrap_or(u64::MAX);
    let sign = if ten_thousandths < 0 { "-" } else { "" };
    format!("{sign}{},{:02}", french::count(whole), cents % 100)
}

fn summed(columns: &Columns) -> impl Iterator<Item = usize> {
    summed_fields(columns).filter_map(|field| columns.of(field))
}

fn summed_fields(columns: &Columns) -> impl Iterator<Item = Field> {
    let fields = SUMMED.into_iter();
    fields.filter(|field| columns.of(*field).is_some())
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
        assert_eq!(amount(123_450_000), "12\u{202F}345,00");
        assert_eq!(amount(-12_500), "-1,25");
        assert_eq!(amount(0), "0,00");
    }

    #[test]
    fn a_total_counts_from_or_to_the_ends_of_the_file_or_any_total() {
        // A total at 360 000, the one in question at 390 000, another at 400 000, and the end.
        let bounds = [0, 360_000, 390_000, 400_000, 450_000].map(|sum| vec![sum]);
        let missed = |value| {
            let total = WrittenTotal {
                line: 4,
                group: "",
                place: 0,
                value,
                at: 2,
            };
            total.missed(&bounds, None)
        };
        for sum in [30_000, 390_000, 10_000, 60_000] {
            assert_eq!(missed(sum), None, "{sum}");
        }
        assert_eq!(missed(350_000), Some(390_000));
        assert_eq!(missed(49_000), Some(60_000));
    }
}
