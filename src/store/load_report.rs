//! Result of a load, as plain data.

use crate::report::{Counts, Phases};

/// Most examples kept for each kind of warning.
pub(super) const EXAMPLES: usize = 3;

/// Result of a load.
#[derive(Debug, Default)]
pub struct LoadReport {
    /// Row counts.
    pub counts: Counts,
    /// Keys that occur more than once in one file.
    pub repeated: Repeated,
    /// Rows without a number that also occur in another file; they count once.
    pub twins: Repeated,
    /// Existing sales lines that the files should have repeated and did not.
    pub missing: Missing,
    /// Result of replacing rows whose keys changed form.
    pub replaced: Option<Replaced>,
    /// Whether rows absent from a snapshot were kept because a rejected row without a key may be one of them.
    pub spared_all: bool,
    /// Sales whose customer is not in `customers`.
    pub unknown_customers: Unknown,
    /// Sales whose product is not in `product_catalog`.
    pub unknown_products: Unknown,
    /// Time spent in each phase after the last row was written.
    pub phases: Phases,
}

/// Keys that occur more than once in one file.
#[derive(Debug, Default, Clone)]
pub struct Repeated {
    /// Lines that repeat a key of an earlier line.
    pub count: u64,
    /// The first such keys, each with the line that repeats it.
    pub examples: Vec<String>,
}

/// Existing lines that the files should have repeated and did not.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Number of lines.
    pub count: u64,
    /// The first lines: document, product and day.
    pub examples: Vec<String>,
}

/// Result of replacing all rows of a source under keys of a new form.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Replaced {
    /// Rows before the replacement.
    pub before: u64,
    /// Rows of files that no longer exist, kept under their new keys.
    pub brought_over: u64,
    /// Rows of files that no longer exist, kept under their old keys because no new key could be computed.
    pub kept: u64,
    /// The first months whose sums differ: month (`2025-10`), sum before, sum after.
    pub months: Vec<(String, f64, f64)>,
}

impl Replaced {
    /// Old rows that new rows replaced.
    pub(super) fn gone(&self) -> u64 {
        self.before - self.brought_over - self.kept
    }
}

/// Sales lines of a load that refer to a customer or product that no table contains.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Number of lines.
    pub lines: u64,
    /// The first missing keys.
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
