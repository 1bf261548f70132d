//! Sales lines held that a file should have told of again, and did not: told to people, never deleted.

use fastbloom::BloomFilter;
use rusqlite::{Connection, Row};
use xxhash_rust::xxh3::xxh3_64;

use super::existing_rows::origin;
use crate::canonical::KeyRule;
use crate::error::Result;
use crate::store::load_report::EXAMPLES;
use crate::store::load_report::Missing;
use crate::store::requests::LoadTarget;

/// Bits for each row held, and how many at most: 8 MiB.
const BITS_A_ROW: u64 = 64;
const MOST_BITS: u64 = 1 << 26;
const FEWEST_BITS: u64 = 1 << 16;

/// Bits set for each row. With 64 bits a row, one missing row in a million is not told.
const HASHES: u32 = 4;

/// The bits of a row's hash.
fn bits(hash: i64) -> u64 {
    u64::from_le_bytes(hash.to_le_bytes())
}

/// The rows held that came again. What was added is known for certain; what was not may be, rarely.
#[derive(Debug)]
pub(super) struct Known {
    rows: BloomFilter,
    distinct: u64,
}

impl Known {
    /// None yet, of `held` rows.
    pub(super) fn none_of(held: u64) -> Self {
        let bits = (held.saturating_mul(BITS_A_ROW)).clamp(FEWEST_BITS, MOST_BITS);
        let bits = usize::try_from(bits).unwrap_or(usize::MAX);
        Self {
            rows: BloomFilter::with_num_bits(bits).hashes(HASHES),
            distinct: 0,
        }
    }

    /// Adds the row that holds values of `hash`, the key among them: it came again, or was written in the place of one
    /// that did.
    pub(super) fn add(&mut self, hash: i64) {
        self.insert(bits(hash));
    }

    /// Adds the row held under `key`, which came again as something that is rejected.
    pub(super) fn add_key(&mut self, key: &str) {
        self.insert(xxh3_64(key.as_bytes()));
    }

    fn insert(&mut self, hash: u64) {
        if !self.rows.insert_hash(hash) {
            self.distinct += 1;
        }
    }

    fn contains(&self, key: &str, hash: i64) -> bool {
        self.rows.contains_hash(bits(hash)) || self.rows.contains_hash(xxh3_64(key.as_bytes()))
    }
}

/// A file that was read, as far as missing lines go.
#[derive(Debug, Default, Clone)]
pub(super) struct UnitRead {
    /// The file.
    pub(super) origin: String,
    /// It was read before, under the same name.
    pub(super) came_again: bool,
    /// Its first and last day, ISO 8601.
    pub(super) days: Option<(String, String)>,
    /// Its rows, and how many of them were held already.
    pub(super) rows: u64,
    pub(super) known: u64,
    /// Rows of it that were rejected.
    pub(super) rejected: u64,
}

impl UnitRead {
    /// Whether it repeats what is held rather than adding to it.
    fn repeats(&self) -> bool {
        self.known * 2 > self.rows
    }

    pub(super) fn covers(&self, day: &str) -> bool {
        let days = self.days.as_ref();
        days.is_some_and(|(first, last)| (first.as_str()..=last.as_str()).contains(&day))
    }
}

/// Looks for lines that should have come again: of a file that came again under its name, of a document of which
/// another line did, or of the days of a file that repeats most of them.
pub(super) fn find(
    db: &Connection,
    target: &LoadTarget<'_>,
    known: &Known,
    (units, held): (&[UnitRead], u64),
    rule: &dyn KeyRule,
) -> Result<Missing> {
    let mut missing = Missing::default();
    let may_miss = known.distinct > 0 || units.iter().any(|unit| unit.came_again);
    if known.distinct >= held || !may_miss {
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

/// The lines of one document that did not come again.
#[derive(Default)]
struct Document {
    name: Option<String>,
    /// Whether another line of it did.
    came_again: bool,
    /// Whether each is due for another reason, and what it is.
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
