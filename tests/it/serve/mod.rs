//! `crmreco serve` over real HTTP, as browsers, scripts and those who mean harm meet it.
//!
//! What holds of every answer is checked of every answer: see [`answer`].

mod answer;
pub mod held;
pub mod served;

mod changes;
mod endpoints;
mod escapes;
mod failures;
mod forms;
mod looks;
mod orders;
mod overview;
mod pictures;
mod refused;
mod syncing;
mod without_script;

mod access;
mod forgery;
mod login;
mod tokens;

#[cfg(unix)]
mod browser;

#[cfg(target_os = "linux")]
mod abuse;
#[cfg(target_os = "linux")]
mod crowd;
mod garbage;
mod paths;
#[cfg(unix)]
mod stopping;
#[cfg(unix)]
mod testing;
