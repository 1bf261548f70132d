//! Rows of the database as files: CSV, CSV for French Excel, JSON lines, and workbooks. One row at a time: memory does
//! not grow with their number.

mod cell_text;
mod delimited;
mod formula;
mod json_lines;
mod output;
mod workbook;

use std::error::Error as _;
use std::io;

#[cfg(feature = "serve")]
pub(crate) use self::formula::defused;

pub use self::delimited::{Delimited, hexadecimal};
pub use self::json_lines::JsonLines;
pub use self::output::Output;
use self::workbook::Book;
use crate::canonical::Table;
use crate::error::{Error, ErrorKind, Result, io_reason};
use crate::stop::Stop;
use crate::store::{RowSink, Store};

/// Form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV (RFC 4180): `,` between cells, decimal point, UTF-8.
    Csv,
    /// CSV as French Excel opens it: `;`, decimal comma, a byte-order mark. Texts that begin like a formula are
    /// prefixed, so that none is run.
    ExcelCsv,
    /// One JSON object a line.
    JsonLines,
    /// An Excel workbook (Office Open XML).
    Workbook,
}

/// What to export.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The table.
    pub table: Table,
    /// The connector whose rows to export; all when `None`.
    pub source: Option<&'a str>,
    /// Form of the export.
    pub format: Format,
}

/// Writes the rows of a table to `output`, and returns their number. Nothing is left of an export that fails, where
/// `output` is a file.
pub fn export(store: &Store, request: Request<'_>, output: Output, stop: &Stop) -> Result<u64> {
    let mut output = output;
    let written = write(store, request, &mut output, stop);
    let rows = written.map_err(|error| match error.kind() {
        ErrorKind::Stopped(_) => {
            Error::new(error.kind(), "Export interrompu").hint("Relancez la même commande")
        }
        _ => error,
    })?;
    output.finish()?;
    Ok(rows)
}

fn write(store: &Store, request: Request<'_>, output: &mut Output, stop: &Stop) -> Result<u64> {
    let Request {
        table,
        source,
        format,
    } = request;
    let place = output.place().to_owned();
    let read = |sink: &mut dyn RowSink| store.read_table(table, source, sink, stop);
    match format {
        Format::Csv => {
            let mut sink = Delimited::plain(output, &place);
            read(&mut sink)?;
            sink.finish()
        }
        Format::ExcelCsv => {
            let mut sink = Delimited::for_excel(output, &place)?;
            read(&mut sink)?;
            sink.finish()
        }
        Format::JsonLines => {
            let mut sink = JsonLines::new(output, &place);
            read(&mut sink)?;
            Ok(sink.rows())
        }
        Format::Workbook => {
            let mut sink = Book::new(output, &place, table.sql_name());
            read(&mut sink)?;
            sink.finish()
        }
    }
}

/// The error of a place that cannot be written.
fn unwritable(place: &str, error: &io::Error) -> Error {
    Error::store(format!(
        "Impossible d'écrire dans {place} : {}",
        io_reason(error)
    ))
    .hint("Vérifiez que le dossier existe, le droit d'y écrire et la place libre")
    .because(io::Error::from(error.kind()))
}

/// Whether `error` only says that the reader of a pipe has gone, as with `| head`.
pub fn is_broken_pipe(error: &Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref());
    cause.is_some_and(|cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe)
}
