//! Killed at random moments, by the clock: instants that no call marks are among them.

use std::hash::{BuildHasher, RandomState};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::kills_asked_for;
use super::promises::{assert_kept, runs};
use super::scenario::{self, Scenario};

/// Kills of a short run, for each scenario.
const FEW: usize = 4;

/// Kills `scenario` as often as asked for; only kills that hit a living run count.
fn killed_at_random(scenario: &Scenario, share: usize) {
    let wanted = kills_asked_for().map_or(FEW, |kills| kills.div_ceil(share));
    let estate = scenario.estate();
    let begun = Instant::now();
    estate.crmreco(scenario.args).exits(scenario.code);
    let duration = begun.elapsed();
    let (mut hits, mut tries) = (0, 0);
    while hits < wanted {
        assert!(
            tries < 20 * wanted,
            "only {hits} of {tries} kills hit a living run"
        );
        tries += 1;
        let estate = scenario.estate();
        let runs_before = runs(&estate).len();
        let moment = random_below(duration);
        println!("{}: killed after {moment:?} of {duration:?}", scenario.name);
        let mut command = estate.command(scenario.args);
        let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = silent.spawn().unwrap();
        thread::sleep(moment);
        // Killing a process that has ended is no error.
        child.kill().unwrap();
        hits += usize::from(child.wait().unwrap().signal() == Some(9));
        assert_kept(scenario, &estate, runs_before);
    }
    println!(
        "{}: {hits} of {tries} random kills hit a living run",
        scenario.name
    );
}

fn random_below(limit: Duration) -> Duration {
    let random = RandomState::new().hash_one(());
    let most = u64::try_from(limit.as_micros()).unwrap().max(1);
    Duration::from_micros(random % most)
}

#[test]
fn a_first_sync_is_killed_at_random() {
    killed_at_random(&scenario::long(), 2);
}

#[test]
fn an_incremental_sync_is_killed_at_random() {
    killed_at_random(&scenario::long_changed(), 2);
}
