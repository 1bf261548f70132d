//! The pages as a person meets them: in a real Chromium, driven as its vendor means it to be (W3C `WebDriver`).
//!
//! Every station is looked at by [`fitness`], and photographed into `target/screenshots`.

mod chromium;
mod fitness;
mod keys;
mod person;

mod elsewhere;
mod keyboard;
mod light;
mod login;
mod refused;
mod second_day;
mod validation;
mod without_script;
mod workflow;

use std::path::{Path, PathBuf};

use crate::common::{Estate, copy_folder, is_installed};

/// Where `.ci/axe` leaves axe-core.
fn axe() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/axe.min.js")
}

/// Whether these tests must be passed over: who has only Rust and a C compiler can run all the others.
fn is_missing() -> bool {
    let tools = ["chromium", "chromedriver"];
    let absent = tools.into_iter().find(|tool| !is_installed(tool));
    let absent = absent.or_else(|| (!axe().is_file()).then_some("axe-core (run .ci/axe)"));
    let Some(absent) = absent else { return false };
    let is_needed = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
    assert!(!is_needed, "{absent} is not installed");
    println!("SKIPPED: {absent} is not installed");
    true
}

/// An estate without connectors, with exports of which most rows can be read.
fn estate() -> Estate {
    let estate = Estate::bare();
    let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/exports");
    copy_folder(&exports, &estate.exports());
    estate
}
