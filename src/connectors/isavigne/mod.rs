//! iSaVigne (Isagri), the management software of French wine estates. It has no API: it writes CSV files into a
//! folder, in the dialect that the estate set up. The reader detects the dialect and rejects what it cannot read with
//! certainty.
//!
//! The way of a file: [`files`] lists it, [`folder`] opens it, [`names`] and [`assign`] find its table, [`state`]
//! decides whether it was read before, [`survey`] computes its hash, format and [`encoding`], [`sheet`] splits it
//! into rows of text, [`columns`] maps its cells to fields, [`file_reading`] skips lines that are not rows, and
//! [`readers`] turn rows into canonical records.

mod assign;
pub mod cells;
mod check;
mod columns;
mod documents;
mod encoding;
mod file_reading;
mod files;
mod folder;
mod invoices;
mod names;
mod plan;
mod readers;
mod settings;
mod sheet;
mod state;
mod survey;

use std::path::PathBuf;

use columns::{Columns, Overrides};
pub(super) use settings::{COLUMN_PREFIX, GUIDE, SETTINGS};
use settings::{DateForm, EncodingChoice, SalesFiles, SalesKey};

use super::{Connector, Plan, RejectLimit, Request};
use crate::canonical::{Table, text};
use crate::connectors::Settings;
use crate::error::Result;
use crate::home::Home;
use crate::report::Check;
use crate::stop::Stop;

pub use sheet::WORKBOOK_THREAD;

/// A folder of exports.
#[derive(Debug, Clone)]
struct Isavigne {
    folder: PathBuf,
    pattern: glob::Pattern,
    encoding: EncodingChoice,
    /// The delimiter from the settings.
    delimiter: Option<u8>,
    /// The line of the header from the settings, counted from 1.
    header_line: Option<u64>,
    /// The decimal mark from the settings.
    decimal_mark: Option<cells::DecimalMark>,
    /// The order of dates from the settings.
    date_form: Option<DateForm>,
    /// The only sheet to read of a workbook.
    sheet: Option<String>,
    sales_key: SalesKey,
    sales_files: SalesFiles,
    /// Month and day on which document numbers restart.
    fiscal_year_start: (i8, i8),
    /// Default number of bottles in a case.
    case_size: u32,
    reject_limit: RejectLimit,
    /// Largest file that is read, in bytes.
    max_file_size: u64,
    /// Checked between files, and at every read.
    stop: Stop,
    overrides: Overrides,
}

/// Opens a connector with `settings`.
pub(super) fn open(settings: &Settings, home: &Home) -> Result<Box<dyn Connector>> {
    Ok(Box::new(settings::read(settings, home)?))
}

impl Isavigne {
    /// The same connector, whose readings end once `stop` is requested.
    fn stopped_by(&self, stop: &Stop) -> Self {
        Self {
            stop: stop.clone(),
            ..self.clone()
        }
    }
}

impl Connector for Isavigne {
    fn check(&self, stop: &Stop) -> Result<Vec<Check>> {
        check::check(&self.stopped_by(stop))
    }

    fn plan(&self, request: &Request) -> Result<Plan> {
        plan::plan(&self.stopped_by(&request.stop), request)
    }

    fn reject_limit(&self) -> RejectLimit {
        self.reject_limit
    }
}

/// The column among `headers` of `table` that `name` is of, a header or a field, and the name of its field.
pub(super) fn cell_of(table: Table, headers: &[String], name: &str) -> Option<(usize, String)> {
    if let Ok(columns) = Columns::map(table, headers, &Overrides::default()) {
        let at = columns.named(name)?;
        return Some((at, columns.field_name(at).to_owned()));
    }
    // Settings name its columns: a header is enough.
    let key = text::header_key(name);
    let mut keys = headers.iter().map(|header| text::header_key(header));
    let at = keys.position(|header| header == key)?;
    Some((at, headers.get(at)?.clone()))
}
