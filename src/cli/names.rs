//! Connector names and settings for shell completion.

use std::ffi::OsStr;

use clap_complete::CompletionCandidate;

use super::environment;
use crate::connectors::{FlagValue, Input, KINDS, SettingSpec};
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

/// The settings that a command line may hold: all but secrets.
fn open_settings() -> impl Iterator<Item = &'static SettingSpec> {
    let specs = KINDS.iter().flat_map(|kind| kind.settings);
    specs.filter(|spec| !spec.is_secret)
}

/// The settings that begin with `typed`.
pub(super) fn settings(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy().to_ascii_uppercase();
    let specs = open_settings().filter(|spec| spec.key.starts_with(&typed));
    specs
        .map(|spec| candidate(spec.key.to_owned(), spec))
        .collect()
}

/// `SETTING=`, and once it is typed, the values that are known.
pub(super) fn assignments(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let Some((key, value)) = typed.split_once('=') else {
        let typed = typed.to_ascii_uppercase();
        let specs = open_settings().filter(|spec| spec.key.starts_with(&typed));
        return specs
            .map(|spec| candidate(format!("{}=", spec.key), spec))
            .collect();
    };
    let Some(spec) = open_settings().find(|spec| spec.key.eq_ignore_ascii_case(key)) else {
        return Vec::new();
    };
    let values = values_of(spec).into_iter();
    let values = values.filter(|(known, _)| known.starts_with(value));
    values
        .map(|(known, label)| {
            CompletionCandidate::new(format!("{key}={known}")).help(Some(label.into()))
        })
        .collect()
}

/// The values that the flag of a setting takes.
pub(super) fn values(spec: &SettingSpec) -> Vec<CompletionCandidate> {
    let values = values_of(spec).into_iter();
    let values =
        values.map(|(value, label)| CompletionCandidate::new(value).help(Some(label.into())));
    values.collect()
}

/// The values that a setting lists, each with its label.
pub(super) fn values_of(spec: &SettingSpec) -> Vec<(&'static str, &'static str)> {
    let input = spec.field.as_ref().map(|field| &field.input);
    let is_yes = spec
        .flag
        .as_ref()
        .is_some_and(|flag| flag.value == FlagValue::Yes);
    match input {
        Some(Input::Choice(choices)) => choices.to_vec(),
        _ if is_yes => vec![("true", "Oui"), ("false", "Non")],
        _ => Vec::new(),
    }
}

fn candidate(text: String, spec: &SettingSpec) -> CompletionCandidate {
    let help = spec
        .question
        .or(spec.field.as_ref().map(|field| field.label));
    CompletionCandidate::new(text).help(help.map(Into::into))
}
