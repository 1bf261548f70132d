//! A sink that keeps nothing and checks everything.

use std::collections::BTreeSet;
use std::ops::Bound;

use crmreco::canonical::rows::{Record, Rows, Value};
use crmreco::canonical::{Cursor, Reject, Table};
use crmreco::connectors::Sink;
use crmreco::error::{Error, Result};
use jiff::civil::Date;

use super::cell_check::{is_canonical, is_clean, is_day};
use super::known_by::KnownBy;
use super::lines::{Lines, Reported};
use super::source::Source;

/// Keys called present that are told missing at a time.
const MISSING_PAGE: usize = 2;

/// Checks every promise of a reading to the writer of its rows.
pub struct Audit {
    table: Table,
    source: Source,
    /// What is read, where that is text.
    text: Option<Lines>,
    /// Parts that `SALES_KEY` adds to the keys of documents.
    more_parts: usize,
    /// What of the open file was reported, and what of the one kept last.
    reported: Reported,
    /// Units begun, by name.
    begun: BTreeSet<String>,
    unit: Option<Unit>,
    kept: Vec<Cursor>,
    scratch: Rows,
    /// Keys of rows and rejects.
    gathered: BTreeSet<String>,
    present: BTreeSet<String>,
    has_rejected: bool,
    /// Rows read.
    pub(super) rows: u64,
    /// Rows rejected.
    pub(super) rejects: u64,
}

/// A file or model being read.
struct Unit {
    label: String,
    bytes: u64,
    read: u64,
    position: u64,
    /// Rows and rejects before it.
    before: (u64, u64),
}

impl Audit {
    /// An audit of a reading of `table`.
    pub fn of(table: Table, source: Source) -> Self {
        Self {
            table,
            source,
            text: None,
            more_parts: 0,
            reported: Reported::default(),
            begun: BTreeSet::new(),
            unit: None,
            kept: Vec::new(),
            scratch: Rows::default(),
            gathered: BTreeSet::new(),
            present: BTreeSet::new(),
            has_rejected: false,
            rows: 0,
            rejects: 0,
        }
    }

    /// The same, where the cells that keys are made of must stand in `text`. `more_parts`: parts that `SALES_KEY` adds to
    /// the keys of documents.
    pub(super) fn with_text(self, text: Option<Lines>, more_parts: usize) -> Self {
        Self {
            text,
            more_parts,
            ..self
        }
    }

    /// Whether every unit that was begun was kept.
    pub(super) fn kept_all(&self) -> bool {
        self.begun.len() == self.kept.len()
    }

    pub(super) fn table(&self) -> Table {
        self.table
    }

    /// What was kept.
    pub(super) fn cursors(&self) -> &[Cursor] {
        &self.kept
    }

    /// A reading that went well leaves no unit open.
    pub(super) fn assert_is_over(&self) {
        assert!(self.unit.is_none(), "neither kept nor discarded");
    }

    /// Every line of the file that was kept is accounted for.
    pub(super) fn assert_is_accounted_for(&self) {
        if let Some(text) = &self.text {
            text.check(&self.reported);
        }
    }

    fn unit(&mut self) -> &mut Unit {
        self.unit.as_mut().expect("a unit was begun")
    }

    /// Lines follow the header, and only grow. The numbers of a server's records come in any order: stock is told by
    /// place.
    fn move_to(&mut self, position: u64) {
        if self.source != Source::Files {
            return;
        }
        let unit = self.unit();
        assert!(position > unit.position.max(1), "line {position} again");
        unit.position = position;
        self.reported.begins(position);
    }

    fn check_cursor(&self, unit: &Unit, cursor: &Cursor) {
        match self.source {
            Source::Files => {
                assert_eq!(unit.read, unit.bytes, "kept before it was read whole");
                assert_eq!(cursor.mark, unit.label);
                let state: Vec<&str> = cursor.label.split(':').collect();
                let [rules, keys, settings, content, held, modified] = state[..] else {
                    panic!("no state: {}", cursor.label);
                };
                assert!(rules.bytes().all(|byte| byte.is_ascii_digit()));
                let makes_keys = self.table == Table::SalesLines;
                assert!(is_hash(keys, if makes_keys { 16 } else { 0 }), "{keys}");
                assert!(is_hash(settings, 16), "{settings}");
                assert!(is_hash(content, 32), "{content}");
                assert!(["", "i", "j", "n", "ij", "in"].contains(&held), "{held}");
                assert!(modified.parse::<i128>().is_ok(), "{modified}");
            }
            Source::Server { .. } => {
                self.source.assert_may_be_told(&cursor.label);
                assert_eq!(cursor.mark, unit.label);
            }
        }
    }
}

impl Sink for Audit {
    fn begin_unit(&mut self, label: &str, bytes: u64) -> Result<()> {
        self.assert_is_over();
        self.begun.insert(label.to_owned());
        self.reported = Reported::default();
        self.unit = Some(Unit {
            label: label.to_owned(),
            bytes,
            read: 0,
            position: 0,
            before: (self.rows, self.rejects),
        });
        Ok(())
    }

    fn row(&mut self, position: u64, record: &dyn Record) -> Result<()> {
        self.move_to(position);
        self.rows += 1;
        let (table, source) = (self.table, self.source);
        assert_eq!(record.table(), table);
        self.scratch.clear();
        self.scratch.push("", position, record);
        for row in self.scratch.iter() {
            let columns = table.columns();
            assert_eq!(row.values().count(), columns.len(), "one cell a column");
            for (column, value) in columns.iter().zip(row.values()) {
                let fits = is_canonical(table, source, column, value);
                assert!(fits, "{column}: {value:?}");
                if let (Some(_), Value::Text(value)) = (&self.text, value)
                    && let Some(known_by) = KnownBy::of(column, value, self.more_parts)
                {
                    self.reported.is_known_by(position, known_by);
                }
            }
            if let Some(Value::Text(key)) = row.values().next() {
                self.gathered.insert(key.to_owned());
            }
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject, key: Option<&str>) -> Result<()> {
        let position = reject.position.parse().expect("a number");
        self.move_to(position);
        self.rejects += 1;
        assert_eq!(reject.table, self.table);
        assert_eq!(reject.origin, self.unit().label);
        self.source.assert_may_be_told(&reject.reason);
        if let Some(value) = reject
            .value
            .as_deref()
            .filter(|value| !value.trim().is_empty())
        {
            self.source.assert_may_be_told(value);
        }
        match self.source {
            Source::Files => assert_eq!(reject.column.is_some(), reject.value.is_some()),
            Source::Server { .. } => assert!(reject.column.is_some() || reject.value.is_none()),
        }
        if let Some(key) = key {
            assert!(
                is_clean(key) && key.starts_with(self.source.prefix()),
                "{key}"
            );
            self.gathered.insert(key.to_owned());
            self.has_rejected = true;
        }
        Ok(())
    }

    fn present(&mut self, keys: Vec<String>) -> Result<()> {
        self.unit();
        assert!(
            keys.iter().all(|key| key.starts_with(self.source.prefix())),
            "{keys:?}"
        );
        self.present.extend(keys);
        Ok(())
    }

    /// As if the table held every other row.
    fn missing(&mut self, after: &str) -> Result<Vec<String>> {
        let later = self
            .present
            .range::<str, _>((Bound::Excluded(after), Bound::Unbounded));
        let missing = later.filter(|key| !self.gathered.contains(*key) && key.len() % 2 == 0);
        Ok(missing.take(MISSING_PAGE).cloned().collect())
    }

    fn keeps_old_rows(&mut self) -> Result<bool> {
        Ok(self.has_rejected)
    }

    fn remove_all(&mut self, prefix: &str, why: &str) -> Result<()> {
        assert!(
            prefix.starts_with(self.source.prefix()) && prefix.len() > self.source.prefix().len(),
            "{prefix}"
        );
        self.source.assert_may_be_told(why);
        Ok(())
    }

    /// Only sales have days that a file covers.
    fn covers(&mut self, first: Date, last: Date) -> Result<()> {
        self.unit();
        assert_eq!(self.table, Table::SalesLines);
        assert!(first <= last && is_day(self.source, first) && is_day(self.source, last));
        Ok(())
    }

    fn remember(&mut self, cursor: Cursor) -> Result<()> {
        self.assert_is_over();
        self.source.assert_may_be_told(&cursor.mark);
        self.source.assert_may_be_told(&cursor.label);
        Ok(())
    }

    fn forget(&mut self, mark: &str) -> Result<()> {
        self.source.assert_may_be_told(mark);
        Ok(())
    }

    fn fail(&mut self, error: Error) {
        self.source.assert_is_clear(&error);
    }

    fn left_aside(&mut self, row: Option<(&str, &str)>) -> Result<()> {
        self.unit();
        self.reported.passes();
        let keys = row.into_iter().flat_map(|(key, customer)| [key, customer]);
        for key in keys {
            assert!(
                key.starts_with(self.source.prefix()) && is_clean(key),
                "{key}"
            );
        }
        Ok(())
    }

    fn advance(&mut self, bytes: u64) -> Result<()> {
        let unit = self.unit();
        assert!((unit.read..=unit.bytes).contains(&bytes), "{bytes} bytes");
        unit.read = bytes;
        Ok(())
    }

    fn keep_unit(&mut self, cursor: Cursor) -> Result<()> {
        let unit = self.unit.take().expect("a unit was begun");
        self.check_cursor(&unit, &cursor);
        self.kept.push(cursor);
        Ok(())
    }

    fn discard_unit(&mut self) -> Result<()> {
        let unit = self.unit.take().expect("a unit was begun");
        (self.rows, self.rejects) = unit.before;
        self.reported = Reported::default();
        Ok(())
    }

    fn warn(&mut self, warning: String) {
        self.source.assert_may_be_told(&warning);
        self.reported.is_warned(&warning);
    }
}

/// Whether `text` is a hash of so many digits.
fn is_hash(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
