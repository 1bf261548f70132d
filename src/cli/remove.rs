//! `crmreco remove`

use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::{Context, names, prompt};
use crate::error::{Error, Result};
use crate::store::{Lock, Store};
use crate::sync::finish_renames;

/// Forget a connector; its rows and history stay unless --purge
///
/// With --purge it also deletes what a connector left that was removed without it; `crmreco list` names those.
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
    let unknown = match registry.get(name) {
        Ok(_) => None,
        Err(error) if has_rows_or_history(name, context)? => {
            require_purge(args)?;
            Some(error)
        }
        Err(error) => return Err(error.into()),
    };
    if !args.yes && !confirmed(args, context)? {
        context.ui.line("Rien n'a été changé.");
        return Ok(Exit::DONE);
    }
    // Rows that still have an old name would be forgotten.
    finish_renames(&context.home, &registry)?;
    let lock = Lock::take(&context.home, name)?;
    if args.purge && Store::exists(&context.home) {
        // First: if it fails, the connector must still exist for another attempt.
        Store::open_waiting(&context.home, &[&lock], || Ok(()))?.purge(name)?;
    }
    if unknown.is_some() {
        lock.remove(&context.home, name);
        let message = format!("Lignes et historique de '{name}' effacés");
        context.done(message, name);
        return Ok(Exit::DONE);
    }
    registry.remove(name)?;
    if context.registry()?.get(name).is_err() {
        lock.remove(&context.home, name);
    } else {
        context.ui.warn(&format!(
            "« {name} » reste défini par des variables d'environnement : retirez-les aussi"
        ));
    }
    let what = if args.purge {
        ", avec ses lignes et son historique"
    } else {
        " ; ses lignes et son historique restent en base"
    };
    context.done(format!("Connecteur '{name}' retiré{what}"), name);
    Ok(Exit::DONE)
}

/// Whether a connector that was removed left rows or history under `name`.
fn has_rows_or_history(name: &str, context: &Context<'_>) -> Result<bool> {
    Store::open_to_read(&context.home)?.knows(name)
}

fn require_purge(args: &Args) -> Result<()> {
    if args.purge {
        return Ok(());
    }
    let name = &args.name;
    Err(Error::config(format!(
        "« {name} » est déjà retiré ; il n'en reste que des lignes ou un historique"
    ))
    .hint("Ajoutez --purge pour les effacer"))
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
