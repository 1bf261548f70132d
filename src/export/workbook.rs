//! Excel workbooks (Office Open XML, ECMA-376), written as the rows come: nothing of them stays in memory.
//!
//! A workbook has few parts here: sheets whose texts stand in their cells, and one style for the header. Numbers are
//! numbers; texts are texts, which no spreadsheet runs.

use std::fmt::Write as _;
use std::io::{self, Write};

use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

use super::cell_text::escaped;
use super::delimited::hexadecimal;
use super::unwritable;
use crate::error::{Error, Result};
use crate::store::{Flow, RowSink, Value};

/// Rows of a sheet, its header among them: Excel has no more.
const MOST_ROWS: u32 = 1_048_576;

/// Whole numbers up to this size are exact in Excel, which knows floating-point numbers only.
const MOST_EXACT: u64 = 1 << 53;

/// A third of the time of the usual level, for a file a tenth larger.
const COMPRESSION: i64 = 1;

const SHEET_BEGIN: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>"#;
const SHEET_END: &str = "</sheetData></worksheet>";

/// Style 1 is bold.
const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>"#;

const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// A workbook being written: a sheet, and one more for each million rows.
pub(super) struct Book<W: Write> {
    zip: ZipWriter<StreamWriter<Watched<W>>>,
    name: &'static str,
    /// Names of the columns, and the letters of each.
    columns: Vec<(String, String)>,
    sheets: u32,
    /// Rows that a sheet may have, its header among them.
    most_rows: u32,
    /// Rows on the last sheet, its header among them.
    on_sheet: u32,
    rows: u64,
    line: String,
    place: String,
}

impl<W: Write> Book<W> {
    /// A workbook whose sheets are called `name`. `place`: what messages call `output`.
    pub(super) fn new(output: W, place: &str, name: &'static str) -> Self {
        let watched = Watched {
            output,
            failure: None,
        };
        Self {
            zip: ZipWriter::new_stream(watched),
            name,
            columns: Vec::new(),
            sheets: 0,
            most_rows: MOST_ROWS,
            on_sheet: 0,
            rows: 0,
            line: String::new(),
            place: place.to_owned(),
        }
    }

    /// Writes the rest, and returns the number of rows.
    pub(super) fn finish(mut self) -> Result<u64> {
        self.write_parts().map_err(|error| unmade(&error))?;
        let written = self.zip.finish().map_err(|error| unmade(&error))?;
        match written.into_inner().failure {
            Some(error) => Err(unwritable(&self.place, &error)),
            None => Ok(self.rows),
        }
    }

    /// Writes the parts that list the sheets.
    fn write_parts(&mut self) -> std::result::Result<(), ZipError> {
        self.zip.write_all(SHEET_END.as_bytes())?;
        let mut types = String::new();
        let mut sheets = String::new();
        let mut relations = String::new();
        for number in 1..=self.sheets {
            let name = sheet_name(self.name, number);
            let _ = write!(
                types,
                r#"<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
            );
            let _ = write!(
                sheets,
                r#"<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>"#
            );
            let _ = write!(
                relations,
                r#"<Relationship Id="rId{number}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{number}.xml"/>"#
            );
        }
        let styles = self.sheets + 1;
        for (part, text) in [
            ("xl/styles.xml", STYLES.to_owned()),
            ("_rels/.rels", RELATIONS.to_owned()),
            (
                "xl/workbook.xml",
                format!(
                    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{sheets}</sheets></workbook>"#
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}<Relationship Id="rId{styles}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#
                ),
            ),
            (
                "[Content_Types].xml",
                format!(
                    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>{types}</Types>"#
                ),
            ),
        ] {
            self.zip.start_file(part, options())?;
            self.zip.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    fn begin_sheet(&mut self) -> std::result::Result<(), ZipError> {
        if self.sheets > 0 {
            self.zip.write_all(SHEET_END.as_bytes())?;
        }
        self.sheets += 1;
        let part = format!("xl/worksheets/sheet{}.xml", self.sheets);
        self.zip.start_file(part, options())?;
        self.zip.write_all(SHEET_BEGIN.as_bytes())?;
        self.line.clear();
        self.line.push_str(r#"<row r="1">"#);
        for (name, letters) in &self.columns {
            let name = escaped(name);
            let _ = write!(
                self.line,
                r#"<c r="{letters}1" s="1" t="inlineStr"><is><t>{name}</t></is></c>"#
            );
        }
        self.line.push_str("</row>");
        self.zip.write_all(self.line.as_bytes())?;
        self.on_sheet = 1;
        Ok(())
    }

    fn append(&mut self, values: &[Value<'_>]) -> std::result::Result<(), ZipError> {
        if self.on_sheet == self.most_rows {
            self.begin_sheet()?;
        }
        self.on_sheet += 1;
        let row = self.on_sheet;
        self.line.clear();
        let _ = write!(self.line, r#"<row r="{row}">"#);
        for ((_, letters), value) in self.columns.iter().zip(values) {
            let line = &mut self.line;
            // Writing to a String cannot fail.
            let _ = match *value {
                Value::Null => Ok(()),
                Value::Integer(number) if number.unsigned_abs() <= MOST_EXACT => {
                    write!(line, r#"<c r="{letters}{row}"><v>{number}</v></c>"#)
                }
                Value::Real(number) if number.is_finite() => {
                    write!(line, r#"<c r="{letters}{row}"><v>{number}</v></c>"#)
                }
                Value::Integer(number) => write_text(line, (letters, row), &number.to_string()),
                Value::Real(number) => write_text(line, (letters, row), &number.to_string()),
                Value::Text(text) => write_text(line, (letters, row), text),
                Value::Blob(bytes) => write_text(line, (letters, row), &hexadecimal(bytes)),
            };
        }
        self.line.push_str("</row>");
        self.zip.write_all(self.line.as_bytes())?;
        self.rows += 1;
        Ok(())
    }

    /// Fails once the output has failed.
    fn check(&self) -> Result<()> {
        let watched = self.zip.get_ref().map(StreamWriter::get_ref);
        match watched.and_then(|watched| watched.failure.as_ref()) {
            Some(error) => Err(unwritable(&self.place, error)),
            None => Ok(()),
        }
    }
}

impl<W: Write> RowSink for Book<W> {
    fn columns(&mut self, names: &[&str]) -> Result<()> {
        let columns = names.iter().enumerate();
        let columns = columns.map(|(at, name)| ((*name).to_owned(), letters(at)));
        self.columns = columns.collect();
        self.begin_sheet().map_err(|error| unmade(&error))
    }

    fn row(&mut self, values: &[Value<'_>]) -> Result<Flow> {
        self.append(values).map_err(|error| unmade(&error))?;
        self.check()?;
        Ok(Flow::Continue)
    }
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(COMPRESSION))
}

fn sheet_name(name: &str, number: u32) -> String {
    match number {
        1 => name.to_owned(),
        more => format!("{name} ({more})"),
    }
}

/// The letters of a column counted from 0: A, B, … Z, AA, AB.
fn letters(column: usize) -> String {
    let mut rest = column;
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + u8::try_from(rest % 26).unwrap_or_default());
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters
        .iter()
        .rev()
        .map(|letter| char::from(*letter))
        .collect()
}

fn write_text(line: &mut String, (letters, row): (&str, u32), text: &str) -> std::fmt::Result {
    let text = escaped(text);
    write!(
        line,
        r#"<c r="{letters}{row}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>"#
    )
}

fn unmade(error: &ZipError) -> Error {
    Error::store(format!("Le classeur n'a pas pu être préparé ({error})"))
        .hint("Exportez en CSV, qui n'a pas de limite")
}

/// Keeps the first error of the output and takes the rest as written: a package that is dropped halfway would print a
/// message of its own.
struct Watched<W> {
    output: W,
    failure: Option<io::Error>,
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_none()
            && let Err(error) = self.output.write_all(bytes)
        {
            self.failure = Some(error);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failure.is_none()
            && let Err(error) = self.output.flush()
        {
            self.failure = Some(error);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

    use super::*;

    #[test]
    fn columns_have_the_letters_of_excel() {
        let named = [0, 25, 26, 51, 52, 701, 702].map(letters);
        assert_eq!(named, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }

    #[test]
    fn rows_beyond_a_sheet_go_on_the_next_under_the_same_header() {
        let mut package = Vec::new();
        let mut book = Book::new(&mut package, "x", "sales_lines");
        book.most_rows = 3;
        book.columns(&["n", "text"]).unwrap();
        for number in 1..=4 {
            let values = [Value::Integer(number), Value::Text("é_x0041_\u{1}")];
            book.row(&values).unwrap();
        }
        assert_eq!(book.finish().unwrap(), 4);
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(package)).unwrap();
        assert_eq!(book.sheet_names(), ["sales_lines", "sales_lines (2)"]);
        for (sheet, numbers) in [("sales_lines", [1.0, 2.0]), ("sales_lines (2)", [3.0, 4.0])] {
            let range = book.worksheet_range(sheet).unwrap();
            let rows: Vec<&[Data]> = range.rows().collect();
            assert_eq!(rows[0], ["n", "text"].map(|name| Data::String(name.into())));
            let found = [rows[1][0].clone(), rows[2][0].clone()];
            assert_eq!(found, numbers.map(Data::Float));
        }
    }
}
