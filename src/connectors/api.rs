//! The interface of a connector: what it is asked, and where it puts what it reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::field::{FormField, Input};
use crate::canonical::rows::Record;
use crate::canonical::{
    Catalog, Corrections, Cursor, Cursors, Erased, KeyRule, Person, Reject, Table,
};
use crate::error::{Error, Result};
use crate::report::{Check, Expected, UnitHeld};
use crate::stop::Stop;

/// A source of data whose settings have been checked.
pub trait Connector: Send + Sync {
    /// Tests each file or model of the source. Fails when the source cannot be read at all, or when `stop` is
    /// requested.
    fn check(&self, stop: &Stop) -> Result<Vec<Check>>;

    /// Lists what to read. Reads no more of the source than that needs.
    fn plan(&self, request: &Request) -> Result<Plan>;

    /// Number of rejects in a table above which its load fails.
    fn reject_limit(&self) -> RejectLimit;

    /// A remark about its valid settings, shown at registration and by `test`.
    fn caution(&self) -> Option<String> {
        None
    }
}

/// Request of a sync to a connector.
#[derive(Debug, Clone)]
pub struct Request {
    /// The tables, in loading order.
    pub tables: Vec<Table>,
    /// Read changes since this time stamp instead of the cursors.
    pub since: Option<Timestamp>,
    /// Full refresh: read everything again.
    pub full: bool,
    /// The user allowed a deletion beyond the shrink limit.
    pub allow_shrink: bool,
    /// Today's date in local time.
    pub today: Date,
    /// Checked while waiting for a source.
    pub stop: Stop,
    /// What earlier runs have read, by table.
    pub known: BTreeMap<Table, Known>,
}

/// What earlier runs have read of one table of the source.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Its cursors.
    pub cursors: Cursors,
    /// Existing rows.
    pub rows: u64,
    /// Cursors of missing files from runs before this one may be deleted.
    pub first_kept: i64,
    /// Cells that are read otherwise than the source says them.
    pub corrections: Arc<Corrections>,
    /// Files that are read again because corrections of them changed, each with the run from which on others are too. An
    /// empty name is any file.
    pub rereads: BTreeMap<String, i64>,
}

/// What to read.
#[derive(Default)]
pub struct Plan {
    /// One reading per table, in loading order.
    pub readings: Vec<Box<dyn Reading>>,
    /// Why some files or models are not read.
    pub warnings: Vec<String>,
    /// Why some tables cannot be read.
    pub errors: Vec<Error>,
    /// Files read before that have not changed.
    pub already_read: usize,
}

/// One table, ready to be read.
pub trait Reading: Send {
    /// The table of its rows.
    fn table(&self) -> Table;

    /// Whether its rows and present keys are complete: other existing rows are deleted. Otherwise its rows are added
    /// to the existing ones.
    fn is_snapshot(&self) -> bool;

    /// Whether the source is another machine, which may be slow: the load must not hold the database's lock
    /// meanwhile.
    fn is_remote(&self) -> bool {
        false
    }

    /// The meaning of its keys, where two different things may share a key.
    fn key_rule(&self) -> Option<Box<dyn KeyRule>> {
        None
    }

    /// Whether its keys have another form than those of the existing rows: those are replaced as a whole.
    fn replaces_keys(&self) -> bool {
        false
    }

    /// Whether its rows are complete for the days they cover.
    fn is_of_periods(&self) -> bool {
        false
    }

    /// Size in bytes, as far as known.
    fn size(&self) -> u64;

    /// Reads everything into `sink`. `catalog`: the existing products.
    fn read(&mut self, catalog: &Catalog, sink: &mut dyn Sink) -> Result<()>;
}

/// Destination of a reading. Every error it returns must be passed on: it means that the writer has stopped.
pub trait Sink {
    /// Starts a file or model.
    fn begin_unit(&mut self, label: &str, bytes: u64) -> Result<()>;

    /// Adds a row, read from `position` (line, id) of the unit.
    fn row(&mut self, position: u64, record: &dyn Record) -> Result<()>;

    /// The customers who were erased at their request, where there are any.
    fn erased(&self) -> Option<&Erased> {
        None
    }

    /// Whether the row at `position`, which is about `person`, is of a customer who was erased: it is then counted as
    /// left aside, and must be neither added nor rejected nor remarked on. Rows that are added are checked anyway.
    fn keeps_out(&mut self, _position: u64, _person: &Person<'_>) -> Result<bool> {
        Ok(false)
    }

    /// Adds a row that could not be read. `key`: its key, where it is known; in a snapshot the existing row under it
    /// is kept.
    fn reject(&mut self, reject: Reject, key: Option<&str>) -> Result<()>;

    /// Skips a row that does not belong to the table: a quote, a cancelled sale. `row`: its key and customer; an
    /// existing row of that customer under that key is deleted.
    fn left_aside(&mut self, row: Option<(&str, &str)>) -> Result<()>;

    /// Deletes all rows whose keys begin with `prefix`. `why`: a French sentence that follows their number in the
    /// warning.
    fn remove_all(&mut self, prefix: &str, why: &str) -> Result<()>;

    /// Sets the first and last day of the open unit.
    fn covers(&mut self, first: Date, last: Date) -> Result<()>;

    /// Keeps these rows of a snapshot: they are still in the source, but were not read again.
    fn present(&mut self, keys: Vec<String>) -> Result<()>;

    /// Present keys without a row in the table: a page of those after `after`, in key order.
    fn missing(&mut self, after: &str) -> Result<Vec<String>>;

    /// Whether an existing row stays in its old version because the new one was rejected.
    fn keeps_old_rows(&mut self) -> Result<bool>;

    /// Reports the progress in the unit.
    fn advance(&mut self, bytes: u64) -> Result<()>;

    /// Rows of the open unit given so far: added, rejected, left aside or kept out.
    fn given(&self) -> u64 {
        0
    }

    /// Says what the unit held besides its rows, before it is kept. Without it, the unit held its rows alone.
    fn held(&mut self, _held: UnitHeld) -> Result<()> {
        Ok(())
    }

    /// Keeps the rows of the complete unit; `cursor` records that it was read.
    fn keep_unit(&mut self, cursor: Cursor) -> Result<()>;

    /// Rolls the unit's rows back.
    fn discard_unit(&mut self) -> Result<()>;

    /// Writes a cursor without a unit, for the next sync.
    fn remember(&mut self, cursor: Cursor) -> Result<()>;

    /// Deletes the cursor called `mark`.
    fn forget(&mut self, mark: &str) -> Result<()>;

    /// Has the stored rows compared with what the source says of them, once they are loaded.
    fn expect(&mut self, _expected: Expected) -> Result<()> {
        Ok(())
    }

    /// Adds a warning.
    fn warn(&mut self, warning: String);

    /// Fails the sync; rows of other units are loaded all the same.
    fn fail(&mut self, error: Error);
}

/// Number of rejects in a table above which its load fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RejectLimit {
    /// One per cent of the rows read, or three if that is less.
    Usual,
    /// This number of rows.
    Rows(u64),
    /// This percentage of the rows read.
    Percent(f64),
}

impl RejectLimit {
    /// Default of setting `MAX_REJECTS`.
    pub(crate) const USUAL: &str = "auto";

    /// Its field in the form.
    pub(crate) const FIELD: FormField = FormField {
        label: "Rejets tolérés",
        help: "Au-delà, la table n'est pas chargée : un nombre de lignes (20), une part (1%), ou auto",
        example: "auto",
        input: Input::Text(Some(r"auto|[0-9]{1,18}|(100|[0-9]{1,2}([.,][0-9]{1,6})?)%")),
    };

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

    /// Parses setting `MAX_REJECTS`.
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
