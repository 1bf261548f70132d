//! `crmreco metrics`

use super::exit::Exit;
use super::{Context, tables};
use crate::french;

/// Show how many rows each table holds, and how many errors and warnings all syncs gave
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco metrics
  crmreco metrics --json | jq .records_by_table.SALES_LINES")]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let answer = context.queries()?.metrics()?;
    let ui = context.ui;
    if ui.is_json() {
        ui.document(&answer);
        return Ok(Exit::DONE);
    }
    ui.line(tables::rows_by_table(ui, &answer.records_by_table));
    ui.line(format!(
        "Lignes en tout : {}",
        french::count(answer.total_records_synced)
    ));
    ui.line(format!(
        "{}, {} sur toutes les synchronisations",
        french::plural(answer.total_errors, "erreur", "erreurs"),
        french::plural(answer.total_warnings, "avertissement", "avertissements"),
    ));
    Ok(Exit::DONE)
}
