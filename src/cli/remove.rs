//! `crmreco remove`

use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::{Context, names, prompt};
use crate::error::{Error, Result};
use crate::store::{Lock, Store};

/// Forget a connector; its rows and history stay unless --purge
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco remove isavigne_old                 # asks first
  crmreco remove isavigne_old --yes
  crmreco remove isavigne_old --purge --yes   # its rows and history too")]
pub(super) struct Args {
    /// Connector to forget
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Delete its rows and its history too
    #[arg(long)]
    purge: bool,

    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    let name = &args.name;
    let registry = context.registry()?;
    registry.get(name)?;
    if !args.yes && !confirmed(args, context)? {
        context.ui.line("Rien n'a été changé.");
        return Ok(Exit::DONE);
    }
    let lock = Lock::take(&context.home, name)?;
    let mut message = format!("Connecteur '{name}' retiré");
    if args.purge {
        // First: if it fails, the connector must still exist for another attempt.
        Store::open(&context.home.database())?.purge(name)?;
    }
    registry.remove(name)?;
    if args.purge {
        message.push_str(", avec ses lignes et son historique");
    } else {
        message.push_str(" ; ses lignes et son historique restent en base");
    }
    if context.registry()?.get(name).is_err() {
        lock.remove(&context.home, name);
    } else {
        context.ui.warn(&format!(
            "« {name} » reste défini par des variables d'environnement : retirez-les aussi"
        ));
    }
    context.done(message, name);
    Ok(Exit::DONE)
}

fn confirmed(args: &Args, context: &Context<'_>) -> Result<bool> {
    let name = &args.name;
    if !context.ui.can_ask() {
        return Err(Error::config(format!(
            "« {name} » n'a pas été retiré : personne n'a confirmé"
        ))
        .hint("Ajoutez --yes"));
    }
    let what = if args.purge {
        ", avec toutes ses lignes et son historique"
    } else {
        ""
    };
    prompt::confirm(&format!("Retirer « {name} »{what} ?"))
}
