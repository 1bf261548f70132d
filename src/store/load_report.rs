//! What a load did, as plain data.

use crate::report::{Counts, Phases};

/// Examples kept of each thing worth a warning.
pub(super) const EXAMPLES: usize = 3;

/// What a load did.
#[derive(Debug, Default)]
pub struct LoadReport {
    /// The rows, counted.
    pub counts: Counts,
    /// Keys that came more than once in one file.
    pub repeated: Repeated,
    /// Rows without a number that came in another file too, and count once.
    pub twins: Repeated,
    /// Sales lines held that no file told of again.
    pub missing: Missing,
    /// What became of rows whose keys took another form.
    pub replaced: Option<Replaced>,
    /// Whether rows a snapshot no longer holds were kept, for one of them may be a row that was rejected.
    pub spared_all: bool,
    /// Sales whose customer is not in `customers`.
    pub unknown_customers: Unknown,
    /// Sales whose product is not in `product_catalog`.
    pub unknown_products: Unknown,
    /// Where the time went since the last row was written.
    pub phases: Phases,
}

/// Keys met more than once in one file.
#[derive(Debug, Default, Clone)]
pub struct Repeated {
    /// Lines that repeat a key of an earlier line.
    pub count: u64,
    /// The first such keys, each with the line that repeats it.
    pub examples: Vec<String>,
}

/// Lines held that no file told of again.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Missing {
    /// How many.
    pub count: u64,
    /// The first of them: document, product and day.
    pub examples: Vec<String>,
}

/// What became of the rows that were put aside.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Replaced {
    /// Rows there were.
    pub before: u64,
    /// Rows of files that are gone, under their new keys.
    pub brought_over: u64,
    /// Rows of files that are gone that no new key could be made for: they keep their old one.
    pub kept: u64,
    /// The first months whose sums differ, `2025-10`, before and after.
    pub months: Vec<(String, f64, f64)>,
}

impl Replaced {
    /// Rows of which others took the place.
    pub(super) fn gone(&self) -> u64 {
        self.before - self.brought_over - self.kept
    }
}

/// Sales lines of a load that name something no table knows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// How many lines.
    pub lines: u64,
    /// The first keys they name.
    pub examples: Vec<String>,
}

impl Unknown {
    pub(super) fn add(&mut self, key: &str) {
        self.lines += 1;
        if self.examples.len() < EXAMPLES && !self.examples.iter().any(|known| known == key) {
            self.examples.push(key.to_owned());
        }
    }
}
