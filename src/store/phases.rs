//! Where the time of a run went, phase by phase.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::{Connection, params};

use crate::canonical::Table;
use crate::error::Result;
use crate::stopwatch::seconds;

/// What a run, or one table of it, spends its time on, in the order it comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Of the run: finding out what stands to be read.
    Plan,
    /// Of a table: reading and understanding rows, side by side with their writing unless the source is remote.
    Read,
    /// Of a table: queueing behind others who write to the database.
    Wait,
    /// Of a table: writing rows, and removing those that are gone.
    Write,
    /// Of a table: summing up what customers bought.
    Figures,
    /// Of a table: counters, cursors and the commit itself.
    Commit,
    /// Of the run: sorting customers into segments as days go by.
    Segments,
}

impl Phase {
    /// Those of a whole run.
    pub const OF_RUN: [Self; 2] = [Self::Plan, Self::Segments];

    /// Those of each table.
    pub const OF_TABLE: [Self; 5] = [
        Self::Read,
        Self::Wait,
        Self::Write,
        Self::Figures,
        Self::Commit,
    ];

    const ALL: [Self; 7] = [
        Self::Plan,
        Self::Read,
        Self::Wait,
        Self::Write,
        Self::Figures,
        Self::Commit,
        Self::Segments,
    ];

    /// Its code in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Read => "read",
            Self::Wait => "wait",
            Self::Write => "write",
            Self::Figures => "figures",
            Self::Commit => "commit",
            Self::Segments => "segments",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == code)
    }
}

/// Seconds by phase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phases(BTreeMap<Phase, f64>);

impl Phases {
    /// `time` more was spent on `phase`.
    pub fn add(&mut self, phase: Phase, time: Duration) {
        *self.0.entry(phase).or_default() += time.as_secs_f64();
    }

    /// All that `other` spent was spent here too.
    pub fn add_all(&mut self, other: &Self) {
        for (phase, time) in &other.0 {
            *self.0.entry(*phase).or_default() += time;
        }
    }

    /// Seconds spent on `phase`, to the millisecond.
    pub fn seconds(&self, phase: Phase) -> f64 {
        let exact = self.0.get(&phase).copied().unwrap_or_default();
        seconds(Duration::try_from_secs_f64(exact).unwrap_or_default())
    }
}

/// Where the time of a run went: its own phases, then those of each table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunPhases {
    /// Those of the run as a whole.
    pub run: Phases,
    /// Those of each table something was read of.
    pub tables: BTreeMap<Table, Phases>,
}

impl RunPhases {
    fn is_empty(&self) -> bool {
        self.run.0.is_empty() && self.tables.is_empty()
    }
}

/// What stands for the run as a whole where a table's name is expected.
const WHOLE_RUN: &str = "";

/// Keeps the phases of run `run_id`.
pub(super) fn insert(db: &Connection, run_id: i64, phases: &RunPhases) -> Result<()> {
    let tables = phases.tables.iter();
    let tables = tables.map(|(table, phases)| (table.report_name(), phases));
    let mut insert = db.prepare_cached("INSERT INTO run_phases VALUES (?1, ?2, ?3, ?4)")?;
    for (name, phases) in std::iter::once((WHOLE_RUN, &phases.run)).chain(tables) {
        for phase in phases.0.keys() {
            insert.execute(params![
                run_id,
                name,
                phase.as_str(),
                phases.seconds(*phase)
            ])?;
        }
    }
    Ok(())
}

/// The phases of run `run_id`; nothing where none were kept: it was cut short, or is older than they are.
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
            phases.0.insert(phase, row.get(2)?);
        }
    }
    Ok((!found.is_empty()).then_some(found))
}
