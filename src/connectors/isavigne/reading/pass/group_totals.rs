//! Totals of groups in lines that have all a row needs: `P1;Total;150` below `P1;Chai;100` and `P1;Cave;50`.
//!
//! A place, a customer or a wine may be called so too: such a line is a total when its figures are the sums of the lines
//! above it. Only a file with such a line is read once more for it.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::super::labels;
use super::super::row::Cells;
use crate::canonical::{Decimal, text};
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::sheet::Line;

/// Fields in which the label of a total may stand, beside the first column.
const LABELLED: &[Field] = &[Field::CustomerKey, Field::ProductKey, Field::Warehouse];

/// Headers of names beside codes, which no field of such a file is.
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

/// Fields that can be summed.
const SUMMED: [Field; 3] = [Field::Quantity, Field::Total, Field::TotalExclTax];

/// Totals remembered, from each of which the next may count.
const MOST_TOTALS: usize = 1000;

/// Words that begin or end the label of a total.
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

/// What such a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its figures are the sums of lines above it.
    Total,
    /// They are not: it is a row, though it looks like a total.
    Row,
}

/// The columns in which labels of totals are looked for.
pub(super) struct GroupTotals {
    labelled: Vec<usize>,
    /// By line, once one was met.
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

    /// Whether a look at a few bytes leaves it open that `line` is the total of a group.
    #[inline]
    pub(super) fn is_doubtful(&self, line: &Line) -> bool {
        let mut cells = self
            .labelled
            .iter()
            .filter_map(|&column| line.cells.get(column));
        cells.any(|cell| may_be_label(cell.as_bytes()))
    }

    /// What the line numbered `line` is, once [`GroupTotals::find`] has looked.
    pub(super) fn verdict(&self, line: u64) -> Option<Option<Verdict>> {
        let verdicts = self.verdicts.as_ref()?;
        Some(verdicts.get(&line).copied())
    }

    /// Looks through all rows, which `each_row` shows one after the other.
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

/// What is known of the rows above a line.
#[derive(Default)]
struct Groups {
    /// Sums of all rows, and how many these are.
    sums: Sums,
    /// The sums as they were at each line that looks like a total.
    before: Vec<Sums>,
    /// Sums by product, of a count of the stock.
    products: HashMap<String, Sums>,
    /// The cells of the row above, as they are compared.
    above: Vec<String>,
    found: Vec<Found>,
}

/// A line that looks like a total.
struct Found {
    line: u64,
    /// Its label, without the name of the group.
    label: String,
    /// Whether the name of its group stands in the row above.
    names_group: bool,
    /// Rows of which it is the sum.
    rows: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    figures: [i64; SUMMED.len()],
    rows: u64,
}

impl Sums {
    fn add(&mut self, figures: &[Option<Decimal>; SUMMED.len()]) {
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

    fn are(&self, figures: &[Option<Decimal>; SUMMED.len()]) -> bool {
        let mut pairs = self.figures.iter().zip(figures);
        self.rows > 0
            && pairs.all(|(sum, figure)| {
                figure.is_none_or(|figure| (figure.ten_thousandths() - sum).abs() <= CENTS)
            })
    }
}

/// What rounding may add up to, in ten-thousandths.
const CENTS: i64 = 500;

impl Groups {
    fn look(&mut self, cells: &Cells<'_>, labelled: &[usize]) {
        let figures = SUMMED.map(|field| cells.decimal(field).ok().flatten());
        let product = cells.plain(Field::ProductKey).unwrap_or_default();
        let label = labelled.iter().find_map(|&column| {
            let cell = cells.at(column);
            may_be_label(cell.as_bytes())
                .then(|| self.label(cell, cells))
                .flatten()
        });
        let Some((label, names_group)) = label.filter(|_| figures.iter().any(Option::is_some))
        else {
            self.sums.add(&figures);
            if cells.columns.has(Field::Warehouse) {
                let of_product = self.products.entry(product.to_owned()).or_default();
                of_product.add(&figures);
            }
            self.above.clear();
            let above = cells.line.cells.iter().map(text::header_key);
            self.above.extend(above);
            return;
        };
        let mut candidates: Vec<Sums> = self
            .before
            .iter()
            .map(|before| self.sums.since(before))
            .chain([self.sums])
            .collect();
        candidates.extend(self.products.get(product));
        let rows = candidates
            .iter()
            .filter(|sums| sums.are(&figures))
            .map(|sums| sums.rows)
            .max();
        self.found.push(Found {
            line: cells.line.number,
            rows: rows.filter(|_| !has_own_document(cells)),
            label,
            names_group,
        });
        if self.before.len() < MOST_TOTALS {
            self.before.push(self.sums);
        }
    }

    /// The label `cell` without the name of its group, and whether that stands in the row above; nothing where it is none.
    fn label(&self, cell: &str, cells: &Cells<'_>) -> Option<(String, bool)> {
        let key = text::header_key(cell);
        let (word, rest) = WORDS.iter().find_map(|word| {
            let behind = key
                .strip_prefix(word)
                .filter(|rest| rest.is_empty() || rest.starts_with('_'));
            let before = || key.strip_suffix(word).filter(|rest| rest.ends_with('_'));
            Some((*word, behind.or_else(before)?.trim_matches('_')))
        })?;
        let is_above = self
            .above
            .iter()
            .any(|above| !above.is_empty() && above == rest);
        let is_here = || {
            let mut here = cells.line.cells.iter().map(text::header_key);
            here.any(|here| here == rest)
        };
        if !rest.is_empty() && (is_above || is_here()) {
            return Some((word.to_owned(), true));
        }
        let is_plain = rest.is_empty()
            || labels::is_plain_total(&format!("total {}", rest.replace('_', " ")))
            || rest.split('_').all(|one| PLACES.contains(&one));
        is_plain.then(|| (key, false))
    }

    fn verdicts(self) -> HashMap<u64, Verdict> {
        // A total of one row is believed where the same label stands for several rows elsewhere.
        let mut sure = HashSet::new();
        for found in &self.found {
            if found.rows.is_some_and(|rows| rows > 1) {
                sure.insert(found.label.clone());
            }
        }
        let mut verdicts = HashMap::new();
        for found in &self.found {
            let is_sure = found.names_group || sure.contains(&found.label);
            let verdict = match found.rows {
                Some(rows) if rows > 1 || is_sure => Verdict::Total,
                _ => Verdict::Row,
            };
            verdicts.insert(found.line, verdict);
        }
        verdicts
    }
}

/// What `Tous` and `Ensemble` count over.
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

/// Whether the row is of a document: a total bears no number of its own.
fn has_own_document(cells: &Cells<'_>) -> bool {
    let document = cells.plain(Field::OrderRef);
    document.is_some_and(|document| !may_be_label(document.as_bytes()))
        && cells.plain(Field::ProductKey).is_some()
}

/// Whether the first or the last bytes of `cell` may be those of a total's label.
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
