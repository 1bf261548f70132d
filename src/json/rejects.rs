//! The inbox of rejected rows in JSON output.

use std::collections::HashMap;

use serde::Serialize;

use super::{ByName, SyncAnswer, local};
use crate::canonical::{RowId, Table, number_words};
use crate::store::{Correction, CorrectionScope, InboxEntry, InboxPage, RejectGroup};

/// `crmreco rejects`.
#[derive(Debug, Clone, Serialize)]
pub struct InboxAnswer {
    /// Name of the connector; `null` for all.
    pub connector_name: Option<String>,
    /// Number of all entries.
    pub total: u64,
    /// Entries per page.
    pub limit: u64,
    /// Entries skipped.
    pub offset: u64,
    /// Number of open entries, whatever is listed.
    pub open: u64,
    /// The entries by table, column, value and reason, the most frequent first.
    pub groups: Vec<GroupAnswer>,
    /// Entries on this page, the newest first.
    pub rejects: Vec<InboxEntryAnswer>,
}

/// Rows that are rejected for the same value.
#[derive(Debug, Clone, Serialize)]
pub struct GroupAnswer {
    /// Their table.
    pub table: &'static str,
    /// The invalid column.
    pub column: Option<String>,
    /// The invalid value.
    pub value: Option<String>,
    /// What is wrong with the value.
    pub reason: String,
    /// Number of rows.
    pub count: u64,
    /// Name of the connector.
    pub connector_name: String,
}

/// A rejected row in the inbox.
#[derive(Debug, Clone, Serialize)]
pub struct InboxEntryAnswer {
    /// Its number: the beginning of `row`.
    pub reject_id: String,
    /// The run that rejected it last.
    pub run_id: i64,
    /// Its table.
    pub table: &'static str,
    /// File or model in which it was read last.
    pub origin: String,
    /// Line or id there.
    pub position: String,
    /// The invalid column.
    pub column: Option<String>,
    /// The invalid value.
    pub value: Option<String>,
    /// What is wrong with the value.
    pub reason: String,
    /// Identifies the row in every export.
    pub row: String,
    /// `open`, `fixed`, `ignored` or `closed`.
    pub state: &'static str,
    /// Runs that rejected it.
    pub times: u64,
    /// When it was rejected first.
    pub first_seen: String,
    /// When it was rejected last.
    pub last_seen: String,
    /// Its cells by header; `null` where the row is not kept as cells.
    pub cells: Option<ByName<String>>,
    /// What could be meant, never applied by itself.
    pub suggestions: Vec<String>,
    /// The corrections in force that apply to it.
    pub corrections: Vec<CorrectionAnswer>,
    /// Whether its cells can be corrected here.
    pub replayable: bool,
    /// Name of the connector.
    pub connector_name: String,
    /// Why it is closed (`replayed`, `source_mended`, `superseded`), or what was said when it was ignored.
    pub note: Option<String>,
}

/// Most suggestions for one row.
const MOST_SUGGESTIONS: usize = 3;

/// Digits of a row that are enough to name it.
const ID_DIGITS: usize = 12;

impl InboxEntryAnswer {
    /// The answer for `entry`; `index`: the corrections in force of its connector.
    pub fn of(entry: &InboxEntry, index: &CorrectionIndex<'_>) -> Self {
        let row = entry.id.to_string();
        let instant = |text: &str| text.parse().map_or_else(|_| text.to_owned(), local);
        let cells = || {
            let cells = entry.headers.iter().zip(&entry.cells);
            ByName(
                cells
                    .map(|(header, cell)| (header.clone(), cell.clone()))
                    .collect(),
            )
        };
        Self {
            reject_id: row.chars().take(ID_DIGITS).collect(),
            run_id: entry.last_run,
            table: entry.table.report_name(),
            origin: entry.origin.clone(),
            position: entry.position.clone(),
            column: entry.column.clone(),
            value: entry.value.clone(),
            reason: entry.reason.clone(),
            row,
            state: entry.state.as_str(),
            times: entry.times,
            first_seen: instant(&entry.first_seen),
            last_seen: instant(&entry.last_seen),
            cells: (!entry.headers.is_empty()).then(cells),
            suggestions: index.suggestions(entry),
            corrections: index.of_entry(entry),
            replayable: entry.is_correctable(),
            connector_name: entry.source.clone(),
            note: entry.note.clone(),
        }
    }
}

impl From<&RejectGroup> for GroupAnswer {
    fn from(group: &RejectGroup) -> Self {
        Self {
            table: group.table.report_name(),
            column: group.column.clone(),
            value: group.value.clone(),
            reason: group.reason.clone(),
            count: group.count,
            connector_name: group.source.clone(),
        }
    }
}

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

/// `crmreco rejects show`.
#[derive(Debug, Clone, Serialize)]
pub struct RejectShowAnswer {
    /// Name of the connector.
    pub connector_name: String,
    /// The row.
    pub reject: InboxEntryAnswer,
}

/// `crmreco rejects fix`, `ignore` and `undo`.
#[derive(Debug, Clone, Serialize)]
pub struct FixAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Name of the connector.
    pub connector_name: String,
    /// Numbers of the corrections that were made or taken back.
    pub corrections: Vec<i64>,
    /// Rejected rows concerned.
    pub rows: u64,
}

/// `crmreco rejects replay`: that of `sync`, and what became of the corrected rows.
#[derive(Debug, Clone, Serialize)]
pub struct ReplayAnswer {
    /// The sync that read them.
    #[serde(flatten)]
    pub sync: SyncAnswer,
    /// Corrected rows that are read now; `null` for a dry run.
    pub replayed: Option<u64>,
    /// Corrected rows that are rejected all the same; `null` for a dry run.
    pub still_rejected: Option<u64>,
    /// Corrected rows whose file was not there to be read; `null` for a dry run.
    pub unread: Option<u64>,
}

impl InboxAnswer {
    /// The answer for a page of the inbox of `name`, or of all connectors. `corrections`: those in force.
    pub fn new(
        name: Option<&str>,
        page: &InboxPage,
        groups: &[RejectGroup],
        corrections: &[Correction],
        (limit, offset): (u64, u64),
    ) -> Self {
        let corrections = CorrectionIndex::of(corrections);
        let rejects = page.entries.iter();
        let rejects = rejects.map(|entry| InboxEntryAnswer::of(entry, &corrections));
        Self {
            connector_name: name.map(str::to_owned),
            total: page.total,
            limit,
            offset,
            open: page.open,
            groups: groups.iter().map(GroupAnswer::from).collect(),
            rejects: rejects.collect(),
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
    fn suggestions(&self, entry: &InboxEntry) -> Vec<String> {
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
