//! `crmreco status`

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

use super::Context;
use super::exit::Exit;
use crate::french::{self, Tone, listed};
use crate::json::StatusAnswer;

/// Show the global state; with --max-age, fail when a connector has not succeeded for that long
///
/// With --max-age, no connector at all is exit status 3: a monitor that looks at the wrong home must not be content.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco status
  crmreco status --max-age 26h || mail -s 'crmreco' admin@example.com < /dev/null")]
pub(super) struct Args {
    /// Oldest success accepted, such as 90m, 26h or 2d
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    max_age: Option<Duration>,
}

fn parse_age(text: &str) -> std::result::Result<Duration, String> {
    let span: Span = text
        .parse()
        .map_err(|_| "expected an age such as 90m, 26h or 2d".to_owned())?;
    let age = span.to_duration(SpanRelativeTo::days_are_24_hours());
    let age = age.map_err(|error| error.to_string())?;
    Duration::try_from(age).map_err(|_| "an age cannot be negative".to_owned())
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let answer = context.queries()?.status(args.max_age)?;
    let late = answer.late.as_deref().unwrap_or_default();
    if context.ui.is_json() {
        context.ui.document(&answer);
    } else {
        print(context, &answer, late);
    }
    Ok(if late.is_empty() {
        Exit::DONE
    } else {
        Exit::FAILED
    })
}

fn print(context: &Context<'_>, answer: &StatusAnswer, late: &[String]) {
    let ui = context.ui;
    let by_status: Vec<String> = answer
        .connectors_by_status
        .0
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{} {}", french::connector_status(status).0, count))
        .collect();
    ui.line(format!(
        "Connecteurs       : {}",
        answer.connectors_registered
    ));
    if !by_status.is_empty() {
        ui.line(format!("Statuts           : {}", by_status.join(", ")));
    }
    ui.line(format!(
        "Synchronisations  : {}, dont {} et {}",
        french::count(answer.total_syncs),
        french::plural(answer.successful_syncs, "réussie", "réussies"),
        french::plural(answer.failed_syncs, "échouée", "échouées"),
    ));
    ui.line(format!(
        "Durée moyenne     : {}",
        french::duration(answer.avg_sync_duration_seconds)
    ));
    if let Some(first) = answer.in_error.first() {
        let names = listed(&answer.in_error);
        ui.line(format!("{} En erreur : {names}", ui.paint(Tone::Bad, "✗")));
        let command = context.command(&format!("show {first}"));
        ui.line(format!("  → Voyez pourquoi : {command}"));
    }
    if !late.is_empty() {
        ui.remark(format!(
            "✗ Sans synchronisation réussie depuis trop longtemps : {}",
            listed(late)
        ));
        if let Some(first) = late.first() {
            ui.remark(format!(
                "  → Voyez pourquoi : {}",
                context.command(&format!("logs {first}"))
            ));
        }
    }
}
