//! `crmreco show`

use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::{Context, names, phases, setting_advice, tables};
use crate::french::{self, Tone};
use crate::json::ShowAnswer;

/// Show one connector: settings (secrets masked), status, its latest syncs by table
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco show isavigne_prod
  crmreco show isavigne_prod --json | jq '.sync_logs[0].records'")]
pub(super) struct Args {
    /// Connector to show
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let answer = context.queries()?.show(&args.name)?;
    if context.ui.is_json() {
        context.ui.document(&answer);
    } else {
        print(context, &answer);
        let registry = context.registry()?;
        let newest = answer.sync_logs.first();
        let warnings = newest.iter().flat_map(|log| &log.warnings);
        let texts = answer.status.last_error.iter().chain(warnings);
        let texts = texts.map(String::as_str);
        let registration = registry.get(&args.name)?;
        for command in setting_advice::commands(&context.home, registration, texts) {
            context
                .ui
                .line(format!("→ Pour changer ce réglage : {command}"));
        }
    }
    Ok(Exit::DONE)
}

fn print(context: &Context<'_>, answer: &ShowAnswer) {
    let ui = context.ui;
    let name = &answer.connector_name;
    let (label, tone) = french::connector_status(answer.status.status);
    ui.line(format!(
        "{}   {}",
        ui.paint(Tone::Strong, name),
        ui.paint(tone, label)
    ));
    if let Some(last_sync) = &answer.status.last_sync {
        ui.line(format!("Dernière sync : {}", french::instant(last_sync)));
    }
    if let Some(error) = &answer.status.last_error {
        ui.line(format!("{} {error}", ui.paint(Tone::Bad, "✗")));
    }
    ui.line("");
    ui.line(tables::settings(ui, &answer.config));
    ui.line(format!("Réglages : {}", answer.env_file));
    ui.line("");
    let Some(newest) = answer.sync_logs.first() else {
        ui.line(format!(
            "Jamais synchronisé : {}",
            context.command(&format!("sync {name}"))
        ));
        return;
    };
    ui.line(ui.paint(Tone::Strong, "Dernières synchronisations"));
    ui.line(tables::runs(ui, &answer.sync_logs, false));
    let filled = answer.sync_logs.iter().find(|log| log.accepted() > 0);
    if let Some(log) = filled {
        let run_id = log.run_id.unwrap_or_default();
        ui.line("");
        ui.line(ui.paint(
            Tone::Strong,
            &format!("Synchronisation n° {run_id}, table par table"),
        ));
        ui.line(tables::records(ui, &log.records));
        if let Some(phases) = log.phases.as_ref().filter(|_| context.is_verbose) {
            phases::print(ui, phases);
        }
    }
    for warning in &newest.warnings {
        ui.line(format!("{} {warning}", ui.paint(Tone::Warning, "!")));
    }
}
