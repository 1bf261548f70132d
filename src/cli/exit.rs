//! Documented exit statuses, and the one place that maps errors to them.

use crate::error::{Error, ErrorKind};

/// Exit status of a command. Of two, the greater counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exit(u8);

impl Exit {
    /// Success.
    pub(super) const DONE: Self = Self(0);
    /// The command ran and failed.
    pub(super) const FAILED: Self = Self(1);
    // 2 (invalid command line) is set by the parser.
    /// No such connector, a name taken, a setting missing or invalid.
    const CONFIG: Self = Self(3);
    /// Another process is syncing that connector.
    const BUSY: Self = Self(4);
    /// POSIX shells report a death by signal N as 128 + N; an orderly stop uses the same number.
    const SIGNALLED: u8 = 128;

    /// The exit status of an error.
    pub(super) fn of(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Source | ErrorKind::Data | ErrorKind::Store => Self::FAILED,
            ErrorKind::Config | ErrorKind::NotFound => Self::CONFIG,
            ErrorKind::Busy => Self::BUSY,
            ErrorKind::Stopped(signal) => Self::signalled(signal),
        }
    }

    /// The exit status of a stop by `signal`.
    pub(super) fn signalled(signal: i32) -> Self {
        Self(u8::try_from(signal).map_or(u8::MAX, |signal| Self::SIGNALLED.saturating_add(signal)))
    }

    /// The status as a number.
    pub(super) fn code(self) -> u8 {
        self.0
    }
}
