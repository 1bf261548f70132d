//! Corrects rejected rows, lets them stay out, and takes corrections back.

use clap::builder::PossibleValuesParser;
use clap_complete::ArgValueCompleter;

use crate::canonical::Table;
use crate::cli::exit::Exit;
use crate::cli::{Context, names};
use crate::error::Result;
use crate::french::{Tone, plural};
use crate::json::FixAnswer;
use crate::sync::{Actor, Fixed};

/// Correct cells of one row, or a value wherever it occurs
#[derive(Debug, clap::Args)]
pub(super) struct Fix {
    /// Connector of the row
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Number of the row, or its beginning
    #[arg(required_unless_present = "value", conflicts_with = "value")]
    id: Option<String>,

    /// What its cells are to say: a column as the export calls it, or a field
    #[arg(value_name = "FIELD=VALUE", required_unless_present = "value", value_parser = parse_change)]
    changes: Vec<(String, String)>,

    /// Table whose cells to correct
    #[arg(long, value_name = "TABLE", requires = "value",
        value_parser = PossibleValuesParser::new(Table::ALL.map(Table::option_name)))]
    table: Option<String>,

    /// Column whose cells to correct, as the export calls it, or a field
    #[arg(long, value_name = "FIELD", requires = "value")]
    field: Option<String>,

    /// What the cells say
    #[arg(long, value_name = "OLD", requires_all = ["table", "field", "to"])]
    value: Option<String>,

    /// What they are to say
    #[arg(long, value_name = "NEW", requires = "value")]
    to: Option<String>,

    /// Why, for those who read it later
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

/// Let rows stay out: they no longer count against `MAX_REJECTS`
#[derive(Debug, clap::Args)]
pub(super) struct Ignore {
    /// Connector of the rows
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Numbers of the rows, or their beginnings
    #[arg(required = true)]
    ids: Vec<String>,

    /// Why they may stay out
    #[arg(long, value_name = "TEXT", required = true)]
    reason: String,
}

/// Take corrections back
#[derive(Debug, clap::Args)]
pub(super) struct Undo {
    /// Connector of the corrections
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Numbers of the corrections
    #[arg(required = true)]
    corrections: Vec<i64>,
}

fn parse_change(text: &str) -> std::result::Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("expected FIELD=VALUE")?;
    Ok((field.to_owned(), value.to_owned()))
}

/// Runs `act` as the person at this terminal.
pub(super) fn acting<T>(
    context: &Context<'_>,
    name: &str,
    act: impl FnOnce(&Actor<'_>) -> Result<T>,
) -> Result<T> {
    let author = ["CRMRECO_AUTHOR", "USER", "LOGNAME", "USERNAME"].into_iter();
    let mut author = author.filter_map(|name| std::env::var(name).ok());
    let author = author.find(|name| !name.trim().is_empty());
    act(&Actor {
        home: &context.home,
        registry: &context.registry()?,
        name,
        author: author.as_deref().unwrap_or("cli"),
    })
}

pub(super) fn fix(args: &Fix, context: &Context<'_>) -> anyhow::Result<Exit> {
    let note = args.note.as_deref();
    let table = args.table.as_deref().and_then(Table::parse);
    let fixed = acting(context, &args.name, |actor| {
        match (&args.id, table, &args.field, &args.value, &args.to) {
            (Some(id), ..) => actor.fix_row(id, &args.changes, note),
            (None, Some(table), Some(field), Some(old), Some(new)) => {
                actor.fix_value(table, field, (old, new), note)
            }
            _ => actor.fix_row("", &[], note),
        }
    })?;
    corrected(context, &args.name, fixed);
    Ok(Exit::DONE)
}

pub(super) fn ignore(args: &Ignore, context: &Context<'_>) -> anyhow::Result<Exit> {
    let rows = acting(context, &args.name, |actor| {
        actor.ignore(&args.ids, &args.reason)
    })?;
    let answer = FixAnswer {
        success: true,
        message: plural(rows, "ligne laissée de côté", "lignes laissées de côté"),
        connector_name: args.name.clone(),
        corrections: Vec::new(),
        rows,
    };
    done(context, &answer, None);
    Ok(Exit::DONE)
}

pub(super) fn undo(args: &Undo, context: &Context<'_>) -> anyhow::Result<Exit> {
    acting(context, &args.name, |actor| actor.undo(&args.corrections))?;
    let count = args.corrections.len() as u64;
    let answer = FixAnswer {
        success: true,
        message: plural(count, "correction retirée", "corrections retirées"),
        connector_name: args.name.clone(),
        corrections: args.corrections.clone(),
        rows: 0,
    };
    done(
        context,
        &answer,
        Some(&format!("rejects replay {}", args.name)),
    );
    Ok(Exit::DONE)
}

/// Prints what was corrected in connector `name`, and that it is to be read again.
pub(super) fn corrected(context: &Context<'_>, name: &str, fixed: Fixed) {
    let answer = FixAnswer {
        success: true,
        message: plural(fixed.rows, "ligne corrigée", "lignes corrigées"),
        connector_name: name.to_owned(),
        corrections: fixed.corrections,
        rows: fixed.rows,
    };
    done(context, &answer, Some(&format!("rejects replay {name}")));
}

/// Prints what was done, and what to do next.
pub(super) fn done(context: &Context<'_>, answer: &FixAnswer, next: Option<&str>) {
    let ui = context.ui;
    if ui.is_json() {
        ui.document(answer);
        return;
    }
    ui.line(ui.paint(Tone::Good, &format!("✓ {}", answer.message)));
    if let Some(next) = next {
        ui.line(format!("Ensuite : {}", context.command(next)));
    }
}
