//! The settings of an iSaVigne connector: their values, parsed.

mod specs;

use jiff::civil::Date;

pub(crate) use self::specs::{GUIDE, SETTINGS};
use super::cells::DecimalMark;
use super::columns::{Field, Overrides};
use super::{Isavigne, cells};
use crate::canonical::{Table, text};
use crate::connectors::config::value_of;
use crate::connectors::{RejectLimit, Settings};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::stop::Stop;

/// `COLUMN__CUSTOMERS__CUSTOMER_KEY=Code tiers` names the header of a field.
pub(crate) const COLUMN_PREFIX: &str = "COLUMN__";

/// The value for automatic detection.
const AUTO: &str = "auto";

/// Decoding of the exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EncodingChoice {
    /// Detected, file by file.
    Auto,
    Utf8,
    /// Latin-1 labels mean this too, as in browsers (WHATWG Encoding Standard).
    Windows1252,
    Iso8859_15,
    Utf16,
    /// The code page of DOS in Western Europe.
    Cp850,
    Macintosh,
}

/// Order of day, month and year in a date of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::enum_variant_names,
    reason = "what comes first is what tells them apart"
)]
pub(super) enum DateForm {
    DayFirst,
    MonthFirst,
    YearFirst,
}

/// Uniqueness of the estate's sales numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SalesKey {
    /// A document is its type, number and year; a line repeated with other contents is rejected.
    Auto,
    /// Numbers are unique in a year: a later line replaces an earlier one.
    Document,
    /// Numbers are reused for other customers.
    DocumentCustomer,
    /// Numbers are reused on other days.
    DocumentDate,
    /// Line numbers are unique for ever.
    Line,
}

/// Relation of a file of sales to earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SalesFiles {
    /// New and corrected sales.
    Increment,
    /// All sales from its first to its last date.
    Period,
    /// All sales: only the newest file counts.
    Full,
    /// Sales that no other file contains.
    Append,
}

/// Checks `settings`.
pub(super) fn read(settings: &Settings, home: &Home) -> Result<Isavigne> {
    let value = |key| value_of(SETTINGS, settings, key);
    Ok(Isavigne {
        folder: home.resolve(value("EXPORT_PATH")),
        pattern: pattern(value("FILE_PATTERN"))?,
        encoding: encoding(value("ENCODING"))?,
        delimiter: delimiter(value("DELIMITER"))?,
        header_line: header_line(value("HEADER_LINE"))?,
        decimal_mark: decimal_mark(value("DECIMAL_MARK"))?,
        date_form: date_form(value("DATE_FORM"))?,
        sheet: Some(value("SHEET"))
            .filter(|name| !name.eq_ignore_ascii_case(AUTO))
            .map(str::to_owned),
        sales_key: sales_key(value("SALES_KEY"))?,
        sales_files: sales_files(value("SALES_FILES"))?,
        fiscal_year_start: fiscal_year_start(value("FISCAL_YEAR_START"))?,
        case_size: case_size(value("CASE_SIZE"))?,
        reject_limit: RejectLimit::of_setting(value("MAX_REJECTS"))?,
        max_file_size: max_file_size(value("MAX_FILE_SIZE"))?,
        stop: Stop::default(),
        overrides: overrides(settings)?,
    })
}

fn pattern(text: &str) -> Result<glob::Pattern> {
    glob::Pattern::new(text).map_err(|error| {
        Error::of_setting(
            "FILE_PATTERN",
            format!("« {text} » n'est pas un motif de fichiers"),
        )
        .hint("Par exemple *.csv, ou *vente*.csv")
        .because(error)
    })
}

fn encoding(text: &str) -> Result<EncodingChoice> {
    match text.to_ascii_lowercase().replace('_', "-").as_str() {
        AUTO => Ok(EncodingChoice::Auto),
        "utf-8" | "utf8" => Ok(EncodingChoice::Utf8),
        "latin-1" | "latin1" | "iso-8859-1" | "windows-1252" | "cp1252" => {
            Ok(EncodingChoice::Windows1252)
        }
        "iso-8859-15" | "latin-9" | "latin9" => Ok(EncodingChoice::Iso8859_15),
        "utf-16" | "utf16" => Ok(EncodingChoice::Utf16),
        "cp850" | "ibm850" => Ok(EncodingChoice::Cp850),
        "macintosh" | "mac-roman" | "macroman" => Ok(EncodingChoice::Macintosh),
        _ => Err(unknown(
            "ENCODING",
            text,
            "auto, utf-8, windows-1252, latin-1, iso-8859-1, iso-8859-15, utf-16, cp850 ou macintosh",
        )),
    }
}

/// The error for an invalid value of setting `key`.
fn unknown(key: &'static str, text: &str, known: &str) -> Error {
    Error::of_setting(key, format!("« {text} » n'est pas connu")).hint(known)
}

fn delimiter(text: &str) -> Result<Option<u8>> {
    Ok(Some(match text.to_ascii_lowercase().as_str() {
        AUTO => return Ok(None),
        ";" | "semicolon" => b';',
        "," | "comma" => b',',
        "tab" | "\\t" | "\t" => b'\t',
        "|" | "pipe" => b'|',
        _ => {
            return Err(unknown(
                "DELIMITER",
                text,
                "auto, « ; », « , », « | » ou tab",
            ));
        }
    }))
}

fn header_line(text: &str) -> Result<Option<u64>> {
    if text.eq_ignore_ascii_case(AUTO) {
        return Ok(None);
    }
    match text.parse() {
        Ok(line @ 1..=999_999) => Ok(Some(line)),
        _ => Err(unknown(
            "HEADER_LINE",
            text,
            "auto, ou le numéro d'une ligne, par exemple 3",
        )),
    }
}

fn decimal_mark(text: &str) -> Result<Option<DecimalMark>> {
    match text.to_ascii_lowercase().as_str() {
        AUTO => Ok(None),
        "comma" | "," | "virgule" => Ok(Some(DecimalMark::Comma)),
        "dot" | "." | "point" => Ok(Some(DecimalMark::Dot)),
        _ => Err(unknown(
            "DECIMAL_MARK",
            text,
            "auto, comma (virgule) ou dot (point)",
        )),
    }
}

fn date_form(text: &str) -> Result<Option<DateForm>> {
    match text.to_ascii_lowercase().as_str() {
        AUTO => Ok(None),
        "dmy" => Ok(Some(DateForm::DayFirst)),
        "mdy" => Ok(Some(DateForm::MonthFirst)),
        "ymd" => Ok(Some(DateForm::YearFirst)),
        _ => Err(unknown(
            "DATE_FORM",
            text,
            "auto, dmy (jour, mois, année), mdy ou ymd",
        )),
    }
}

fn sales_key(text: &str) -> Result<SalesKey> {
    match text.to_ascii_lowercase().as_str() {
        AUTO => Ok(SalesKey::Auto),
        "document" => Ok(SalesKey::Document),
        "document+customer" => Ok(SalesKey::DocumentCustomer),
        "document+date" => Ok(SalesKey::DocumentDate),
        "line" => Ok(SalesKey::Line),
        _ => Err(unknown(
            "SALES_KEY",
            text,
            "auto, document, document+customer, document+date ou line",
        )),
    }
}

fn sales_files(text: &str) -> Result<SalesFiles> {
    match text.to_ascii_lowercase().as_str() {
        "increment" => Ok(SalesFiles::Increment),
        "period" => Ok(SalesFiles::Period),
        "full" => Ok(SalesFiles::Full),
        "append" => Ok(SalesFiles::Append),
        _ => Err(unknown(
            "SALES_FILES",
            text,
            "increment, period, full ou append",
        )),
    }
}

/// Month and day on which document numbers restart.
fn fiscal_year_start(text: &str) -> Result<(i8, i8)> {
    let parts = text.split_once('-');
    let parts = parts.and_then(|(month, day)| Some((month.parse().ok()?, day.parse().ok()?)));
    // A day that exists in every year.
    match parts.filter(|&(month, day)| Date::new(2001, month, day).is_ok()) {
        Some(start) => Ok(start),
        None => Err(unknown(
            "FISCAL_YEAR_START",
            text,
            "le mois et le jour : 01-01, ou 08-01 pour le 1er août",
        )),
    }
}

fn case_size(text: &str) -> Result<u32> {
    match text.parse() {
        Ok(size @ 1..=1000) => Ok(size),
        _ => Err(Error::of_setting(
            "CASE_SIZE",
            format!("« {text} » n'est pas un nombre de bouteilles"),
        )
        .hint("Un entier de 1 à 1000, par exemple 6 ou 12")),
    }
}

/// A number of bytes, with an optional power of 1,024: K, M, G or T.
fn max_file_size(text: &str) -> Result<u64> {
    let (digits, shift) = match text.to_ascii_uppercase().chars().last() {
        Some('K') => (text.len() - 1, 10),
        Some('M') => (text.len() - 1, 20),
        Some('G') => (text.len() - 1, 30),
        Some('T') => (text.len() - 1, 40),
        _ => (text.len(), 0),
    };
    let number: Option<u64> = text.get(..digits).and_then(|digits| digits.parse().ok());
    let size = number.and_then(|number| number.checked_mul(1 << shift));
    size.filter(|size| *size > 0).ok_or_else(|| {
        Error::of_setting("MAX_FILE_SIZE", format!("« {text} » n'est pas une taille"))
            .hint("Un nombre d'octets, ou par exemple 500M ou 4G")
    })
}

fn overrides(settings: &Settings) -> Result<Overrides> {
    let mut overrides = Overrides::default();
    for (key, header) in settings.iter() {
        let Some(column) = key.strip_prefix(COLUMN_PREFIX) else {
            continue;
        };
        let target = column.split_once("__").and_then(|(table, field)| {
            let table = Table::parse(table)?;
            Some((table, Field::of_table(table, &field.to_ascii_lowercase())?))
        });
        let Some((table, field)) = target else {
            return Err(
                Error::config(format!("{key} ne désigne aucune colonne connue"))
                    .hint("Par exemple COLUMN__CUSTOMERS__CUSTOMER_KEY=\"Code tiers\""),
            );
        };
        let header = text::header_key(cells::peel(header));
        overrides.add(table, field, header);
    }
    Ok(overrides)
}
