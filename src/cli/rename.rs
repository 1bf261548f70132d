//! `crmreco rename`

use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::{Context, names, signals};
use crate::stop::Stop;
use crate::sync;

/// Give a connector another name; its rows, rejects, cursors and history follow
///
/// Killed at any instant, it is either done or not: the next command does the rest. While the connector is being synced,
/// nothing is done (exit status 4).
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco rename isavigne_prod cave")]
pub(super) struct Args {
    /// Connector to rename
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) old: String,

    /// Its new name: lower-case letters, digits and single underscores
    new: String,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let Args { old, new } = args;
    let registry = context.registry()?;
    let stop = Stop::default();
    signals::ask(&stop)?;
    sync::rename(&context.home, &registry, (old, new), &stop)?;
    context.done(format!("Connecteur '{old}' renommé en '{new}'"), new);
    if !context.ui.is_json() {
        context.ui.line(format!(
            "Là où une commande nomme « {old} » (cron, scripts), écrivez « {new} »"
        ));
    }
    Ok(Exit::DONE)
}
