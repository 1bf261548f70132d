//! Documented exit statuses, and the one place that maps errors to them.

use crate::error::{Error, Kind};

/// How a command ended. The greater of two is the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exit(u8);

impl Exit {
    /// Done.
    pub(super) const DONE: Self = Self(0);
    /// It ran and failed.
    pub(super) const FAILED: Self = Self(1);
    // 2, the command line is wrong, is the parser's: it exits by itself.
    /// No such connector, a name taken, a setting missing or invalid.
    const CONFIG: Self = Self(3);
    /// Somebody else is syncing that connector.
    const BUSY: Self = Self(4);
    /// POSIX shells report a death by signal N as 128 + N; so do we after an orderly stop.
    const SIGNALLED: u8 = 128;

    /// What an error exits with.
    pub(super) fn of(error: &Error) -> Self {
        match error.kind() {
            Kind::Source | Kind::Data | Kind::Store => Self::FAILED,
            Kind::Config | Kind::NotFound => Self::CONFIG,
            Kind::Busy => Self::BUSY,
            Kind::Stopped(signal) => Self::signalled(signal),
        }
    }

    /// What a stop by `signal` exits with.
    pub(super) fn signalled(signal: i32) -> Self {
        Self(u8::try_from(signal).map_or(u8::MAX, |signal| Self::SIGNALLED.saturating_add(signal)))
    }

    /// The status itself.
    pub(super) fn code(self) -> u8 {
        self.0
    }
}
