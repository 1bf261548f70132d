//! The sales lines of very many customers, collected on disk until they are summed up.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use jiff::civil::Date;
use rusqlite::Connection;

use super::Unknowns;
use super::categories::Categories;
use super::customers::{Change, Customers, Writer};
use super::line::SalesLine;
use super::ranges::{Lines, Ranges};
use super::touched::MOST_TOUCHED;
use crate::canonical::Table;
use crate::canonical::rows::{Row, Rows};
use crate::error::{Error, Result};
use crate::store::requests::LoadTarget;
use crate::store::sqlite::row_counts::row_count;

/// Sales lines collected for summing up.
#[derive(Debug)]
pub struct Gathered {
    ranges: Ranges,
    lines: u64,
}

impl Gathered {
    /// An empty collection for a load of sales lines with very many customers; `None` for any other load.
    pub(in crate::store) fn while_loading(
        db: &Connection,
        target: &LoadTarget<'_>,
    ) -> Result<Option<Self>> {
        let customers_count = row_count(db, target.source, Table::Customers)?;
        if target.table != Table::SalesLines || customers_count <= MOST_TOUCHED {
            return Ok(None);
        }
        Ok(Some(Self {
            ranges: Ranges::of_customers(db, target.source, customers_count)?,
            lines: 0,
        }))
    }

    /// Number of lines.
    pub(in crate::store) fn lines(&self) -> u64 {
        self.lines
    }

    /// Adds the rows of a batch.
    pub fn add(&mut self, rows: &Rows) -> Result<()> {
        rows.iter().try_for_each(|row| self.add_row(&row))
    }

    fn add_row(&mut self, row: &Row<'_>) -> Result<()> {
        self.lines += 1;
        self.ranges.put(&SalesLine::in_batch(row, true))
    }

    /// Sums up the lines.
    pub(super) fn put(self, db: &Connection, target: &LoadTarget<'_>) -> Result<Unknowns> {
        sum_up(self.ranges, db, target, &Categories::of(db, target.source)?)
    }
}

/// Sums up lines, one range of customers after the other: a thread folds one range while this one writes the range
/// before it.
pub(super) fn sum_up(
    lines: Ranges,
    db: &Connection,
    target: &LoadTarget<'_>,
    categories: &Categories,
) -> Result<Unknowns> {
    let today = target.today;
    let mut writer = Writer::prepare(db, target)?;
    thread::scope(|scope| {
        let (ranges, to_fold) = sync_channel(1);
        let (folded, to_write) = sync_channel(1);
        let thread = thread::Builder::new()
            .spawn_scoped(scope, move || fold(&to_fold, &folded, categories, today))
            .map_err(Error::no_thread)?;
        let mut under_way = 0;
        lines.each(|from, to, lines| {
            let customers = Customers::between(db, target, from, to)?;
            // A closed channel means that the folding thread failed; its error is returned below.
            under_way += usize::from(ranges.send((customers, lines)).is_ok());
            if under_way > 1
                && let Ok(changes) = to_write.recv()
            {
                under_way -= 1;
                writer.put(&changes)?;
            }
            Ok(())
        })?;
        drop(ranges);
        for changes in to_write {
            writer.put(&changes)?;
        }
        thread.join().unwrap_or_else(|_| {
            Err(
                Error::store("Les achats des clients n'ont pas pu être additionnés")
                    .hint("C'est un défaut de crmreco : signalez-le ; rien n'a été changé"),
            )
        })
    })
}

/// Folds ranges until the channel closes.
fn fold(
    to_fold: &Receiver<(Customers, Lines)>,
    folded: &SyncSender<Vec<Change>>,
    categories: &Categories,
    today: Date,
) -> Result<Unknowns> {
    let mut unknowns = Unknowns::default();
    while let Ok((mut customers, lines)) = to_fold.recv() {
        lines.each(|line| customers.add(line, categories, &mut unknowns))?;
        if folded.send(customers.changes(today)).is_err() {
            break; // The writer has failed; its error is returned.
        }
    }
    Ok(unknowns)
}
