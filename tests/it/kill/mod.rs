//! Killed at any instant, the program leaves each table as it was before its load or as it is after, and the next
//! sync does the rest.
//!
//! `CRMRECO_TEST_KILLS=300` kills at every instant there is, and that many times at random; without it, a few.

mod faults;
mod holdings;
mod instants;
mod moments;
mod promises;
mod scenario;
mod settings;

/// Random kills asked for; everything else is then done whole too.
fn kills_asked_for() -> Option<usize> {
    let asked = std::env::var("CRMRECO_TEST_KILLS").ok()?;
    Some(asked.parse().expect("CRMRECO_TEST_KILLS is a number"))
}

/// Which of `count` instants to look at, the first being 1: all of them, and any more there may be, or one in
/// `one_in`, from another one for each `salt`.
fn instants(count: usize, one_in: usize, salt: usize) -> Box<dyn Iterator<Item = usize>> {
    if kills_asked_for().is_some() {
        return Box::new(1..);
    }
    let first = 1 + salt % one_in.min(count.max(1));
    Box::new((first..=count).step_by(one_in))
}
