//! Customers whose documents come under another name: one sentence for all the rejects that a code merged or renamed at
//! the source makes.

use std::collections::BTreeMap;

use crate::canonical::rows::Column;
use crate::canonical::{Conflict, Table, sale};
use crate::report::Message;

/// Pairs of customers remembered; one renaming makes one pair.
const MOST_PAIRS: usize = 1_000;

/// Rejects from which on a pair is worth a sentence.
const NOTABLE: u64 = 2;

/// Examples told.
const EXAMPLES: usize = 3;

/// Lines by the customer held and the one that came.
#[derive(Debug, Default)]
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

    /// What there is to say, if anything.
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
            .map(|((held, offered), count)| format!("{held} → {offered} : {count}"))
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
