//! A request to stop, set by a signal and checked between rows and during requests to a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// Number of the signal of Ctrl-C (POSIX `SIGINT`).
const INTERRUPT: usize = 2;

/// The stop request, shared between threads. Contains the signal's number, 0 for none.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    flag: Arc<AtomicUsize>,
    /// The request that stops this work with all others.
    of_all: Option<Arc<AtomicUsize>>,
}

impl Stop {
    /// The number for a signal handler to set.
    pub fn flag(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.flag)
    }

    /// A request for one of several works: it is requested with this one, and alone by [`Stop::request`].
    #[must_use]
    pub fn of_one(&self) -> Self {
        Self {
            flag: Arc::default(),
            of_all: Some(self.flag()),
        }
    }

    /// Requests a stop, as Ctrl-C does.
    pub fn request(&self) {
        self.flag.store(INTERRUPT, Ordering::Relaxed);
    }

    /// Fails once a stop was requested.
    pub fn check(&self) -> Result<()> {
        let of_all = || {
            let flag = self.of_all.as_ref()?;
            Some(flag.load(Ordering::Relaxed))
        };
        let signal = match self.flag.load(Ordering::Relaxed) {
            0 => of_all().unwrap_or_default(),
            signal => signal,
        };
        if signal == 0 {
            return Ok(());
        }
        Err(Error::stopped(i32::try_from(signal).unwrap_or(i32::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_work_stops_alone_or_with_all() {
        let all = Stop::default();
        let (one, other) = (all.of_one(), all.of_one());
        one.request();
        assert!(one.check().is_err());
        assert!(all.check().is_ok() && other.check().is_ok());
        all.flag().store(15, Ordering::Relaxed);
        let kind = other.check().unwrap_err().kind();
        assert_eq!(kind, crate::error::ErrorKind::Stopped(15));
    }
}
