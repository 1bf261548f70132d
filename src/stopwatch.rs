//! Measures durations with a monotonic clock.

use std::time::{Duration, Instant};

/// A stopwatch, running since it was created.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    begun: Instant,
    lap: Instant,
}

impl Stopwatch {
    /// Starts a stopwatch.
    pub fn start() -> Self {
        let now = Instant::now();
        Self {
            begun: now,
            lap: now,
        }
    }

    /// Time since the last lap, or since the start.
    pub fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.lap, now))
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Seconds since the start, to the millisecond.
    pub fn seconds(&self) -> f64 {
        seconds(self.elapsed())
    }
}

/// A duration in seconds, to the millisecond.
pub fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laps_add_up_to_the_whole() {
        let mut watch = Stopwatch::start();
        let laps = watch.lap() + watch.lap();
        assert!(laps <= watch.elapsed());
        assert!(laps + watch.lap() >= laps);
    }

    #[test]
    fn seconds_are_told_to_the_millisecond() {
        for (micros, expected) in [(400, 0.0), (1_500, 0.002), (12_345_678, 12.346)] {
            let rounded = seconds(Duration::from_micros(micros));
            assert!((rounded - expected).abs() < 1e-9, "{rounded}");
        }
    }
}
