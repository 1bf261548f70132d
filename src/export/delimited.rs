//! CSV, and CSV as French Excel opens it.

use std::fmt::Write as _;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::formula::defused;
use super::unwritable;
use crate::error::Result;
use crate::store::{Flow, RowSink, Value};

/// Excel takes a file with this mark as UTF-8, and one without as the code page of the machine.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A CSV file being written.
pub struct Delimited<W: Write> {
    writer: Writer<W>,
    is_for_excel: bool,
    place: String,
    rows: u64,
    cell: String,
}

impl<W: Write> Delimited<W> {
    /// As RFC 4180 has it, with line feeds. `place`: what messages call `output`.
    pub fn plain(output: W, place: &str) -> Self {
        Self::new(output, place, (b',', Terminator::Any(b'\n')), false)
    }

    /// As French Excel opens it.
    pub fn for_excel(mut output: W, place: &str) -> Result<Self> {
        let begun = output.write_all(BYTE_ORDER_MARK);
        begun.map_err(|error| unwritable(place, &error))?;
        Ok(Self::new(output, place, (b';', Terminator::CRLF), true))
    }

    fn new(output: W, place: &str, form: (u8, Terminator), is_for_excel: bool) -> Self {
        let mut builder = WriterBuilder::new();
        builder
            .delimiter(form.0)
            .terminator(form.1)
            .quote_style(QuoteStyle::Necessary)
            .buffer_capacity(super::output::BUFFER);
        Self {
            writer: builder.from_writer(output),
            is_for_excel,
            place: place.to_owned(),
            rows: 0,
            cell: String::new(),
        }
    }

    /// Writes what is still in memory, and returns the number of rows.
    pub fn finish(mut self) -> Result<u64> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| unwritable(&self.place, &error))?;
        Ok(self.rows)
    }

    fn field(&mut self, value: Value<'_>) -> csv::Result<()> {
        self.cell.clear();
        match value {
            Value::Null => {}
            Value::Text(text) if self.is_for_excel => {
                return self.writer.write_field(defused(text).as_bytes());
            }
            Value::Text(text) => return self.writer.write_field(text),
            // Writing to a String cannot fail.
            Value::Integer(number) => drop(write!(self.cell, "{number}")),
            Value::Real(number) if self.is_for_excel => {
                let _ = write!(self.cell, "{number}");
                self.cell = self.cell.replace('.', ",");
            }
            // With a decimal point in each, so that a column has one type.
            Value::Real(number) => drop(write!(self.cell, "{number:?}")),
            Value::Blob(bytes) => self.cell = hexadecimal(bytes),
        }
        self.writer.write_field(&self.cell)
    }

    fn record(&mut self, values: &[Value<'_>]) -> csv::Result<()> {
        for value in values {
            self.field(*value)?;
        }
        self.writer.write_record(None::<&[u8]>)
    }
}

impl<W: Write> RowSink for Delimited<W> {
    fn columns(&mut self, names: &[&str]) -> Result<()> {
        let written = self.writer.write_record(names);
        written.map_err(|error| unwritable(&self.place, &io_error(error)))
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<Flow> {
        let written = self.record(values);
        written.map_err(|error| unwritable(&self.place, &io_error(error)))?;
        self.rows += 1;
        Ok(Flow::Continue)
    }
}

/// Bytes as `x'6162'`, the way SQL writes them.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::from("x'");
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text + "'"
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
