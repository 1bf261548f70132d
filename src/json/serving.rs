//! JSON output of `crmreco serve` alone.

use serde::Serialize;

/// Output of `crmreco serve`, once it listens.
#[derive(Debug, Clone, Serialize)]
pub struct ServeAnswer {
    /// Always true.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// URL of the first page.
    pub url: String,
    /// URL that logs in once; `null` with a token or without login.
    pub login_url: Option<String>,
    /// The code that the login page asks for; `null` with a token or without login.
    pub login_code: Option<String>,
}

/// `GET /healthz`.
#[derive(Debug, Clone, Serialize)]
pub struct HealthAnswer {
    /// Whether connectors and database can be read.
    pub success: bool,
}

/// `POST /connectors/<name>/stop`.
#[derive(Debug, Clone, Serialize)]
pub struct StopAnswer {
    /// Always true.
    pub success: bool,
    /// Message to show.
    pub message: String,
    /// Name of the connector.
    pub connector_name: String,
}

/// An event of `GET /connectors/api/events`.
#[derive(Debug, Clone, Serialize)]
pub struct PulseAnswer {
    /// Running syncs of all processes, by connector.
    pub syncing: Vec<UnderWayAnswer>,
    /// The newest finished run.
    pub last_run_id: Option<i64>,
}

/// Progress of a sync.
#[derive(Debug, Clone, Serialize)]
pub struct UnderWayAnswer {
    /// Name of the connector.
    pub connector_name: String,
    /// The table being loaded, and the French name of its rows; `null` when `unit` is.
    pub table: Option<&'static str>,
    /// See `table`.
    pub label: Option<&'static str>,
    /// The file or model being read; `null` between two, or when another process runs the sync.
    pub unit: Option<String>,
    /// Bytes of the unit read so far.
    pub bytes: u64,
    /// Size of the unit in bytes; 0 when unknown.
    pub of_bytes: u64,
    /// Rows of the unit read so far.
    pub rows: u64,
    /// Bytes of all units read so far.
    pub run_bytes: u64,
    /// Size of all units in bytes; 0 when unknown.
    pub run_of_bytes: u64,
}
