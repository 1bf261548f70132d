//! `crmreco add`

use super::exit::Exit;
use super::setting_flags::SettingFlags;
use super::{Context, prompt, secret};
use crate::connectors::{ConnectorKind, FlagValue, KINDS, SettingSpec, Settings};
use crate::error::{Error, Result};
use crate::registry::{self, Registration};

/// Register a connector
///
/// On a terminal, settings left out are asked for one by one. Settings go to the .env file of the home folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco add isavigne_prod                   # asks for the rest
  crmreco add isavigne_prod --type isavigne --path /mnt/shared/isavigne
  crmreco add isavigne_prod --type isavigne --path exports --pattern '*.csv' --encoding windows-1252
  crmreco add odoo_prod --type odoo --url https://cave.odoo.com --db cave --user crm@cave.fr --api-key-stdin < key.txt

The API key of Odoo is never taken from the command line, where others could read it: it comes from
standard input (--api-key-stdin), from the variable CRMRECO_CONNECTOR__<NAME>__API_KEY, or is typed
unseen on a terminal.")]
pub(super) struct Args {
    /// Name of the new connector: lower-case letters, digits and single underscores
    pub(super) name: String,

    /// Type of source
    #[arg(long = "type", value_name = "TYPE", value_parser = clap::builder::PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name)))]
    kind: Option<String>,

    #[command(flatten)]
    settings: SettingFlags,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    registry::check_name(&args.name)?;
    let registry = context.registry()?;
    registry.require_free(&args.name)?;
    let registration = args.registration(context)?;
    let message = registry.enroll(&registration)?;
    if let Some(caution) = registry.caution(&registration) {
        context.caution(&caution);
    }
    context.done(message, &args.name);
    if context.ui.is_json() {
        return Ok(Exit::DONE);
    }
    warn_of_missing_folder(&registration, context);
    context
        .ui
        .line(format!("Réglages : {}", context.home.env_file().display()));
    context.ui.line("Ensuite :");
    context.ui.line(format!(
        "  {}",
        context.command(&format!("test {}", args.name))
    ));
    context.ui.line(format!(
        "  {}",
        context.command(&format!("sync {}", args.name))
    ));
    Ok(Exit::DONE)
}

/// Warns of a missing folder without refusing it: a share may be mounted later.
pub(super) fn warn_of_missing_folder(registration: &Registration, context: &Context<'_>) {
    let Ok(kind) = ConnectorKind::named(&registration.kind) else {
        return;
    };
    let is_folder = |spec: &SettingSpec| {
        let value = spec.flag.as_ref().map(|flag| flag.value);
        matches!(value, Some(FlagValue::Folder(_)))
    };
    for spec in kind.settings.iter().filter(|spec| is_folder(spec)) {
        if let Some(folder) = registration.settings.get(spec.key)
            && !context.home.resolve(folder).is_dir()
        {
            context
                .ui
                .warn(&format!("Le dossier {folder} n'existe pas pour le moment"));
        }
    }
}

impl Args {
    fn registration(&self, context: &Context<'_>) -> Result<Registration> {
        let can_ask = context.ui.can_ask();
        let kind = match &self.kind {
            Some(name) => ConnectorKind::named(name)?,
            None if can_ask => prompt::kind()?,
            None => {
                return Err(
                    Error::config("Il manque le type de connecteur : --type (TYPE)")
                        .hint("Par exemple --type isavigne --path DOSSIER, ou --type odoo"),
                );
            }
        };
        let mut settings = Settings::default();
        for (key, value) in self.settings.settings(kind)? {
            settings.insert(key.to_owned(), value);
        }
        self.find_secrets(kind, &mut settings)?;
        let is_incomplete = kind
            .settings
            .iter()
            .any(|spec| spec.is_required && !settings.contains_key(spec.key));
        for spec in kind.settings {
            let Some(question) = spec.question.filter(|_| !settings.contains_key(spec.key)) else {
                continue;
            };
            if is_incomplete && can_ask {
                settings.insert(spec.key.to_owned(), prompt::setting(spec, question)?);
            } else if let Some(default) = spec.default {
                settings.insert(spec.key.to_owned(), default.to_owned());
            }
        }
        Ok(Registration {
            name: self.name.clone(),
            kind: kind.name.to_owned(),
            settings,
        })
    }

    /// Reads secrets from standard input or the environment.
    fn find_secrets(&self, kind: &ConnectorKind, settings: &mut Settings) -> Result<()> {
        for spec in kind.settings.iter().filter(|spec| spec.is_secret) {
            let variable = registry::variable(&self.name, spec.key);
            if self.settings.is_on_standard_input(spec) {
                settings.insert(spec.key.to_owned(), secret::read(spec, "add …")?);
            } else if let Some(key) = std::env::var(variable)
                .ok()
                .filter(|key| !key.trim().is_empty())
            {
                settings.insert(spec.key.to_owned(), key);
            }
        }
        Ok(())
    }
}
