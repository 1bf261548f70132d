//! What customers bought, summed up on their own rows.
//!
//! One scan of `sales_lines`, in the order in which it lies on disk. The lines of a few customers are folded as
//! they come; those of many are first dealt out to files by ranges of customers, then folded one range after the
//! other, so that memory holds one range whatever the number of lines and customers.
//!
//! A first load of very many lines deals them out on their way to the table, and spares the scan. A later one notes
//! them on their way: an export that repeats all there are spares it too.

mod categories;
mod customers;
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
use self::line::Line;
pub(super) use self::line_log::LineLog;
use self::line_log::Sifted;
use self::ranges::Ranges;
use self::touched::MOST_TOUCHED;
pub(super) use self::touched::Touched;
use super::row_counts::rows_held;
use crate::canonical::Table;
use crate::error::Result;
use crate::report::Counts;
use crate::store::load_report::{EXAMPLES, Unknown};
use crate::store::requests::LoadTarget;

/// Sales lines of one load that name a customer, or a product, that no table knows.
#[derive(Debug, Default)]
pub(super) struct Unknowns {
    pub(super) customers: Unknown,
    pub(super) products: Unknown,
}

/// All sales lines there are, as the load that ends saw them go by.
pub(super) enum Seen {
    Gathered(Gathered),
    LineLog(LineLog),
}

impl Seen {
    /// What went by in a load that counted `counts`, if it is what the table holds now, `rows` of them, each once.
    pub(super) fn all(
        gathered: Option<Gathered>,
        line_log: Option<LineLog>,
        counts: &Counts,
        rows: u64,
    ) -> Option<Self> {
        // A row that replaced another one, or went with its unit, was gathered too.
        let is_all = |gathered: &Gathered| {
            gathered.lines() == counts.inserted && counts.updated + counts.unchanged == 0
        };
        if let Some(gathered) = gathered.filter(is_all) {
            return Some(Self::Gathered(gathered));
        }
        // No key was noted twice, and each is in the table: as many as there are rows are all of them.
        Some(Self::LineLog(line_log?.if_all_of(rows)?))
    }
}

/// Figures the customers `touched` by a load again, and tells which of its `fresh` sales lines name nobody or
/// nothing known. `seen`: all sales lines there are, where the load saw them go by.
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
    let held = rows_held(db, target.source, Table::Customers)?;
    let categories = Categories::of(db, target.source)?;
    if held == 0 && categories.is_empty() {
        return nobody_and_nothing_known(db, target, fresh);
    }
    // Of many customers, to ask of each line whether it is of one of them takes longer than to fold those of all.
    let only = match touched {
        Touched::Some(keys) if keys.len() as u64 * 2 < held => Some(keys),
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
        Touched::All if held <= MOST_TOUCHED => scan.few(Customers::all(db, target)?, None),
        Touched::All => scan.many(held),
    }
}

/// Neither customers nor products were ever loaded: there is nothing to sum up, and no line to look at.
fn nobody_and_nothing_known(
    db: &Connection,
    target: &LoadTarget<'_>,
    fresh: u64,
) -> Result<Unknowns> {
    let unknown = |column| -> Result<Unknown> {
        let mut select = db.prepare(&format!(
            "SELECT DISTINCT {column} FROM sales_lines WHERE source = ?1 AND run_id = ?2 LIMIT {EXAMPLES}"
        ))?;
        let keys = select.query_map(params![target.source, target.run_id], |row| row.get(0))?;
        Ok(Unknown {
            lines: fresh,
            examples: keys.collect::<rusqlite::Result<_>>()?,
        })
    };
    Ok(Unknowns {
        customers: unknown("customer_key")?,
        products: unknown("product_key")?,
    })
}

/// Makes SQLite ask whether a customer is one of `keys`, under the name returned: most lines are nobody's who is
/// concerned, and nothing more is read of them. An `IN` of a table takes twice as long.
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

/// The sales lines there are.
struct Scan<'a> {
    db: &'a Connection,
    target: &'a LoadTarget<'a>,
    categories: &'a Categories,
    /// Those concerned, where they were noted; otherwise they are looked for in the table.
    line_log: Option<Sifted>,
}

impl Scan<'_> {
    /// Folds the lines, those of customers `only`, of customers that fit in memory.
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

    /// Deals the lines of very many customers out to ranges, and folds them range by range.
    fn many(self, held: u64) -> Result<Unknowns> {
        let (db, target, categories) = (self.db, self.target, self.categories);
        let mut ranges = Ranges::of_customers(db, target.source, held)?;
        self.each(None, |line| ranges.put(line))?;
        sum_up(ranges, db, target, categories)
    }

    /// Hands every line to `take`, or those of customers `only`; others may be among them.
    fn each(
        self,
        only: Option<&HashSet<String>>,
        take: impl FnMut(&Line<'_>) -> Result<()>,
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
        mut take: impl FnMut(&Line<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut select = self.db.prepare(&format!(
            "SELECT {} FROM sales_lines WHERE source = ?1 {which}",
            Line::COLUMNS
        ))?;
        let mut rows = select.query([self.target.source])?;
        while let Some(row) = rows.next()? {
            take(&Line::in_table(row, self.target.run_id)?)?;
        }
        Ok(())
    }
}
