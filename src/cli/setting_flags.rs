//! The flags of `add` that give settings, from the settings that each type of connector lists.

use std::path::{Path, PathBuf};

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use clap_complete::ArgValueCandidates;

use super::names;
use crate::connectors::{ConnectorKind, Flag, FlagValue, KINDS, SettingSpec};
use crate::error::{Error, Result};

/// The settings that the command line gives, by flag, before the type of connector is known.
#[derive(Debug, Clone, Default)]
pub(super) struct SettingFlags(Vec<(&'static str, Given)>);

/// What a flag gives.
#[derive(Debug, Clone)]
enum Given {
    Text(String),
    Folder(PathBuf),
    /// Something that standard input holds.
    OnStandardInput,
}

/// A setting with its flag.
type Flagged = (&'static SettingSpec, &'static Flag);

/// Every setting of every type of connector that has a flag.
fn flagged() -> impl Iterator<Item = Flagged> {
    let specs = KINDS.iter().flat_map(|kind| kind.settings);
    specs.filter_map(|spec| Some((spec, spec.flag.as_ref()?)))
}

/// The first setting of each flag. Types of connector that share a flag agree on what follows it; a test says so.
fn flags() -> Vec<Flagged> {
    let mut flags: Vec<Flagged> = Vec::new();
    for (spec, flag) in flagged() {
        if !flags.iter().any(|(_, known)| known.name == flag.name) {
            flags.push((spec, flag));
        }
    }
    flags
}

/// What `--help` says of flag `name`: what each setting says that it gives.
fn help(name: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (spec, _) in flagged().filter(|(_, flag)| flag.name == name) {
        let part = help_of(spec);
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts.join("; ")
}

/// What a setting's flag says, with the default.
fn help_of(spec: &SettingSpec) -> String {
    let help = spec.flag.as_ref().map_or("", |flag| flag.help);
    match spec.default {
        Some(default) if !help.contains("[default") => format!("{help} [default: {default}]"),
        _ => help.to_owned(),
    }
}

/// What French help says of flag `name`: the questions for its settings, with the default. `None`: no such flag, or a
/// setting without a question.
pub(super) fn french_help(name: &str) -> Option<String> {
    let (spec, _) = flagged().find(|(_, flag)| flag.name == name)?;
    let question = spec.question?;
    Some(match spec.default {
        Some(default) => format!("{question} [défaut\u{a0}: {default}]"),
        None => question.to_owned(),
    })
}

fn argument((spec, flag): Flagged) -> Arg {
    let argument = Arg::new(flag.name).long(flag.name).help(help(flag.name));
    let argument = if names::values_of(spec).is_empty() {
        argument
    } else {
        argument.add(ArgValueCandidates::new(move || names::values(spec)))
    };
    let takes = |name: &'static str, parser: ValueParser| {
        let argument = argument.clone().action(ArgAction::Set);
        argument.value_name(name).value_parser(parser)
    };
    match flag.value {
        FlagValue::Text(name) => takes(name, ValueParser::string()),
        FlagValue::Folder(name) => {
            takes(name, ValueParser::path_buf()).value_hint(ValueHint::DirPath)
        }
        FlagValue::Address(name) => takes(name, ValueParser::string()).value_hint(ValueHint::Url),
        FlagValue::Number(name) => takes(name, value_parser!(u64).into()),
        FlagValue::Yes | FlagValue::StandardInput => argument.action(ArgAction::SetTrue),
    }
}

impl clap::Args for SettingFlags {
    fn augment_args(command: Command) -> Command {
        command.args(flags().into_iter().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for SettingFlags {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let given = flags().into_iter().filter_map(|(_, flag)| {
            let given = match flag.value {
                FlagValue::Text(_) | FlagValue::Address(_) => {
                    matches.get_one(flag.name).cloned().map(Given::Text)
                }
                FlagValue::Folder(_) => matches.get_one(flag.name).cloned().map(Given::Folder),
                FlagValue::Number(_) => matches
                    .get_one(flag.name)
                    .map(|number: &u64| Given::Text(number.to_string())),
                FlagValue::Yes => matches
                    .get_flag(flag.name)
                    .then(|| Given::Text("true".to_owned())),
                FlagValue::StandardInput => matches
                    .get_flag(flag.name)
                    .then_some(Given::OnStandardInput),
            };
            Some((flag.name, given?))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl SettingFlags {
    /// The settings of `kind` that are given, by key, except those on standard input. A relative folder is relative to
    /// the working folder, whatever the home. Fails where a flag gives a setting of another type of connector, or a
    /// folder whose name is not UTF-8.
    pub(super) fn settings(&self, kind: &ConnectorKind) -> Result<Vec<(&'static str, String)>> {
        let mut settings = Vec::new();
        for (name, given) in &self.0 {
            let spec = spec_of(kind, name).ok_or_else(|| foreign(kind, name))?;
            let value = match given {
                // Read only after the other flags are known to be right.
                Given::OnStandardInput => continue,
                Given::Text(text) => text.clone(),
                Given::Folder(folder) => absolute(folder)?,
            };
            settings.push((spec.key, value));
        }
        Ok(settings)
    }

    /// Whether the value of `spec` is to be read from standard input.
    pub(super) fn is_on_standard_input(&self, spec: &SettingSpec) -> bool {
        let Some(flag) = &spec.flag else { return false };
        let mut given = self.0.iter();
        given.any(|(name, given)| *name == flag.name && matches!(given, Given::OnStandardInput))
    }
}

/// The flags that read a secret from standard input, for a connector whose other settings are given by key.
#[derive(Debug, Clone, Default)]
pub(super) struct SecretFlags(Vec<&'static str>);

fn secret_flags() -> impl Iterator<Item = Flagged> {
    let flags = flags().into_iter();
    flags.filter(|(_, flag)| flag.value == FlagValue::StandardInput)
}

impl clap::Args for SecretFlags {
    fn augment_args(command: Command) -> Command {
        command.args(secret_flags().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for SecretFlags {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let given = secret_flags().map(|(_, flag)| flag.name);
        Ok(Self(given.filter(|name| matches.get_flag(name)).collect()))
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl SecretFlags {
    /// Whether no secret is to be read.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The secrets of `kind` to read. Fails for the flag of another type of connector.
    pub(super) fn secrets(&self, kind: &ConnectorKind) -> Result<Vec<&'static SettingSpec>> {
        let named = self.0.iter();
        named
            .map(|name| spec_of(kind, name).ok_or_else(|| foreign(kind, name).hint("Retirez-le")))
            .collect()
    }
}

/// The setting of `kind` that flag `name` gives.
fn spec_of(kind: &ConnectorKind, name: &str) -> Option<&'static SettingSpec> {
    let mut specs = kind.settings.iter();
    specs.find(|spec| spec.flag.as_ref().is_some_and(|flag| flag.name == name))
}

/// The error of a flag of another type of connector.
fn foreign(kind: &ConnectorKind, name: &str) -> Error {
    let spec = flagged().find(|(_, flag)| flag.name == name);
    let shown = spec.map_or_else(|| format!("--{name}"), |(spec, _)| flag_of(spec));
    Error::config(format!(
        "{shown} n'est pas un réglage du type {}",
        kind.name
    ))
    .hint("Retirez-le, ou changez --type")
}

/// A setting as a terminal names it: its flag and its key, or its key alone.
pub(super) fn flag_of(spec: &SettingSpec) -> String {
    match &spec.flag {
        Some(flag) => format!("--{} ({})", flag.name, spec.key),
        None => spec.key.to_owned(),
    }
}

/// `folder` relative to the working folder, as an absolute path.
pub(super) fn absolute(folder: &Path) -> Result<String> {
    let absolute = std::path::absolute(folder).map_err(|error| {
        Error::config(format!(
            "Le dossier {} n'est pas un chemin",
            folder.display()
        ))
        .because(error)
    })?;
    let text = absolute.to_str().ok_or_else(|| {
        Error::config(format!(
            "Le nom du dossier {} n'est pas de l'UTF-8",
            folder.display()
        ))
        .hint("Renommez-le, ou passez par un lien dont le nom est lisible")
    })?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_connector_that_share_a_flag_agree_on_what_follows_it() {
        for (spec, flag) in flagged() {
            for (_, other) in flagged().filter(|(_, other)| other.name == flag.name) {
                assert_eq!(flag.value, other.value, "{}", flag.name);
            }
            let is_read = flag.value == FlagValue::StandardInput;
            assert_eq!(
                spec.is_secret, is_read,
                "{}: the command line is seen",
                spec.key
            );
        }
    }
}
