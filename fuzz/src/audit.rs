//! A sink that keeps nothing and checks everything.

use crmreco::canonical::rows::{Record, Rows, Value};
use crmreco::canonical::{Cursor, Decimal, Reject, Table, text};
use crmreco::connectors::Sink;
use crmreco::error::Result;
use jiff::civil::Date;
use unicode_normalization::is_nfc;

use crate::estate::TODAY;

/// Checks every promise that a reading makes to whoever writes.
pub struct Audit {
    table: Table,
    unit: Option<Unit>,
    kept: Option<Cursor>,
    scratch: Rows,
    /// Rows read.
    pub(crate) rows: u64,
    /// Rows rejected.
    pub(crate) rejects: u64,
}

/// A file being read.
struct Unit {
    label: String,
    bytes: u64,
    read: u64,
    position: u64,
}

impl Audit {
    /// An audit of a reading of `table`.
    pub fn of(table: Table) -> Self {
        Self {
            table,
            unit: None,
            kept: None,
            scratch: Rows::default(),
            rows: 0,
            rejects: 0,
        }
    }

    pub(crate) fn table(&self) -> Table {
        self.table
    }

    pub(crate) fn cursor(&self) -> Option<&Cursor> {
        self.kept.as_ref()
    }

    pub(crate) fn into_cursor(self) -> Option<Cursor> {
        self.kept
    }

    /// A reading that went well leaves no unit open.
    pub(crate) fn assert_is_over(&self) {
        assert!(self.unit.is_none(), "neither kept nor discarded");
    }

    fn unit(&mut self) -> &mut Unit {
        self.unit.as_mut().expect("a unit was begun")
    }

    /// Positions follow the header and only grow.
    fn move_to(&mut self, position: u64) {
        let unit = self.unit();
        assert!(position > unit.position.max(1), "line {position} again");
        unit.position = position;
    }
}

impl Sink for Audit {
    fn begin_unit(&mut self, label: &str, bytes: u64) -> Result<()> {
        self.assert_is_over();
        self.unit = Some(Unit {
            label: label.to_owned(),
            bytes,
            read: 0,
            position: 0,
        });
        Ok(())
    }

    fn row(&mut self, position: u64, record: &dyn Record) -> Result<()> {
        self.move_to(position);
        self.rows += 1;
        assert_eq!(record.table(), self.table);
        self.scratch.clear();
        self.scratch.push("", position, record);
        for row in self.scratch.iter() {
            let columns = self.table.columns();
            assert_eq!(row.values().count(), columns.len(), "one cell a column");
            for (column, value) in columns.iter().zip(row.values()) {
                assert!(is_canonical(self.table, column, value), "{column}: {value:?}");
            }
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject, key: Option<&str>) -> Result<()> {
        let position = reject.position.parse().expect("a line number");
        self.move_to(position);
        self.rejects += 1;
        assert_eq!(reject.table, self.table);
        assert_eq!(reject.origin, self.unit().label);
        assert!(!reject.reason.is_empty(), "no reason: {reject:?}");
        assert_eq!(reject.column.is_some(), reject.value.is_some());
        assert!(key.is_none_or(|key| is_clean(key) && key.starts_with("isavigne-")));
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
        assert_eq!(unit.read, unit.bytes, "kept before it was read whole");
        assert_eq!(cursor.label, unit.label);
        assert_eq!(cursor.mark.len(), 32, "a hash: {}", cursor.mark);
        self.kept = Some(cursor);
        Ok(())
    }

    fn discard_unit(&mut self) -> Result<()> {
        self.unit.take().expect("a unit was begun");
        Ok(())
    }

    fn warn(&mut self, warning: String) {
        assert!(!warning.trim().is_empty(), "a warning that says nothing");
    }
}

/// Whether `column` of `table` may hold `value`.
fn is_canonical(table: Table, column: &str, value: Value<'_>) -> bool {
    let is_required = column.ends_with("_key") || matches!(column, "date_sale" | "date_contact");
    match value {
        Value::Null => !is_required,
        Value::Decimal(value) => value.abs() <= Decimal::MAX,
        Value::Integer(value) if column == "vintage" => {
            (1900..=i64::from(TODAY.year()) + 1).contains(&value)
        }
        Value::Integer(value) => value == 0 || value == 1,
        Value::Text(value) => is_clean(value) && is_canonical_text(table, column, value),
    }
}

fn is_canonical_text(table: Table, column: &str, value: &str) -> bool {
    match column {
        "product_key" => true,
        "customer_key" => value.starts_with("isavigne-"),
        _ if table.columns().first() == Some(&column) => value.starts_with("isavigne-"),
        "date_sale" | "date_contact" | "last_count_date" => value
            .parse::<Date>()
            .is_ok_and(|day| day.year() >= 1900 && day <= TODAY.tomorrow().unwrap_or(TODAY)),
        "country" => value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase()),
        "email" => value.matches('@').count() == 1 && value == value.to_lowercase(),
        "grape_varieties" | "flavors" => serde_json::from_str::<Vec<String>>(value)
            .is_ok_and(|items| !items.is_empty() && items.iter().all(|item| is_clean(item))),
        _ => true,
    }
}

/// Text as the tables hold it.
fn is_clean(value: &str) -> bool {
    !value.is_empty()
        && is_nfc(value)
        && text::clean(value) == value
        && !value.contains(char::is_control)
}
