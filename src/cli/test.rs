//! `crmreco test`

use clap_complete::ArgValueCompleter;
use tracing::error_span;

use super::exit::Exit;
use super::ui::Tone;
use super::{Context, french, log, names, selected, tables};
use crate::answers::{CheckAnswer, TestAnswer};
use crate::connectors::{Kind, Words};
use crate::consult::Consult;
use crate::error::{Error, Result};
use crate::registry::Registry;

/// Check whether connectors can be read right now, file by file or model by model
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco test isavigne_prod
  crmreco test --all --json")]
pub(super) struct Args {
    /// Connectors to test
    #[arg(required_unless_present = "all", conflicts_with = "all", add = ArgValueCompleter::new(names::candidates))]
    names: Vec<String>,

    /// Test every connector
    #[arg(long)]
    all: bool,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> Result<Exit> {
    let registry = context.registry()?;
    let names = selected(&args.names, args.all, &registry)?;
    let consult = context.consult()?;
    let mut exit = Exit::DONE;
    let mut answers = Vec::with_capacity(names.len());
    for name in &names {
        let (answer, code) = test(&registry, &consult, name)?;
        exit = exit.max(code);
        answers.push(answer);
    }
    match answers.as_slice() {
        [answer] if context.ui.is_json() && !args.all => context.ui.document(answer),
        answers if context.ui.is_json() => context.ui.document(&answers),
        answers => answers
            .iter()
            .for_each(|answer| print(answer, &registry, context)),
    }
    Ok(exit)
}

fn test(registry: &Registry, consult: &Consult, name: &str) -> Result<(TestAnswer, Exit)> {
    let _span = error_span!("test", connector = name).entered();
    let checks = registry.open(name).and_then(|connector| connector.check());
    let checks: Vec<CheckAnswer> = match checks {
        Ok(checks) => checks.into_iter().map(CheckAnswer::from).collect(),
        Err(error) => {
            log::failure(Some(name), &error);
            return Ok((failed(name, &error), Exit::of(&error)));
        }
    };
    let broken = checks.iter().find(|check| !check.ok);
    let (message, exit) = match broken {
        None => ("✓ Connexion OK".to_owned(), Exit::DONE),
        Some(check) => (format!("✗ {} : {}", check.name, check.detail), Exit::FAILED),
    };
    let answer = TestAnswer {
        success: exit == Exit::DONE,
        message,
        status: if exit == Exit::DONE {
            consult.status_of(name)?
        } else {
            "error"
        },
        checks,
        connector_name: name.to_owned(),
    };
    Ok((answer, exit))
}

fn failed(name: &str, error: &Error) -> TestAnswer {
    TestAnswer {
        success: false,
        message: format!("✗ {}", error.full_text()),
        status: "error",
        checks: Vec::new(),
        connector_name: name.to_owned(),
    }
}

fn print(answer: &TestAnswer, registry: &Registry, context: &Context<'_>) {
    let ui = context.ui;
    let tone = if answer.success {
        Tone::Good
    } else {
        Tone::Bad
    };
    let name = &answer.connector_name;
    if answer.success {
        ui.line(format!(
            "{}   {}",
            ui.paint(Tone::Strong, name),
            ui.paint(tone, &answer.message)
        ));
    } else {
        ui.remark(format!("{name}   {}", answer.message));
    }
    let kind = registry.get(name).map_or("", |one| one.kind.as_str());
    let words = Words::of(kind);
    if !answer.checks.is_empty() {
        ui.line(tables::checks(ui, words, &answer.checks).to_string());
    }
    if let Ok(registration) = registry.get(name)
        && let Ok(kind) = Kind::named(&registration.kind)
    {
        for key in kind.unknown_settings(&registration.settings) {
            ui.warn(&format!("Réglage inconnu, ignoré : {key}"));
        }
    }
    if answer.success {
        let rows: u64 = answer.checks.iter().filter_map(|check| check.rows).sum();
        let rows = french::plural(rows, "ligne lisible", "lignes lisibles");
        ui.line(format!(
            "{rows}. Ensuite : {}",
            context.command(&format!("sync {name}"))
        ));
    }
}
