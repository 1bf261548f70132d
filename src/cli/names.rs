//! Connector names for shell completion.

use std::ffi::OsStr;

use clap_complete::CompletionCandidate;

use super::environment;
use crate::home::Home;
use crate::registry::Registry;

/// The registered names that begin with `typed`. Shells expect candidates or nothing, never an error.
pub(super) fn candidates(typed: &OsStr) -> Vec<CompletionCandidate> {
    let home = match std::env::var_os("CRMRECO_HOME") {
        Some(folder) => Home::at(folder),
        None => match Home::of_platform() {
            Ok(home) => home,
            Err(_) => return Vec::new(),
        },
    };
    let Ok(registry) = Registry::read(&home, environment()) else {
        return Vec::new();
    };
    let typed = typed.to_string_lossy();
    registry
        .all()
        .filter(|registration| registration.name.starts_with(typed.as_ref()))
        .map(|registration| {
            CompletionCandidate::new(&registration.name)
                .help(Some(registration.kind.clone().into()))
        })
        .collect()
}
