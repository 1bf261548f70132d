//! `crmreco add`

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use super::exit::Exit;
use super::{Context, prompt};
use crate::connectors::Settings;
use crate::connectors::{ConnectorKind, KINDS, SettingSpec};
use crate::error::{Error, Result};
use crate::json::AddAnswer;
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

The API key of Odoo is never taken from the command line, where others could read it: it comes from standard
input (--api-key-stdin), from the variable CRMRECO_CONNECTOR__<NAME>__API_KEY, or is typed unseen on a terminal.")]
pub(super) struct Args {
    /// Name of the new connector: lower-case letters, digits and single underscores
    pub(super) name: String,

    /// Type of source
    #[arg(long = "type", value_name = "TYPE", value_parser = clap::builder::PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name)))]
    kind: Option<String>,

    /// Folder in which iSaVigne drops its exports
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    path: Option<PathBuf>,

    /// Files to read in it, as a glob [default: *.csv]
    #[arg(long, value_name = "GLOB")]
    pattern: Option<String>,

    /// auto, utf-8, windows-1252, iso-8859-15, utf-16, cp850 or macintosh [default: auto]
    #[arg(long, value_name = "ENCODING")]
    encoding: Option<String>,

    /// What separates the cells: auto, ';', ',', '|' or tab [default: auto]
    #[arg(long, value_name = "SIGN")]
    delimiter: Option<String>,

    /// The line that names the columns: auto, or its number [default: auto]
    #[arg(long, value_name = "LINE")]
    header_line: Option<String>,

    /// What stands before the decimals: auto, comma or dot [default: auto]
    #[arg(long, value_name = "MARK")]
    decimal_mark: Option<String>,

    /// Order of dates: auto, dmy, mdy or ymd [default: auto]
    #[arg(long, value_name = "FORM")]
    date_form: Option<String>,

    /// The one sheet to read of a workbook [default: every sheet that holds a known table]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,

    /// What tells sales apart: auto, document, document+customer, document+date or line [default: auto]
    #[arg(long, value_name = "KEY")]
    sales_key: Option<String>,

    /// What a file of sales holds: increment, period, full or append [default: increment]
    #[arg(long, value_name = "WHAT")]
    sales_files: Option<String>,

    /// Day on which the numbers of documents begin again [default: 01-01]
    #[arg(long, value_name = "MM-DD")]
    fiscal_year_start: Option<String>,

    /// Address of the Odoo server
    #[arg(long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    url: Option<String>,

    /// Odoo database
    #[arg(long, value_name = "DATABASE")]
    db: Option<String>,

    /// Login of the Odoo user that reads
    #[arg(long, value_name = "LOGIN")]
    user: Option<String>,

    /// Read the API key of that user from standard input
    #[arg(long)]
    api_key_stdin: bool,

    /// Read this company of Odoo alone [default: all that the user sees]
    #[arg(long, value_name = "ID")]
    company_id: Option<u64>,

    /// Send the API key over http:// to another machine, where anybody on the way can read it
    #[arg(long)]
    allow_http: bool,
}

/// A key has some forty characters; a longer text is not a key.
const MOST_KEY_BYTES: u64 = 4096;

pub(super) fn run(args: &Args, context: &Context<'_>) -> Result<Exit> {
    registry::check_name(&args.name)?;
    let registry = context.registry()?;
    registry.require_free(&args.name)?;
    let registration = args.registration(context)?;
    let message = registry.enroll(&registration)?;
    if let Some(caution) = registry.caution(&registration) {
        context.caution(&caution);
    }
    if context.ui.is_json() {
        context.ui.document(&AddAnswer {
            success: true,
            message,
            connector_name: args.name.clone(),
        });
        return Ok(Exit::DONE);
    }
    context.ui.line(format!("✓ {message}"));
    warn_of_missing_folder(&registration, context);
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
fn warn_of_missing_folder(registration: &Registration, context: &Context<'_>) {
    if let Some(folder) = registration.settings.get("EXPORT_PATH")
        && !context.home.resolve(folder).is_dir()
    {
        context
            .ui
            .warn(&format!("Le dossier {folder} n'existe pas pour le moment"));
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
        let mut settings = self.given()?;
        refuse_foreign(kind, &settings)?;
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

    /// The settings from the flags. A path is relative to the working directory, not to the home.
    fn given(&self) -> Result<Settings> {
        let mut settings = Settings::default();
        if let Some(path) = &self.path {
            let absolute = std::path::absolute(path).map_err(|error| {
                Error::config(format!("Le dossier {} n'est pas un chemin", path.display()))
                    .because(error)
            })?;
            let text = absolute.to_str().ok_or_else(|| {
                Error::config(format!(
                    "Le nom du dossier {} n'est pas de l'UTF-8",
                    path.display()
                ))
                .hint("Renommez-le, ou passez par un lien dont le nom est lisible")
            })?;
            settings.insert("EXPORT_PATH".to_owned(), text.to_owned());
        }
        let others = [
            ("FILE_PATTERN", &self.pattern),
            ("ENCODING", &self.encoding),
            ("DELIMITER", &self.delimiter),
            ("HEADER_LINE", &self.header_line),
            ("DECIMAL_MARK", &self.decimal_mark),
            ("DATE_FORM", &self.date_form),
            ("SHEET", &self.sheet),
            ("SALES_KEY", &self.sales_key),
            ("SALES_FILES", &self.sales_files),
            ("FISCAL_YEAR_START", &self.fiscal_year_start),
            ("URL", &self.url),
            ("DB", &self.db),
            ("USER", &self.user),
            ("COMPANY_ID", &self.company_id.map(|id| id.to_string())),
            ("ALLOW_HTTP", &self.allow_http.then(|| "true".to_owned())),
        ];
        for (key, value) in others {
            if let Some(value) = value {
                settings.insert(key.to_owned(), value.clone());
            }
        }
        Ok(settings)
    }

    /// Reads secrets from standard input or the environment.
    fn find_secrets(&self, kind: &ConnectorKind, settings: &mut Settings) -> Result<()> {
        for spec in kind.settings.iter().filter(|spec| spec.is_secret) {
            let variable = registry::variable(&self.name, spec.key);
            if self.api_key_stdin {
                settings.insert(spec.key.to_owned(), key_from_stdin(spec)?);
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

/// Refuses flags of another type of connector.
fn refuse_foreign(kind: &ConnectorKind, settings: &Settings) -> Result<()> {
    let foreign = KINDS.iter().flat_map(|other| other.settings).find(|spec| {
        settings.contains_key(spec.key) && !kind.settings.iter().any(|own| own.key == spec.key)
    });
    let Some(spec) = foreign else {
        return Ok(());
    };
    Err(Error::config(format!(
        "{} n'est pas un réglage du type {}",
        flag_of(spec),
        kind.name
    ))
    .hint("Retirez-le, ou changez --type"))
}

/// A setting as shown on a terminal: its flag and its key, or its key alone.
pub(super) fn flag_of(spec: &SettingSpec) -> String {
    match spec.flag {
        Some(flag) => format!("--{flag} ({})", spec.key),
        None => spec.key.to_owned(),
    }
}

/// Reads a key from a file or a pipe, or as hidden input.
fn key_from_stdin(spec: &SettingSpec) -> Result<String> {
    if io::stdin().is_terminal() {
        return prompt::setting(spec, spec.question.unwrap_or(spec.key));
    }
    let mut text = String::new();
    let read = io::stdin()
        .lock()
        .take(MOST_KEY_BYTES + 1)
        .read_to_string(&mut text);
    read.map_err(|error| Error::config("La clé API ne peut pas être lue").because(error))?;
    if text.len() as u64 > MOST_KEY_BYTES {
        return Err(
            Error::config("L'entrée standard est trop longue pour une clé API")
                .hint("Ne donnez que la clé : crmreco add … --api-key-stdin < cle.txt"),
        );
    }
    match text.trim() {
        "" => Err(Error::config("L'entrée standard est vide : aucune clé API")
            .hint("Par exemple : crmreco add … --api-key-stdin < cle.txt")),
        key => Ok(key.to_owned()),
    }
}
