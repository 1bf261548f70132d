//! Progress of a sync of the server.

use std::sync::{Mutex, PoisonError};

use crate::canonical::Table;
use crate::sync::Progress;

/// Progress of a sync: of the run, and in the file or model that it reads.
#[derive(Debug, Clone, Default)]
pub(in crate::serve) struct Reading {
    pub(in crate::serve) table: Option<Table>,
    pub(in crate::serve) unit: Option<String>,
    pub(in crate::serve) bytes: u64,
    /// 0: unknown.
    pub(in crate::serve) of_bytes: u64,
    pub(in crate::serve) rows: u64,
    /// Size of the finished units.
    ended_bytes: u64,
    /// Size of all units; 0: unknown.
    pub(in crate::serve) run_of_bytes: u64,
}

impl Reading {
    /// Bytes of all units read so far. A file that is read twice does not count beyond the whole.
    pub(in crate::serve) fn run_bytes(&self) -> u64 {
        (self.ended_bytes + self.bytes).min(self.run_of_bytes)
    }

    /// The share of all units read so far, in per cent; `None` when unknown.
    pub(in crate::serve) fn percent(&self) -> Option<u64> {
        (self.run_bytes() * 100).checked_div(self.run_of_bytes)
    }

    /// The progress between two units.
    fn between_units(&self) -> Self {
        Self {
            ended_bytes: self.ended_bytes + self.of_bytes,
            run_of_bytes: self.run_of_bytes,
            ..Self::default()
        }
    }
}

/// Receives the progress of a sync.
#[derive(Debug, Default)]
pub(super) struct Meter(Mutex<Reading>);

impl Meter {
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Reading) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Progress for Meter {
    fn planned(&self, bytes: u64) {
        self.with(|reading| reading.run_of_bytes = bytes);
    }

    fn unit_started(&self, _connector: &str, table: Table, unit: &str, bytes: u64) {
        self.with(|reading| {
            *reading = Reading {
                table: Some(table),
                unit: Some(unit.to_owned()),
                of_bytes: bytes,
                ..reading.between_units()
            };
        });
    }

    fn advanced(&self, bytes: u64, rows: u64) {
        self.with(|reading| (reading.bytes, reading.rows) = (bytes, rows));
    }

    fn unit_finished(&self) {
        self.with(|reading| *reading = reading.between_units());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_all_files() {
        let meter = Meter::default();
        let percent = || meter.with(|reading| reading.percent());
        assert_eq!(percent(), None);
        meter.planned(1000);
        meter.unit_started("cave", Table::Customers, "clients.csv", 200);
        meter.advanced(100, 10);
        assert_eq!(percent(), Some(10));
        meter.unit_finished();
        assert_eq!(percent(), Some(20));
        meter.unit_started("cave", Table::SalesLines, "ventes.csv", 800);
        meter.advanced(400, 10);
        assert_eq!(percent(), Some(60));
        meter.unit_finished();
        // A file that is read again.
        meter.unit_started("cave", Table::SalesLines, "ventes.csv", 800);
        meter.advanced(400, 10);
        assert_eq!(percent(), Some(100));
    }
}
