//! A request to stop, set by a signal and checked between rows and during requests to a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// The stop request, shared between threads. Contains the signal's number, 0 for none.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// The number for a signal handler to set.
    pub fn flag(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.0)
    }

    /// Fails once a stop was requested.
    pub fn check(&self) -> Result<()> {
        match self.0.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(Error::stopped(i32::try_from(signal).unwrap_or(i32::MAX))),
        }
    }
}
