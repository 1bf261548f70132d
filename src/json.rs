//! The documented JSON output, independent of the domain types: commands print it, web pages serve it.
//!
//! Keys never change name, type or order; new keys are added at the end.

mod backup;
mod corrections;
mod counts;
mod phases;
mod receipt;
mod rejects;
mod serving;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

pub use backup::{BackupAnswer, RestoreAnswer, VerifyAnswer};
pub use corrections::{CorrectionAnswer, CorrectionIndex};
pub use counts::CountsAnswer;
pub use phases::{BySeconds, PhasesAnswer};
pub use receipt::{GapAnswer, ReceiptAnswer, UnitAnswer};
pub use rejects::{
    FixAnswer, GroupAnswer, InboxAnswer, InboxEntryAnswer, RejectShowAnswer, ReplayAnswer,
};
pub use serving::{HealthAnswer, PulseAnswer, ServeAnswer, StopAnswer, UnderWayAnswer};

use crate::canonical::text::turns_text;
use crate::canonical::{Reject, Table};
use crate::message::cut_message;
use crate::report::{Check, Counts, Message, RunLog, RunStatus};
use crate::store::{ConnectorState, ErasedCounts, EstateState, FoundCustomer, RejectPage};

/// Values by table, written as an object in loading order.
#[derive(Debug, Clone, Default)]
pub struct ByTable<T>(pub Vec<(Table, T)>);

impl<T: Serialize> Serialize for ByTable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (table, value) in &self.0 {
            map.serialize_entry(table.report_name(), value)?;
        }
        map.end()
    }
}

/// Values by name, written as an object in the given order.
#[derive(Debug, Clone, Default)]
pub struct ByName<T>(pub Vec<(String, T)>);

impl<T: Serialize> Serialize for ByName<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// `crmreco list`.
#[derive(Debug, Clone, Serialize)]
pub struct ListAnswer {
    /// All connectors, by name.
    pub connectors: ByName<ConnectorAnswer>,
    /// Same as `crmreco status`.
    pub status: StatusAnswer,
    /// Same as `crmreco metrics`.
    pub metrics: MetricsAnswer,
    /// Recent runs of all connectors.
    pub recent_syncs: Vec<SyncAnswer>,
    /// Names of removed connectors with rows in the tables.
    pub leftovers: Vec<String>,
}

/// Current state of a connector.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorAnswer {
    /// Its type.
    pub r#type: String,
    /// `idle`, `syncing`, `healthy` or `error`.
    pub status: &'static str,
    /// End of its newest finished run.
    pub last_sync: Option<String>,
    /// Error of that run.
    pub last_error: Option<String>,
    /// End of its newest successful run.
    pub last_success: Option<String>,
}

/// `crmreco add`, `set`, `rename` and `remove`.
#[derive(Debug, Clone, Serialize)]
pub struct AddAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Name of the connector.
    pub connector_name: String,
    /// Path of the file with the settings.
    pub env_file: String,
}

/// `crmreco list --all-estates`.
#[derive(Debug, Clone, Serialize)]
pub struct EstatesAnswer {
    /// All estates of the server that the role may read.
    pub estates: Vec<EstateAnswer>,
}

/// An estate on a server.
#[derive(Debug, Clone, Serialize)]
pub struct EstateAnswer {
    /// Its name.
    pub estate: String,
    /// Rows of all its tables.
    pub total_records: u64,
    /// Its connectors, by name.
    pub connectors: Vec<EstateConnectorAnswer>,
}

/// A connector of an estate.
#[derive(Debug, Clone, Serialize)]
pub struct EstateConnectorAnswer {
    /// Its name.
    pub name: String,
    /// Its type.
    pub r#type: String,
    /// `idle`, `syncing`, `healthy` or `error`.
    pub status: &'static str,
    /// End of its newest finished run.
    pub last_sync: Option<String>,
    /// End of its newest successful run.
    pub last_success: Option<String>,
    /// First error of its newest finished run.
    pub last_error: Option<String>,
}

impl From<EstateState> for EstateAnswer {
    fn from(estate: EstateState) -> Self {
        let connectors = estate.connectors.into_iter();
        let connectors = connectors.map(|one| EstateConnectorAnswer {
            name: one.name,
            r#type: one.kind,
            status: connector_status(one.state.newest),
            last_sync: one.state.last_sync.map(local),
            last_success: one.state.last_success.map(local),
            last_error: one.state.last_error,
        });
        Self {
            estate: estate.name,
            total_records: estate.rows,
            connectors: connectors.collect(),
        }
    }
}

/// What was done, in one sentence.
#[derive(Debug, Clone, Serialize)]
pub struct SaidAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
}

/// `crmreco move`.
#[derive(Debug, Clone, Serialize)]
pub struct MoveAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Where the database was; it is still there.
    pub from: String,
    /// Where it is now.
    pub to: String,
    /// Rows, equal on both sides.
    pub rows: ByTable<u64>,
    /// Duration in seconds.
    pub duration_seconds: f64,
    /// Path of the file with the settings.
    pub env_file: String,
}

/// `crmreco prune`.
#[derive(Debug, Clone, Serialize)]
pub struct PruneAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Whether nothing was deleted.
    pub dry_run: bool,
    /// Days that history is kept.
    pub keep_days: u32,
    /// Runs that began before this time are deleted.
    pub before: String,
    /// Runs deleted.
    pub runs: u64,
    /// Messages deleted.
    pub messages: u64,
    /// Rejects deleted.
    pub rejects: u64,
    /// Cursors deleted of connectors that are no longer registered.
    pub cursors: u64,
    /// Closed entries of the inbox of rejected rows deleted.
    pub closed: u64,
}

/// `crmreco erase`.
#[derive(Debug, Clone, Serialize)]
pub struct EraseAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Name of the connector.
    pub connector_name: String,
    /// Key of the customer.
    pub customer_key: String,
    /// What the customer was taken out of.
    pub erased: Erased,
    /// Customers of other connectors with the same email address or telephone number.
    pub elsewhere: Vec<Elsewhere>,
}

/// What an erased customer was taken out of: numbers of rows.
#[derive(Debug, Clone, Serialize)]
pub struct Erased {
    /// Rows of customers.
    pub customers: u64,
    /// Sales lines that stay without a name.
    pub sales_lines: u64,
    /// Rows of the contact history.
    pub contact_history: u64,
    /// Rejected rows, deleted or blanked.
    pub rejects: u64,
    /// Messages of the history that were replaced.
    pub messages: u64,
}

/// A customer of another connector.
#[derive(Debug, Clone, Serialize)]
pub struct Elsewhere {
    /// Name of the connector.
    pub connector_name: String,
    /// Key of the customer.
    pub customer_key: String,
}

impl EraseAnswer {
    /// The answer for the erased `customer`.
    pub fn of(
        message: String,
        customer: &FoundCustomer,
        counts: &ErasedCounts,
        elsewhere: &[FoundCustomer],
    ) -> Self {
        let FoundCustomer { source, key } = customer.clone();
        let elsewhere = elsewhere.iter().cloned().map(|other| Elsewhere {
            connector_name: other.source,
            customer_key: other.key,
        });
        Self {
            success: true,
            message,
            connector_name: source,
            customer_key: key,
            erased: Erased {
                customers: counts.customers,
                sales_lines: counts.sales_lines,
                contact_history: counts.contacts,
                rejects: counts.rejects,
                messages: counts.messages,
            },
            elsewhere: elsewhere.collect(),
        }
    }
}

/// `crmreco show`.
#[derive(Debug, Clone, Serialize)]
pub struct ShowAnswer {
    /// Name of the connector.
    pub connector_name: String,
    /// Its current state.
    pub status: ConnectorAnswer,
    /// Recent runs, newest first.
    pub sync_logs: Vec<SyncAnswer>,
    /// Its settings; secrets are masked.
    pub config: ByName<String>,
    /// Path of the file with the settings.
    pub env_file: String,
}

/// `crmreco test`.
#[derive(Debug, Clone, Serialize)]
pub struct TestAnswer {
    /// Whether everything can be read.
    pub success: bool,
    /// `✓ Connexion OK` or `✗ …`.
    pub message: String,
    /// The connector's status; `error` when it cannot be read.
    pub status: &'static str,
    /// Check results, by file or model.
    pub checks: Vec<CheckAnswer>,
    /// Name of the connector.
    pub connector_name: String,
}

/// Check result for one file or model of a source.
#[derive(Debug, Clone, Serialize)]
pub struct CheckAnswer {
    /// The file or model.
    pub name: String,
    /// Whether a sync could read it.
    pub ok: bool,
    /// Result, in French.
    pub detail: String,
    /// Number of its rows.
    pub rows: Option<u64>,
}

/// Output of `crmreco sync`, and each run of a history.
#[derive(Debug, Clone, Serialize)]
pub struct SyncAnswer {
    /// Whether everything requested was loaded.
    pub success: bool,
    /// The connector's type; `null` for an unknown connector.
    pub connector_type: Option<String>,
    /// Accepted rows, by table.
    pub records_processed: ByTable<u64>,
    /// Duration in seconds.
    pub duration_seconds: f64,
    /// Errors, in order.
    pub errors: Vec<String>,
    /// Warnings, in order.
    pub warnings: Vec<String>,
    /// End time; start time while it runs.
    pub timestamp: String,
    /// Name of the connector.
    pub connector_name: String,
    /// Run number; `null` for a dry run.
    pub run_id: Option<i64>,
    /// Row counts, by table.
    pub records: ByTable<CountsAnswer>,
    /// `success`, `error`, `interrupted` or `running`.
    pub status: &'static str,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// Why the sync could not start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Time spent in each phase; `null` before the end and after an interruption.
    pub phases: Option<PhasesAnswer>,
}

/// `crmreco logs`.
#[derive(Debug, Clone, Serialize)]
pub struct LogsAnswer {
    /// Name of the connector.
    pub connector_name: String,
    /// Number of all runs.
    pub total: u64,
    /// Runs on this page, newest first.
    pub logs: Vec<SyncAnswer>,
    /// Runs per page.
    pub limit: u64,
    /// Runs skipped.
    pub offset: u64,
}

/// `crmreco logs --rejects`.
#[derive(Debug, Clone, Serialize)]
pub struct RejectsAnswer {
    /// Name of the connector.
    pub connector_name: String,
    /// Number of the run.
    pub run_id: Option<i64>,
    /// Number of all rejects of the run.
    pub total: u64,
    /// Rejects per page.
    pub limit: u64,
    /// Rejects skipped.
    pub offset: u64,
    /// Rejects on this page, in reading order.
    pub rejects: Vec<RejectAnswer>,
}

/// A reject: one row that could not be read.
#[derive(Debug, Clone, Serialize)]
pub struct RejectAnswer {
    /// Number of the run.
    pub run_id: Option<i64>,
    /// Its table.
    pub table: &'static str,
    /// File or model.
    pub origin: String,
    /// Line or id.
    pub position: String,
    /// The invalid column.
    pub column: Option<String>,
    /// The invalid value.
    pub value: Option<String>,
    /// What is wrong with the value.
    pub reason: String,
}

/// `crmreco status`.
#[derive(Debug, Clone, Serialize)]
pub struct StatusAnswer {
    /// Current time.
    pub timestamp: String,
    /// Number of connectors.
    pub connectors_registered: usize,
    /// Number of connectors by status.
    pub connectors_by_status: ByName<usize>,
    /// Number of finished runs.
    pub total_syncs: u64,
    /// Number of successful runs.
    pub successful_syncs: u64,
    /// Number of failed runs.
    pub failed_syncs: u64,
    /// Mean duration in seconds.
    pub avg_sync_duration_seconds: f64,
    /// Connectors whose newest run failed.
    pub in_error: Vec<String>,
    /// Connectors without a success within `--max-age`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Vec<String>>,
}

/// `crmreco metrics`.
#[derive(Debug, Clone, Serialize)]
pub struct MetricsAnswer {
    /// Current time.
    pub timestamp: String,
    /// Rows in all tables.
    pub total_records_synced: u64,
    /// Rows by table.
    pub records_by_table: ByTable<u64>,
    /// Errors of all runs.
    pub total_errors: u64,
    /// Warnings of all runs.
    pub total_warnings: u64,
}

/// `crmreco doctor`.
#[derive(Debug, Clone, Serialize)]
pub struct DoctorAnswer {
    /// Whether no check failed.
    pub success: bool,
    /// The checks, in order.
    pub checks: Vec<DoctorCheckAnswer>,
}

/// One check of `crmreco doctor`.
#[derive(Debug, Clone, Serialize)]
pub struct DoctorCheckAnswer {
    /// What was looked at; a connector's name follows a blank.
    pub name: String,
    /// `ok`, `warn` or `fail`.
    pub state: &'static str,
    /// What was found, in French.
    pub detail: String,
    /// The command that mends it or tells more.
    pub command: Option<String>,
}

/// `crmreco export`.
#[derive(Debug, Clone, Serialize)]
pub struct ExportAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Report name of the table.
    pub table: &'static str,
    /// The connector; `null` for all.
    pub connector_name: Option<String>,
    /// `csv`, `jsonl` or `xlsx`.
    pub format: &'static str,
    /// The file.
    pub file: String,
    /// Rows written.
    pub rows: u64,
}

/// `crmreco completions`.
#[derive(Debug, Clone, Serialize)]
pub struct CompletionsAnswer {
    /// Whether it succeeded.
    pub success: bool,
    /// The shell.
    pub shell: String,
    /// Its completion script.
    pub script: String,
}

/// Output of any command that fails.
#[derive(Debug, Clone, Serialize)]
pub struct FailureAnswer {
    /// Always false.
    pub success: bool,
    /// What failed, and what to do.
    pub message: String,
    /// Name of the connector, if one is concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector_name: Option<String>,
}

/// RFC 3339 in local time with offset, to the second.
pub fn local(at: Timestamp) -> String {
    let zoned: Zoned = at.to_zoned(TimeZone::system());
    zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `answer` as a JSON document of several lines. What would turn the text around it on a terminal, or is a control
/// character, is escaped: programs read the same.
pub fn document(answer: &impl Serialize) -> serde_json::Result<String> {
    use std::fmt::Write as _;
    let text = serde_json::to_string_pretty(answer)?;
    let is_harmful = |one: char| one != '\n' && (one.is_control() || turns_text(one));
    if !text.contains(is_harmful) {
        return Ok(text);
    }
    // All of them stand within strings, and none is beyond U+FFFF.
    let mut safe = String::with_capacity(text.len());
    for one in text.chars() {
        if is_harmful(one) {
            // Writing to a String cannot fail.
            let _ = write!(safe, "\\u{:04x}", u32::from(one));
        } else {
            safe.push(one);
        }
    }
    Ok(safe)
}

/// A duration in seconds, rounded to the millisecond.
pub fn seconds(exact: f64) -> f64 {
    (exact * 1000.0).round() / 1000.0
}

impl ConnectorAnswer {
    /// Output for a connector of type `kind` in `state`.
    pub fn new(kind: &str, state: &ConnectorState) -> Self {
        Self {
            r#type: kind.to_owned(),
            status: connector_status(state.newest),
            last_sync: state.last_sync.map(local),
            last_error: state.last_error.clone(),
            last_success: state.last_success.map(local),
        }
    }
}

/// All statuses of a connector.
pub const CONNECTOR_STATUSES: [&str; 4] = ["idle", "syncing", "healthy", "error"];

const fn connector_status(newest: Option<RunStatus>) -> &'static str {
    match newest {
        None => "idle",
        Some(RunStatus::Running) => "syncing",
        Some(RunStatus::Success) => "healthy",
        Some(RunStatus::Error | RunStatus::Interrupted) => "error",
    }
}

impl From<Check> for CheckAnswer {
    fn from(check: Check) -> Self {
        Self {
            name: check.name,
            ok: check.ok,
            detail: cut_message(&check.detail).into_owned(),
            rows: check.rows,
        }
    }
}

impl From<&RunLog> for SyncAnswer {
    fn from(log: &RunLog) -> Self {
        let by_table = |(table, counts): &(Table, Counts)| (*table, counts.accepted());
        let records = |(table, counts): &(Table, Counts)| (*table, counts.into());
        let mut answer = Self {
            success: log.is_success(),
            connector_type: Some(log.connector_type.clone()),
            records_processed: ByTable(log.counts.iter().map(by_table).collect()),
            duration_seconds: seconds(log.duration_seconds),
            errors: Vec::new(),
            warnings: Vec::new(),
            timestamp: local(log.ended_at.unwrap_or(log.started_at)),
            connector_name: log.source.clone(),
            run_id: Some(log.run_id),
            records: ByTable(log.counts.iter().map(records).collect()),
            status: log.status.as_str(),
            dry_run: false,
            message: None,
            phases: log.phases.as_ref().map(PhasesAnswer::from),
        };
        for message in &log.messages {
            match message {
                Message::Error(text) => answer.errors.push(text.clone()),
                Message::Warning(text) => answer.warnings.push(text.clone()),
            }
        }
        answer
    }
}

impl SyncAnswer {
    /// Output of a sync that could not start.
    pub fn not_begun(connector: &str, kind: Option<&str>, dry_run: bool, message: &str) -> Self {
        Self {
            success: false,
            connector_type: kind.map(str::to_owned),
            records_processed: ByTable(Vec::new()),
            duration_seconds: 0.0,
            errors: vec![message.to_owned()],
            warnings: Vec::new(),
            timestamp: local(Timestamp::now()),
            connector_name: connector.to_owned(),
            run_id: None,
            records: ByTable(Vec::new()),
            status: RunStatus::Error.as_str(),
            dry_run,
            message: Some(message.to_owned()),
            phases: None,
        }
    }
}

impl RejectsAnswer {
    /// Output for a page of rejects of `connector`.
    pub fn new(connector: &str, page: RejectPage, limit: u64, offset: u64) -> Self {
        let run_id = page.run_id;
        let answer = |reject: Reject| RejectAnswer {
            run_id,
            table: reject.table.report_name(),
            origin: reject.origin,
            position: reject.position,
            column: reject.column,
            value: reject.value,
            reason: reject.reason,
        };
        Self {
            connector_name: connector.to_owned(),
            run_id,
            total: page.total,
            limit,
            offset,
            rejects: page.rejects.into_iter().map(answer).collect(),
        }
    }
}
