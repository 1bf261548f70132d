//! A row that could not be read.

use serde::{Deserialize, Serialize};

use super::Table;

/// A row that could not be read, as it is stored in `rejects`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reject {
    /// The table the row would have gone to.
    pub table: Table,
    /// Name of the file or model.
    pub origin: String,
    /// Line number or record id.
    pub position: String,
    /// The column at fault, as the source calls it.
    pub column: Option<String>,
    /// The value of that column, as written.
    pub value: Option<String>,
    /// What is wrong, in French.
    pub reason: String,
}
