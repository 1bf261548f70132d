//! A request to stop, raised by a signal and looked at between rows and while a server is waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// Shared by whoever may ask to stop and whoever must. Holds the signal's number, 0 for none.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// What a signal handler writes the signal's number to.
    pub fn flag(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.0)
    }

    /// An error once somebody asked to stop.
    pub fn check(&self) -> Result<()> {
        match self.0.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(Error::stopped(i32::try_from(signal).unwrap_or(i32::MAX))),
        }
    }
}
