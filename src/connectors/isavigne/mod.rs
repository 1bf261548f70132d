//! iSaVigne (Isagri), the management software of French wine estates. It has no API: it drops CSV files
//! into a folder, in whatever dialect the estate set up. The reader takes what it finds and proves what it
//! understood.
//!
//! A file's way: [`files`] lists it, [`folder`] opens it, [`names`] and [`assign`] give it its table, [`state`] says whether it was read
//! before, [`survey`] tells its hash, format and [`encoding`], [`sheet`] turns it into rows of text, [`columns`] says which
//! cell is which, [`reading`] tells rows from what is none, and [`readers`] turn rows into canonical records.

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

use columns::Overrides;
pub(super) use settings::{COLUMN_PREFIX, GUIDE, SETTINGS};
use settings::{DateForm, EncodingChoice, SalesFiles, SalesKey};

use super::{Connector, Plan, RejectLimit, Request};
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
    /// What separates cells, where nothing tells.
    delimiter: Option<u8>,
    /// The line of the header, counted from 1, where nothing tells.
    header_line: Option<u64>,
    /// The decimal mark of numbers, where nothing tells.
    decimal_mark: Option<cells::DecimalMark>,
    /// The order of dates, where it is not the French one.
    date_form: Option<DateForm>,
    /// The one sheet to read of a workbook.
    sheet: Option<String>,
    sales_key: SalesKey,
    sales_files: SalesFiles,
    /// Month and day on which the numbers of documents begin again.
    fiscal_year_start: (i8, i8),
    /// Bottles in a case that does not say.
    case_size: u32,
    reject_limit: RejectLimit,
    /// Bytes of the largest file that is read.
    max_file_size: u64,
    /// Looked at between files, and at every read of one.
    stop: Stop,
    overrides: Overrides,
}

/// Opens a connector with `settings`.
pub(super) fn open(settings: &Settings, home: &Home) -> Result<Box<dyn Connector>> {
    Ok(Box::new(settings::read(settings, home)?))
}

impl Isavigne {
    /// The same, whose readings end once `stop` says so.
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
