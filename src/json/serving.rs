//! Answers that only `crmreco serve` gives.

use serde::Serialize;

/// `crmreco serve`, once it listens.
#[derive(Debug, Clone, Serialize)]
pub struct ServeAnswer {
    /// Always true.
    pub success: bool,
    /// What to tell people.
    pub message: String,
    /// The address of the first page.
    pub url: String,
    /// The address that lets in once; `null` with a token or without login.
    pub login_url: Option<String>,
    /// The code that the login page asks for; `null` likewise.
    pub login_code: Option<String>,
}

/// `GET /healthz`.
#[derive(Debug, Clone, Serialize)]
pub struct HealthAnswer {
    /// Whether connectors and database can be read.
    pub success: bool,
}

/// An event of `GET /connectors/api/events`.
#[derive(Debug, Clone, Serialize)]
pub struct PulseAnswer {
    /// Syncs under way, whoever started them, by connector.
    pub syncing: Vec<UnderWayAnswer>,
    /// The newest run that has ended.
    pub last_run_id: Option<i64>,
}

/// How far a sync has come.
#[derive(Debug, Clone, Serialize)]
pub struct UnderWayAnswer {
    /// Which connector.
    pub connector_name: String,
    /// The table being filled, and what French readers call its rows; `null` as for the unit.
    pub table: Option<&'static str>,
    /// See `table`.
    pub label: Option<&'static str>,
    /// The file or model being read; `null` between two, or when another program runs the sync.
    pub unit: Option<String>,
    /// Bytes of it read so far.
    pub bytes: u64,
    /// Bytes it has; 0 when nobody knows.
    pub of_bytes: u64,
    /// Rows of it read so far.
    pub rows: u64,
}
