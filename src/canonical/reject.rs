//! What is kept of a row that could not be understood.

use serde::{Deserialize, Serialize};

use super::Table;

/// A row that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The table it was meant for.
    pub table: Table,
    /// File or model.
    pub origin: String,
    /// Line or id.
    pub position: String,
    /// The column at fault, as the source calls it.
    pub column: Option<String>,
    /// What stood there.
    pub value: Option<String>,
    /// What is wrong with it, in French.
    pub reason: String,
}
