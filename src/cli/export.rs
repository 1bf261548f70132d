//! `crmreco export`

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;
use clap_complete::ArgValueCompleter;

use super::exit::Exit;
use super::language::WrongUsage;
use super::{Context, names, signals};
use crate::canonical::Table;
use crate::export::{self, Format, Output, Request};
use crate::french::plural;
use crate::json::ExportAnswer;
use crate::stop::Stop;
use crate::store::Store;

/// Write the rows of a table as CSV, JSON lines or an Excel workbook
///
/// All columns of the database, all connectors, in key order. A file is there whole or not at all, and only its owner may
/// read it. Memory does not grow with the number of rows.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco export customers > clients.csv
  crmreco export sales_lines --excel -o ventes.csv        # opens in French Excel
  crmreco export sales_lines -o ventes.xlsx
  crmreco export stock_levels --connector isavigne_prod --format jsonl | jq .product_key")]
pub(super) struct Args {
    /// Table to export
    #[arg(ignore_case = true, value_parser = PossibleValuesParser::new(Table::ALL.map(named)))]
    table: String,

    /// Export the rows of this connector alone
    #[arg(long, value_name = "NAME", add = ArgValueCompleter::new(names::candidates))]
    connector: Option<String>,

    /// Form of the rows [default: what FILE ends with, else csv]
    #[arg(long, value_enum)]
    format: Option<Form>,

    /// CSV for French Excel: semicolons, decimal commas, a byte-order mark, and no text that runs as a formula
    #[arg(long)]
    excel: bool,

    /// Write to this file, in place of standard output
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
}

/// Values of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Comma-separated values
    Csv,
    /// One JSON object a line
    Jsonl,
    /// Excel workbook
    Xlsx,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Xlsx => "xlsx",
        }
    }

    /// The form that the name of a file promises.
    fn of_file(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        let mut all = [Self::Csv, Self::Jsonl, Self::Xlsx].into_iter();
        all.find(|form| form.name() == ending)
    }
}

/// The name of a table on the command line; its name in the database does too.
fn named(table: Table) -> PossibleValue {
    PossibleValue::new(table.option_name()).alias(table.sql_name())
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    args.require_file_for(context.ui.is_json())?;
    let form = args.form()?;
    let table = Table::parse(&args.table).ok_or_else(|| {
        usage(
            ErrorKind::InvalidValue,
            "no such table",
            "cette table n'existe pas",
        )
    })?;
    let stop = Stop::default();
    signals::ask(&stop)?;
    if let Some(name) = &args.connector {
        context.queries()?.require_rows_or_registration(name)?;
    }
    let request = Request {
        table,
        source: args.connector.as_deref(),
        format: match form {
            Form::Csv if args.excel => Format::ExcelCsv,
            Form::Csv => Format::Csv,
            Form::Jsonl => Format::JsonLines,
            Form::Xlsx => Format::Workbook,
        },
    };
    let store = Store::open_to_read(&context.home)?;
    let output = match args.file() {
        Some(path) => Output::file(path)?,
        None => Output::standard(),
    };
    match export::export(&store, request, output, &stop) {
        Ok(rows) => args.report(context, (table, form), rows),
        // The reader has what it wanted.
        Err(error) if export::is_broken_pipe(&error) && args.file().is_none() => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::DONE)
}

impl Args {
    /// The file to write; `-` is standard output.
    fn file(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| *path != Path::new("-"))
    }

    fn form(&self) -> anyhow::Result<Form> {
        let file = self.file();
        let form = self
            .format
            .or_else(|| Form::of_file(file?))
            .unwrap_or(Form::Csv);
        if self.excel && form == Form::Jsonl {
            return Err(usage(
                ErrorKind::ArgumentConflict,
                "--excel is for csv; jsonl has one form",
                "--excel va avec csv ; jsonl n'a qu'une forme",
            ));
        }
        if form == Form::Xlsx && file.is_none() && std::io::stdout().is_terminal() {
            return Err(usage(
                ErrorKind::MissingRequiredArgument,
                "a workbook is no text for a terminal: give -o FILE, or redirect it",
                "un classeur ne s'affiche pas sur un terminal : donnez -o FICHIER, ou redirigez-le",
            ));
        }
        Ok(form)
    }

    fn report(&self, context: &Context<'_>, (table, form): (Table, Form), rows: u64) {
        let Some(path) = self.file() else { return };
        let file = path.display().to_string();
        let written = plural(rows, "ligne écrite", "lignes écrites");
        let message = format!("{} : {written} dans {file}", table.label());
        if !context.ui.is_json() {
            context.ui.line(format!("✓ {message}"));
            return;
        }
        context.ui.document(&ExportAnswer {
            success: true,
            message,
            table: table.report_name(),
            connector_name: self.connector.clone(),
            format: form.name(),
            file,
            rows,
        });
    }

    /// Fails where `--json` has no place: rows on standard output are no document of the command.
    fn require_file_for(&self, is_json: bool) -> anyhow::Result<()> {
        if is_json && self.file().is_none() {
            return Err(usage(
                ErrorKind::MissingRequiredArgument,
                "--json prints the result of an export to a file: give -o FILE, or use --format jsonl",
                "--json écrit le résultat d'un export vers un fichier : donnez -o FICHIER, ou prenez --format jsonl",
            ));
        }
        Ok(())
    }
}

fn usage(kind: ErrorKind, english: &str, french: &str) -> anyhow::Error {
    WrongUsage::new("export", kind, english, french).into()
}
