//! Killed, or asked to stop, at every call that changes a file or a folder: after each commit, while the
//! database is made or brought to the newest version, while a snapshot is replaced.

use super::promises::{assert_kept, assert_no_run_is_open, runs};
use super::scenario::{self, Scenario};
use super::{instants, kills_asked_for};
use crate::common::Outcome;
use crate::strace::{self, CHANGES, Injection, Traced};

/// Of the instants there are, a short run looks at one in this many.
const ONE_IN: usize = 40;

/// Does `what` at each instant of `scenario`, and looks at what is left. Says how many there were.
fn at_every_instant(
    scenario: &Scenario,
    what: &str,
    one_in: usize,
    look: impl Fn(&Traced, &crate::common::Estate, usize),
) {
    let counts = scenario.calls();
    let mut hits = 0;
    for (salt, calls) in CHANGES.into_iter().enumerate() {
        let names = calls.split(',').map(|name| name.trim_start_matches('?'));
        let count = names.filter_map(|name| counts.get(name)).max();
        for nth in instants(count.copied().unwrap_or(0), one_in, salt) {
            let estate = scenario.estate();
            let runs_before = runs(&estate).len();
            println!("{}: {what} at {calls} number {nth}", scenario.name);
            let injection = Injection::at(calls, what, nth);
            let traced = Traced::run(&estate.command(scenario.args), &injection);
            if !traced.was_hit {
                // It ended before it had made so many.
                assert_eq!(traced.output.status.code(), Some(scenario.code));
                break;
            }
            hits += 1;
            look(&traced, &estate, runs_before);
        }
    }
    println!("{}: {what} at {hits} instants", scenario.name);
    assert!(hits > 0);
}

fn killed(scenario: &Scenario) {
    at_every_instant(
        scenario,
        "signal=KILL",
        ONE_IN,
        |traced, estate, runs_before| {
            assert_eq!(traced.signal(), Some(9));
            assert_kept(scenario, estate, runs_before);
        },
    );
}

/// Asked to stop, the program closes its run by itself and says with which signal, unless it was not yet listening.
fn asked_to_stop(scenario: &Scenario, signal: &str, number: i32) {
    let what = format!("signal={signal}");
    at_every_instant(
        scenario,
        &what,
        2 * ONE_IN,
        |traced, estate, runs_before| {
            let is_unheard = traced.signal() == Some(number);
            if !is_unheard {
                let outcome = Outcome::from(traced.output.clone());
                let came_too_late = outcome.code == Some(scenario.code);
                assert!(
                    came_too_late || outcome.code == Some(128 + number),
                    "{outcome:#?}"
                );
                assert!(!came_too_late || scenario.is_done(estate));
                assert_no_run_is_open(estate);
            }
            assert_kept(scenario, estate, runs_before);
        },
    );
}

macro_rules! killed_at_every_instant {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            if !strace::is_missing() {
                killed(&scenario::$name());
            }
        }
    )*};
}

killed_at_every_instant!(
    first, changed, full, shrunk, migrated, corrected, failing, two
);

#[test]
fn term_is_143_at_every_instant() {
    if !strace::is_missing() {
        asked_to_stop(&scenario::first(), "TERM", 15);
        asked_to_stop(&scenario::two(), "TERM", 15);
    }
}

#[test]
fn ctrl_c_is_130_at_every_instant() {
    if !strace::is_missing() {
        asked_to_stop(&scenario::changed(), "INT", 2);
    }
    if kills_asked_for().is_some() {
        asked_to_stop(&scenario::shrunk(), "INT", 2);
    }
}
