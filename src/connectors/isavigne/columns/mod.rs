//! Maps the columns of a header line to fields, by the tables of [`headers`].

mod headers;
mod meaning;
mod missing;
mod names;
mod overrides;
#[cfg(test)]
mod tests;

pub(super) use headers::Field;
use headers::{ignored, known};
use meaning::{Assignment, settle};
pub(super) use missing::MOST_HEADER_CHARS;
use missing::Written;
use names::Name;
pub(super) use overrides::Overrides;

use foldhash::HashSet;

use crate::canonical::rows::{Column, ColumnSet};
use crate::canonical::{Table, text};
use crate::error::Result;
use crate::french;

/// Longest name in a list of names.
const MOST_NAME_CHARS: usize = 40;

/// Fields that are read from all their columns, not only from the first.
const SEVERAL: &[Field] = &[
    Field::Category,
    Field::Email,
    Field::Phone,
    Field::Mobile,
    Field::EmailOptIn,
    Field::EmailOptOut,
    Field::PhoneOptIn,
    Field::PhoneOptOut,
    Field::SmsOptIn,
    Field::SmsOptOut,
];

/// Type of the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnType {
    Date,
    Number,
    Email,
    Zip,
    Flag,
}

/// A header line mapped to fields.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    table: Table,
    /// Headers as written, up to the last filled one.
    headers: Vec<String>,
    /// Columns by field, most certain first.
    by_field: [Vec<usize>; Field::COUNT],
    /// Unknown headers, and headers of a field that another column already fills.
    pub(super) unused: Vec<String>,
    /// Whether the header says that quantities are in bottles.
    counts_bottles: bool,
}

impl Columns {
    /// Maps `header` to the fields of `table`; the error names missing columns and their accepted headers.
    pub(super) fn map(table: Table, header: &[String], overrides: &Overrides) -> Result<Self> {
        let filled = header.iter().rposition(|name| !name.trim().is_empty());
        let headers: Vec<String> = header
            .iter()
            .take(filled.map_or(0, |last| last + 1))
            .cloned()
            .collect();
        let names: Vec<Name> = headers.iter().map(|name| Name::of(name)).collect();
        let written = Written {
            table,
            headers: &headers,
            names: &names,
        };
        let mut assignment = Assignment {
            names: &names,
            by_field: std::array::from_fn(|_| Vec::new()),
            taken: vec![false; names.len()],
        };
        assign_own(&mut assignment, table, overrides);
        assign_sure(&mut assignment, table, overrides);
        settle(table, &mut assignment).map_err(|doubt| written.doubts(&doubt))?;
        share_own(&mut assignment, table, overrides);
        let mut columns = Self {
            table,
            by_field: assignment.by_field,
            unused: Vec::new(),
            counts_bottles: false,
            headers: Vec::new(),
        };
        columns.settle_single_name();
        columns.settle_bottles();
        let missing: Vec<_> = known(table)
            .iter()
            .filter(|known| known.is_required && !columns.has(known.field))
            .collect();
        if !missing.is_empty() {
            return Err(written.lacks(&missing, overrides));
        }
        columns.unused = columns.find_unused(&written);
        columns.headers = headers;
        Ok(columns)
    }

    /// Uses a company name alone as the name, of companies and persons alike.
    fn settle_single_name(&mut self) {
        if self.table == Table::Customers && !self.has(Field::LastName) {
            self.by_field
                .swap(Field::LastName as usize, Field::CompanyName as usize);
        }
    }

    /// A column of bottles is a quantity and its sales unit.
    fn settle_bottles(&mut self) {
        if !self.has(Field::Quantity) && self.has(Field::QuantityBottles) {
            self.by_field
                .swap(Field::Quantity as usize, Field::QuantityBottles as usize);
            self.counts_bottles = true;
        }
    }

    fn find_unused(&self, written: &Written<'_>) -> Vec<String> {
        let several = SEVERAL.iter().flat_map(|&field| self.all(field));
        let first = self.by_field.iter().filter_map(|found| found.first());
        let used: Vec<usize> = first.chain(several).copied().collect();
        let is_ignored = |name: &Name| ignored(self.table).iter().any(|known| name.is(known));
        written
            .headers
            .iter()
            .zip(written.names)
            .enumerate()
            .filter(|(at, (_, name))| !used.contains(at) && !is_ignored(name))
            .map(|(at, (header, _))| match header.trim() {
                "" => format!("colonne {} sans nom", at + 1),
                header => header.to_owned(),
            })
            .collect()
    }

    /// The table of the header.
    pub(super) fn table(&self) -> Table {
        self.table
    }

    /// Number of columns.
    pub(super) fn width(&self) -> usize {
        self.headers.len()
    }

    /// The first column of `field`.
    pub(super) fn of(&self, field: Field) -> Option<usize> {
        self.all(field).first().copied()
    }

    /// All columns of `field`, most certain first.
    pub(super) fn all(&self, field: Field) -> &[usize] {
        self.by_field.get(field as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether `field` has a column.
    pub(super) fn has(&self, field: Field) -> bool {
        self.of(field).is_some()
    }

    /// Whether the header says that quantities are in bottles.
    pub(super) fn counts_bottles(&self) -> bool {
        self.counts_bottles
    }

    /// The columns that must be filled in every row.
    pub(super) fn required(&self) -> impl Iterator<Item = usize> {
        known(self.table)
            .iter()
            .filter(|known| known.is_required)
            .filter_map(|known| self.of(known.field))
    }

    /// The columns with a type, and their types.
    pub(super) fn typed(&self) -> impl Iterator<Item = (usize, ColumnType)> {
        known(self.table).iter().flat_map(|known| {
            let kind = type_of(known.field);
            let columns = self.all(known.field).iter();
            columns.filter_map(move |&column| Some((column, kind?)))
        })
    }

    /// The column that `name` is of: a header, or the name of a field.
    pub(super) fn named(&self, name: &str) -> Option<usize> {
        let key = text::header_key(name);
        let mut headers = self.headers.iter();
        let by_header = headers.position(|header| text::header_key(header) == key);
        let field = known(self.table).iter().find(|known| known.name == name);
        by_header.or_else(|| self.of(field?.field))
    }

    /// The name of the field of column `at`; its header where it has none.
    pub(super) fn field_name(&self, at: usize) -> &str {
        let mut fields = known(self.table).iter();
        let field = fields.find(|known| self.of(known.field) == Some(at));
        field.map_or_else(|| self.header(at), |known| known.name)
    }

    /// The header of column `at`, as written.
    pub(super) fn header(&self, at: usize) -> &str {
        self.headers.get(at).map_or("", |name| name.trim())
    }

    /// Number of columns with a field.
    pub(super) fn understood(&self) -> usize {
        self.headers.len() - self.unused.len()
    }

    /// The canonical columns among `fed` whose fields all lack a column in the file.
    pub(super) fn absent(&self, fed: &[(Column, &[Field])]) -> ColumnSet {
        let absent = fed
            .iter()
            .filter(|(_, fields)| !fields.iter().any(|&field| self.has(field)));
        absent.map(|&(column, _)| column).collect()
    }
}

/// Whether `key`, a header as written or in the form of [`text::header_key`](text::header_key), is a known column of
/// `table`.
pub(super) fn is_known(table: Table, key: &str) -> bool {
    let name = Name::of(key);
    let headers = known(table).iter().flat_map(|known| known.headers);
    let mut all = headers.chain(ignored(table));
    all.any(|header| name.is(header))
}

/// The known headers of all tables, certain or not, in the form of [`text::header_key`].
pub(super) fn all_names() -> HashSet<String> {
    let of = |table: Table| {
        let headers = known(table).iter();
        let headers = headers.flat_map(|known| known.headers.iter().chain(known.weak));
        headers
            .chain(ignored(table))
            .map(|header| (*header).to_owned())
    };
    Table::ALL.into_iter().flat_map(of).collect()
}

/// The type of `field`, if it has one.
const fn type_of(field: Field) -> Option<ColumnType> {
    Some(match field {
        Field::Date => ColumnType::Date,
        Field::Cost
        | Field::Discount
        | Field::PriceUnit
        | Field::PriceUnitExclTax
        | Field::PriceUnitPlain
        | Field::Quantity
        | Field::QuantityBottles
        | Field::Reserved
        | Field::TaxAmount
        | Field::Total
        | Field::TotalExclTax
        | Field::TotalPlain => ColumnType::Number,
        Field::Email => ColumnType::Email,
        Field::ZipCode => ColumnType::Zip,
        Field::Active
        | Field::EmailOptIn
        | Field::EmailOptOut
        | Field::PhoneOptIn
        | Field::PhoneOptOut
        | Field::SmsOptIn
        | Field::SmsOptOut => ColumnType::Flag,
        _ => return None,
    })
}

/// Assigns the columns that the settings name.
fn assign_own(columns: &mut Assignment<'_>, table: Table, overrides: &Overrides) {
    for known in known(table) {
        let Some(own) = overrides.header(table, known.field) else {
            continue;
        };
        if let Some(column) = columns.names.iter().position(|name| name.is_own(own)) {
            columns.give(known.field, column);
        }
    }
}

/// Assigns the columns whose header has one meaning.
fn assign_sure(columns: &mut Assignment<'_>, table: Table, overrides: &Overrides) {
    let ways: [fn(&Name, &str) -> bool; 2] = [Name::is, Name::is_stem];
    for matches in ways {
        for known in known(table) {
            if overrides.header(table, known.field).is_some() {
                continue;
            }
            for header in known.headers {
                let found = columns.names.iter().zip(&columns.taken);
                let found = found.map(|(name, taken)| !taken && matches(name, header));
                if let Some(column) = found.into_iter().position(|is_found| is_found) {
                    let of_bottles = columns
                        .names
                        .get(column)
                        .is_some_and(|name| name.is_of_bottles);
                    let field = match known.field {
                        Field::Quantity if of_bottles => Field::QuantityBottles,
                        field => field,
                    };
                    columns.give(field, column);
                }
            }
        }
    }
}

/// Shares a column that the settings assign to one field with the field of its header: a name that is the key too.
fn share_own(columns: &mut Assignment<'_>, table: Table, overrides: &Overrides) {
    for known in known(table) {
        let is_left = known.is_required && !columns.has(known.field);
        if !is_left || overrides.header(table, known.field).is_some() {
            continue;
        }
        let names = columns.names.iter();
        let bears = |name: &Name| known.headers.iter().any(|header| name.is(header));
        if let Some(column) = names.into_iter().position(bears) {
            columns.give(known.field, column);
        }
    }
}

/// `names` joined by commas: at most 20, each cut at 40 characters.
pub(super) fn listed(names: &[String]) -> String {
    let short = names
        .iter()
        .map(|name| text::excerpt(name, MOST_NAME_CHARS));
    french::listed(&short.collect::<Vec<_>>())
}
