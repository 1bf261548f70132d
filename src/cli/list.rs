//! `crmreco list`

use super::exit::Exit;
use super::{Context, tables};
use crate::french::{self, Tone};
use crate::json::ListAnswer;
#[cfg(feature = "postgres")]
use crate::json::{EstateAnswer, EstatesAnswer};

/// List every connector with its status, the totals and the latest syncs
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco list
  crmreco list --json | jq '.connectors | map_values(.status)'")]
pub(super) struct Args {
    /// List the connectors of all estates of the PostgreSQL server
    #[cfg(feature = "postgres")]
    #[arg(long)]
    all_estates: bool,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    #[cfg(feature = "postgres")]
    if args.all_estates {
        return all_estates(context);
    }
    #[cfg(not(feature = "postgres"))]
    let Args {} = args;
    let answer = context.queries()?.list()?;
    if context.ui.is_json() {
        context.ui.document(&answer);
    } else {
        print(context, &answer);
        print_leftovers(context, &answer.leftovers);
    }
    Ok(Exit::DONE)
}

#[cfg(feature = "postgres")]
fn all_estates(context: &Context<'_>) -> anyhow::Result<Exit> {
    let estates = crate::store::estates(&context.home)?;
    let estates: Vec<EstateAnswer> = estates.into_iter().map(EstateAnswer::from).collect();
    let ui = context.ui;
    if ui.is_json() {
        ui.document(&EstatesAnswer { estates });
    } else if estates.is_empty() {
        ui.line("Aucun domaine n'a encore synchronisé dans cette base.");
    } else {
        ui.line(format!("Domaines : {}", estates.len()));
        ui.line("");
        ui.line(tables::estates(ui, &estates));
    }
    Ok(Exit::DONE)
}

/// Names the removed connectors whose rows still count in the totals.
fn print_leftovers(context: &Context<'_>, names: &[String]) {
    let Some(first) = names.first() else { return };
    let ui = context.ui;
    let what = if names.len() == 1 {
        "Un connecteur retiré a encore des lignes en base"
    } else {
        "Des connecteurs retirés ont encore des lignes en base"
    };
    ui.line("");
    ui.line(format!(
        "{} {what} : {}",
        ui.paint(Tone::Warning, "!"),
        french::listed(names)
    ));
    let command = context.command(&format!("remove {first} --purge"));
    ui.line(format!("  → Pour les effacer : {command}"));
}

fn print(context: &Context<'_>, answer: &ListAnswer) {
    let ui = context.ui;
    if answer.connectors.0.is_empty() {
        ui.line("Aucun connecteur n'est enregistré.");
        ui.line(format!(
            "Pour commencer : {}",
            context.command("add isavigne_prod --type isavigne --path DOSSIER")
        ));
        return;
    }
    ui.line(format!(
        "Connecteurs : {}   Sains : {}   Synchronisations : {}   Lignes en base : {}",
        answer.status.connectors_registered,
        answer
            .status
            .connectors_by_status
            .0
            .iter()
            .find(|(status, _)| status == "healthy")
            .map_or(0, |(_, count)| *count),
        french::count(answer.status.total_syncs),
        french::count(answer.metrics.total_records_synced),
    ));
    ui.line("");
    ui.line(tables::connectors(ui, &answer.connectors));
    if answer.recent_syncs.is_empty() {
        ui.line("");
        ui.line(format!(
            "Aucune synchronisation encore : {}",
            context.command("sync --all")
        ));
        return;
    }
    ui.line("");
    ui.line(ui.paint(Tone::Strong, "Dernières synchronisations"));
    ui.line(tables::runs(ui, &answer.recent_syncs, true));
}
