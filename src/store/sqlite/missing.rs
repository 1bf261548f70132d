//! Existing sales lines that a file should have repeated and did not: reported, never deleted.

use fastbloom::BloomFilter;
use rusqlite::{Connection, Row};
use xxhash_rust::xxh3::xxh3_64;

use super::existing_rows::origin;
use crate::canonical::KeyRule;
use crate::error::Result;
use crate::store::load_report::EXAMPLES;
use crate::store::load_report::Missing;
use crate::store::requests::LoadTarget;

/// Bits per existing row, and the largest filter: 8 MiB.
const BITS_A_ROW: u64 = 64;
const MOST_BITS: u64 = 1 << 26;
const FEWEST_BITS: u64 = 1 << 16;

/// Bits set per row. With 64 bits a row, one missing row in a million goes unreported.
const HASHES: u32 = 4;

/// The bits for a row's hash.
fn bits(hash: i64) -> u64 {
    u64::from_le_bytes(hash.to_le_bytes())
}

/// Bloom filter of the existing rows that came again: an added row is always found, another one rarely.
#[derive(Debug)]
pub(super) struct Known {
    rows: BloomFilter,
    /// At most the number of added rows. Counting one twice would hide a missing one.
    distinct: u64,
    is_empty: bool,
}

impl Known {
    /// An empty filter for `existing_count` rows.
    pub(super) fn none_of(existing_count: u64) -> Self {
        let bits = (existing_count.saturating_mul(BITS_A_ROW)).clamp(FEWEST_BITS, MOST_BITS);
        let bits = usize::try_from(bits).unwrap_or(usize::MAX);
        Self {
            rows: BloomFilter::with_num_bits(bits).hashes(HASHES),
            distinct: 0,
            is_empty: true,
        }
    }

    /// Adds the existing row with `hash` (key included), which was repeated.
    pub(super) fn add(&mut self, hash: i64) {
        let is_new = !self.insert(bits(hash));
        self.distinct += u64::from(is_new);
    }

    /// Adds the existing row with hash `old`, which was repeated with other values; their hash is `new`.
    pub(super) fn add_changed(&mut self, old: i64, new: i64) {
        if self.rows.contains_hash(bits(old)) {
            self.add_again(new);
        } else {
            self.add(new);
        }
    }

    /// Adds the values with `hash` of an existing row that was added with others.
    pub(super) fn add_again(&mut self, hash: i64) {
        self.insert(bits(hash));
    }

    /// Adds the existing row under `key`, whose repetition was rejected. Another line may have repeated it.
    pub(super) fn add_key(&mut self, key: &str) {
        self.insert(xxh3_64(key.as_bytes()));
    }

    /// Returns whether `hash` was in the filter already.
    fn insert(&mut self, hash: u64) -> bool {
        self.is_empty = false;
        self.rows.insert_hash(hash)
    }

    fn contains(&self, key: &str, hash: i64) -> bool {
        self.rows.contains_hash(bits(hash)) || self.rows.contains_hash(xxh3_64(key.as_bytes()))
    }
}

/// A file that was read, for the search of missing lines.
#[derive(Debug, Default, Clone)]
pub(super) struct UnitRead {
    /// File name.
    pub(super) origin: String,
    /// An earlier run read a file of this name.
    pub(super) came_again: bool,
    /// Its first and last day, ISO 8601.
    pub(super) days: Option<(String, String)>,
    /// Its rows, and how many of them existed already.
    pub(super) rows: u64,
    pub(super) known: u64,
    /// Number of its rejects.
    pub(super) rejected: u64,
}

impl UnitRead {
    /// Whether most of its rows existed already.
    fn repeats(&self) -> bool {
        self.known * 2 > self.rows
    }

    pub(super) fn covers(&self, day: &str) -> bool {
        let days = self.days.as_ref();
        days.is_some_and(|(first, last)| (first.as_str()..=last.as_str()).contains(&day))
    }
}

/// Finds lines that should have been repeated: lines of a file read again under its name, of a document with other
/// repeated lines, or of the days of a file that repeats most of them.
pub(super) fn find(
    db: &Connection,
    target: &LoadTarget<'_>,
    known: &Known,
    (units, existing_count): (&[UnitRead], u64),
    rule: &dyn KeyRule,
) -> Result<Missing> {
    let mut missing = Missing::default();
    let may_miss = !known.is_empty || units.iter().any(|unit| unit.came_again);
    if known.distinct >= existing_count || !may_miss {
        return Ok(missing);
    }
    let mut select = db.prepare(
        "SELECT sale_line_key, date_sale, source_ref, run_id, order_ref, product_key, row_hash FROM sales_lines
         WHERE source = ?1 ORDER BY sale_line_key",
    )?;
    let mut rows = select.query([target.source])?;
    let mut document = Document::default();
    while let Some(row) = rows.next()? {
        let key = row.get_ref(0)?.as_str().unwrap_or_default();
        let own = rule.document(key);
        if own.is_none() || own != document.name.as_deref() {
            document.close(&mut missing);
            document.name = own.map(str::to_owned);
        }
        if row.get::<_, i64>(3)? == target.run_id || known.contains(key, row.get(6)?) {
            document.came_again = true;
            continue;
        }
        let (day, from) = (
            row.get_ref(1)?.as_str().unwrap_or_default(),
            origin(row.get_ref(2)?.as_str().unwrap_or_default()),
        );
        let is_due = units.iter().any(|unit| {
            (unit.came_again && unit.origin == from) || (unit.repeats() && unit.covers(day))
        });
        document.lines.push((is_due, Some(shown(row, day)?)));
        if document.name.is_none() {
            document.close(&mut missing);
        }
    }
    document.close(&mut missing);
    Ok(missing)
}

/// The lines of one document that were not repeated.
#[derive(Default)]
struct Document {
    name: Option<String>,
    /// Whether another line of the document was repeated.
    came_again: bool,
    /// For each line: whether it is missing for another reason, and its text.
    lines: Vec<(bool, Option<String>)>,
}

impl Document {
    fn close(&mut self, missing: &mut Missing) {
        let came_again = std::mem::take(&mut self.came_again);
        for (is_due, line) in self.lines.drain(..) {
            if is_due || came_again {
                missing.count += 1;
                if missing.examples.len() < EXAMPLES {
                    missing.examples.extend(line);
                }
            }
        }
    }
}

/// `F1, P3, 2025-10-30`
fn shown(row: &Row<'_>, day: &str) -> Result<String> {
    let order: Option<String> = row.get(4)?;
    let product: String = row.get(5)?;
    let parts = [order.as_deref().unwrap_or_default(), &product, day];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(parts.join(", "))
}
