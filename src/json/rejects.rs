//! The inbox of rejected rows in JSON output.

use serde::Serialize;

use super::{ByName, CorrectionAnswer, CorrectionIndex, SyncAnswer, local};
use crate::store::{Correction, InboxEntry, InboxPage, RejectGroup};

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
