//! What the database holds of one source, to be compared row by row with what another database holds.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::Estate;

/// Numbers and instants of runs: two syncs that did the same differ by these alone.
const STAMPS: [&str; 9] = [
    "run_id",
    "updated_at",
    "reject_id",
    "at",
    "first_run",
    "last_run",
    "first_seen",
    "last_seen",
    "times",
];

/// What sales say of customers: loads of three tables write it.
const FIGURES: [&str; 6] = [
    "first_purchase_date",
    "last_purchase_date",
    "total_spent_eur",
    "purchase_count",
    "avg_order_value_eur",
    "preferred_category",
];

/// Rows by table, but for [`STAMPS`]; tables without any are left out. What is kept of a table beside it, such as
/// its rejects, is apart from what is kept of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings(BTreeMap<String, BTreeSet<String>>);

impl Holdings {
    /// Everything kept of `source`: rows, rejects, cursors, counts; without receipts, of which a second reading leaves more.
    pub fn of(estate: &Estate, source: &str) -> Self {
        Self::but_for(estate, source, &["units"])
    }

    /// The same without what follows the calendar, which is settled once, when all tables are loaded.
    pub fn without_calendar(estate: &Estate, source: &str) -> Self {
        Self::but_for(estate, source, &["segment", "segmented"])
    }

    /// The same without what the load of one table writes in another.
    pub fn table_by_table(estate: &Estate, source: &str) -> Self {
        let aside = [&FIGURES[..], &["segment", "segmented"]].concat();
        Self::but_for(estate, source, &aside)
    }

    fn but_for(estate: &Estate, source: &str, aside: &[&str]) -> Self {
        let mut holdings = BTreeMap::new();
        if !estate.database().exists() {
            return Self(holdings);
        }
        let tables = estate.sql(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'runs'
             AND EXISTS (SELECT 1 FROM pragma_table_info(sqlite_schema.name) AS c WHERE c.name = 'source')",
        );
        for table in tables {
            if aside.contains(&table.as_str()) {
                continue;
            }
            let columns = estate.sql(&format!("SELECT name FROM pragma_table_info('{table}')"));
            let kept = columns
                .iter()
                .filter(|name| !aside.contains(&name.as_str()) && !STAMPS.contains(&name.as_str()));
            let quoted: Vec<String> = kept.map(|name| format!("quote({name})")).collect();
            let is_beside = columns.iter().any(|name| name == "table_name");
            let of = if is_beside { "table_name" } else { "''" };
            let rows = estate.sql(&format!(
                "SELECT '{table} ' || {of}, {} FROM {table} WHERE source = '{source}'",
                quoted.join(" || '|' || ")
            ));
            for row in rows {
                if table == "row_counts" && row.ends_with("|0") {
                    continue; // None counted is as good as none held.
                }
                let (of, row) = row.split_once('|').unwrap();
                // A file's cursor ends with the instant of its last change.
                let is_file = table == "cursors" && row.contains(".csv");
                let row = row
                    .rsplit_once(':')
                    .filter(|_| is_file)
                    .map_or(row, |(row, _)| row);
                let kept: &mut BTreeSet<_> = holdings.entry(of.trim().to_owned()).or_default();
                kept.insert(row.to_owned());
            }
        }
        Self(holdings)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first table that is as in none of `states`.
    pub fn stranger_to(&self, states: &[Self]) -> Option<String> {
        let is_strange = |table: &&String| {
            let ours = self.0.get(*table);
            states.iter().all(|state| state.0.get(*table) != ours)
        };
        let tables = states.iter().chain([self]).flat_map(|state| state.0.keys());
        tables.into_iter().find(is_strange).cloned()
    }

    /// What differs from `other`, to read when a test fails.
    pub fn differences(&self, other: &Self) -> String {
        let none = BTreeSet::new();
        let tables: BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        let mut told = String::new();
        for table in tables {
            let ours = self.0.get(table).unwrap_or(&none);
            let theirs = other.0.get(table).unwrap_or(&none);
            for (sign, row) in ours
                .difference(theirs)
                .map(|row| ('+', row))
                .chain(theirs.difference(ours).map(|row| ('-', row)))
            {
                told = format!("{told}{sign} {table}: {row}\n");
            }
        }
        told
    }
}
