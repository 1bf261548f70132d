//! `crmreco logs`

use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::{Context, names, tables};
use crate::connectors::Words;
use crate::french::{self, Tone};
use crate::json::{LogsAnswer, RejectsAnswer};

/// Show the sync history of one connector, newest first, or its rejected rows
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco logs isavigne_prod
  crmreco logs isavigne_prod --limit 10 --offset 10
  crmreco logs isavigne_prod --rejects        # of the newest sync that rejected rows
  crmreco logs isavigne_prod --rejects 42     # of sync number 42")]
pub(super) struct Args {
    /// Connector whose history to show
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Entries to show
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,

    /// Entries to skip
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,

    /// Show the rejected rows of sync number RUN [default: the newest that has any]
    #[arg(long, value_name = "RUN", num_args = 0..=1)]
    #[expect(
        clippy::option_option,
        reason = "the parser's way to say: flag absent, alone, with a value"
    )]
    rejects: Option<Option<i64>>,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let queries = context.queries()?;
    let ui = context.ui;
    if let Some(run_id) = args.rejects {
        let answer = queries.rejects(&args.name, run_id, args.limit, args.offset)?;
        if ui.is_json() {
            ui.document(&answer);
        } else {
            let registry = context.registry()?;
            let kind = registry.get(&args.name).map_or("", |one| one.kind.as_str());
            print_rejects(context, Words::of(kind), &answer);
        }
    } else {
        let answer = queries.logs(&args.name, args.limit, args.offset)?;
        if ui.is_json() {
            ui.document(&answer);
        } else {
            print_logs(context, &answer);
        }
    }
    Ok(Exit::DONE)
}

fn print_logs(context: &Context<'_>, answer: &LogsAnswer) {
    let ui = context.ui;
    let name = &answer.connector_name;
    if answer.total == 0 {
        ui.line(format!(
            "Jamais synchronisé : {}",
            context.command(&format!("sync {name}"))
        ));
        return;
    }
    ui.line(tables::runs(ui, &answer.logs, false));
    for log in &answer.logs {
        for error in &log.errors {
            let run_id = log.run_id.unwrap_or_default();
            ui.line(format!(
                "{} n° {run_id} : {error}",
                ui.paint(Tone::Bad, "✗")
            ));
        }
    }
    let shown = answer.logs.len() as u64;
    if answer.offset + shown < answer.total {
        ui.line(format!(
            "{shown} sur {} ; la suite :",
            french::count(answer.total)
        ));
        let next = format!(
            "logs {name} --limit {} --offset {}",
            answer.limit,
            answer.offset + shown
        );
        ui.line(format!("  {}", context.command(&next)));
    }
}

fn print_rejects(context: &Context<'_>, words: Words, answer: &RejectsAnswer) {
    let ui = context.ui;
    let Some(run_id) = answer.run_id.filter(|_| answer.total > 0) else {
        ui.line("Aucune ligne rejetée.");
        return;
    };
    let rows = french::plural(answer.total, "ligne rejetée", "lignes rejetées");
    ui.line(format!("Synchronisation n° {run_id} : {rows}"));
    ui.line(tables::rejects(ui, words, &answer.rejects));
    let shown = answer.rejects.len() as u64;
    if answer.offset + shown < answer.total {
        let next = format!(
            "logs {} --rejects {run_id} --limit {} --offset {}",
            answer.connector_name,
            answer.limit,
            answer.offset + shown
        );
        ui.line(format!(
            "{shown} sur {} ; la suite :",
            french::count(answer.total)
        ));
        ui.line(format!("  {}", context.command(&next)));
    }
}
