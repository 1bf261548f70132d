//! Retries of temporary failures.

use std::fmt::Debug;
use std::thread;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tracing::warn;

use crate::stop::Stop;
use crate::stopwatch::seconds;

/// Number of retries after a temporary failure…
const RETRIES: usize = 4;
/// …and the first pause; each is twice the one before, plus jitter…
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// …up to this one.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How long a server that restarts is waited for, pauses alone.
const RESTART: Duration = Duration::from_secs(60);

/// A server that asks for a longer pause is left alone until the next sync.
const MOST_PATIENCE: Duration = Duration::from_secs(120);

/// Pause between two checks for a stop.
const SLICE: Duration = Duration::from_millis(50);

/// A failure that may pass.
pub(in crate::connectors) trait Retryable: Debug {
    /// Whether the same request may succeed a little later.
    fn is_passing(&self) -> bool;

    /// Whether a smaller page may help.
    fn is_overload(&self) -> bool;

    /// Whether the server seems to restart: it is waited for longer.
    fn is_restart(&self) -> bool {
        false
    }

    /// The pause that the server asks for.
    fn retry_after(&self) -> Option<Duration>;
}

/// Calls `attempt`, with its number from 1 on, until it succeeds, fails for good, or has failed temporarily five times,
/// or for a minute where it restarts. Pauses are as long as the server says, else they grow. `failed` is called with each temporary failure that is
/// followed by another attempt. `what` names the attempt in the log. A request to stop ends a pause.
pub(in crate::connectors) fn retry<T, F: Retryable>(
    stop: &Stop,
    what: &str,
    mut attempt: impl FnMut(usize) -> Result<T, F>,
    mut failed: impl FnMut(&F),
) -> Result<T, F> {
    let pauses = ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .without_max_times()
        .with_jitter();
    let mut pauses = pauses.build();
    let mut attempts = 0;
    let mut waited = Duration::ZERO;
    loop {
        attempts += 1;
        let failure = match attempt(attempts) {
            Err(failure) if failure.is_passing() => failure,
            answer => return answer,
        };
        let asked = failure.retry_after();
        let is_enough = if failure.is_restart() {
            waited >= RESTART
        } else {
            attempts > RETRIES
        };
        let Some(pause) = pauses
            .next()
            .filter(|_| !is_enough && asked <= Some(MOST_PATIENCE))
        else {
            return Err(failure);
        };
        failed(&failure);
        let pause = asked.unwrap_or(pause);
        warn!(
            what,
            attempt = attempts,
            ?failure,
            pause_seconds = seconds(pause),
            "trying again"
        );
        wait(stop, pause);
        waited += pause;
    }
}

/// Waits for `pause`, or until a request to stop.
fn wait(stop: &Stop, pause: Duration) {
    let mut left = pause;
    while !left.is_zero() && stop.check().is_ok() {
        let slice = left.min(SLICE);
        thread::sleep(slice);
        left -= slice;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::Instant;

    use super::*;

    /// Passes after this pause; never when `None`.
    #[derive(Debug, PartialEq)]
    struct Failed(Option<Duration>);

    impl Retryable for Failed {
        fn is_passing(&self) -> bool {
            self.0.is_some()
        }

        fn is_overload(&self) -> bool {
            false
        }

        fn retry_after(&self) -> Option<Duration> {
            self.0
        }
    }

    const SOON: Failed = Failed(Some(Duration::from_millis(1)));

    #[test]
    fn what_fails_in_passing_is_tried_five_times() {
        let (mut attempts, mut heard) = (Vec::new(), 0);
        let failed: Result<(), _> = retry(
            &Stop::default(),
            "test",
            |attempt| {
                attempts.push(attempt);
                Err(SOON)
            },
            |_| heard += 1,
        );
        assert_eq!(failed, Err(SOON));
        assert_eq!((attempts, heard), (vec![1, 2, 3, 4, 5], 4));
    }

    #[test]
    fn what_fails_for_good_or_asks_for_too_long_a_pause_is_tried_once() {
        for lasting in [None, Some(MOST_PATIENCE + Duration::from_secs(1))] {
            let mut attempts = 0;
            let failed: Result<(), _> = retry(
                &Stop::default(),
                "test",
                |_| {
                    attempts += 1;
                    Err(Failed(lasting))
                },
                |_| (),
            );
            assert_eq!((failed, attempts), (Err(Failed(lasting)), 1));
        }
    }

    #[test]
    fn a_request_to_stop_ends_a_pause() {
        let stop = Stop::default();
        stop.flag().store(15, Ordering::Relaxed);
        let begun = Instant::now();
        let failed: Result<(), _> = retry(
            &stop,
            "test",
            |attempt| match attempt {
                1 => Err(Failed(Some(Duration::from_secs(60)))),
                _ => Err(Failed(None)),
            },
            |_| (),
        );
        assert_eq!(failed, Err(Failed(None)));
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
}
