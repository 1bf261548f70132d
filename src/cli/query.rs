//! `crmreco query`

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::time::Duration;

use anyhow::Context as _;
use clap::ValueEnum;
use clap::error::ErrorKind;

use super::exit::Exit;
use super::language::WrongUsage;
use super::{Context, signals, tables};
use crate::error::Result;
use crate::export::{self, Delimited, JsonLines, Output};
use crate::french;
use crate::stop::Stop;
use crate::store::{Flow, RowSink, Store, Value};

/// Rows of a table for people; more of them help nobody.
const MOST_ROWS: usize = 1000;

/// Run an SQL query that only reads
///
/// One statement of SQLite. Whatever would write is refused, and the query ends after --timeout. The tables are described
/// in docs/database.md.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  crmreco query 'SELECT segment, count(*) FROM customers GROUP BY segment'
  crmreco query \"SELECT substr(date_sale, 1, 7) AS mois, sum(price_total_eur)
    FROM sales_lines GROUP BY mois\" --format csv
  crmreco query 'SELECT * FROM stock_levels WHERE available_qty < 12' --json | jq length
  crmreco query \"SELECT name FROM pragma_table_info('customers')\"")]
pub(super) struct Args {
    /// The query
    sql: String,

    /// Form of the rows
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,

    /// Seconds after which the query is stopped
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
}

/// Values of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A table for people, of the first 1,000 rows
    Table,
    /// Comma-separated values
    Csv,
    /// An array of objects; what --json prints too
    Json,
}

pub(super) fn run(args: &Args, context: &Context<'_>) -> anyhow::Result<Exit> {
    if args.sql.trim().is_empty() {
        let wrong = WrongUsage::new(
            "query",
            ErrorKind::InvalidValue,
            "the query is empty: give an SQL statement such as 'SELECT count(*) FROM customers'",
            "la requête est vide : donnez une instruction SQL comme 'SELECT count(*) FROM customers'",
        );
        return Err(wrong.into());
    }
    let stop = Stop::default();
    signals::ask(&stop)?;
    let run = |sink: &mut dyn RowSink| {
        let limit = Duration::from_secs(args.timeout);
        Store::query(&context.home, &args.sql, limit, sink, &stop)
    };
    let form = if context.ui.is_json() {
        Form::Json
    } else {
        args.format
    };
    let printed = match form {
        Form::Table => table(context, run),
        Form::Csv => csv(run),
        Form::Json => json(run),
    };
    match printed {
        // The reader has what it wanted.
        Err(error) if is_broken_pipe(&error) => Ok(Exit::DONE),
        other => other.map(|()| Exit::DONE),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let by_export = error.downcast_ref().is_some_and(export::is_broken_pipe);
    let by_system = error.downcast_ref::<io::Error>();
    by_export || by_system.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn csv(run: impl FnOnce(&mut dyn RowSink) -> Result<()>) -> anyhow::Result<()> {
    let mut output = Output::standard();
    let place = output.place().to_owned();
    let mut sink = Delimited::plain(&mut output, &place);
    run(&mut sink)?;
    sink.finish()?;
    Ok(output.finish()?)
}

/// Prints an array. It goes to a temporary file first, so that a query that fails leaves no half of a document.
fn json(run: impl FnOnce(&mut dyn RowSink) -> Result<()>) -> anyhow::Result<()> {
    let cannot = "Le fichier temporaire de la réponse ne peut pas être écrit";
    let spool = tempfile::tempfile().context(cannot)?;
    let mut writer = BufWriter::new(spool);
    let mut sink = JsonLines::elements(&mut writer, "le fichier temporaire de la réponse");
    run(&mut sink)?;
    let mut spool = writer
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .context(cannot)?;
    spool.rewind().context(cannot)?;
    print_array(spool)
}

fn print_array(spool: File) -> anyhow::Result<()> {
    let mut elements = BufReader::new(spool);
    let mut output = Output::standard();
    let place = output.place().to_owned();
    let mut copy = || -> io::Result<()> {
        output.write_all(b"[")?;
        let mut first = [0];
        if elements.read(&mut first)? == 1 {
            output.write_all(b"\n")?;
            output.write_all(&first)?;
            io::copy(&mut elements, &mut output)?;
            output.write_all(b"\n")?;
        }
        output.write_all(b"]\n")
    };
    copy().context(place)?;
    Ok(output.finish()?)
}

/// Prints a table of the first rows.
fn table(
    context: &Context<'_>,
    run: impl FnOnce(&mut dyn RowSink) -> Result<()>,
) -> anyhow::Result<()> {
    let mut rows = FirstRows::default();
    run(&mut rows)?;
    let ui = context.ui;
    ui.line(tables::cells(ui, &rows.names, &rows.cells));
    if rows.is_cut {
        ui.remark(format!(
            "{} premières lignes ; toutes : --format csv",
            french::count(MOST_ROWS as u64)
        ));
    }
    Ok(())
}

/// The first rows, as texts.
#[derive(Default)]
struct FirstRows {
    names: Vec<String>,
    /// Each cell, and whether it is a number.
    cells: Vec<Vec<(String, bool)>>,
    is_cut: bool,
}

impl RowSink for FirstRows {
    fn columns(&mut self, names: &[&str]) -> Result<()> {
        self.names = names.iter().map(|name| (*name).to_owned()).collect();
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<Flow> {
        if self.cells.len() == MOST_ROWS {
            self.is_cut = true;
            return Ok(Flow::Stop);
        }
        self.cells.push(values.iter().map(shown).collect());
        Ok(Flow::Continue)
    }
}

/// A value for people, and whether it is a number.
fn shown(value: &Value<'_>) -> (String, bool) {
    match value {
        Value::Null => ("—".to_owned(), false),
        Value::Integer(number) => (number.to_string(), true),
        Value::Real(number) => (number.to_string().replace('.', ","), true),
        Value::Text(text) => ((*text).to_owned(), false),
        Value::Blob(bytes) => (export::hexadecimal(bytes), false),
    }
}
