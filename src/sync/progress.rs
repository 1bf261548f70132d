//! How a run tells that it goes on. The engine sees this trait; bars and lines are the terminal's business.

use crate::canonical::Table;

/// Hears how far a run has come. Called from the reading thread.
pub trait Progress: Sync {
    /// A file or model of `bytes` bytes (0: unknown) begins, whose rows are of `table`.
    fn unit_started(&self, connector: &str, table: Table, unit: &str, bytes: u64);

    /// Of the unit, this much has been read in all.
    fn advanced(&self, bytes: u64, rows: u64);

    /// The unit is over.
    fn unit_finished(&self);
}

/// Says nothing.
#[derive(Debug)]
pub struct Silent;

impl Progress for Silent {
    fn unit_started(&self, _connector: &str, _table: Table, _unit: &str, _bytes: u64) {}
    fn advanced(&self, _bytes: u64, _rows: u64) {}
    fn unit_finished(&self) {}
}
