//! Detects totals of groups in lines that have all cells of a row: `P1;Total;150` below `P1;Chai;100` and
//! `P1;Cave;50`.
//!
//! A place, a customer or a wine may have such a name too: the line is a total only when its figures are the sums of
//! lines above. Only a file with such a line is read an additional time.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::super::labels;
use super::super::row::Cells;
use super::summed::{MOST_TOTALS, SUMMED, TOLERANCE};
use crate::canonical::{Decimal, text};
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::sheet::Line;

/// Fields that may contain the label of a total, besides the first column.
const LABELLED: &[Field] = &[Field::CustomerKey, Field::ProductKey, Field::Warehouse];

/// Headers of names beside codes, which are no field of such a file.
const NAMES: &[&str] = &[
    "designation",
    "libelle",
    "nom",
    "nom_client",
    "client",
    "produit",
    "article",
    "vin",
    "cuvee",
    "appellation",
    "famille",
    "couleur",
    "libelle_article",
    "nom_produit",
    "raison_sociale",
    "nom_du_client",
];

/// Words at the beginning or end of a total's label.
const WORDS: &[&str] = &[
    "sous_totaux",
    "sous_total",
    "ss_total",
    "s_total",
    "sub_total",
    "subtotal",
    "grand_total",
    "total",
    "totaux",
    "somme",
    "cumul",
    "nombre",
    "nbre",
    "nb",
    "st",
    "tous",
    "toutes",
    "ensemble",
];

/// Kind of a line that looks like a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its figures are the sums of lines above it.
    Total,
    /// They are not: it is a row that looks like a total.
    Row,
}

/// The columns searched for labels of totals.
pub(super) struct GroupTotals {
    labelled: Vec<usize>,
    /// Verdicts by line number, once a line needed one.
    verdicts: Option<HashMap<u64, Verdict>>,
}

impl GroupTotals {
    pub(super) fn of(columns: &Columns) -> Self {
        let has_sums = SUMMED.iter().any(|&field| columns.has(field));
        let fields = LABELLED.iter().filter_map(|&field| columns.of(field));
        let is_name = |at: &usize| {
            let key = text::header_key(columns.header(*at));
            NAMES.contains(&key.as_str())
        };
        let names = (0..columns.width()).filter(is_name);
        let mut labelled: Vec<usize> = fields
            .chain([0])
            .chain(names)
            .filter(|_| has_sums)
            .collect();
        labelled.sort_unstable();
        labelled.dedup();
        Self {
            labelled,
            verdicts: None,
        }
    }

    /// Quick check by a few bytes: whether `line` may be the total of a group.
    #[inline]
    pub(super) fn is_doubtful(&self, line: &Line) -> bool {
        let mut cells = self
            .labelled
            .iter()
            .filter_map(|&column| line.cells.get(column));
        cells.any(|cell| may_be_label(cell.as_bytes()))
    }

    /// Whether [`GroupTotals::find`] has run.
    pub(super) fn are_known(&self) -> bool {
        self.verdicts.is_some()
    }

    /// The verdict on line number `line`, if it looks like a total.
    pub(super) fn verdict(&self, line: u64) -> Option<Verdict> {
        self.verdicts.as_ref()?.get(&line).copied()
    }

    /// Reads all rows from `each_row`, and decides which lines are totals.
    pub(super) fn find<E>(
        &mut self,
        each_row: impl FnOnce(&mut dyn FnMut(&Cells<'_>)) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut groups = Groups::default();
        each_row(&mut |cells| groups.look(cells, &self.labelled))?;
        self.verdicts = Some(groups.verdicts());
        Ok(())
    }
}

/// State of the search.
#[derive(Default)]
struct Groups {
    /// Sums and number of all rows above.
    sums: Sums,
    /// The sums before each line that looks like a total.
    before: Vec<Sums>,
    /// Sums of all rows by each customer, product and place.
    by_key: HashMap<String, Sums>,
    /// The cells of the row above, normalized.
    above: Vec<String>,
    found: Vec<Found>,
}

/// The figures of a row.
type Figures = [Option<Decimal>; SUMMED.len()];

/// A line that looks like a total.
struct Found {
    line: u64,
    /// Its label, without the name of the group.
    label: String,
    group: Group,
    figures: Figures,
    /// In a stock count: its product, normalized.
    product: Option<String>,
    /// Number of rows above that it sums up.
    rows: Option<u64>,
    has_own_document: bool,
}

/// The group in a label.
enum Group {
    /// None: all rows, or those since the last total.
    None,
    /// Its name is in the row above, or in the line itself.
    Known(String),
    /// Its name may be a customer, a product or a place elsewhere.
    Sought(String),
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    figures: [i64; SUMMED.len()],
    rows: u64,
}

impl Sums {
    fn add(&mut self, figures: &Figures) {
        for (sum, figure) in self.figures.iter_mut().zip(figures) {
            *sum = sum.saturating_add(figure.map_or(0, Decimal::ten_thousandths));
        }
        self.rows += 1;
    }

    fn since(&self, before: &Self) -> Self {
        let mut since = *self;
        for (sum, earlier) in since.figures.iter_mut().zip(before.figures) {
            *sum = sum.saturating_sub(earlier);
        }
        since.rows -= before.rows;
        since
    }

    fn are(&self, figures: &Figures) -> bool {
        let mut pairs = self.figures.iter().zip(figures);
        self.rows > 0
            && pairs.all(|(sum, figure)| {
                figure.is_none_or(|figure| (figure.ten_thousandths() - sum).abs() <= TOLERANCE)
            })
    }
}

impl Groups {
    fn look(&mut self, cells: &Cells<'_>, labelled: &[usize]) {
        let figures: Figures = SUMMED.map(|field| cells.decimal(field).ok().flatten());
        let has_figures = figures.iter().any(Option::is_some);
        let label = labelled.iter().filter(|_| has_figures).find_map(|&column| {
            let cell = cells.at(column);
            may_be_label(cell.as_bytes())
                .then(|| self.label(cell, cells))
                .flatten()
        });
        let Some((label, group)) = label else {
            return self.add(cells, labelled, &figures);
        };
        let since = self.before.iter().map(|before| self.sums.since(before));
        let rows = since
            .chain([self.sums])
            .filter(|sums| sums.are(&figures))
            .map(|sums| sums.rows)
            .max();
        let is_stock = cells.columns.has(Field::Warehouse);
        self.found.push(Found {
            line: cells.line.number,
            rows,
            label,
            group,
            figures,
            product: cells
                .plain(Field::ProductKey)
                .filter(|_| is_stock)
                .map(text::header_key),
            has_own_document: has_own_document(cells),
        });
        if self.before.len() < MOST_TOTALS {
            self.before.push(self.sums);
        }
    }

    fn add(&mut self, cells: &Cells<'_>, labelled: &[usize], figures: &Figures) {
        self.sums.add(figures);
        self.above.clear();
        self.above
            .extend(cells.line.cells.iter().map(text::header_key));
        let mut keys: Vec<&String> = labelled
            .iter()
            .filter_map(|&column| self.above.get(column))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            self.by_key.entry(key.clone()).or_default().add(figures);
        }
    }

    /// The label in `cell` without the name of its group, and that name; `None` if it is not a label.
    fn label(&self, cell: &str, cells: &Cells<'_>) -> Option<(String, Group)> {
        let key = text::header_key(cell);
        let (word, rest) = word_and_group(&key)?;
        let is_here = || {
            let mut here = cells.line.cells.iter().map(text::header_key);
            here.any(|here| here == rest)
        };
        if !rest.is_empty() && (self.above.iter().any(|above| above == rest) || is_here()) {
            return Some((word.to_owned(), Group::Known(rest.to_owned())));
        }
        let is_plain = rest.is_empty()
            || labels::is_plain_total(&format!("total {}", rest.replace('_', " ")))
            || rest.split('_').all(|one| PLACES.contains(&one));
        if is_plain {
            return Some((key, Group::None));
        }
        word.contains("tota")
            .then(|| (word.to_owned(), Group::Sought(rest.to_owned())))
    }

    fn verdicts(self) -> HashMap<u64, Verdict> {
        let sum_of = |found: &Found, key: Option<&String>| {
            let sums = self.by_key.get(key?)?;
            sums.are(&found.figures).then_some(sums.rows)
        };
        let rows = |found: &Found| {
            let group = match &found.group {
                Group::None => None,
                Group::Known(group) | Group::Sought(group) => Some(group),
            };
            let rows = found
                .rows
                .max(sum_of(found, group))
                .max(sum_of(found, found.product.as_ref()));
            rows.filter(|_| !found.has_own_document)
        };
        // A total of one row is accepted where the same label has several rows elsewhere.
        let mut sure = HashSet::new();
        for found in &self.found {
            if rows(found).is_some_and(|rows| rows > 1) {
                sure.insert(found.label.clone());
            }
        }
        let mut verdicts = HashMap::new();
        for found in &self.found {
            let names_group = match &found.group {
                Group::None => false,
                Group::Known(_) => true,
                Group::Sought(group) if self.by_key.contains_key(group) => true,
                Group::Sought(_) => continue,
            };
            let is_sure = names_group || sure.contains(&found.label);
            let verdict = match rows(found) {
                Some(rows) if rows > 1 || is_sure => Verdict::Total,
                _ => Verdict::Row,
            };
            verdicts.insert(found.line, verdict);
        }
        verdicts
    }
}

/// The word of a total in a normalized label, and the rest: the name of its group, perhaps.
pub(super) fn word_and_group(key: &str) -> Option<(&'static str, &str)> {
    WORDS.iter().find_map(|word| {
        let behind = key
            .strip_prefix(word)
            .filter(|rest| rest.is_empty() || rest.starts_with('_'));
        let before = || key.strip_suffix(word).filter(|rest| rest.ends_with('_'));
        Some((*word, behind.or_else(before)?.trim_matches('_')))
    })
}

/// Things that `Tous` and `Ensemble` count.
const PLACES: &[&str] = &[
    "depot",
    "depots",
    "lieu",
    "lieux",
    "cave",
    "caves",
    "entrepot",
    "entrepots",
    "des",
    "les",
    "site",
    "sites",
];

/// Whether the row has a document number: a total has none.
fn has_own_document(cells: &Cells<'_>) -> bool {
    let document = cells.plain(Field::OrderRef);
    document.is_some_and(|document| !may_be_label(document.as_bytes()))
        && cells.plain(Field::ProductKey).is_some()
}

/// Quick check by the first and last bytes: whether `cell` may be the label of a total.
#[inline]
fn may_be_label(cell: &[u8]) -> bool {
    let &[first, second, ..] = cell else {
        return false;
    };
    let third = cell.get(2).map_or(b' ', |byte| byte | 0x20);
    let begins = match first | 0x20 {
        b't' => (second | 0x20) == b'o' && matches!(third, b't' | b'u'),
        b's' => match second | 0x20 {
            b'o' => matches!(third, b'u' | b'm'),
            b'/' | b'.' | b'-' | b' ' => third == b't',
            b's' => matches!(third, b' ' | b'-' | b'_' | 0x7F),
            b't' => matches!(third, b' ' | b'.'),
            b'u' => third == b'b',
            _ => false,
        },
        b'n' => (second | 0x20) == b'b' && matches!(third, b' ' | b'r' | b'.'),
        b'c' => (second | 0x20) == b'u' && third == b'm',
        b'e' => (second | 0x20) == b'n' && third == b's',
        b'g' => (second | 0x20) == b'r' && third == b'a',
        _ => false,
    };
    begins || (cell.len() > 6 && ends_as_total(cell))
}

fn ends_as_total(cell: &[u8]) -> bool {
    let ends = |word: &[u8]| {
        let at = cell.len().saturating_sub(word.len());
        cell.get(at..)
            .is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    matches!(cell.last(), Some(b'l' | b'L' | b'x' | b'X')) && (ends(b" total") || ends(b" totaux"))
}
