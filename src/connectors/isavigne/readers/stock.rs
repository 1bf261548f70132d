//! `*stock*` files.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use xxhash_rust::xxh3::xxh3_64;

use super::units::Units;
use super::{Context, KEY_PREFIX, RowReader};
use crate::canonical::stock::StockLevel;
use crate::canonical::text;
use crate::connectors::Sink;
use crate::connectors::isavigne::cells;
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::file_reading::row::file_evidence::SharedKeys;
use crate::connectors::isavigne::file_reading::row::{Cells, Refusal};
use crate::connectors::remarks::{Remark, Remarks};
use crate::tally::Tally;

/// The sales unit of quantities that the header calls bottles.
pub(super) const BOTTLE: &str = "bouteille";

/// Rows per different number up to which numbers are places: a few depots have numbers.
const NUMBERED_PLACES: usize = 5;

/// Headers that distinguish two counts of one product in one place.
const MORE_PARTS: &[&str] = &[
    "millesime",
    "annee",
    "vintage",
    "contenance",
    "capacite",
    "format",
    "volume",
    "emplacement",
    "casier",
    "allee",
    "travee",
    "rangee",
    "zone",
    "palette",
    "cuve",
    "qualite",
    "serie",
    "numero_de_serie",
    "dluo",
];

/// A count replaces the previous one completely: absent columns become empty.
pub(super) struct Stock<'a> {
    units: Units<'a>,
    counts_bottles: bool,
    /// Columns that distinguish counts of the same product, place and lot.
    more_parts: Vec<usize>,
    /// Whether the column of places may be one of quantities, once a number is in it.
    places_are_doubtful: Option<bool>,
    key: String,
    /// Number of keys and rows so far: a repeated row is one count.
    keys: Tally,
    rows: Tally,
}

impl<'a> Stock<'a> {
    pub(super) fn new(columns: &Columns, context: Context<'a>) -> Self {
        let places = columns.all(Field::Warehouse).iter().skip(1).copied();
        let is_part = |at: &usize| {
            let key = text::header_key(columns.header(*at));
            MORE_PARTS.contains(&key.as_str()) && columns.of(Field::Warehouse) != Some(*at)
        };
        let mut more_parts: Vec<usize> = places
            .chain(columns.of(Field::Unit))
            .chain((0..columns.width()).filter(is_part))
            .collect();
        more_parts.sort_unstable();
        more_parts.dedup();
        Self {
            units: Units::new(context.catalog, context.config.case_size),
            counts_bottles: columns.counts_bottles(),
            more_parts,
            places_are_doubtful: None,
            key: String::new(),
            keys: Tally::default(),
            rows: Tally::default(),
        }
    }

    /// `isavigne-P1@Chai#L1`: a product in a place, of a lot; `isavigne-P1@Chai#2019` where another count shares that key
    /// and a column distinguishes them.
    fn set_key(&mut self, cells: &Cells<'_>) -> Result<(), Box<Refusal>> {
        set_short_key(&mut self.key, cells)?;
        let is_met = self.keys.count(hash(&self.key))? > 1;
        let row = cells.line.cells.iter().collect::<Vec<_>>().join("\0");
        let is_same = self.rows.count(hash(&row))? > 1;
        if is_met && !is_same && !cells.evidence.knows_shared_keys() {
            let shared = self.shared_keys(cells)?;
            cells.evidence.note_shared_keys(shared);
            return Err(Refusal::Again.into());
        }
        let is_shared = |find: fn(&SharedKeys) -> &HashSet<u64>, key: &str| {
            cells
                .evidence
                .with_shared_keys(|shared| find(shared).contains(&hash(key)))
        };
        if is_shared(|shared| &shared.short, &self.key) {
            push_more_parts(&mut self.key, &self.more_parts, cells);
            if is_shared(|shared| &shared.whole, &self.key) {
                return Err(cells.refuse(
                    Field::Quantity,
                    "est comptée sur plusieurs lignes pour le même produit au même endroit, sans que rien les distingue (lot, millésime, emplacement) : laquelle vaut ?",
                ));
            }
        }
        Ok(())
    }

    /// Whether the places of the file may be quantities: each product has one place, and these are numbers that differ
    /// like quantities. In a table of quantities by place, a place called `cave` is the header of such numbers.
    fn are_places_doubtful(&mut self, cells: &Cells<'_>) -> Result<bool, Box<Refusal>> {
        if let Some(known) = self.places_are_doubtful {
            return Ok(known);
        }
        let mut products = HashSet::new();
        let mut places = HashSet::new();
        let mut rows = 0;
        let mut are_numbers = true;
        cells.each_row(|row| {
            let Some(place) = row.plain(Field::Warehouse) else {
                return;
            };
            rows += 1;
            are_numbers &= is_number(place);
            places.insert(hash(place));
            products.insert(hash(row.plain(Field::ProductKey).unwrap_or_default()));
        })?;
        let is_doubtful = are_numbers
            && products.len() == rows
            && places.len() > 1
            && places.len() * NUMBERED_PLACES > rows;
        Ok(*self.places_are_doubtful.insert(is_doubtful))
    }

    /// The keys that several counts of the file share.
    fn shared_keys(&self, cells: &Cells<'_>) -> Result<SharedKeys, Box<Refusal>> {
        let mut shared = SharedKeys::default();
        let (mut short, mut whole) = (HashMap::new(), HashMap::new());
        let mut key = String::new();
        cells.each_row(|row| {
            if set_short_key(&mut key, row).is_err() {
                return;
            }
            let content = hash(&row.line.cells.iter().collect::<Vec<_>>().join("\0"));
            let note = |keys: &mut HashMap<u64, u64>, found: &mut HashSet<u64>, key: &str| {
                if *keys.entry(hash(key)).or_insert(content) != content {
                    found.insert(hash(key));
                }
            };
            note(&mut short, &mut shared.short, &key);
            push_more_parts(&mut key, &self.more_parts, row);
            note(&mut whole, &mut shared.whole, &key);
        })?;
        Ok(shared)
    }
}

fn is_number(cell: &str) -> bool {
    cells::number(cell).is_ok()
}

fn hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

fn set_short_key(key: &mut String, cells: &Cells<'_>) -> Result<(), Box<Refusal>> {
    key.clear();
    let product = cells.required_code(Field::ProductKey)?;
    let warehouse = cells.code(Field::Warehouse)?;
    let lot = cells.code(Field::Lot)?;
    key.push_str(KEY_PREFIX);
    push_part(key, &product);
    for (mark, part) in [('@', warehouse), ('#', lot)] {
        if let Some(part) = part {
            key.push(mark);
            push_part(key, &part);
        }
    }
    Ok(())
}

fn push_more_parts(key: &mut String, columns: &[usize], cells: &Cells<'_>) {
    for &column in columns {
        let part = text::clean(cells.at(column));
        if !part.is_empty() {
            key.push('#');
            push_part(key, &part);
        }
    }
}

/// Appends `part` with its own `@` and `#` escaped: `P\@1` is a product, `P@1` the product `P` in place `1`.
fn push_part(key: &mut String, part: &str) {
    if !part.contains(['@', '#', '\\']) {
        key.push_str(part);
        return;
    }
    for c in part.chars() {
        if matches!(c, '@' | '#' | '\\') {
            key.push('\\');
        }
        key.push(c);
    }
}

impl RowReader for Stock<'_> {
    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Box<Refusal>> {
        self.key.clear();
        let product_key = cells.required_code(Field::ProductKey)?;
        let warehouse = cells.code(Field::Warehouse)?;
        if let Some(place) = warehouse.as_deref().filter(|place| is_number(place))
            && self.are_places_doubtful(cells)?
        {
            remarks.add(Remark::NumberedPlace, line, place);
        }
        self.set_key(cells)?;
        let quantity = cells.required_decimal(Field::Quantity)?;
        let unit = if self.counts_bottles {
            Some(BOTTLE.into())
        } else {
            cells.text(Field::Unit)
        };
        let unit_text = unit.as_deref().unwrap_or_default();
        let bottles = self.units.bottles(quantity, unit_text, &product_key);
        let bottles = bottles.remarked(unit_text, line, cells, remarks)?;
        let reserved = cells.decimal(Field::Reserved)?;
        let counted = match cells.zero_date(Field::Date) {
            None => cells.date(Field::Date)?,
            Some(zero) => {
                remarks.add(Remark::ZeroDate, line, zero);
                None
            }
        };
        sink.row(
            line,
            &StockLevel {
                stock_key: &self.key,
                product_key: &product_key,
                warehouse: warehouse.as_deref(),
                quantity_units: quantity,
                quantity_bottles_75cl_eq: bottles,
                reserved_qty: reserved,
                available_qty: quantity.checked_sub(reserved.unwrap_or_default()),
                last_count_date: counted,
            },
        )?;
        Ok(())
    }

    fn refused_key(&self) -> Option<&str> {
        (!self.key.is_empty()).then_some(self.key.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_key_do_not_run_into_one_another() {
        let part = |text| {
            let mut key = String::new();
            push_part(&mut key, text);
            key
        };
        assert_eq!(part("P1"), "P1");
        assert_eq!(part("P@1"), "P\\@1");
        assert_eq!(part("Lot #1"), "Lot \\#1");
        assert_eq!(part("P\\"), "P\\\\");
        // `P@` in `Chai`, and `P` in `@Chai`.
        let in_place = |product, place| format!("{}@{}", part(product), part(place));
        assert_ne!(in_place("P@", "Chai"), in_place("P", "@Chai"));
    }
}
