//! Detects lines that are not rows: totals, footers and repeated headers.

use std::cell::OnceCell;

use foldhash::HashSet;

use super::super::cells;
use super::super::columns::{self, Columns, Field};
use super::super::sheet::Line;
use super::header_names::header_names;
use super::labels::{self, Label};
use super::second_header;
use crate::canonical::{Table, text};
use crate::connectors::isavigne::columns::Overrides;
use crate::error::{Error, Result};

/// Kind of a line that is not a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NonRow {
    /// A total or a count.
    Total,
    /// The end of a list, a page number, a print date, a line of dashes.
    Footer,
    /// The header, repeated.
    Header,
    /// A second header line: technical names, units.
    SecondHeader,
}

impl NonRow {
    pub(super) const COUNT: usize = 4;

    /// The French sentence for `count` such lines.
    pub(super) fn sentence(self, count: u64) -> String {
        let what = match (self, count) {
            (Self::Total, 1) => "ligne de total sautée",
            (Self::Total, _) => "lignes de total sautées",
            (Self::Footer, 1) => "ligne de pied de liste sautée",
            (Self::Footer, _) => "lignes de pied de liste sautées",
            (Self::Header, 1) => "ligne d'en-tête répétée, sautée",
            (Self::Header, _) => "lignes d'en-tête répétées, sautées",
            (Self::SecondHeader, 1) => "seconde ligne d'en-tête sautée",
            (Self::SecondHeader, _) => "secondes lignes d'en-tête sautées",
        };
        format!("{count} {what}")
    }
}

/// The fields that may contain the total after a group.
const fn inner_fields(table: Table) -> &'static [Field] {
    match table {
        Table::SalesLines => &[Field::ProductKey],
        // A place may have such a name.
        Table::StockLevels | Table::Customers | Table::Products | Table::ContactHistory => &[],
    }
}

/// The fields of names of customers and products.
const NAMES: [Field; 3] = [Field::LastName, Field::CompanyName, Field::Name];

/// First words of the label of a total after its group.
const INNER_TOTALS: [&str; 7] = [
    "total",
    "totaux",
    "sous_total",
    "sous_totaux",
    "s_total",
    "tous_",
    "toutes_",
];

/// Detects the lines of a file that are not rows.
pub(super) struct NonRows<'a> {
    columns: &'a Columns,
    /// The names of the header, normalized.
    keys: Vec<String>,
    /// Column names of all tables, computed on first use.
    all_names: OnceCell<HashSet<String>>,
    /// A bit for the first byte and length of each name of the header.
    names: u64,
    /// Columns that may contain a total after a group: `C1;Total C1;12`.
    inner: Vec<usize>,
}

impl<'a> NonRows<'a> {
    pub(super) fn of(columns: &'a Columns) -> Self {
        let headers = (0..columns.width()).map(|at| columns.header(at));
        Self {
            columns,
            all_names: OnceCell::new(),
            names: headers
                .clone()
                .filter(|name| !name.is_empty())
                .fold(0, |names, name| names | name_bit(name.as_bytes())),
            keys: headers.map(text::header_key).collect(),
            inner: inner_fields(columns.table())
                .iter()
                .filter_map(|&field| columns.of(field))
                .filter(|column| *column > 0)
                .collect(),
        }
    }

    /// Quick check by the first bytes: whether `line` may not be a row.
    #[inline]
    pub(super) fn is_doubtful(&self, line: &Line) -> bool {
        let first = line.cells.get(0).unwrap_or_default().as_bytes();
        if first.is_empty() {
            let mut cells = line.cells.iter();
            let filled = cells.find(|cell| !cell.is_empty()).unwrap_or_default();
            return self.is_doubtful_cell(filled.as_bytes());
        }
        self.is_doubtful_cell(first) || self.begins_inner_total(line)
    }

    /// Whether the first two cells may be column names of another table. Nearly all rows begin with a code or a day,
    /// which have digits.
    #[inline]
    pub(super) fn may_begin_table(&self, line: &Line) -> bool {
        let may_be_name = |column: usize| {
            let cell = line.cells.get(column).unwrap_or_default();
            !cell.is_empty() && !cell.bytes().any(|byte| byte.is_ascii_digit())
        };
        if !may_be_name(0) || !may_be_name(1) {
            return false;
        }
        let all = self.all_names.get_or_init(columns::all_names);
        let mut cells = line.cells.iter().take(2);
        cells.all(|cell| all.contains(&text::header_key(cell)))
    }

    /// Whether a cell after the first begins like a total.
    fn begins_inner_total(&self, line: &Line) -> bool {
        self.inner.iter().any(|&column| {
            let cell = line.cells.get(column).unwrap_or_default().as_bytes();
            cell.first_chunk().is_some_and(|begin: &[u8; 3]| {
                matches!(
                    begin.map(|byte| byte.to_ascii_lowercase()),
                    [b't', b'o', b't' | b'u'] | [b's', b'o', b'u'] | [b's', b'/', b't']
                )
            })
        })
    }

    /// Detects a total after its group: its product is only a label.
    fn inner_total(&self, line: &Line) -> Option<NonRow> {
        let cell = |column: usize| line.cells.get(column).map_or("", cells::peel);
        let price = self
            .columns
            .of(Field::PriceUnit)
            .or(self.columns.of(Field::PriceUnitPlain));
        let is_total = self.inner.iter().any(|&column| {
            let label = cell(column);
            let key = text::header_key(label);
            let is_label = INNER_TOTALS.iter().any(|begin| key.starts_with(begin));
            // A wine with such a name has a price.
            let is_priced = price.is_some_and(|price| !cell(price).is_empty());
            is_label && key.contains('_') && !is_priced
        });
        is_total.then_some(NonRow::Total)
    }

    fn is_doubtful_cell(&self, cell: &[u8]) -> bool {
        labels::may_be_label(cell) || self.names & name_bit(cell) != 0
    }

    /// The kind of `line`, if it is not a row. Fails for a header with another order of columns.
    pub(super) fn kind(&self, line: &Line) -> Result<Option<NonRow>> {
        if Self::is_rule(line) {
            return Ok(Some(NonRow::Footer));
        }
        if self.is_header(line)? {
            return Ok(Some(NonRow::Header));
        }
        Ok(self.labelled(line).or_else(|| self.inner_total(line)))
    }

    /// Like [`NonRows::kind`], for a line after a blank one, or one that is not a valid row: also fails for the start
    /// of another table. `below`: the next line.
    pub(super) fn kind_behind_blank(
        &self,
        line: &Line,
        below: Option<&Line>,
    ) -> Result<Option<NonRow>> {
        if self.has_own_names(line) {
            return Ok(Some(NonRow::Header));
        }
        let first = filled(line).next().map_or("", |(_, cell)| cell);
        let may_begin = !first.bytes().any(|byte| byte.is_ascii_digit())
            && filled(line).take(2).any(|(_, cell)| is_name(cell))
            && !below.is_some_and(|below| self.is_below_row(line, below));
        if !may_begin {
            return self.kind(line);
        }
        let own = self.columns.table();
        let names = header_names(line);
        let begins = |table: &Table| Columns::map(*table, &names, &Overrides::default()).is_ok();
        let other = Table::ALL
            .into_iter()
            .filter(|table| *table != own)
            .find(begins);
        if let Some(other) = other.filter(|_| !begins(&own)) {
            return Err(another_table(line, Some(other)));
        }
        if let Some(kind) = self.kind(line)? {
            return Ok(Some(kind));
        }
        let cells: Vec<&str> = filled(line).map(|(_, cell)| cell).collect();
        let known = cells.iter().filter(|cell| is_name(cell)).count();
        let has_number = cells.iter().any(|cell| cells::number(cell).is_ok());
        if known > 1 && known * 2 > cells.len() && !has_number {
            return Err(another_table(line, None));
        }
        Ok(None)
    }

    /// Whether the line `below` shows that `line` is a row and no header, as the customer `STOCK;Produit`: it has a name
    /// where rows have one, and more cells than such a header, or no quantity under that of a stock.
    fn is_below_row(&self, line: &Line, below: &Line) -> bool {
        let last = |line: &Line| filled(line).last().map(|(column, _)| column);
        let cell = |column: usize| below.cells.get(column).map_or("", cells::peel);
        let is_number = |column: usize| cells::number(cell(column)).is_ok();
        let mut names = NAMES.iter().filter_map(|&field| self.columns.of(field));
        let has_name = names.any(|column| !cell(column).is_empty() && !is_number(column));
        if !has_name || filled(below).any(|(_, cell)| is_name(cell)) {
            return false;
        }
        let lacks_quantity = || {
            let stock = Columns::map(
                Table::StockLevels,
                &header_names(line),
                &Overrides::default(),
            );
            let quantity = stock.ok().and_then(|stock| stock.of(Field::Quantity));
            quantity.is_some_and(|column| !is_number(column))
        };
        last(below) > last(line) || lacks_quantity()
    }

    /// The kind of `line` right under a header, if it is not a row.
    pub(super) fn kind_under_header(&self, line: &Line) -> Result<Option<NonRow>> {
        if second_header::is_one(
            &filled(line).map(|(_, cell)| cell).collect::<Vec<_>>(),
            &self.keys,
        ) {
            return Ok(Some(if self.has_own_names(line) {
                NonRow::Header
            } else {
                NonRow::SecondHeader
            }));
        }
        Ok(match self.kind(line)? {
            Some(NonRow::Footer) if Self::is_rule(line) => Some(NonRow::SecondHeader),
            other => other,
        })
    }

    /// Whether the line consists of dashes, or is a comment.
    fn is_rule(line: &Line) -> bool {
        let mut cells = filled(line);
        let is_rule = |cell: &str| {
            cell.len() > 1
                && cell
                    .chars()
                    .all(|c| matches!(c, '-' | '=' | '_' | '*' | '+' | '–' | '—' | '─' | ' '))
        };
        let Some((_, first)) = cells.next() else {
            return false;
        };
        let others = cells.next().is_some();
        let is_preamble = first
            .get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case("sep="));
        if (first.starts_with('#') || is_preamble) && !others {
            return true;
        }
        filled(line).all(|(_, cell)| is_rule(cell))
    }

    /// Whether the cells equal the header's names. More names may follow, in an export with more columns: its rows are
    /// then too long.
    fn has_own_names(&self, line: &Line) -> bool {
        let same = |(at, key): (usize, &String)| {
            let cell = line.cells.get(at).map(cells::peel).unwrap_or_default();
            text::header_key(cell) == *key
        };
        self.keys.iter().enumerate().all(same)
    }

    fn is_header(&self, line: &Line) -> Result<bool> {
        if self.has_own_names(line) {
            return Ok(true);
        }
        let table = self.columns.table();
        let begins = filled(line).take(3).map(|(_, cell)| text::header_key(cell));
        if !begins
            .into_iter()
            .any(|key| self.keys.contains(&key) || columns::is_known(table, &key))
        {
            return Ok(false);
        }
        let found: Vec<(usize, String)> = filled(line)
            .map(|(at, cell)| (at, text::header_key(cell)))
            .collect();
        let is_name = |key: &String| self.keys.contains(key) || columns::is_known(table, key);
        let names = found.iter().filter(|(_, key)| is_name(key)).count();
        if names < 2 || names * 2 <= found.len() {
            return Ok(false);
        }
        let Ok(other) = Columns::map(table, &header_names(line), &Overrides::default()) else {
            // Some names of columns, but not all required ones: not a row when there is nothing else.
            return Ok(names == found.len() && names >= self.keys.len().min(3));
        };
        let moved = |&(at, ref key): &(usize, String)| {
            let place = self.keys.iter().position(|own| own == key);
            place.is_some_and(|place| place != at)
        };
        let keeps_order = self.columns.required().eq(other.required())
            && found.len() <= self.keys.len()
            && !found.iter().any(moved);
        if keeps_order {
            return Ok(true);
        }
        Err(Error::data(format!(
            "un autre en-tête commence ligne {}, dont les colonnes sont dans un autre ordre : deux exports mis bout à bout",
            line.number
        ))
        .hint("Séparez ces deux exports en deux fichiers"))
    }

    /// Detects a total, a count or a footer: a label, without the required cells of a row.
    fn labelled(&self, line: &Line) -> Option<NonRow> {
        let mut cells = filled(line);
        let (at, first) = cells.next()?;
        let others: Vec<(usize, &str)> = cells.collect();
        let mut label = labels::label(first);
        if label != Some(Label::Total) {
            let joined: Vec<&str> = filled(line).map(|(_, cell)| cell).collect();
            let key = text::header_key(&joined.join(" "));
            if labels::ends_list(&key) {
                return Some(NonRow::Footer);
            }
            if label.is_none() && first.chars().count() >= 2 && !others.is_empty() {
                label = split_label(&key);
            }
        }
        let label = label?;
        let kind = match label {
            Label::Total => NonRow::Total,
            Label::Footer => NonRow::Footer,
        };
        let key = text::header_key(first);
        let repeats = |cell: &str| text::header_key(cell) == key;
        let is_name_column = |at: usize| {
            NAMES
                .iter()
                .any(|&field| self.columns.of(field) == Some(at))
        };
        let may_have_date = label == Label::Footer || labels::is_plain_total(first);
        let is_figure = |(at, cell): &(usize, &str)| {
            let is_date = may_have_date && !cell.chars().any(char::is_alphabetic);
            // `TOTAL;Total Énergies` is a customer.
            let is_label = labels::label(cell).is_some()
                && (!is_name_column(*at) || labels::is_plain_total(cell));
            is_date || labels::is_figure(cell) || repeats(cell) || is_label
        };
        let has_text = others.iter().any(|other| !is_figure(other));
        let needed: Vec<usize> = self
            .columns
            .required()
            .filter(|column| *column != at)
            .collect();
        let lacks = |column: &&usize| {
            let cell = line
                .cells
                .get(**column)
                .map(cells::peel)
                .unwrap_or_default();
            cell.is_empty() || repeats(cell)
        };
        let lacking = needed.iter().filter(lacks).count();
        // `Total Énergies;1001;`: a company, or a wine, may have such a name.
        if is_name_column(at)
            && !labels::is_plain_total(first)
            && (has_text || lacking < needed.len())
        {
            return None;
        }
        if !has_text {
            // `EXPORT;;12` is stock of a wine with that code.
            let is_a_code =
                kind == NonRow::Footer && !key.contains('_') && self.columns.has(Field::Quantity);
            return (lacking > 0 || (!others.is_empty() && !is_a_code)).then_some(kind);
        }
        (lacking > 0 && lacking * 2 >= needed.len()).then_some(kind)
    }
}

/// Whether `cell` is a column name of any table.
fn is_name(cell: &str) -> bool {
    let key = text::header_key(cell);
    Table::ALL
        .iter()
        .any(|table| columns::is_known(*table, &key))
}

/// The error for a second table that begins with `line`.
fn another_table(line: &Line, table: Option<Table>) -> Error {
    let label = table.map_or(String::new(), |table| format!(" ({})", table.label()));
    Error::data(format!(
        "un autre tableau{label} commence ligne {} : un fichier, ou une feuille, n'en contient qu'un",
        line.number
    ))
    .hint("Séparez ces tableaux en deux fichiers, ou en deux feuilles")
}

/// `nombre_de_clients_2`, the key of a whole line: a label over several cells, followed only by its figure.
fn split_label(key: &str) -> Option<Label> {
    let words: Vec<&str> = key.split('_').collect();
    let (last, label) = words.split_last()?;
    let is_count = last.bytes().all(|byte| byte.is_ascii_digit()) && label.len() <= 4;
    let begins = label
        .first()
        .is_some_and(|word| matches!(*word, "nombre" | "nb" | "nbre" | "sous"));
    (is_count && begins).then_some(Label::Total)
}

/// The filled cells of `line`, with their columns.
fn filled(line: &Line) -> impl Iterator<Item = (usize, &str)> {
    let cells = line.cells.iter().map(cells::peel).enumerate();
    cells.filter(|(_, cell)| !cell.is_empty())
}

/// One bit of a hash that few other cells share.
#[inline]
fn name_bit(cell: &[u8]) -> u64 {
    let first = cell.first().copied().unwrap_or_default() | 0x20;
    1 << ((usize::from(first).wrapping_mul(7) ^ cell.len()) & 63)
}
