//! `crmreco test`

use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::{Context, names, selected, setting_advice, signals, tables};
use crate::connectors::{ConnectorKind, Words};
use crate::french::{self, Tone};
use crate::json::TestAnswer;
use crate::queries::Tested;
use crate::registry::Registry;
use crate::stop::Stop;

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

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let registry = context.registry()?;
    let names = selected(&args.names, args.all, &registry)?;
    let queries = context.queries()?;
    let stop = Stop::default();
    signals::ask(&stop)?;
    let mut exit = Exit::DONE;
    let mut answers = Vec::with_capacity(names.len());
    for name in &names {
        let tested = queries.test(name, &stop)?;
        if let Some(caution) = queries.caution(name) {
            context.caution(&caution);
        }
        exit = exit.max(exit_of(&tested));
        answers.push(tested.answer);
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

fn exit_of(tested: &Tested) -> Exit {
    match &tested.failure {
        Some(error) => Exit::of(error),
        None if tested.answer.success => Exit::DONE,
        None => Exit::FAILED,
    }
}

/// Prints the result of a test of a connector of type `kind`, check by check.
pub(super) fn print_checks(answer: &TestAnswer, kind: &str, context: &Context<'_>) {
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
    if !answer.checks.is_empty() {
        let words = Words::of(kind);
        ui.line(tables::checks(ui, words, &answer.checks));
    }
}

/// Prints the result, then the commands for what it shows.
fn print(answer: &TestAnswer, registry: &Registry, context: &Context<'_>) {
    let ui = context.ui;
    let name = &answer.connector_name;
    let kind = registry.get(name).map_or("", |one| one.kind.as_str());
    print_checks(answer, kind, context);
    if let Ok(registration) = registry.get(name)
        && let Ok(kind) = ConnectorKind::named(&registration.kind)
    {
        for key in kind.unknown_settings(&registration.settings) {
            ui.warn(&format!("Réglage inconnu, ignoré : {key}"));
        }
    }
    if let Ok(registration) = registry.get(name) {
        let details = answer.checks.iter().map(|check| check.detail.as_str());
        let texts = details.chain([answer.message.as_str()]);
        for command in setting_advice::commands(&context.home, registration, texts) {
            ui.remark(format!("  → Pour changer ce réglage : {command}"));
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
