//! Progress of a run as a trait; bars and lines belong to the terminal.

use crate::canonical::Table;

/// Receives the progress of a run. Called from the reading thread.
pub trait Progress: Sync {
    /// The run will read files of `bytes` bytes in all; 0: unknown.
    fn planned(&self, _bytes: u64) {}

    /// A file or model of `bytes` bytes (0: unknown) starts; its rows belong to `table`.
    fn unit_started(&self, connector: &str, table: Table, unit: &str, bytes: u64);

    /// Bytes and rows read of the unit so far.
    fn advanced(&self, bytes: u64, rows: u64);

    /// The unit is complete.
    fn unit_finished(&self);
}

/// Ignores progress.
#[derive(Debug)]
pub struct Silent;

impl Progress for Silent {
    fn unit_started(&self, _connector: &str, _table: Table, _unit: &str, _bytes: u64) {}
    fn advanced(&self, _bytes: u64, _rows: u64) {}
    fn unit_finished(&self) {}
}
