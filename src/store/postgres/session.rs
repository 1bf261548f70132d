//! What a session must be like, and how its connection is watched.

use std::time::Duration;

use super::parameters::Parameters;
use crate::error::Result;

/// Idle seconds after which the other end is asked whether it still lives: the system's two hours would keep the lock of a
/// machine that died.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// What a session must allow for the server to be the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Session {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// Use of the TLS session's identity in the authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    Disable,
    Prefer,
    Require,
}

/// Checks whether the other end still lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keepalives {
    pub(super) idle: Duration,
    pub(super) interval: Option<Duration>,
    pub(super) count: Option<u32>,
}

impl Keepalives {
    /// None where `keepalives=0` turns them off.
    pub(super) fn of(given: &Parameters) -> Result<Option<Self>> {
        let seconds = |name| -> Result<Option<Duration>> {
            Ok(given.positive(name)?.map(Duration::from_secs))
        };
        let count = given.positive("keepalives_count")?;
        let keepalives = Self {
            idle: seconds("keepalives_idle")?.unwrap_or(KEEPALIVE),
            interval: seconds("keepalives_interval")?,
            count: count.and_then(|count| u32::try_from(count).ok()),
        };
        Ok((given.number("keepalives")? != Some(0)).then_some(keepalives))
    }
}

impl Binding {
    /// `channel_binding`
    pub(super) fn of(given: &Parameters) -> Result<Self> {
        let choices = [
            ("disable", Self::Disable),
            ("prefer", Self::Prefer),
            ("require", Self::Require),
        ];
        let chosen = given.choice("channel_binding", &choices)?;
        Ok(chosen.unwrap_or(Self::Prefer))
    }
}

impl Session {
    /// `target_session_attrs`
    pub(super) fn of(given: &Parameters) -> Result<Self> {
        let choices = [
            ("any", Self::Any),
            ("read-write", Self::ReadWrite),
            ("read-only", Self::ReadOnly),
            ("primary", Self::Primary),
            ("standby", Self::Standby),
            ("prefer-standby", Self::PreferStandby),
        ];
        let chosen = given.choice("target_session_attrs", &choices)?;
        Ok(chosen.unwrap_or(Self::Any))
    }
}
