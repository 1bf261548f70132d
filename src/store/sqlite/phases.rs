//! Time spent in each phase of a run.

use rusqlite::{Connection, params};

use crate::canonical::Table;
use crate::error::Result;
use crate::report::{Phase, RunPhases};

/// Stored instead of a table's name for the phases of the whole run.
const WHOLE_RUN: &str = "";

/// Writes the phases of run `run_id`.
pub(super) fn insert(db: &Connection, run_id: i64, phases: &RunPhases) -> Result<()> {
    let tables = phases.tables.iter();
    let tables = tables.map(|(table, phases)| (table.report_name(), phases));
    let mut insert = db.prepare_cached("INSERT INTO run_phases VALUES (?1, ?2, ?3, ?4)")?;
    for (name, phases) in std::iter::once((WHOLE_RUN, &phases.run)).chain(tables) {
        for phase in phases.phases() {
            insert.execute(params![run_id, name, phase.as_str(), phases.seconds(phase)])?;
        }
    }
    Ok(())
}

/// The phases of run `run_id`; `None` where none are stored (interrupted runs, runs of older versions).
pub(super) fn of_run(db: &Connection, run_id: i64) -> Result<Option<RunPhases>> {
    let mut select =
        db.prepare_cached("SELECT table_name, phase, seconds FROM run_phases WHERE run_id = ?1")?;
    let mut rows = select.query([run_id])?;
    let mut found = RunPhases::default();
    while let Some(row) = rows.next()? {
        let (name, phase): (String, String) = (row.get(0)?, row.get(1)?);
        let phases = match Table::from_report_name(&name) {
            Some(table) => found.tables.entry(table).or_default(),
            None => &mut found.run,
        };
        if let Some(phase) = Phase::parse(&phase) {
            phases.set(phase, row.get(2)?);
        }
    }
    Ok((!found.is_empty()).then_some(found))
}
