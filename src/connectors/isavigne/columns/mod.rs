//! Which column of an export is which field: a header line, mapped through the table of [`headers`].

mod headers;

pub(super) use headers::Field;
use headers::{COMPANY_NAME, Known, known};

use super::settings::Overrides;
use crate::canonical::{Table, text};
use crate::error::{Error, Result};

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
        let keys: Vec<String> = headers.iter().map(|name| text::header_key(name)).collect();
        let mut columns = Self {
            table,
            headers,
            by_field: std::array::from_fn(|_| Vec::new()),
            unused: Vec::new(),
        };
        for known in known(table) {
            let found = columns_of(known, table, &keys, overrides);
            if let Some(slot) = columns.by_field.get_mut(known.field as usize) {
                *slot = found;
            }
        }
        columns.settle_single_name();
        columns.require(&keys, overrides)?;
        columns.list_unused();
        Ok(columns)
    }

    /// A firm's name alone is the name: of firms and persons alike.
    fn settle_single_name(&mut self) {
        if self.table == Table::Customers && !self.has(Field::LastName) {
            self.by_field
                .swap(Field::LastName as usize, Field::CompanyName as usize);
        }
    }

    fn require(&self, keys: &[String], overrides: &Overrides) -> Result<()> {
        let missing: Vec<&Known> = known(self.table)
            .iter()
            .filter(|known| known.is_required && !self.has(known.field))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let fields: Vec<String> = missing
            .iter()
            .map(|known| describe_missing(known, self.table, keys, &self.headers, overrides))
            .collect();
        let present: Vec<&str> = self.headers.iter().map(String::as_str).collect();
        Err(Error::data(format!(
            "colonne obligatoire absente — {}. En-têtes du fichier : {}",
            fields.join(" ; "),
            if present.is_empty() { "aucun".to_owned() } else { present.join(", ") }
        ))
        .hint(format!(
            "Ajoutez la colonne à l'export, ou dites laquelle c'est avec le réglage COLUMN__{}__{}=…",
            self.table.report_name(),
            missing.first().map_or("", |known| known.name).to_ascii_uppercase()
        )))
    }

    fn list_unused(&mut self) {
        let reads_all = self
            .by_field
            .get(Field::Category as usize)
            .cloned()
            .unwrap_or_default();
        let used: Vec<usize> = self
            .by_field
            .iter()
            .filter_map(|found| found.first().copied())
            .chain(reads_all)
            .collect();
        self.unused = self
            .headers
            .iter()
            .enumerate()
            .filter(|(at, _)| !used.contains(at))
            .map(|(at, name)| match name.trim() {
                "" => format!("colonne {} sans nom", at + 1),
                name => name.to_owned(),
            })
            .collect();
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

    /// The columns a row cannot do without.
    pub(super) fn required(&self) -> impl Iterator<Item = usize> {
        known(self.table)
            .iter()
            .filter(|known| known.is_required)
            .filter_map(|known| self.of(known.field))
    }

    /// The header of column `at`, as written.
    pub(super) fn header(&self, at: usize) -> &str {
        self.headers.get(at).map_or("", |name| name.trim())
    }

    /// How many columns are understood.
    pub(super) fn understood(&self) -> usize {
        self.headers.len() - self.unused.len()
    }
}

/// The columns that bear one field: the estate's own word, else every header of its list.
fn columns_of(known: &Known, table: Table, keys: &[String], overrides: &Overrides) -> Vec<usize> {
    let position = |header: &str| keys.iter().position(|key| key == header);
    match overrides.header(table, known.field) {
        Some(own) => position(own).into_iter().collect(),
        None => known
            .headers
            .iter()
            .filter_map(|header| position(header))
            .collect(),
    }
}

/// `customer_key (code_client, num_client…), le plus proche étant « Codde client »`.
fn describe_missing(
    known: &Known,
    table: Table,
    keys: &[String],
    headers: &[String],
    overrides: &Overrides,
) -> String {
    let own = overrides.header(table, known.field);
    let wanted: Vec<&str> = match &own {
        Some(own) => vec![own],
        None if known.field == Field::LastName => [known.headers, COMPANY_NAME].concat(),
        None => known.headers.to_vec(),
    };
    let likeness = |key: &str| {
        let likenesses = wanted.iter().map(|want| strsim::jaro_winkler(want, key));
        likenesses.fold(0.0, f64::max)
    };
    let closest = keys
        .iter()
        .zip(headers)
        .filter(|(key, _)| !key.is_empty())
        .max_by(|one, other| likeness(one.0).total_cmp(&likeness(other.0)));
    let closest = closest.map_or(String::new(), |(_, header)| {
        format!(", le plus proche : « {} »", header.trim())
    });
    format!(
        "{} (en-têtes admis : {}{closest})",
        known.name,
        wanted.join(", ")
    )
}
