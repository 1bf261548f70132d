//! Time spent in each phase of a run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::canonical::Table;
use crate::stopwatch::seconds;

/// A phase of a run or of one of its tables, in chronological order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Run: listing what to read.
    Plan,
    /// Table: reading rows, in parallel with writing unless the source is remote.
    Read,
    /// Table: waiting for other writers of the database.
    Wait,
    /// Table: writing rows, and deleting missing ones.
    Write,
    /// Table: customer figures.
    Figures,
    /// Table: counts, cursors and the commit itself.
    Commit,
    /// Run: updating customer segments.
    Segments,
}

impl Phase {
    /// Phases of a whole run.
    pub const OF_RUN: [Self; 2] = [Self::Plan, Self::Segments];

    /// Phases of each table.
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
    /// Adds `time` to `phase`.
    pub fn add(&mut self, phase: Phase, time: Duration) {
        *self.0.entry(phase).or_default() += time.as_secs_f64();
    }

    /// Adds all phases of `other`.
    pub fn add_all(&mut self, other: &Self) {
        for (phase, time) in &other.0 {
            *self.0.entry(*phase).or_default() += time;
        }
    }

    /// The measured phases.
    pub(crate) fn phases(&self) -> impl Iterator<Item = Phase> {
        self.0.keys().copied()
    }

    /// Sets the seconds of `phase`.
    pub(crate) fn set(&mut self, phase: Phase, seconds: f64) {
        self.0.insert(phase, seconds);
    }

    /// Seconds of `phase`, to the millisecond.
    pub fn seconds(&self, phase: Phase) -> f64 {
        let exact = self.0.get(&phase).copied().unwrap_or_default();
        seconds(Duration::try_from_secs_f64(exact).unwrap_or_default())
    }
}

/// Time spent in each phase of a run and of its tables.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunPhases {
    /// Phases of the whole run.
    pub run: Phases,
    /// Phases of each table that was read.
    pub tables: BTreeMap<Table, Phases>,
}

impl RunPhases {
    /// Whether nothing was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.run.0.is_empty() && self.tables.is_empty()
    }
}
