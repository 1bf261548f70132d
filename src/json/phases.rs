//! Time spent in each phase, in JSON output.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::ByTable;
use crate::report::{Phase, Phases, RunPhases};

/// Time spent in each phase of a run, as `<phase>_seconds`.
#[derive(Debug, Clone, Serialize)]
pub struct PhasesAnswer {
    /// Phases of the whole run.
    #[serde(flatten)]
    pub run: BySeconds,
    /// Phases of each table that was read.
    pub tables: ByTable<BySeconds>,
}

/// Seconds by phase, written as an object in the given order.
#[derive(Debug, Clone)]
pub struct BySeconds(pub Vec<(Phase, f64)>);

impl Serialize for BySeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (phase, seconds) in &self.0 {
            map.serialize_entry(&format!("{}_seconds", phase.as_str()), seconds)?;
        }
        map.end()
    }
}

impl From<&RunPhases> for PhasesAnswer {
    fn from(phases: &RunPhases) -> Self {
        let by_seconds = |of: &[Phase], phases: &Phases| {
            let seconds = of.iter().map(|&phase| (phase, phases.seconds(phase)));
            BySeconds(seconds.collect())
        };
        let tables = phases.tables.iter();
        let tables = tables.map(|(&table, phases)| (table, by_seconds(&Phase::OF_TABLE, phases)));
        Self {
            run: by_seconds(&Phase::OF_RUN, &phases.run),
            tables: ByTable(tables.collect()),
        }
    }
}
