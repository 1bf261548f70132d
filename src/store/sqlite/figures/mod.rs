//! Customer figures: what each customer bought, summed up in the customer's row.
//!
//! One scan of `sales_lines` in storage order. Lines of a few customers are folded directly. Lines of many customers
//! are first split into files by ranges of customer keys, then folded one range after the other: memory stays
//! constant for any number of lines and customers.
//!
//! A first load of very many lines splits them while it writes the table, and needs no scan. A later load logs
//! its lines: an export that repeats all existing lines needs no scan either.

mod categories;
mod customers;
mod documents;
mod gathered;
mod line;
mod line_log;
mod purchases;
mod ranges;
mod touched;

use foldhash::HashSet;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};

use self::categories::Categories;
use self::customers::{Customers, Writer};
pub use self::gathered::Gathered;
use self::gathered::sum_up;
use self::line::SalesLine;
pub(super) use self::line_log::LineLog;
use self::line_log::Sifted;
use self::ranges::Ranges;
use self::touched::MOST_TOUCHED;
pub(super) use self::touched::Touched;
use super::row_counts::row_count;
use super::values::from_sql;
use crate::canonical::Table;
use crate::error::Result;
use crate::report::Counts;
use crate::store::load_report::{EXAMPLES, Unknown};
use crate::store::requests::LoadTarget;

/// Sales lines of one load that refer to a customer or product missing from the tables.
#[derive(Debug, Default)]
pub(super) struct Unknowns {
    pub(super) customers: Unknown,
    pub(super) products: Unknown,
}

/// All existing sales lines, as the current load read them.
pub(super) enum Seen {
    Gathered(Gathered),
    LineLog(LineLog),
}

impl Seen {
    /// The lines of a load with `counts`, if they are exactly the `rows` rows of the table, each once.
    pub(super) fn all(
        gathered: Option<Gathered>,
        line_log: Option<LineLog>,
        counts: &Counts,
        rows: u64,
    ) -> Option<Self> {
        // A replaced or deleted row, or one of a discarded unit, was collected too.
        let is_all = |gathered: &Gathered| {
            gathered.lines() == counts.inserted
                && counts.updated + counts.unchanged + counts.deleted == 0
        };
        if let Some(gathered) = gathered.filter(is_all) {
            return Some(Self::Gathered(gathered));
        }
        // The keys of the log are distinct and all are in the table: with equal counts, the log is complete.
        Some(Self::LineLog(line_log?.if_all_of(rows)?))
    }
}

/// Recomputes the figures of the customers `touched` by a load, and returns which of its `fresh` sales lines refer to
/// unknown customers or products. `seen`: all sales lines, where the load read them all.
pub(super) fn refresh(
    db: &Connection,
    target: &LoadTarget<'_>,
    touched: &Touched,
    seen: Option<Seen>,
    fresh: u64,
) -> Result<Unknowns> {
    let line_log = match seen {
        Some(Seen::Gathered(gathered)) => return gathered.put(db, target),
        Some(Seen::LineLog(line_log)) => Some(line_log),
        None => None,
    };
    let customers_count = row_count(db, target.source, Table::Customers)?;
    let categories = Categories::of(db, target.source)?;
    if customers_count == 0 && categories.is_empty() {
        return nothing_to_sum_up(db, target, fresh);
    }
    // With at least half of the customers, testing each line takes longer than folding the lines of all.
    let only = match touched {
        Touched::Some(keys) if keys.len() as u64 * 2 < customers_count => Some(keys),
        Touched::Some(_) | Touched::All => None,
    };
    let scan = Scan {
        db,
        target,
        categories: &categories,
        line_log: line_log.map(|line_log| line_log.sift(only)).transpose()?,
    };
    match touched {
        Touched::Some(keys) => {
            let customers = Customers::named(db, target, &in_order(keys))?;
            scan.few(customers, only)
        }
        Touched::All if customers_count <= MOST_TOUCHED => {
            scan.few(Customers::all(db, target)?, None)
        }
        Touched::All => scan.many(customers_count),
    }
}

/// The unknown customers and products where none were ever loaded: no line needs to be read.
fn nothing_to_sum_up(db: &Connection, target: &LoadTarget<'_>, fresh: u64) -> Result<Unknowns> {
    let is_named = "customer_key NOT LIKE 'erased-%'";
    let unknown = |column, fresh, which: &str| -> Result<Unknown> {
        let mut select = db.prepare(&format!(
            "SELECT DISTINCT {column} FROM sales_lines WHERE source = ?1 AND run_id = ?2 AND {which} LIMIT {EXAMPLES}"
        ))?;
        let keys = select.query_map(params![target.source, target.run_id], |row| row.get(0))?;
        Ok(Unknown {
            lines: fresh,
            examples: keys.collect::<rusqlite::Result<_>>()?,
        })
    };
    let nameless = count_nameless(db, target)?;
    Ok(Unknowns {
        customers: unknown("customer_key", fresh.saturating_sub(nameless), is_named)?,
        products: unknown("product_key", fresh, "true")?,
    })
}

/// Sales lines of this run whose customers were erased. Reads no line where nobody was.
fn count_nameless(db: &Connection, target: &LoadTarget<'_>) -> Result<u64> {
    let count: i64 = db.query_row(
        "SELECT count(*) FROM sales_lines WHERE EXISTS (SELECT 1 FROM erasures WHERE source = ?1)
           AND source = ?1 AND run_id = ?2 AND customer_key LIKE 'erased-%'",
        params![target.source, target.run_id],
        |row| row.get(0),
    )?;
    Ok(from_sql(count))
}

/// Registers an SQL function that tests whether a customer is one of `keys`, and returns its name: SQLite then skips
/// the other columns of most lines. `IN` on a table takes twice as long.
fn register(db: &Connection, keys: &HashSet<String>) -> Result<&'static str> {
    const NAME: &str = "is_touched";
    let keys = keys.clone();
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    db.create_scalar_function(NAME, 1, flags, move |context| {
        let key = context.get_raw(0).as_str().unwrap_or_default();
        Ok(keys.contains(key))
    })?;
    Ok(NAME)
}

fn in_order(keys: &HashSet<String>) -> Vec<&str> {
    let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The lines to fold, from the line log or the table.
struct Scan<'a> {
    db: &'a Connection,
    target: &'a LoadTarget<'a>,
    categories: &'a Categories,
    /// The lines of the customers concerned, where the load logged them; otherwise the table is read.
    line_log: Option<Sifted>,
}

impl Scan<'_> {
    /// Folds the lines of customers who fit in memory; `only` limits them.
    fn few(self, mut customers: Customers, only: Option<&HashSet<String>>) -> Result<Unknowns> {
        let (db, target, categories) = (self.db, self.target, self.categories);
        let mut unknowns = Unknowns::default();
        self.each(only, |line| {
            customers.add(line, categories, &mut unknowns);
            Ok(())
        })?;
        Writer::prepare(db, target)?.put(&customers.changes(target.today))?;
        Ok(unknowns)
    }

    /// Splits the lines of very many customers into ranges, and folds them range by range.
    fn many(self, customers_count: u64) -> Result<Unknowns> {
        let (db, target, categories) = (self.db, self.target, self.categories);
        let mut ranges = Ranges::of_customers(db, target.source, customers_count)?;
        self.each(None, |line| ranges.put(line))?;
        sum_up(ranges, db, target, categories)
    }

    /// Passes every line to `take`, or those of customers `only`; some of others may be among them.
    fn each(
        self,
        only: Option<&HashSet<String>>,
        take: impl FnMut(&SalesLine<'_>) -> Result<()>,
    ) -> Result<()> {
        if let Some(line_log) = self.line_log {
            return line_log.each(take);
        }
        let Some(keys) = only else {
            return self.each_in_table("", take);
        };
        let is_touched = register(self.db, keys)?;
        self.each_in_table(&format!("AND {is_touched}(customer_key)"), take)?;
        Ok(self.db.remove_function(is_touched, 1)?)
    }

    fn each_in_table(
        &self,
        which: &str,
        mut take: impl FnMut(&SalesLine<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut select = self.db.prepare(&format!(
            "SELECT {} FROM sales_lines WHERE source = ?1 {which}",
            SalesLine::COLUMNS
        ))?;
        let mut rows = select.query([self.target.source])?;
        while let Some(row) = rows.next()? {
            take(&SalesLine::in_table(row, self.target.run_id)?)?;
        }
        Ok(())
    }
}
