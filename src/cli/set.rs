//! `crmreco set`

use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::language::WrongUsage;
use super::setting_flags::{SecretFlags, absolute};
use super::{Context, add, names, prompt, secret};
use crate::connectors::{ConnectorKind, KINDS};
use crate::error::Result;
use crate::registry::{self, Changes, Registration, Registry};

/// Change settings of a connector
///
/// On a terminal without SETTING, asks for each with today's value. The settings are checked together; where one does not
/// hold, nothing is changed. Secrets are never taken from the command line, where others could read them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco set isavigne_prod                    # asks, with today's values
  crmreco set isavigne_prod ENCODING=windows-1252 'FILE_PATTERN=*.csv'
  crmreco set isavigne_prod EXPORT_PATH='/mnt/Mes exports' --unset CASE_SIZE
  crmreco set isavigne_prod 'COLUMN__CUSTOMERS__CUSTOMER_KEY=Code tiers'
  crmreco set odoo_prod --api-key-stdin < key.txt")]
pub(super) struct Args {
    /// Connector to change
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Settings to change, such as ENCODING=utf-8; an empty value removes one
    #[arg(value_name = "SETTING=VALUE", add = ArgValueCompleter::new(names::assignments))]
    settings: Vec<String>,

    /// Remove a setting: its default applies
    #[arg(long, value_name = "SETTING", add = ArgValueCompleter::new(names::settings))]
    unset: Vec<String>,

    #[command(flatten)]
    secrets: SecretFlags,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let mut changes = args.changes()?;
    let registry = context.registry()?;
    let registration = registry.get(&args.name)?;
    let is_form = args.settings.is_empty() && args.unset.is_empty() && args.secrets.is_empty();
    if is_form && !context.ui.can_ask() {
        return Err(usage(
            ErrorKind::MissingRequiredArgument,
            "nothing to change: give SETTING=VALUE or --unset SETTING, or run this on a terminal to be asked",
            "rien à changer : donnez RÉGLAGE=VALEUR ou --unset RÉGLAGE, ou lancez la commande sur un terminal, qui demande",
        ));
    }
    let kind = ConnectorKind::named(&registration.kind).map_err(|error| error.at(&args.name))?;
    if is_form {
        ask(kind, registration, &mut changes)?;
    }
    resolve_folders(kind, &mut changes)?;
    for spec in args.secrets.secrets(kind)? {
        let value = secret::read(spec, &format!("set {}", args.name))?;
        changes.set.insert(spec.key.to_owned(), value);
    }
    let Some(after) = registry.change(&args.name, &changes)? else {
        let message = format!("Rien à changer : '{}' a déjà ces réglages", args.name);
        context.done(message, &args.name);
        return Ok(Exit::DONE);
    };
    report(context, &registry, (kind, registration, &after));
    Ok(Exit::DONE)
}

/// Says what was changed, and what weakens it.
fn report(
    context: &Context<'_>,
    registry: &Registry,
    (kind, old, new): (&ConnectorKind, &Registration, &Registration),
) {
    let name = &new.name;
    let set = new.settings.iter();
    let set = set.filter(|(key, value)| old.settings.get(*key) != Some(*value));
    let set = set.map(|(key, value)| format!("{key}={}", kind.shown(key, value)));
    let gone = old.settings.keys();
    let gone = gone.filter(|key| !new.settings.contains_key(*key));
    let gone = gone.map(|key| format!("{key} retiré"));
    let parts: Vec<String> = set.chain(gone).collect();
    let message = match parts.as_slice() {
        [] => format!("Réglages de '{name}' réparés"),
        parts => format!("Connecteur '{name}' modifié : {}", parts.join(", ")),
    };
    context.done(message, name);
    for variable in registry.in_environment(name) {
        let is_touched = parts.iter().any(|part| {
            let key = part.split(['=', ' ']).next().unwrap_or_default();
            registry::variable(name, key).eq_ignore_ascii_case(variable)
        });
        if is_touched {
            context.caution(&format!(
                "La variable d'environnement {variable} l'emporte sur ce réglage"
            ));
        }
    }
    if let Some(caution) = registry.caution(new) {
        context.caution(&caution);
    }
    if !context.ui.is_json() {
        add::warn_of_missing_folder(new, registry, context);
        let next = context.command(&format!("test {name}"));
        context.ui.line(format!("Ensuite : {next}"));
    }
}

impl Args {
    /// What the command line asks to change. Fails for what it must not hold; no message repeats a value, which may be
    /// a secret.
    fn changes(&self) -> anyhow::Result<Changes> {
        let mut changes = Changes::default();
        for setting in &self.settings {
            let Some((key, value)) = setting.split_once('=') else {
                return Err(usage(
                    ErrorKind::InvalidValue,
                    "expected SETTING=VALUE, such as ENCODING=utf-8",
                    "écrivez RÉGLAGE=VALEUR, comme ENCODING=utf-8",
                ));
            };
            let key = key.trim().to_ascii_uppercase();
            self.check_key(&key)?;
            if is_secret(&key) {
                return Err(self.refusal_of_secret(&key));
            }
            if changes.set.insert(key.clone(), value.to_owned()).is_some() {
                return Err(usage(
                    ErrorKind::ArgumentConflict,
                    format!("{key} is given twice"),
                    format!("{key} est donné deux fois"),
                ));
            }
        }
        for key in &self.unset {
            let key = key.trim().to_ascii_uppercase();
            self.check_key(&key)?;
            if changes.set.contains_key(&key) {
                return Err(usage(
                    ErrorKind::ArgumentConflict,
                    format!("{key} is both set and removed"),
                    format!("{key} est à la fois donné et retiré"),
                ));
            }
            changes.unset.push(key);
        }
        Ok(changes)
    }

    fn check_key(&self, key: &str) -> anyhow::Result<()> {
        if key != registry::TYPE {
            return Ok(());
        }
        let name = &self.name;
        Err(usage(
            ErrorKind::InvalidValue,
            format!(
                "TYPE cannot be changed: run `crmreco remove {name}`, then `crmreco add {name} --type …`"
            ),
            format!(
                "TYPE ne se change pas : lancez `crmreco remove {name}`, puis `crmreco add {name} --type …`"
            ),
        ))
    }

    fn refusal_of_secret(&self, key: &str) -> anyhow::Error {
        let name = &self.name;
        let flagged = KINDS.iter().flat_map(|kind| kind.settings);
        let flag = flagged
            .filter(|spec| spec.key == key)
            .find_map(|spec| Some(spec.flag.as_ref()?.name));
        let (instead, french) =
            match flag.map(|flag| format!("`crmreco set {name} --{flag} < key.txt`")) {
                Some(command) => (format!("run {command}"), format!("lancez {command}")),
                None => (
                    "write it into the .env file".to_owned(),
                    "écrivez-le dans le fichier .env".to_owned(),
                ),
            };
        usage(
            ErrorKind::InvalidValue,
            format!("{key} is a secret, which others could read on the command line: {instead}"),
            format!(
                "{key} est un secret, que d'autres pourraient lire sur la ligne de commande : {french}"
            ),
        )
    }
}

/// Whether setting `key` is a secret of some type of connector, or has a name like one.
fn is_secret(key: &str) -> bool {
    let is_known = |kind: &ConnectorKind| kind.settings.iter().any(|spec| spec.key == key);
    if KINDS.iter().any(is_known) {
        return KINDS
            .iter()
            .any(|kind| is_known(kind) && kind.is_secret(key));
    }
    KINDS.iter().all(|kind| kind.is_secret(key))
}

fn usage(kind: ErrorKind, english: impl Into<String>, french: impl Into<String>) -> anyhow::Error {
    WrongUsage::new("set", kind, english, french).into()
}

/// A folder on the command line is relative to the working folder, as with `add`; `~` is the user's home folder.
fn resolve_folders(kind: &ConnectorKind, changes: &mut Changes) -> Result<()> {
    for spec in kind.settings.iter().filter(|spec| add::is_folder(spec)) {
        if let Some(folder) = changes.set.get_mut(spec.key)
            && !folder.trim().is_empty()
        {
            *folder = absolute(&expanded(folder))?;
        }
    }
    Ok(())
}

fn expanded(folder: &str) -> PathBuf {
    let below = folder.strip_prefix("~/").or((folder == "~").then_some(""));
    match (below, dirs::home_dir()) {
        (Some(below), Some(home)) => home.join(below),
        _ => Path::new(folder).to_path_buf(),
    }
}

/// Asks for each setting with today's value; keeps what differs.
fn ask(kind: &ConnectorKind, today: &Registration, changes: &mut Changes) -> Result<()> {
    for spec in kind.settings {
        let value = today.settings.get(spec.key).map(String::as_str);
        let question = match (spec.question, value) {
            (Some(question), _) => question,
            (None, Some(_)) => spec.key,
            (None, None) => continue,
        };
        let answer = prompt::changed(spec, question, value)?;
        let default = spec.default.unwrap_or_default();
        if answer.trim() != value.unwrap_or(default) && !(spec.is_secret && answer.is_empty()) {
            changes.set.insert(spec.key.to_owned(), answer);
        }
    }
    Ok(())
}
