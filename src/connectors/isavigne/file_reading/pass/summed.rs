//! What totals in a file may sum up, and how exactly.

use crate::connectors::isavigne::columns::Field;

/// Fields that can be summed.
pub(super) const SUMMED: [Field; 3] = [Field::Quantity, Field::Total, Field::TotalExclTax];

/// Accepted rounding difference, in ten-thousandths.
pub(super) const TOLERANCE: i64 = 500;

/// Most totals from which a later sum may start.
pub(super) const MOST_TOTALS: usize = 1000;
