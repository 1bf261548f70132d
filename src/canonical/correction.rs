//! Cells that are read otherwise than their source says them.

use std::collections::HashMap;

use super::RowId;

/// A cell that is read otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellCorrection {
    /// The canonical field, or the header as written.
    pub field: String,
    /// What the source says.
    pub old: String,
    /// What is read instead.
    pub new: String,
}

/// The corrections in force of one table of a connector.
#[derive(Debug, Clone, Default)]
pub struct Corrections {
    /// Of one row, in the order in which they were made: the last one of a cell wins.
    pub by_row: HashMap<RowId, Vec<CellCorrection>>,
    /// Of every row that says so.
    pub by_value: Vec<CellCorrection>,
}

impl Corrections {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_row.is_empty() && self.by_value.is_empty()
    }
}
