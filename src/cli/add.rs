//! `crmreco add`

use clap::error::ErrorKind;

use super::exit::Exit;
use super::language::WrongUsage;
use super::setting_flags::SettingFlags;
use super::{Context, prompt, secret, signals, test};
use crate::connectors::{ConnectorKind, FlagValue, KINDS, SettingSpec, Settings};
use crate::error::{Error, Result};
use crate::registry::{self, Registration, Registry};
use crate::stop::Stop;

/// Register a connector
///
/// On a terminal, name and settings left out are asked for one by one and checked at once, and the connector can be tested
/// before it is saved. Settings go to the .env file of the home folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco add                                 # asks for everything, on a terminal
  crmreco add isavigne_prod                   # asks for the rest
  crmreco add isavigne_prod --type isavigne --path /mnt/shared/isavigne
  crmreco add isavigne_prod --type isavigne --path exports --pattern '*.csv' --encoding windows-1252
  crmreco add odoo_prod --type odoo --url https://cave.odoo.com --db cave \\
    --user crm@cave.fr --api-key-stdin < key.txt

The API key of Odoo is never taken from the command line, where others could read it: it comes from
standard input (--api-key-stdin), from the variable CRMRECO_CONNECTOR__<NAME>__API_KEY, or is typed
unseen on a terminal.")]
pub(super) struct Args {
    /// Name of the new connector: lower-case letters, digits and single underscores
    pub(super) name: Option<String>,

    /// Type of source
    #[arg(long = "type", value_name = "TYPE", value_parser = clap::builder::PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name)))]
    kind: Option<String>,

    #[command(flatten)]
    settings: SettingFlags,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let registry = context.registry()?;
    let name = args.chosen_name(context, &registry)?;
    let (registration, was_asked) = args.registration(name, context, &registry)?;
    if was_asked && !is_to_be_saved(&registration, context, &registry)? {
        context.ui.line("Rien n'a été changé.");
        return Ok(Exit::DONE);
    }
    let name = &registration.name;
    let message = registry.enroll(&registration)?;
    if let Some(caution) = registry.caution(&registration) {
        context.caution(&caution);
    }
    context.done(message, name);
    if context.ui.is_json() {
        return Ok(Exit::DONE);
    }
    warn_of_missing_folder(&registration, &registry, context);
    context
        .ui
        .line(format!("Réglages : {}", context.home.env_file().display()));
    context.ui.line("Ensuite :");
    context
        .ui
        .line(format!("  {}", context.command(&format!("test {name}"))));
    context
        .ui
        .line(format!("  {}", context.command(&format!("sync {name}"))));
    Ok(Exit::DONE)
}

/// Offers a test; whether the connector is to be saved after it.
fn is_to_be_saved(
    registration: &Registration,
    context: &Context<'_>,
    registry: &Registry,
) -> anyhow::Result<bool> {
    if !prompt::agree("Tester avant d'enregistrer ?")? {
        return Ok(true);
    }
    // A setting that does not hold is refused as without the test.
    registry.open_registration(registration)?;
    let stop = Stop::default();
    signals::ask(&stop)?;
    let tested = context.queries()?.test_described(registration, &stop)?;
    stop.check()?;
    test::print_checks(&tested.answer, &registration.kind, context);
    Ok(tested.answer.success || prompt::confirm("Enregistrer quand même ?")?)
}

/// Whether the value of `spec` is a folder.
pub(super) fn is_folder(spec: &SettingSpec) -> bool {
    let value = spec.flag.as_ref().map(|flag| flag.value);
    matches!(value, Some(FlagValue::Folder(_)))
}

/// Warns of a missing folder without refusing it: a share may be mounted later.
pub(super) fn warn_of_missing_folder(
    registration: &Registration,
    registry: &Registry,
    context: &Context<'_>,
) {
    for (_, folder) in registry.missing_folders(registration) {
        context
            .ui
            .warn(&format!("Le dossier {folder} n'existe pas pour le moment"));
    }
}

/// Asks for the setting `spec` until its value holds, and adds it.
fn ask(
    spec: &SettingSpec,
    question: &str,
    registration: &mut Registration,
    (context, registry): (&Context<'_>, &Registry),
) -> Result<()> {
    loop {
        let value = prompt::setting(spec, question)?;
        let is_missing = is_folder(spec) && !context.home.resolve(&value).is_dir();
        registration.settings.insert(spec.key.to_owned(), value);
        if let Err(error) = check(spec, registration, registry) {
            context
                .ui
                .print_error(&error, |arguments| context.command(arguments));
        } else if !is_missing || prompt::confirm("Ce dossier n'existe pas. Le garder quand même ?")?
        {
            return Ok(());
        }
    }
}

/// Checks the value of `spec` beside the settings answered so far.
fn check(spec: &SettingSpec, registration: &Registration, registry: &Registry) -> Result<()> {
    let mut whole = registration.clone();
    let kind = ConnectorKind::named(&registration.kind)?;
    // Required settings that were not asked for yet hold an example.
    for later in kind.settings.iter().filter(|later| later.is_required) {
        let example = later.field.as_ref().map_or("", |field| field.example);
        let settings = &mut whole.settings;
        settings
            .entry(later.key.to_owned())
            .or_insert_with(|| example.to_owned());
    }
    match registry.open_registration(&whole) {
        Err(error) if error.setting().is_some_and(|(key, _)| key == spec.key) => Err(error),
        _ => Ok(()),
    }
}

impl Args {
    /// The given name, or on a terminal the answer to a question for it, asked until it holds.
    fn chosen_name(&self, context: &Context<'_>, registry: &Registry) -> anyhow::Result<String> {
        let check =
            |name: &str| registry::check_name(name).and_then(|()| registry.require_free(name));
        if let Some(name) = &self.name {
            check(name)?;
            return Ok(name.clone());
        }
        if !context.ui.can_ask() {
            return Err(WrongUsage::new(
                "add",
                ErrorKind::MissingRequiredArgument,
                "the following required arguments were not provided: <NAME>",
                "il manque « <NOM> »",
            )
            .into());
        }
        loop {
            let name = prompt::name()?;
            match check(&name) {
                Ok(()) => return Ok(name),
                Err(error) => context
                    .ui
                    .print_error(&error, |arguments| context.command(arguments)),
            }
        }
    }

    /// The connector to register, and whether settings were asked for.
    fn registration(
        &self,
        name: String,
        context: &Context<'_>,
        registry: &Registry,
    ) -> Result<(Registration, bool)> {
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
        self.find_secrets(&name, kind, &mut settings)?;
        let is_incomplete = kind
            .settings
            .iter()
            .any(|spec| spec.is_required && !settings.contains_key(spec.key));
        let mut registration = Registration {
            name,
            kind: kind.name.to_owned(),
            settings,
        };
        let is_asked = is_incomplete && can_ask;
        for spec in kind.settings {
            let is_given = registration.settings.contains_key(spec.key);
            let Some(question) = spec.question.filter(|_| !is_given) else {
                continue;
            };
            if is_asked {
                ask(spec, question, &mut registration, (context, registry))?;
            } else if let Some(default) = spec.default {
                let settings = &mut registration.settings;
                settings.insert(spec.key.to_owned(), default.to_owned());
            }
        }
        Ok((registration, is_asked))
    }

    /// Reads secrets from standard input or the environment.
    fn find_secrets(
        &self,
        name: &str,
        kind: &ConnectorKind,
        settings: &mut Settings,
    ) -> Result<()> {
        for spec in kind.settings.iter().filter(|spec| spec.is_secret) {
            let variable = registry::variable(name, spec.key);
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
