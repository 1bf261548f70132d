//! Lists rejected rows, and shows one.

use clap::builder::PossibleValuesParser;
use clap_complete::ArgValueCompleter;

use crate::canonical::{Table, reject};
use crate::cli::exit::Exit;
use crate::cli::{Context, names, shell_word, tables};
use crate::connectors::Words;
use crate::french::{self, plural};
use crate::json::{InboxAnswer, InboxEntryAnswer};
use crate::store::{InboxQuery, RejectState};

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Connector whose rows to list [default: all]
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: Option<String>,

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

/// Show one rejected row, cell by cell
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    /// Connector of the row
    #[arg(add = ArgValueCompleter::new(names::candidates))]
    pub(super) name: String,

    /// Number of the row, or its beginning
    id: String,
}

pub(super) fn list(args: &List, context: &Context<'_>) -> anyhow::Result<Exit> {
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

pub(super) fn show(args: &Show, context: &Context<'_>) -> anyhow::Result<Exit> {
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
        reject::sentence(
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
            french::instant(&correction.at)
        ));
    }
    if reject.replayable && reject.state != "closed" {
        let column = reject.column.as_deref().unwrap_or("COLONNE");
        let change = shell_word(&format!("{column}=…")).into_owned();
        let next = format!("rejects fix {name} {} {change}", reject.reject_id);
        ui.line(format!("Corriger : {}", context.command(&next)));
    }
}
