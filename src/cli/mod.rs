//! The terminal: one file per command; [`ui`] owns its streams, except for the lines of the [`log`], and [`exit`] its
//! exit statuses.

mod add;
mod advice;
mod backup;
mod completions;
#[cfg(feature = "postgres")]
mod database;
mod doctor;
mod erase;
mod exit;
mod export;
mod failure;
mod generate;
mod language;
mod list;
mod log;
mod logs;
mod machine;
mod metrics;
mod names;
mod phases;
mod progress;
mod prompt;
mod prune;
mod query;
mod receipt;
mod rejects;
#[cfg(feature = "postgres")]
mod relocate;
mod remove;
mod rename;
mod restore;
mod secret;
#[cfg(feature = "serve")]
mod serve;
mod set;
mod setting_advice;
mod setting_flags;
mod show;
mod signals;
mod status;
mod sync;
mod sync_report;
mod table_width;
mod tables;
mod test;
mod ui;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};

pub use self::language::{command, parse};

use self::exit::Exit;
use self::language::WrongUsage;
use self::ui::Ui;
use crate::error::Result;
use crate::home::Home;
#[cfg(feature = "postgres")]
use crate::json::SaidAnswer;
use crate::json::{AddAnswer, FailureAnswer};
use crate::queries::Queries;
use crate::registry::{self, Registry};
use crate::sync::finish_renames;

/// Heading of the options of every command in the help.
const GLOBAL: &str = "Global options";

/// Sync a wine estate's customers, wines, sales and stock into one clean database.
///
/// Sources ("connectors") are registered once, tested, then synced by hand, by cron or in a pipeline
/// into five tables of an SQLite database. Results are in French; --json prints one JSON document.
#[derive(Debug, Parser)]
#[command(
    name = "crmreco",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:
  crmreco add isavigne_prod --type isavigne --path /mnt/shared/isavigne
  crmreco test isavigne_prod
  crmreco sync isavigne_prod
  crmreco sync --all --json | jq '.[].records_processed'

Exit status:
  0  done
  1  it ran and failed: source unreachable or unreadable, too many rejects, --max-age exceeded
  2  the command line is wrong
  3  configuration: no such connector, name taken, a setting missing or invalid
  4  that connector is being synced by someone else
  130, 143  stopped by Ctrl-C or TERM; nothing half-done stays"
)]
pub struct Cli {
    /// Folder that holds .env and crmreco.db [default: the platform's data folder for crmreco]
    #[arg(
        long,
        global = true,
        env = "CRMRECO_HOME",
        value_name = "DIR",
        hide_env_values = true,
        help_heading = GLOBAL
    )]
    home: Option<PathBuf>,

    /// Print exactly one JSON document on standard output
    #[arg(long, global = true, help_heading = GLOBAL)]
    json: bool,

    #[command(flatten)]
    log: log::Args,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Add(Box<add::Args>),
    Set(set::Args),
    Rename(rename::Args),
    Remove(remove::Args),
    #[cfg(feature = "postgres")]
    Move(relocate::Args),
    #[cfg(feature = "postgres")]
    Database(database::Args),
    Show(show::Args),
    Test(test::Args),
    Sync(sync::Args),
    Logs(logs::Args),
    Receipt(receipt::Args),
    Rejects(rejects::Args),
    Status(status::Args),
    Metrics(metrics::Args),
    Doctor(doctor::Args),
    Prune(prune::Args),
    Erase(erase::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Export(export::Args),
    Query(query::Args),
    #[cfg(feature = "serve")]
    Serve(serve::Args),
    Completions(completions::Args),
    Generate(generate::Args),
}

/// State shared by all commands.
struct Context<'a> {
    home: Home,
    ui: &'a Ui,
    /// Whether details were requested.
    is_verbose: bool,
    /// Whether standard error is used for the log.
    has_log: bool,
}

impl Cli {
    /// Runs the command and returns its exit status.
    pub fn run(self) -> u8 {
        let ui = Ui::new(self.json);
        let exit = match self.dispatch(&ui) {
            Ok(exit) => exit,
            Err(error) => {
                if let Some(wrong) = error.downcast_ref::<WrongUsage>() {
                    return language::refuse_usage(wrong, self.json);
                }
                let error = failure::into_error(error);
                error.log(self.connector());
                if ui.is_json() {
                    ui.document(&FailureAnswer {
                        success: false,
                        message: error.full_text(),
                        connector_name: self.connector().map(str::to_owned),
                    });
                } else {
                    let home = self.home().ok();
                    let command = |arguments: &str| command_line(home.as_ref(), arguments);
                    match (&home, self.registered()) {
                        (Some(home), Some(name)) => {
                            ui.print_error_of_registered(&error, command);
                            setting_advice::after_error(&ui, home, name, &error);
                        }
                        _ => ui.print_error(&error, command),
                    }
                }
                Exit::of(&error)
            }
        };
        let is_heard = ui.finish();
        exit.max(if is_heard { Exit::DONE } else { Exit::FAILED })
            .code()
    }

    fn dispatch(&self, ui: &Ui) -> anyhow::Result<Exit> {
        signals::outlive_file_limit();
        machine::check()?;
        let has_log = self.log.start(|name| {
            std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        })?;
        let context = Context {
            home: self.home()?,
            ui,
            is_verbose: self.log.verbose > 0,
            has_log,
        };
        match &self.command {
            Command::Generate(_) | Command::Completions(_) => {}
            // It reports the rights instead of changing them.
            Command::Doctor(_) => context.finish_renames(),
            _ => {
                context.mend_rights();
                context.finish_renames();
            }
        }
        match &self.command {
            Command::List(args) => list::run(args, &context),
            Command::Add(args) => add::run(args, &context),
            Command::Set(args) => set::run(args, &context),
            Command::Rename(args) => rename::run(args, &context),
            Command::Remove(args) => remove::run(args, &context),
            #[cfg(feature = "postgres")]
            Command::Move(args) => relocate::run(args, &context),
            #[cfg(feature = "postgres")]
            Command::Database(args) => database::run(args, &context),
            Command::Show(args) => show::run(args, &context),
            Command::Test(args) => test::run(args, &context),
            Command::Sync(args) => sync::run(args, &context),
            Command::Logs(args) => logs::run(args, &context),
            Command::Receipt(args) => receipt::run(args, &context),
            Command::Rejects(args) => rejects::run(args, &context),
            Command::Status(args) => status::run(args, &context),
            Command::Metrics(args) => metrics::run(args, &context),
            Command::Doctor(args) => doctor::run(args, &context),
            Command::Prune(args) => prune::run(args, &context),
            Command::Erase(args) => erase::run(args, &context),
            Command::Backup(args) => backup::run(args, &context),
            Command::Restore(args) => restore::run(args, &context),
            Command::Export(args) => export::run(args, &context),
            Command::Query(args) => query::run(args, &context),
            #[cfg(feature = "serve")]
            Command::Serve(args) => serve::run(args, &context),
            Command::Completions(args) => completions::run(args, &context),
            Command::Generate(args) => generate::run(args),
        }
    }

    fn home(&self) -> Result<Home> {
        let home = match &self.home {
            Some(folder) => Home::at(folder),
            None => Home::of_platform()?,
        };
        registry::with_database(home, environment())
    }

    /// The registered connector that the command is about, if there is one.
    fn registered(&self) -> Option<&str> {
        self.connector()
            .filter(|_| !matches!(self.command, Command::Add(_)))
    }

    /// The connector that the command is about, if there is one.
    fn connector(&self) -> Option<&str> {
        match &self.command {
            Command::Add(args) => args.name.as_deref(),
            Command::Set(args) => Some(&args.name),
            Command::Rename(args) => Some(&args.old),
            Command::Remove(args) => Some(&args.name),
            Command::Show(args) => Some(&args.name),
            Command::Logs(args) => Some(&args.name),
            Command::Receipt(args) => Some(&args.name),
            Command::Rejects(args) => args.connector(),
            Command::Erase(args) => args.connector.as_deref(),
            _ => None,
        }
    }
}

impl Context<'_> {
    fn registry(&self) -> Result<Registry> {
        Registry::read(&self.home, environment())
    }

    /// Narrows the rights on the home to its owner and reports that: it happens once.
    fn mend_rights(&self) {
        if self.home.is_of_another() {
            self.caution(&format!(
                "Le dossier {} appartient à un autre compte de cette machine, qui peut y remplacer vos fichiers",
                self.home.folder().display()
            ));
        }
        let mended = self.home.mend_rights();
        let Some(first) = mended.first() else { return };
        let others = match mended.len() - 1 {
            0 => String::new(),
            1 => " et 1 autre".to_owned(),
            more => format!(" et {more} autres"),
        };
        // The log contains it already.
        if self.has_log {
            return;
        }
        self.ui.warn(&format!(
            "D'autres comptes de cette machine pouvaient lire {}{others} : les droits sont resserrés, vous seul les avez",
            first.display()
        ));
    }

    /// Does the rest of a rename that was killed. A failure is reported where the connector is used.
    fn finish_renames(&self) {
        if let Ok(registry) = self.registry()
            && registry.renames().next().is_some()
            && let Err(error) = finish_renames(&self.home, &registry)
        {
            tracing::debug!(%error, "rename not finished");
        }
    }

    /// Reports what was done.
    #[cfg(feature = "postgres")]
    fn said(&self, message: String) {
        if self.ui.is_json() {
            self.ui.document(&SaidAnswer {
                success: true,
                message,
            });
        } else {
            self.ui.line(format!("✓ {message}"));
        }
    }

    /// Reports that the settings of connector `name` were changed.
    fn done(&self, message: String, name: &str) {
        if self.ui.is_json() {
            self.ui.document(&AddAnswer {
                success: true,
                message,
                connector_name: name.to_owned(),
                env_file: self.home.env_file().display().to_string(),
            });
        } else {
            self.ui.line(format!("✓ {message}"));
        }
    }

    /// Shows a warning, in the log where there is one.
    fn caution(&self, text: &str) {
        if self.has_log {
            tracing::warn!("{text}");
        } else {
            self.ui.warn(text);
        }
    }

    fn queries(&self) -> Result<Queries> {
        Queries::open(&self.home, self.registry()?)
    }

    fn command(&self, arguments: &str) -> String {
        command_line(Some(&self.home), arguments)
    }
}

/// `arguments` as a complete command line: with the same program, and with `home` where it is not the default.
fn command_line(home: Option<&Home>, arguments: &str) -> String {
    let program = std::env::args_os()
        .next()
        .map(|program| program.to_string_lossy().into_owned())
        .filter(|program| program.contains('/'));
    let program = program.unwrap_or_else(|| "crmreco".to_owned());
    let is_default = |home: &Home| {
        Home::of_platform().is_ok_and(|platform| platform.folder() == home.folder())
            || std::env::var_os("CRMRECO_HOME").is_some_and(|folder| folder == home.folder())
    };
    let program = shell_word(&program);
    match home.filter(|home| !is_default(home)) {
        Some(home) => format!("{program} --home {} {arguments}", shell_path(home.folder())),
        None => format!("{program} {arguments}"),
    }
}

/// `text` as one word of a command line: what was read from a source may hold anything.
fn shell_word(text: &str) -> Cow<'_, str> {
    let is_plain = |sign: char| sign.is_alphanumeric() || "_-./:,@%+=…".contains(sign);
    if !text.is_empty() && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

/// `path` as one word of a command line.
fn shell_path(path: &Path) -> String {
    shell_word(&path.display().to_string()).into_owned()
}

/// The variables of the process. Ours are valid Unicode; others are skipped.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        Some((name, value.into_string().ok()?))
    })
}

/// The names a command is about: the given ones, or all registered ones.
fn selected(names: &[String], all: bool, registry: &Registry) -> Result<Vec<String>> {
    if !all {
        return Ok(names.to_vec());
    }
    registry.require_any()?;
    Ok(registry.all().map(|one| one.name.clone()).collect())
}
