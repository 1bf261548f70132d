//! Corrections of rejected rows in JSON output.

use std::collections::HashMap;

use serde::Serialize;

use super::local;
use crate::canonical::{RowId, Table, number_words};
use crate::store::{Correction, CorrectionScope, InboxEntry};

/// Most suggestions for one row.
const MOST_SUGGESTIONS: usize = 3;

/// A correction in force.
#[derive(Debug, Clone, Serialize)]
pub struct CorrectionAnswer {
    /// Its number.
    pub correction_id: i64,
    /// The table of its rows.
    pub table: &'static str,
    /// `row` or `value`: of one row, or of every row that says so.
    pub scope: &'static str,
    /// The row, for `row`.
    pub row: Option<String>,
    /// The canonical field, or the header as written.
    pub field: String,
    /// What the source says.
    pub old_value: String,
    /// What is read instead.
    pub new_value: String,
    /// What was said about it.
    pub note: Option<String>,
    /// Who made it.
    pub author: String,
    /// When.
    pub at: String,
}

impl From<&Correction> for CorrectionAnswer {
    fn from(correction: &Correction) -> Self {
        let row = match correction.scope {
            CorrectionScope::Row(row) => Some(row.to_string()),
            CorrectionScope::Value => None,
        };
        let at = &correction.at;
        Self {
            correction_id: correction.number,
            table: correction.table.report_name(),
            scope: if row.is_some() { "row" } else { "value" },
            row,
            field: correction.cell.field.clone(),
            old_value: correction.cell.old.clone(),
            new_value: correction.cell.new.clone(),
            note: correction.note.clone(),
            author: correction.author.clone(),
            at: at.parse().map_or_else(|_| at.clone(), local),
        }
    }
}

/// Corrections in force of a connector, by what they are of.
#[derive(Debug)]
pub struct CorrectionIndex<'c> {
    by_row: HashMap<RowId, Vec<&'c Correction>>,
    by_value: Vec<&'c Correction>,
    /// What people made of each value.
    meant: HashMap<(Table, &'c str), Vec<&'c str>>,
}

impl<'c> CorrectionIndex<'c> {
    /// The index of `corrections`.
    pub fn of(corrections: &'c [Correction]) -> Self {
        let mut index = Self {
            by_row: HashMap::new(),
            by_value: Vec::new(),
            meant: HashMap::new(),
        };
        for one in corrections {
            let meant = index.meant.entry((one.table, one.cell.old.trim()));
            let meant = meant.or_default();
            if meant.len() < MOST_SUGGESTIONS && !meant.contains(&one.cell.new.as_str()) {
                meant.push(&one.cell.new);
            }
            match one.scope {
                CorrectionScope::Row(row) => index.by_row.entry(row).or_default().push(one),
                CorrectionScope::Value => index.by_value.push(one),
            }
        }
        index
    }

    /// What the value at fault of `entry` could be meant to say: the number that it spells, and what people made of the
    /// same value elsewhere.
    pub(super) fn suggestions(&self, entry: &InboxEntry) -> Vec<String> {
        let Some(value) = entry.value.as_deref().map(str::trim) else {
            return Vec::new();
        };
        let number = number_words::number(value).map(|number| number.to_string());
        let meant = self.meant.get(&(entry.table, value)).into_iter().flatten();
        let meant = meant.filter(|_| !value.is_empty());
        let mut suggestions: Vec<String> = number.into_iter().collect();
        for one in meant {
            if !suggestions.iter().any(|known| known == one) {
                suggestions.push((*one).to_owned());
            }
        }
        suggestions
    }

    /// Those that apply to `entry`.
    pub fn of_entry(&self, entry: &InboxEntry) -> Vec<CorrectionAnswer> {
        let says_so = |one: &&&Correction| {
            let mut cells = entry.cells.iter();
            one.table == entry.table && cells.any(|cell| cell.trim() == one.cell.old)
        };
        let of_row = self.by_row.get(&entry.id).into_iter().flatten();
        let of_value = self.by_value.iter().filter(says_so);
        let all = of_row.chain(of_value);
        all.map(|one| CorrectionAnswer::from(*one)).collect()
    }
}
