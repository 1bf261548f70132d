//! `crmreco doctor`: what stands in the way of a sync, and the command that mends it.

mod backup;
mod connectors;
mod database;
mod machine;
mod settings;

use super::exit::Exit;
use super::{Context, signals};
use crate::error::Error;
use crate::french::Tone;
use crate::json::{DoctorAnswer, DoctorCheckAnswer};
use crate::stop::Stop;
use crate::store::{Store, close_dead_runs};

/// Say what stands in the way of a sync, and the command that mends it
///
/// Looks at the home folder and its rights, the disk, the settings, the database, the clock, locks, what cron would find, the
/// last backup, and each connector: whether it can be read now, its key, its last success. Exit status 1 when something fails.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco doctor
  crmreco doctor --quick                      # without reading sources and the whole database
  crmreco doctor --json | jq '.checks[] | select(.state != \"ok\")'")]
pub(super) struct Args {
    /// Contact no server, open no export and do not read the whole database
    #[arg(long)]
    quick: bool,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    /// It works, but somebody should look at it.
    Warn,
    Fail,
}

/// One line of the answer.
#[derive(Debug)]
struct Check {
    /// Code for programs; a connector's name follows a blank.
    name: String,
    /// French name.
    label: String,
    state: State,
    detail: String,
    command: Option<String>,
}

impl Check {
    fn new(state: State, (name, label): (&str, &str), detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            state,
            detail: detail.into(),
            command: None,
        }
    }

    fn ok(names: (&str, &str), detail: impl Into<String>) -> Self {
        Self::new(State::Ok, names, detail)
    }

    fn warn(names: (&str, &str), detail: impl Into<String>) -> Self {
        Self::new(State::Warn, names, detail)
    }

    fn fail(names: (&str, &str), detail: impl Into<String>) -> Self {
        Self::new(State::Fail, names, detail)
    }

    /// A check that an error ended.
    fn failed(names: (&str, &str), error: &Error) -> Self {
        Self::fail(names, error.full_text())
    }

    fn about(mut self, connector: &str) -> Self {
        self.name = format!("{} {connector}", self.name);
        self.label = format!("{} {connector}", self.label);
        self
    }

    fn mended_by(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    let mut checks = machine::checks(context);
    if context.home.folder().is_dir() {
        checks.extend(everything_in(context, args.quick, &stop));
    }
    stop.check()
        .map_err(|error| Error::new(error.kind(), "Diagnostic interrompu"))?;
    let is_well = checks.iter().all(|check| check.state != State::Fail);
    if context.ui.is_json() {
        let checks = checks.into_iter().map(|check| DoctorCheckAnswer {
            name: check.name,
            state: check.state.code(),
            detail: check.detail,
            command: check.command,
        });
        context.ui.document(&DoctorAnswer {
            success: is_well,
            checks: checks.collect(),
        });
    } else {
        print(context, &checks);
    }
    Ok(if is_well { Exit::DONE } else { Exit::FAILED })
}

/// Looks at what a home holds. A part that cannot be read leaves the others to be looked at.
fn everything_in(context: &Context<'_>, is_quick: bool, stop: &Stop) -> Vec<Check> {
    let registry = match context.registry() {
        Ok(registry) => registry,
        Err(error) => return vec![settings::failed(context, &error)],
    };
    let mut checks = settings::checks(context, &registry);
    let store = Store::open_to_read(&context.home);
    if let Ok(store) = &store {
        // As with every command that looks: a run whose process died is not one under way.
        let _ = close_dead_runs(&context.home, store);
    }
    checks.extend(database::checks(
        context,
        &registry,
        store.as_ref(),
        is_quick,
    ));
    checks.extend(backup::check(context));
    let store = store.ok();
    for registration in registry.all() {
        let of_connector = connectors::Subject {
            context,
            registry: &registry,
            registration,
            store: store.as_ref(),
        };
        checks.extend(of_connector.checks(is_quick, stop));
    }
    checks
}

impl State {
    const fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }

    const fn mark(self) -> (&'static str, Tone) {
        match self {
            Self::Ok => ("✓", Tone::Good),
            Self::Warn => ("!", Tone::Warning),
            Self::Fail => ("✗", Tone::Bad),
        }
    }
}

fn print(context: &Context<'_>, checks: &[Check]) {
    let ui = context.ui;
    for check in checks {
        let (mark, tone) = check.state.mark();
        ui.line(format!(
            "{} {} : {}",
            ui.paint(tone, mark),
            check.label,
            check.detail
        ));
        if let Some(command) = &check.command {
            ui.line(format!("  → {command}"));
        }
    }
}
