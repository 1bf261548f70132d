//! Rejected rows go out to a spreadsheet, and come back.

use std::path::PathBuf;

use clap_complete::ArgValueCompleter;

use super::mend::{acting, corrected, done};
use super::sheet;
use crate::cli::exit::Exit;
use crate::cli::{Context, names, shell_path};
use crate::french::plural;
use crate::json::FixAnswer;
use crate::store::{InboxQuery, RejectState};

/// Write the rows to be mended as CSV for a spreadsheet
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// Connector of the rows
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Write to this file
    #[arg(long, value_name = "FILE", required = true, value_hint = clap::ValueHint::FilePath)]
    csv: PathBuf,
}

/// Take the corrections that were filled in there
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// Connector of the rows
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// File that was exported, with corrections
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,

    /// Why, for those who read it later
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

pub(super) fn export(args: &Export, context: &Context<'_>) -> anyhow::Result<Exit> {
    let answer = context.queries()?.inbox(&InboxQuery {
        source: Some(&args.name),
        state: Some(RejectState::Open),
        table: None,
        limit: u64::MAX,
        offset: 0,
    })?;
    let rows = sheet::write(&args.csv, &answer.rejects)?;
    let file = args.csv.display();
    let answer = FixAnswer {
        success: true,
        message: format!(
            "{} dans {file}",
            plural(rows, "ligne à corriger", "lignes à corriger")
        ),
        connector_name: args.name.clone(),
        corrections: Vec::new(),
        rows,
    };
    let path = shell_path(&args.csv);
    done(
        context,
        &answer,
        Some(&format!("rejects import {} {path}", args.name)),
    );
    Ok(Exit::DONE)
}

pub(super) fn import(args: &Import, context: &Context<'_>) -> anyhow::Result<Exit> {
    let changes = sheet::read(&args.file)?;
    let note = args.note.as_deref();
    let fixed = acting(context, &args.name, |actor| actor.fix_rows(&changes, note))?;
    corrected(context, &args.name, fixed);
    Ok(Exit::DONE)
}
