//! Where the time of a run goes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::canonical::Table;
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

    /// The phase with that code.
    pub(crate) fn parse(code: &str) -> Option<Self> {
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

    /// What there is, phase by phase.
    pub(crate) fn phases(&self) -> impl Iterator<Item = Phase> {
        self.0.keys().copied()
    }

    /// `seconds` were spent on `phase`.
    pub(crate) fn set(&mut self, phase: Phase, seconds: f64) {
        self.0.insert(phase, seconds);
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
    /// Whether nothing was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.run.0.is_empty() && self.tables.is_empty()
    }
}
