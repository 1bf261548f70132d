//! The documented JSON answers, apart from domain types: commands print them, web pages serve them.
//!
//! Keys keep their names, types and order for ever; new keys come after the others.

mod counts;
mod phases;
mod serving;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

pub use counts::CountsAnswer;
pub use phases::{BySeconds, PhasesAnswer};
pub use serving::{HealthAnswer, PulseAnswer, ServeAnswer, UnderWayAnswer};

use crate::canonical::{Reject, Table};
use crate::message::cut_message;
use crate::report::{Check, Counts, Message, RunLog, RunStatus};
use crate::store::{ConnectorState, RejectPage};

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

/// Values by name, written as an object in the order given.
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
    /// Every connector, by name.
    pub connectors: ByName<ConnectorAnswer>,
    /// As `crmreco status`.
    pub status: StatusAnswer,
    /// As `crmreco metrics`.
    pub metrics: MetricsAnswer,
    /// The latest runs of all connectors.
    pub recent_syncs: Vec<SyncAnswer>,
}

/// How one connector stands.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorAnswer {
    /// Its type.
    pub r#type: String,
    /// `idle`, `syncing`, `healthy` or `error`.
    pub status: &'static str,
    /// When its newest finished run ended.
    pub last_sync: Option<String>,
    /// What went wrong in that run.
    pub last_error: Option<String>,
}

/// `crmreco add` and `crmreco remove`.
#[derive(Debug, Clone, Serialize)]
pub struct AddAnswer {
    /// Whether it was done.
    pub success: bool,
    /// What to tell people.
    pub message: String,
    /// Which connector.
    pub connector_name: String,
}

/// `crmreco prune`.
#[derive(Debug, Clone, Serialize)]
pub struct PruneAnswer {
    /// Whether it was done.
    pub success: bool,
    /// What to tell people.
    pub message: String,
    /// Whether nothing was deleted.
    pub dry_run: bool,
    /// Days that history is kept.
    pub keep_days: u32,
    /// What began before then goes.
    pub before: String,
    /// Runs that went.
    pub runs: u64,
    /// Their messages.
    pub messages: u64,
    /// Rejected rows that went.
    pub rejects: u64,
    /// Files read of connectors that are not registered any more.
    pub cursors: u64,
}

/// `crmreco show`.
#[derive(Debug, Clone, Serialize)]
pub struct ShowAnswer {
    /// Which connector.
    pub connector_name: String,
    /// How it stands.
    pub status: ConnectorAnswer,
    /// Its latest runs, newest first.
    pub sync_logs: Vec<SyncAnswer>,
    /// Its settings, secrets masked.
    pub config: ByName<String>,
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
    /// File by file, model by model.
    pub checks: Vec<CheckAnswer>,
    /// Which connector.
    pub connector_name: String,
}

/// One part of a source.
#[derive(Debug, Clone, Serialize)]
pub struct CheckAnswer {
    /// The file or model.
    pub name: String,
    /// Whether a sync could read it.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// Rows it holds.
    pub rows: Option<u64>,
}

/// `crmreco sync`, and each line of a history.
#[derive(Debug, Clone, Serialize)]
pub struct SyncAnswer {
    /// Whether everything asked for was loaded.
    pub success: bool,
    /// The connector's type; `null` when there is no such connector.
    pub connector_type: Option<String>,
    /// Rows accepted, by table.
    pub records_processed: ByTable<u64>,
    /// How long it took.
    pub duration_seconds: f64,
    /// What went wrong.
    pub errors: Vec<String>,
    /// What should be known though it went well.
    pub warnings: Vec<String>,
    /// When it ended; when it began, while it runs.
    pub timestamp: String,
    /// Which connector.
    pub connector_name: String,
    /// The run; `null` for a dry run.
    pub run_id: Option<i64>,
    /// What became of the rows, by table.
    pub records: ByTable<CountsAnswer>,
    /// `success`, `error`, `interrupted` or `running`.
    pub status: &'static str,
    /// Whether nothing was written on purpose.
    pub dry_run: bool,
    /// Why it did not even begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where its time went; `null` where nobody knows: it did not begin, goes on, or was cut short.
    pub phases: Option<PhasesAnswer>,
}

/// `crmreco logs`.
#[derive(Debug, Clone, Serialize)]
pub struct LogsAnswer {
    /// Which connector.
    pub connector_name: String,
    /// Runs in all.
    pub total: u64,
    /// Those of the page, newest first.
    pub logs: Vec<SyncAnswer>,
    /// Runs a page.
    pub limit: u64,
    /// Runs skipped.
    pub offset: u64,
}

/// `crmreco logs --rejects`.
#[derive(Debug, Clone, Serialize)]
pub struct RejectsAnswer {
    /// Which connector.
    pub connector_name: String,
    /// Of which run.
    pub run_id: Option<i64>,
    /// Rejects of that run in all.
    pub total: u64,
    /// Rejects a page.
    pub limit: u64,
    /// Rejects skipped.
    pub offset: u64,
    /// Those of the page, in reading order.
    pub rejects: Vec<RejectAnswer>,
}

/// One row that could not be understood.
#[derive(Debug, Clone, Serialize)]
pub struct RejectAnswer {
    /// The run that met it.
    pub run_id: Option<i64>,
    /// The table it was meant for.
    pub table: &'static str,
    /// File or model.
    pub origin: String,
    /// Line or id.
    pub position: String,
    /// Column at fault.
    pub column: Option<String>,
    /// What stood there.
    pub value: Option<String>,
    /// What is wrong with it.
    pub reason: String,
}

/// `crmreco status`.
#[derive(Debug, Clone, Serialize)]
pub struct StatusAnswer {
    /// Now.
    pub timestamp: String,
    /// How many there are.
    pub connectors_registered: usize,
    /// How many stand how.
    pub connectors_by_status: ByName<usize>,
    /// Finished runs.
    pub total_syncs: u64,
    /// Those that succeeded.
    pub successful_syncs: u64,
    /// Those that did not.
    pub failed_syncs: u64,
    /// Their mean duration.
    pub avg_sync_duration_seconds: f64,
    /// Connectors without a success for longer than `--max-age`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<Vec<String>>,
}

/// `crmreco metrics`.
#[derive(Debug, Clone, Serialize)]
pub struct MetricsAnswer {
    /// Now.
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

/// What any command answers when it cannot answer.
#[derive(Debug, Clone, Serialize)]
pub struct FailureAnswer {
    /// Always false.
    pub success: bool,
    /// Why, and what to do.
    pub message: String,
    /// About which connector, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connector_name: Option<String>,
}

/// RFC 3339 in local time with offset, to the second.
pub fn local(at: Timestamp) -> String {
    let zoned: Zoned = at.to_zoned(TimeZone::system());
    zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A duration as it is told: to the millisecond.
pub fn seconds(exact: f64) -> f64 {
    (exact * 1000.0).round() / 1000.0
}

impl ConnectorAnswer {
    /// How a connector of `kind` with `state` stands.
    pub fn new(kind: &str, state: &ConnectorState) -> Self {
        Self {
            r#type: kind.to_owned(),
            status: connector_status(state.newest),
            last_sync: state.last_sync.map(local),
            last_error: state.last_error.clone(),
        }
    }
}

/// The statuses a connector may have.
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
    /// The answer of a sync that did not begin.
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
    /// A page of rejects of `connector`.
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
