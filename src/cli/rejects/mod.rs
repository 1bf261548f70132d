//! `crmreco rejects`

mod exchange;
mod list;
mod mend;
mod replay;
mod sheet;

use clap::Subcommand;

use super::Context;
use super::exit::Exit;

/// List the rows that could not be read, and mend them
///
/// Every rejected row is kept whole until it is read. A correction replaces what a cell says, of one row or of every row
/// that says so, in this export and in every later one; `replay` reads the rows again.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Examples:
  crmreco rejects                             # all open ones
  crmreco rejects isavigne_prod --group
  crmreco rejects show isavigne_prod 3f2a
  crmreco rejects fix isavigne_prod 3f2a Qté=12
  crmreco rejects fix isavigne_prod --table sales_lines --field unit --value CRT6 --to 'carton de 6'
  crmreco rejects replay isavigne_prod
  crmreco rejects ignore isavigne_prod 3f2a --reason 'ligne de test'
  crmreco rejects undo isavigne_prod 4
  crmreco rejects export isavigne_prod --csv rejets.csv
  crmreco rejects import isavigne_prod rejets.csv"
)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(list::Show),
    Fix(mend::Fix),
    Replay(replay::Replay),
    Ignore(mend::Ignore),
    Undo(mend::Undo),
    Export(exchange::Export),
    Import(exchange::Import),
}

impl Args {
    /// The connector that the command is about, if there is one.
    pub(super) fn connector(&self) -> Option<&str> {
        match &self.action {
            None => self.list.name.as_deref(),
            Some(Action::Show(args)) => Some(&args.name),
            Some(Action::Fix(args)) => Some(&args.name),
            Some(Action::Replay(args)) => Some(&args.name),
            Some(Action::Ignore(args)) => Some(&args.name),
            Some(Action::Undo(args)) => Some(&args.name),
            Some(Action::Export(args)) => Some(&args.name),
            Some(Action::Import(args)) => Some(&args.name),
        }
    }
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    match &args.action {
        None => list::list(&args.list, context),
        Some(Action::Show(args)) => list::show(args, context),
        Some(Action::Fix(args)) => mend::fix(args, context),
        Some(Action::Replay(args)) => replay::replay(args, context),
        Some(Action::Ignore(args)) => mend::ignore(args, context),
        Some(Action::Undo(args)) => mend::undo(args, context),
        Some(Action::Export(args)) => exchange::export(args, context),
        Some(Action::Import(args)) => exchange::import(args, context),
    }
}
