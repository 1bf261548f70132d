//! `crmreco rejects`

use clap::Subcommand;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::progress::Reporter;
use super::{Context, names, reject_sheet, signals, tables};
use crate::canonical::Table;
use crate::connectors::Words;
use crate::french::{Tone, plural};
use crate::json::{FixAnswer, InboxAnswer, InboxEntryAnswer, ReplayAnswer, SyncAnswer};
use crate::stop::Stop;
use crate::store::{InboxQuery, RejectState};
use crate::sync::{Actor, Replayed};

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
    list: List,
}

#[derive(Debug, clap::Args)]
struct List {
    /// Connector whose rows to list [default: all]
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    name: Option<String>,

    /// List the rows in this state
    #[arg(long, value_name = "STATE", default_value = "open",
        value_parser = PossibleValuesParser::new(["open", "fixed", "ignored", "closed", "all"]))]
    state: String,

    /// Only count rows with the same fault
    #[arg(long)]
    group: bool,

    /// Only rows of this table
    #[arg(long, value_name = "TABLE", value_parser = PossibleValuesParser::new(Table::ALL.map(Table::option_name)))]
    table: Option<String>,

    /// Rows to show
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,

    /// Rows to skip
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(Show),
    Fix(Fix),
    Replay(Replay),
    Ignore(Ignore),
    Undo(Undo),
    Export(Export),
    Import(Import),
}

/// Show one rejected row, cell by cell
#[derive(Debug, clap::Args)]
struct Show {
    /// Connector of the row
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    name: String,

    /// Number of the row, or its beginning
    id: String,
}

/// Correct cells of one row, or a value wherever it occurs
#[derive(Debug, clap::Args)]
struct Fix {
    /// Connector of the row
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    name: String,

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

/// Read corrected rows again
#[derive(Debug, clap::Args)]
struct Replay {
    /// Connector whose rows to read
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    name: String,

    /// Report what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Let rows stay out: they no longer count against `MAX_REJECTS`
#[derive(Debug, clap::Args)]
struct Ignore {
    /// Connector of the rows
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    name: String,

    /// Numbers of the rows, or their beginnings
    #[arg(required = true)]
    ids: Vec<String>,

    /// Why they may stay out
    #[arg(long, value_name = "TEXT", required = true)]
    reason: String,
}

/// Take corrections back
#[derive(Debug, clap::Args)]
struct Undo {
    /// Connector of the corrections
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    name: String,

    /// Numbers of the corrections
    #[arg(required = true)]
    corrections: Vec<i64>,
}

/// Write the rows to be mended as CSV for a spreadsheet
#[derive(Debug, clap::Args)]
struct Export {
    /// Connector of the rows
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    name: String,

    /// Write to this file
    #[arg(long, value_name = "FILE", required = true, value_hint = clap::ValueHint::FilePath)]
    csv: PathBuf,
}

/// Take the corrections that were filled in there
#[derive(Debug, clap::Args)]
struct Import {
    /// Connector of the rows
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    name: String,

    /// File that was exported, with corrections
    #[arg(value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,

    /// Why, for those who read it later
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

fn parse_change(text: &str) -> Result<(String, String), String> {
    let (field, value) = text.split_once('=').ok_or("expected FIELD=VALUE")?;
    Ok((field.to_owned(), value.to_owned()))
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
        None => list(&args.list, context),
        Some(Action::Show(args)) => show(args, context),
        Some(Action::Fix(args)) => fix(args, context),
        Some(Action::Replay(args)) => replay(args, context),
        Some(Action::Ignore(args)) => ignore(args, context),
        Some(Action::Undo(args)) => undo(args, context),
        Some(Action::Export(args)) => export(args, context),
        Some(Action::Import(args)) => import(args, context),
    }
}

fn list(args: &List, context: &Context<'_>) -> anyhow::Result<Exit> {
    let state = RejectState::ALL
        .into_iter()
        .find(|state| state.as_str() == args.state);
    let query = InboxQuery {
        source: args.name.as_deref(),
        state,
        table: args.table.as_deref().and_then(Table::parse),
        limit: args.limit,
        offset: args.offset,
    };
    let answer = context.queries()?.inbox(&query)?;
    if context.ui.is_json() {
        context.ui.document(&answer);
    } else {
        print_list(args, context, &answer);
    }
    Ok(Exit::DONE)
}

fn print_list(args: &List, context: &Context<'_>, answer: &InboxAnswer) {
    let ui = context.ui;
    if answer.total == 0 {
        ui.line("Aucune ligne rejetée.");
        return;
    }
    ui.line(plural(answer.total, "ligne rejetée", "lignes rejetées"));
    if args.group {
        ui.line(tables::reject_groups(ui, &answer.groups));
        return;
    }
    ui.line(tables::inbox(ui, &answer.rejects));
    let shown = answer.rejects.len() as u64;
    if let Some(first) = answer.rejects.first() {
        let next = format!("rejects show {} {}", first.connector_name, first.reject_id);
        ui.line(format!("Une ligne entière : {}", context.command(&next)));
    }
    if answer.offset + shown < answer.total {
        let name = args.name.as_deref().map(|name| format!(" {name}"));
        let next = format!(
            "rejects{} --state {} --limit {} --offset {}",
            name.unwrap_or_default(),
            args.state,
            answer.limit,
            answer.offset + shown
        );
        ui.line(format!("La suite : {}", context.command(&next)));
    }
}

fn show(args: &Show, context: &Context<'_>) -> anyhow::Result<Exit> {
    let answer = context.queries()?.reject(&args.name, &args.id)?;
    let ui = context.ui;
    if ui.is_json() {
        ui.document(&answer);
    } else {
        print_reject(context, &args.name, &answer.reject);
    }
    Ok(Exit::DONE)
}

fn print_reject(context: &Context<'_>, name: &str, reject: &InboxEntryAnswer) {
    let ui = context.ui;
    let registry = context.registry();
    let kind = registry
        .as_ref()
        .ok()
        .and_then(|registry| registry.get(name).ok());
    let words = Words::of(kind.map_or("", |kind| kind.kind.as_str()));
    ui.line(format!(
        "{}, {} {} : {}",
        reject.origin,
        words.position.to_lowercase(),
        reject.position,
        crate::canonical::reject::sentence(
            reject.column.as_deref(),
            reject.value.as_deref(),
            &reject.reason
        )
    ));
    if let Some(cells) = &reject.cells {
        ui.line(tables::settings_of(ui, "Colonne", cells));
    }
    if !reject.suggestions.is_empty() {
        ui.line(format!("Peut-être : {}", reject.suggestions.join(", ")));
    }
    for correction in &reject.corrections {
        ui.line(format!(
            "Correction n° {} : {} « {} » → « {} » ({}, {})",
            correction.correction_id,
            correction.field,
            correction.old_value,
            correction.new_value,
            correction.author,
            crate::french::instant(&correction.at)
        ));
    }
    if reject.replayable && reject.state != "closed" {
        let column = reject.column.as_deref().unwrap_or("COLONNE");
        let change = super::shell_word(&format!("{column}=…")).into_owned();
        let next = format!("rejects fix {name} {} {change}", reject.reject_id);
        ui.line(format!("Corriger : {}", context.command(&next)));
    }
}

/// Runs `act` as the person at this terminal.
fn acting<T>(
    context: &Context<'_>,
    name: &str,
    act: impl FnOnce(&Actor<'_>) -> crate::error::Result<T>,
) -> crate::error::Result<T> {
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

fn fix(args: &Fix, context: &Context<'_>) -> anyhow::Result<Exit> {
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
    let rows = plural(fixed.rows, "ligne corrigée", "lignes corrigées");
    let answer = FixAnswer {
        success: true,
        message: rows,
        connector_name: args.name.clone(),
        corrections: fixed.corrections,
        rows: fixed.rows,
    };
    done(
        context,
        &answer,
        Some(&format!("rejects replay {}", args.name)),
    );
    Ok(Exit::DONE)
}

fn ignore(args: &Ignore, context: &Context<'_>) -> anyhow::Result<Exit> {
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

fn undo(args: &Undo, context: &Context<'_>) -> anyhow::Result<Exit> {
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

fn export(args: &Export, context: &Context<'_>) -> anyhow::Result<Exit> {
    let answer = context.queries()?.inbox(&InboxQuery {
        source: Some(&args.name),
        state: Some(RejectState::Open),
        table: None,
        limit: u64::MAX,
        offset: 0,
    })?;
    let rows = reject_sheet::write(&args.csv, &answer.rejects)?;
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
    let path = super::shell_path(&args.csv);
    done(
        context,
        &answer,
        Some(&format!("rejects import {} {path}", args.name)),
    );
    Ok(Exit::DONE)
}

fn import(args: &Import, context: &Context<'_>) -> anyhow::Result<Exit> {
    let changes = reject_sheet::read(&args.file)?;
    let note = args.note.as_deref();
    let fixed = acting(context, &args.name, |actor| actor.fix_rows(&changes, note))?;
    let answer = FixAnswer {
        success: true,
        message: plural(fixed.rows, "ligne corrigée", "lignes corrigées"),
        connector_name: args.name.clone(),
        corrections: fixed.corrections,
        rows: fixed.rows,
    };
    done(
        context,
        &answer,
        Some(&format!("rejects replay {}", args.name)),
    );
    Ok(Exit::DONE)
}

/// Prints what was done, and what to do next.
fn done(context: &Context<'_>, answer: &FixAnswer, next: Option<&str>) {
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

fn replay(args: &Replay, context: &Context<'_>) -> anyhow::Result<Exit> {
    let stop = Stop::default();
    signals::ask(&stop)?;
    let reporter = Reporter::new(false, context.has_log);
    let progress = reporter.one();
    let replayed = acting(context, &args.name, |actor| {
        actor.replay(args.dry_run, &progress, &stop)
    })?;
    drop(progress);
    reporter.clear();
    let registry = context.registry()?;
    let kind = registry.get(&args.name)?.kind.clone();
    let exit = exit_of(&replayed);
    if context.ui.is_json() {
        context.ui.document(&replay_answer(args, &kind, &replayed));
    } else {
        print_replay(args, context, &replayed);
    }
    Ok(exit)
}

fn exit_of(replayed: &Replayed) -> Exit {
    match &replayed.outcome {
        Some(outcome) => match outcome.stopped_by {
            Some(signal) => Exit::signalled(signal),
            None if outcome.log.is_success() => Exit::DONE,
            None => Exit::FAILED,
        },
        None => Exit::DONE,
    }
}

fn replay_answer(args: &Replay, kind: &str, replayed: &Replayed) -> ReplayAnswer {
    let sync = match &replayed.outcome {
        Some(outcome) => SyncAnswer::from(&outcome.log),
        None => SyncAnswer {
            success: true,
            ..SyncAnswer::not_begun(&args.name, Some(kind), args.dry_run, "Rien à rejouer")
        },
    };
    let count = |count| (!args.dry_run).then_some(count);
    ReplayAnswer {
        sync: SyncAnswer {
            run_id: sync.run_id.filter(|_| !args.dry_run),
            dry_run: args.dry_run,
            ..sync
        },
        replayed: count(replayed.replayed),
        still_rejected: count(replayed.still_rejected),
        unread: count(replayed.unread),
    }
}

fn print_replay(args: &Replay, context: &Context<'_>, replayed: &Replayed) {
    let ui = context.ui;
    let Some(outcome) = &replayed.outcome else {
        ui.line("Rien à rejouer : aucune correction n'attend.");
        return;
    };
    let answer = SyncAnswer::from(&outcome.log);
    if answer.records.filled().next().is_some() {
        ui.line(tables::records(ui, &answer.records));
    }
    for error in &answer.errors {
        ui.line(format!("{} {error}", ui.paint(Tone::Bad, "✗")));
    }
    if args.dry_run {
        ui.line("Essai à blanc : rien n'a été changé.");
        return;
    }
    let read = plural(replayed.replayed, "ligne rejouée", "lignes rejouées");
    ui.line(ui.paint(Tone::Good, &format!("✓ {read}")));
    if replayed.still_rejected > 0 {
        let still = plural(replayed.still_rejected, "encore rejetée", "encore rejetées");
        let next = format!("rejects {}", args.name);
        ui.line(format!("! {still} : {}", context.command(&next)));
    }
    if replayed.unread > 0 {
        let unread = plural(replayed.unread, "ligne attend", "lignes attendent");
        ui.line(format!(
            "! {unread} que le fichier qui les contenait revienne dans le dossier des exports"
        ));
    }
}
