//! `crmreco receipt`

use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::{Context, names, tables};
use crate::connectors::Words;
use crate::french::Tone;
use crate::json::ReceiptAnswer;

/// Show that a sync lost nothing: what each file or model held and what became of it
///
/// The lines of a file are its header, empty lines, totals, rows that do not belong to the table, accepted and rejected
/// rows. The total at the end of a file is compared with its rows, what a server counts with the stored rows, and what
/// was accepted with the table. Exit status 1 where something is missing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco receipt isavigne_prod               # of the newest sync that read something
  crmreco receipt isavigne_prod --run 42      # of sync number 42
  crmreco receipt isavigne_prod --json | jq '.units[] | select(.balanced | not)'")]
pub(super) struct Args {
    /// Connector whose receipt to show
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Show the receipt of sync number RUN [default: the newest that read something]
    #[arg(long, value_name = "RUN")]
    run: Option<i64>,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let answer = context.queries()?.receipt(&args.name, args.run, true)?;
    let ui = context.ui;
    if ui.is_json() {
        ui.document(&answer);
    } else {
        let registry = context.registry()?;
        let kind = registry.get(&args.name).map_or("", |one| one.kind.as_str());
        print(context, Words::of(kind), &answer);
    }
    Ok(if answer.balanced {
        Exit::DONE
    } else {
        Exit::FAILED
    })
}

fn print(context: &Context<'_>, words: Words, answer: &ReceiptAnswer) {
    let ui = context.ui;
    let Some(run_id) = answer.run_id else {
        ui.line(format!(
            "Aucun reçu : rien n'a encore été lu. Lancez {}",
            context.command(&format!("sync {}", answer.connector_name))
        ));
        return;
    };
    ui.line(format!("Synchronisation n° {run_id}"));
    if !answer.units.is_empty() {
        ui.line(tables::receipt(ui, words, &answer.units));
    }
    let tone = if answer.balanced {
        Tone::Good
    } else {
        Tone::Bad
    };
    ui.line(ui.paint(tone, &answer.message));
    for unit in &answer.units {
        for gap in &unit.gaps {
            ui.line(format!("{} {}", ui.paint(Tone::Bad, "✗"), gap.message));
        }
    }
    for error in &answer.errors {
        ui.line(format!("{} {error}", ui.paint(Tone::Bad, "✗")));
    }
}
