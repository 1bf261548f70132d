//! The customers whose figures a load changes.

use foldhash::HashSet;

/// With more touched customers than this, all are recomputed: both cost one scan.
pub(super) const MOST_TOUCHED: u64 = 10_000;

/// Customers whose purchases a load changed.
#[derive(Debug)]
pub(in crate::store) enum Touched {
    Some(HashSet<String>),
    All,
}

impl Touched {
    pub(in crate::store) fn nobody() -> Self {
        Self::Some(HashSet::default())
    }

    pub(in crate::store) fn add(&mut self, customer_key: &str) {
        let Self::Some(keys) = self else { return };
        if !keys.contains(customer_key) {
            keys.insert(customer_key.to_owned());
        }
        if keys.len() as u64 > MOST_TOUCHED {
            *self = Self::All;
        }
    }

    pub(in crate::store) fn is_empty(&self) -> bool {
        matches!(self, Self::Some(keys) if keys.is_empty())
    }
}
