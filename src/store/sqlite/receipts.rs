//! The receipts of units: collected by a load, written in its transaction, read back for reports.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::Store;
use super::existing_rows::origin;
use super::missing::UnitRead;
use super::totals;
use super::unit_sums::{RowSums, UnitSums, WrittenRows};
use super::values::{from_sql, to_sql};
use crate::canonical::{Decimal, Table, Total};
use crate::error::Result;
use crate::report::{Expected, SourceSays, SourceTotals, StoredNow, Sums, UnitHeld, UnitReceipt};
use crate::store::requests::LoadTarget;

/// The receipts of the units of a load.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    kept: Vec<(UnitReceipt, WrittenRows)>,
    /// What the open unit holds besides its rows, and its size.
    open: Option<(UnitHeld, u64)>,
    /// What the source says of rows.
    pub(super) expected: Vec<Expected>,
    /// Rows that the load wrote may have been deleted by it.
    is_lost: bool,
}

impl Receipts {
    pub(super) fn hold(&mut self, held: UnitHeld, bytes: u64) {
        self.open = Some((held, bytes));
    }

    pub(super) fn discard(&mut self) {
        self.open = None;
    }

    /// Forgets which rows of the load are in the table.
    pub(super) fn lose_track(&mut self) {
        self.is_lost = true;
    }

    /// Keeps the receipt of `unit`, whose cursor has `mark`.
    pub(super) fn keep(
        &mut self,
        (unit, mark): (&UnitRead, &str),
        left_aside: u64,
        sums: &mut UnitSums,
    ) {
        for (label, rows) in &sums.take_overtaken() {
            self.overtake(label, rows);
        }
        let rows = unit.rows + unit.rejected + left_aside;
        let of_rows = || UnitHeld {
            lines: rows,
            ..UnitHeld::default()
        };
        let (held, bytes) = self.open.take().unwrap_or_else(|| (of_rows(), 0));
        let receipt = UnitReceipt {
            table: sums.table(),
            label: unit.origin.clone(),
            mark: mark.to_owned(),
            bytes,
            left_aside,
            accepted: unit.rows,
            rejected: unit.rejected,
            replaced: sums.replaced.rows,
            sums: sums.accepted(),
            written: None,
            source: SourceSays::of_closing(&held.closing),
            held,
        };
        self.kept.push((receipt, sums.written()));
    }

    /// A later unit replaced `rows` of the unit called `label`.
    fn overtake(&mut self, label: &str, rows: &RowSums) {
        let unit = self
            .kept
            .iter_mut()
            .rev()
            .find(|(kept, _)| kept.label == label);
        match unit {
            Some((_, written)) => written.subtract(rows),
            None => self.is_lost = true,
        }
    }
}

/// Writes the receipts of a load that is about to be committed.
pub(super) fn insert(db: &Connection, target: &LoadTarget<'_>, receipts: Receipts) -> Result<()> {
    let Receipts {
        kept,
        expected,
        is_lost,
        ..
    } = receipts;
    let mut insert = db.prepare_cached(
        "INSERT INTO units VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
             ?19, ?20, ?21)",
    )?;
    for (ordinal, (receipt, written)) in (0_u64..).zip(kept) {
        let written = (!is_lost).then(|| written.into_sums());
        let of_server = expected.iter().find(|one| one.origin == receipt.mark);
        let source = match of_server {
            Some(expected) => Some(server_says(db, target, expected)?),
            None => receipt.source,
        };
        insert.execute(params![
            target.run_id,
            target.table.report_name(),
            to_sql(ordinal),
            target.source,
            receipt.label,
            receipt.mark,
            to_sql(receipt.bytes),
            to_sql(receipt.held.lines),
            to_sql(receipt.held.header),
            to_sql(receipt.held.empty),
            to_sql(receipt.held.totals),
            to_sql(receipt.left_aside + receipt.held.unused),
            to_sql(receipt.accepted),
            to_sql(receipt.rejected),
            to_sql(receipt.replaced),
            json(&receipt.sums),
            written.as_ref().map(|(rows, _)| to_sql(*rows)),
            written.as_ref().map(|(_, sums)| json(sums)),
            source.as_ref().map(|source| json(&source.before)),
            source
                .as_ref()
                .and_then(|source| source.after.as_ref())
                .map(json),
            source.as_ref().map(|source| json(&source.compared)),
        ])?;
    }
    Ok(())
}

/// What a server said, with the rows that are stored.
fn server_says(
    db: &Connection,
    target: &LoadTarget<'_>,
    expected: &Expected,
) -> Result<SourceSays> {
    let keys = (expected.keys.0.as_str(), expected.keys.1.as_str());
    let column = expected.column.as_deref();
    let (rows, euros) = totals::stored(db, (target.source, target.table), keys, column)?;
    Ok(SourceSays::of_server(
        expected,
        &SourceTotals { rows, euros },
    ))
}

/// The newest run of a source with receipts.
const NEWEST: &str = "SELECT max(run_id) FROM units WHERE source = ?1";

impl Store {
    /// The number of the newest run of `source` that has receipts.
    pub fn newest_run_with_receipts(&self, source: &str) -> Result<Option<i64>> {
        Ok(self.db.query_row(NEWEST, [source], |row| row.get(0))?)
    }

    /// The receipts of run `run_id` of `source`, in loading order.
    pub fn receipts(&self, source: &str, run_id: i64) -> Result<Vec<UnitReceipt>> {
        let mut select = self.db.prepare_cached(
            "SELECT table_name, label, mark, bytes, lines, header_lines, empty_lines, totals_lines, left_aside, accepted,
                 rejected, replaced, sums, written, written_sums, source_sums, source_sums_after, compared_sums
             FROM units WHERE source = ?1 AND run_id = ?2 ORDER BY ordinal",
        )?;
        let receipts = select.query_map(params![source, run_id], receipt)?;
        let mut receipts: Vec<UnitReceipt> = receipts.collect::<rusqlite::Result<_>>()?;
        receipts.sort_by_key(|receipt| receipt.table); // Stable: by ordinal within a table.
        Ok(receipts)
    }

    /// The rows in `table` that run `run_id` of `source` wrote, by unit; `None` where a later run may have changed them, or
    /// an erasure. Of customers, also those whose figures it computed anew. Scans the table: a third of a second for a million rows.
    pub fn stored_by_unit(
        &self,
        source: &str,
        run_id: i64,
        table: Table,
    ) -> Result<Option<BTreeMap<String, StoredNow>>> {
        // Figures and segments of customers change without any being read.
        let later = match table {
            Table::Customers => "SELECT 1 FROM runs WHERE source = ?1 AND ?2 = ?2 AND run_id > ?3",
            _ => "SELECT 1 FROM units WHERE source = ?1 AND table_name = ?2 AND run_id > ?3",
        };
        let is_changed: bool = self.db.query_row(
            &format!("SELECT EXISTS ({later})"),
            params![source, table.report_name(), run_id],
            |row| row.get(0),
        )?;
        let is_of_people = matches!(table, Table::Customers | Table::ContactHistory);
        if is_changed || (is_of_people && self.has_erased(source)?) {
            return Ok(None);
        }
        let columns = table.summed();
        let names: Vec<&str> = columns
            .iter()
            .map(|column| table.column_name(*column))
            .collect();
        let listed = [&["source_ref"][..], &names].concat().join(", ");
        let sql = format!(
            "SELECT {listed} FROM {} WHERE source = ?1 AND run_id = ?2",
            table.sql_name()
        );
        let mut select = self.db.prepare(&sql)?;
        let mut rows = select.query(params![source, run_id])?;
        let mut found: BTreeMap<String, (u64, Vec<Total>)> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let label = origin(row.get_ref(0)?.as_str().unwrap_or_default());
            if !found.contains_key(label) {
                found.insert(label.to_owned(), (0, vec![Total::ZERO; columns.len()]));
            }
            let Some((count, sums)) = found.get_mut(label) else {
                continue;
            };
            *count += 1;
            for (sum, at) in sums.iter_mut().zip(1..) {
                let value: Option<f64> = row.get(at)?;
                if let Some(value) = value.and_then(Decimal::from_real) {
                    *sum += value;
                }
            }
        }
        let stored = found.into_iter().map(|(label, (rows, sums))| {
            let sums = names.iter().map(|name| (*name).to_owned()).zip(sums);
            let sums = sums.collect();
            (label, StoredNow { rows, sums })
        });
        Ok(Some(stored.collect()))
    }

    /// Whether customers of `source` were erased.
    fn has_erased(&self, source: &str) -> Result<bool> {
        let any = self.db.query_row(
            "SELECT 1 FROM erasures WHERE source = ?1 LIMIT 1",
            [source],
            |_| Ok(()),
        );
        Ok(any.optional()?.is_some())
    }
}

fn receipt(row: &Row<'_>) -> rusqlite::Result<UnitReceipt> {
    let table: String = row.get(0)?;
    let count = |at| -> rusqlite::Result<u64> { Ok(from_sql(row.get(at)?)) };
    let sums = |at| -> rusqlite::Result<Option<Sums>> {
        let text: Option<String> = row.get(at)?;
        Ok(text.as_deref().map(parsed))
    };
    let written: Option<i64> = row.get(13)?;
    let written = written.map(from_sql).zip(sums(14)?);
    let source = match (sums(15)?, sums(17)?) {
        (Some(before), Some(compared)) => Some(SourceSays {
            before,
            after: sums(16)?,
            compared,
        }),
        _ => None,
    };
    Ok(UnitReceipt {
        table: Table::from_report_name(&table).unwrap_or(Table::Customers),
        label: row.get(1)?,
        mark: row.get(2)?,
        bytes: count(3)?,
        held: UnitHeld {
            lines: count(4)?,
            header: count(5)?,
            empty: count(6)?,
            totals: count(7)?,
            ..UnitHeld::default()
        },
        left_aside: count(8)?,
        accepted: count(9)?,
        rejected: count(10)?,
        replaced: count(11)?,
        sums: sums(12)?.unwrap_or_default(),
        written,
        source,
    })
}

/// `{"price_total_eur": "12.5"}`
fn json(sums: &Sums) -> String {
    let texts: BTreeMap<&str, String> = sums
        .iter()
        .map(|(column, sum)| (column.as_str(), sum.to_string()))
        .collect();
    serde_json::to_string(&texts).unwrap_or_else(|_| "{}".to_owned())
}

fn parsed(text: &str) -> Sums {
    let texts: BTreeMap<String, String> = serde_json::from_str(text).unwrap_or_default();
    let sums = texts.into_iter();
    sums.filter_map(|(column, sum)| Some((column, Total::parse(&sum)?)))
        .collect()
}
