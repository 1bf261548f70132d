//! Sales that came again with another customer, after a customer's code was merged or renamed at the source: one
//! warning instead of one per reject.

use std::collections::BTreeMap;

use crate::canonical::rows::Column;
use crate::canonical::{Conflict, Table, sale};
use crate::report::Message;

/// Most pairs of customers remembered; one renaming makes one pair.
const MOST_PAIRS: usize = 1_000;

/// Least rejects of a pair that make a warning.
const NOTABLE: u64 = 2;

/// Most examples in a warning.
const EXAMPLES: usize = 3;

/// Number of lines by existing and new customer.
#[derive(Debug, Clone, Default)]
pub(super) struct Merges(BTreeMap<(String, String), u64>);

impl Merges {
    pub(super) fn add(&mut self, conflict: &Conflict) {
        const CUSTOMER: Column = sale::COLUMN.customer_key;
        if conflict.table != Table::SalesLines || !conflict.differs_in(CUSTOMER) {
            return;
        }
        let pair = (
            conflict.existing(CUSTOMER).to_owned(),
            conflict.incoming(CUSTOMER).to_owned(),
        );
        if self.0.len() < MOST_PAIRS || self.0.contains_key(&pair) {
            *self.0.entry(pair).or_default() += 1;
        }
    }

    /// The warning, if there is one.
    pub(super) fn warning(&self, table: Table) -> Option<Message> {
        let mut pairs: Vec<_> = self
            .0
            .iter()
            .filter(|(_, count)| **count >= NOTABLE)
            .collect();
        pairs.sort_by_key(|&(_, count)| std::cmp::Reverse(*count));
        let lines: u64 = pairs.iter().map(|(_, count)| **count).sum();
        let examples: Vec<_> = pairs
            .iter()
            .take(EXAMPLES)
            .map(|((existing, offered), count)| format!("{existing} → {offered} : {count}"))
            .collect();
        (lines > 0).then(|| {
            Message::Warning(format!(
                "{} : {lines} lignes déjà en base arrivent avec un autre client ({}). Si ces codes client ont été \
                 fusionnés ou renommés à la source, le réglage SALES_KEY=document les fait suivre",
                table.label(),
                examples.join(", ")
            ))
        })
    }
}
