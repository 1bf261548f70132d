//! What a connector is to the rest of the program: what it is asked, and where it puts what it reads.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::canonical::rows::Record;
use crate::canonical::{Catalog, Cursor, Cursors, KeyRule, Reject, Table};
use crate::error::{Error, Result};
use crate::report::Check;
use crate::stop::Stop;

/// A source of data, its settings checked.
pub trait Connector: Send + Sync {
    /// Whether it can be read right now, part by part. An error when it cannot be read at all, or once `stop` asks to
    /// stop.
    fn check(&self, stop: &Stop) -> Result<Vec<Check>>;

    /// What stands to be read. Nothing is read beyond what it takes to tell.
    fn plan(&self, request: &Request) -> Result<Plan>;

    /// Rows that may be rejected in a table before its load fails.
    fn reject_limit(&self) -> RejectLimit;

    /// What who registers or tests it should know of its settings, though they will do.
    fn caution(&self) -> Option<String> {
        None
    }
}

/// What a sync asks of a connector.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which tables, in loading order.
    pub tables: Vec<Table>,
    /// Read what changed since then, in place of what the cursors say.
    pub since: Option<Timestamp>,
    /// Read everything again.
    pub full: bool,
    /// Somebody looked, and much may go.
    pub allow_shrink: bool,
    /// The day it is, where the estate is.
    pub today: Date,
    /// Looked at wherever a source may be waited for.
    pub stop: Stop,
    /// What was read before, by table.
    pub known: BTreeMap<Table, Known>,
}

/// What the store holds of one table of the source.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What has been read.
    pub cursors: Cursors,
    /// Rows held.
    pub rows: u64,
    /// What runs before this one read, and is there no more, may be forgotten.
    pub first_kept: i64,
}

/// What stands to be read.
#[derive(Default)]
pub struct Plan {
    /// One reading a table, in loading order.
    pub readings: Vec<Box<dyn Reading>>,
    /// What kept parts of the source out of it.
    pub warnings: Vec<String>,
    /// Why some tables cannot be read.
    pub errors: Vec<Error>,
    /// Parts (files) that were read before and have not changed.
    pub already_read: usize,
}

/// One table, ready to be read.
pub trait Reading: Send {
    /// The table it fills.
    fn table(&self) -> Table;

    /// Whether the rows it reads and those it calls present are all there is: what is not among them goes.
    /// Else they add to what was read before.
    fn is_snapshot(&self) -> bool;

    /// Whether somebody else's machine is waited for, for as long as it takes: nobody must wait for the database
    /// meanwhile.
    fn is_remote(&self) -> bool {
        false
    }

    /// What the keys of its rows mean, where two rows may share one and be two things all the same.
    fn key_rule(&self) -> Option<Box<dyn KeyRule>> {
        None
    }

    /// Whether its keys have another form than those of the rows held: these are replaced as a whole.
    fn replaces_keys(&self) -> bool {
        false
    }

    /// Whether its rows are all there is of the days they cover.
    fn is_of_periods(&self) -> bool {
        false
    }

    /// Bytes it will read, as far as known.
    fn size(&self) -> u64;

    /// Reads it all into `sink`. `catalog` holds the products as they stand now.
    fn read(&mut self, catalog: &Catalog, sink: &mut dyn Sink) -> Result<()>;
}

/// Where a reading puts what it reads. Every error it returns must be passed on: whoever writes has stopped.
pub trait Sink {
    /// A file or model begins.
    fn begin_unit(&mut self, label: &str, bytes: u64) -> Result<()>;

    /// A row, read from `position` (line, id) of the unit.
    fn row(&mut self, position: u64, record: &dyn Record) -> Result<()>;

    /// A row that could not be understood. `key`: the key it would have had, where that much is certain; in a
    /// snapshot the row that was there before then stays.
    fn reject(&mut self, reject: Reject, key: Option<&str>) -> Result<()>;

    /// A row was read past on purpose, for it is no row of the table: a quote, a cancelled sale. `row`: the key and the
    /// customer it would have had; a row of that customer held under that key goes.
    fn left_aside(&mut self, row: Option<(&str, &str)>) -> Result<()>;

    /// All rows whose keys begin with `prefix` are no rows of the table any more, for a reason told with `why`: a French
    /// sentence that follows their number.
    fn remove_all(&mut self, prefix: &str, why: &str) -> Result<()>;

    /// The first and the last day of what the open unit holds.
    fn covers(&mut self, first: Date, last: Date) -> Result<()>;

    /// These rows are still there, though they were not read again: a snapshot keeps them.
    fn present(&mut self, keys: Vec<String>) -> Result<()>;

    /// Keys called present that the table has no row for, in their order: those after `after`, a page of them.
    fn missing(&mut self, after: &str) -> Result<Vec<String>>;

    /// Whether a row that was rejected stands in the table as it was before.
    fn keeps_old_rows(&mut self) -> Result<bool>;

    /// The unit has been read this far.
    fn advance(&mut self, bytes: u64) -> Result<()>;

    /// The unit is whole: its rows stay, and `cursor` says that it was read.
    fn keep_unit(&mut self, cursor: Cursor) -> Result<()>;

    /// The unit is not to be trusted: its rows go.
    fn discard_unit(&mut self) -> Result<()>;

    /// Something to be known at the next sync, though no unit was read.
    fn remember(&mut self, cursor: Cursor) -> Result<()>;

    /// What was remembered of `mark` holds no longer.
    fn forget(&mut self, mark: &str) -> Result<()>;

    /// Something people should know.
    fn warn(&mut self, warning: String);

    /// Something that makes the sync a failure, though all else that is read is loaded.
    fn fail(&mut self, error: Error);
}

/// How many rows of a table may be rejected before its load fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RejectLimit {
    /// One in a hundred of the rows read, or three where that is less.
    Usual,
    /// That many.
    Rows(u64),
    /// That share of the rows read, in per cent.
    Percent(f64),
}

impl RejectLimit {
    /// What setting `MAX_REJECTS` is when nobody says.
    pub(crate) const USUAL: &str = "auto";

    /// `N` or `N%`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.strip_suffix('%') {
            Some(percent) => {
                let percent: f64 = percent.trim().replace(',', ".").parse().ok()?;
                (0.0..=100.0)
                    .contains(&percent)
                    .then_some(Self::Percent(percent))
            }
            None => text.parse().ok().map(Self::Rows),
        }
    }

    /// What setting `MAX_REJECTS` says.
    pub(crate) fn of_setting(text: &str) -> Result<Self> {
        if text == Self::USUAL {
            return Ok(Self::Usual);
        }
        Self::parse(text).ok_or_else(|| {
            Error::of_setting("MAX_REJECTS", format!("« {text} » n'est pas compris"))
                .hint("Un nombre de lignes (20) ou une part (1%)")
        })
    }

    /// Whether `rejected` rows among `read` are too many.
    pub fn is_exceeded(self, rejected: u64, read: u64) -> bool {
        match self {
            Self::Usual => rejected > 3 && rejected * 100 > read,
            Self::Rows(limit) => rejected > limit,
            #[expect(
                clippy::cast_precision_loss,
                reason = "a share needs no more than 53 bits"
            )]
            Self::Percent(limit) => rejected as f64 * 100.0 > limit * read as f64,
        }
    }
}
