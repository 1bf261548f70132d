//! Which column of an export is which field: a header line, mapped through the tables of [`headers`].

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

/// Longest name in such a list.
const MOST_NAME_CHARS: usize = 40;

/// Fields of which all columns are read, not the first alone.
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

/// What the cells of a column must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnType {
    Date,
    Number,
    Email,
    Zip,
    Flag,
}

/// A header line, understood.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    table: Table,
    /// Headers as written, to the last filled one.
    headers: Vec<String>,
    /// Columns by field, the surest first.
    by_field: [Vec<usize>; Field::COUNT],
    /// Headers nobody knows, and headers of a field that another column already fills.
    pub(super) unused: Vec<String>,
    /// Whether the header says that quantities are bottles.
    counts_bottles: bool,
}

impl Columns {
    /// Understands `header` as one of `table`; an error names what is missing and what would do.
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

    /// A firm's name alone is the name: of firms and persons alike.
    fn settle_single_name(&mut self) {
        if self.table == Table::Customers && !self.has(Field::LastName) {
            self.by_field
                .swap(Field::LastName as usize, Field::CompanyName as usize);
        }
    }

    /// A quantity of bottles is a quantity, and its unit.
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

    /// The table the header is one of.
    pub(super) fn table(&self) -> Table {
        self.table
    }

    /// How many cells a row must have.
    pub(super) fn width(&self) -> usize {
        self.headers.len()
    }

    /// The column that bears `field`.
    pub(super) fn of(&self, field: Field) -> Option<usize> {
        self.all(field).first().copied()
    }

    /// Every column that bears `field`, the surest first.
    pub(super) fn all(&self, field: Field) -> &[usize] {
        self.by_field.get(field as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether a column bears `field`.
    pub(super) fn has(&self, field: Field) -> bool {
        self.of(field).is_some()
    }

    /// Whether the header says that quantities are bottles.
    pub(super) fn counts_bottles(&self) -> bool {
        self.counts_bottles
    }

    /// The columns a row cannot do without.
    pub(super) fn required(&self) -> impl Iterator<Item = usize> {
        known(self.table)
            .iter()
            .filter(|known| known.is_required)
            .filter_map(|known| self.of(known.field))
    }

    /// The columns whose cells look like something, and what.
    pub(super) fn typed(&self) -> impl Iterator<Item = (usize, ColumnType)> {
        known(self.table).iter().flat_map(|known| {
            let kind = type_of(known.field);
            let columns = self.all(known.field).iter();
            columns.filter_map(move |&column| Some((column, kind?)))
        })
    }

    /// The header of column `at`, as written.
    pub(super) fn header(&self, at: usize) -> &str {
        self.headers.get(at).map_or("", |name| name.trim())
    }

    /// How many columns are understood.
    pub(super) fn understood(&self) -> usize {
        self.headers.len() - self.unused.len()
    }

    /// The canonical columns among `fed` that no column of the file feeds: those of which no field is there.
    pub(super) fn absent(&self, fed: &[(Column, &[Field])]) -> ColumnSet {
        let absent = fed
            .iter()
            .filter(|(_, fields)| !fields.iter().any(|&field| self.has(field)));
        absent.map(|&(column, _)| column).collect()
    }
}

/// Whether `key`, a header as written or as [`text::header_key`](text::header_key) spells it, names a
/// column of `table`.
pub(super) fn is_known(table: Table, key: &str) -> bool {
    let name = Name::of(key);
    let headers = known(table).iter().flat_map(|known| known.headers);
    let mut all = headers.chain(ignored(table));
    all.any(|header| name.is(header))
}

/// The names of the columns of all tables, as [`text::header_key`] spells them.
pub(super) fn all_names() -> HashSet<String> {
    let of = |table: Table| {
        let headers = known(table).iter().flat_map(|known| known.headers);
        headers
            .chain(ignored(table))
            .map(|header| (*header).to_owned())
    };
    Table::ALL.into_iter().flat_map(of).collect()
}

/// What cells of `field` look like, where they look like something.
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

/// The columns the estate named itself.
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

/// The columns whose header means one field alone.
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

/// A column that the estate named for one field may be what its header says as well: a name that is the key too.
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

/// `names`, cut at 20 and each at 40 characters.
pub(super) fn listed(names: &[String]) -> String {
    let short = names
        .iter()
        .map(|name| text::excerpt(name, MOST_NAME_CHARS));
    french::listed(&short.collect::<Vec<_>>())
}
