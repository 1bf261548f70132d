//! Limit of failed logins.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Most failed logins within [`SPAN`].
const MOST: usize = 10;

/// How long a failed login counts.
const SPAN: Duration = Duration::from_secs(60);

/// Recent failed logins of all clients: on one machine clients cannot be distinguished.
#[derive(Default)]
pub(super) struct Tries(Mutex<VecDeque<Instant>>);

impl Tries {
    /// Time until the next try after too many failures; `None`: now.
    pub(super) fn pause(&self) -> Option<Duration> {
        self.pause_at(Instant::now())
    }

    /// Counts a failed login.
    pub(super) fn count(&self) {
        self.count_at(Instant::now());
    }

    fn pause_at(&self, now: Instant) -> Option<Duration> {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while tries
            .front()
            .is_some_and(|at| now.duration_since(*at) >= SPAN)
        {
            tries.pop_front();
        }
        if tries.len() < MOST {
            return None;
        }
        let first = tries.front()?;
        Some(SPAN.saturating_sub(now.duration_since(*first)))
    }

    fn count_at(&self, now: Instant) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Two simultaneous tries may both exceed the limit: the queue must not grow with them.
        if tries.len() >= MOST {
            tries.pop_front();
        }
        tries.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_wrong_answers_a_minute_and_no_more() {
        let tries = Tries::default();
        let begun = Instant::now();
        for second in 0..10 {
            let now = begun + Duration::from_secs(second);
            assert_eq!(tries.pause_at(now), None, "{second}");
            tries.count_at(now);
        }
        let later = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(tries.pause_at(later(9)), Some(Duration::from_secs(51)));
        assert_eq!(tries.pause_at(later(59)), Some(Duration::from_secs(1)));
        assert_eq!(tries.pause_at(later(60)), None);
        tries.count_at(later(60));
        assert_eq!(tries.pause_at(later(60)), Some(Duration::from_secs(1)));
    }
}
