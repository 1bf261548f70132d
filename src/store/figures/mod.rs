//! What customers bought, summed up on their own rows.
//!
//! One scan of `sales_lines`, in the order in which it lies on disk. The lines of a few customers are folded as
//! they come; those of many are first dealt out to files by ranges of customers, then folded one range after the
//! other, so that memory holds one range whatever the number of lines and customers.

mod categories;
mod customers;
mod gathered;
mod purchases;
mod ranges;
mod touched;

use std::collections::HashSet;

use rusqlite::{Connection, params};

use self::categories::Categories;
use self::customers::Customers;
pub(super) use self::gathered::Gathered;
use self::purchases::Line;
use self::touched::MOST_TOUCHED;
pub(super) use self::touched::Touched;
use super::EXAMPLES;
use super::load::{LoadTarget, rows_held};
use crate::canonical::{Decimal, Table};
use crate::error::Result;

/// Sales lines of a load that name something no table knows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// How many lines.
    pub lines: u64,
    /// The first keys they name.
    pub examples: Vec<String>,
}

impl Unknown {
    fn add(&mut self, key: &str) {
        self.lines += 1;
        if self.examples.len() < EXAMPLES && !self.examples.iter().any(|known| known == key) {
            self.examples.push(key.to_owned());
        }
    }
}

/// Sales lines of one load that name a customer, or a product, that no table knows.
#[derive(Debug, Default)]
pub(super) struct Unknowns {
    pub(super) customers: Unknown,
    pub(super) products: Unknown,
}

/// Figures the customers `touched` by a load again, and tells which of its `fresh` sales lines name nobody or
/// nothing known. `gathered`: all sales lines there are, where the load saw them go by.
pub(super) fn refresh(
    db: &Connection,
    target: &LoadTarget<'_>,
    touched: &Touched,
    gathered: Option<Gathered>,
    fresh: u64,
) -> Result<Unknowns> {
    if let Some(gathered) = gathered {
        return gathered.put(db, target);
    }
    let held = rows_held(db, target.source, Table::Customers)?;
    let categories = Categories::of(db, target.source)?;
    if held == 0 && categories.is_empty() {
        return nobody_and_nothing_known(db, target, fresh);
    }
    let scan = Scan {
        db,
        target,
        categories: &categories,
    };
    match touched {
        Touched::Some(keys) => scan.few(Customers::named(db, target, &in_order(keys))?, Some(keys)),
        Touched::All if held <= MOST_TOUCHED => scan.few(Customers::all(db, target)?, None),
        Touched::All => {
            let mut gathered = Gathered::nothing(db, target, held)?;
            scan.each(None, |line, product| gathered.take(line, product))?;
            gathered.put(db, target)
        }
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

fn in_order(keys: &HashSet<String>) -> Vec<&str> {
    let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The sales lines that stand in the table.
struct Scan<'a> {
    db: &'a Connection,
    target: &'a LoadTarget<'a>,
    categories: &'a Categories,
}

impl Scan<'_> {
    /// Folds the lines of customers that fit in memory: those of the keys `only`, or all.
    fn few(
        &self,
        mut customers: Customers<'_>,
        only: Option<&HashSet<String>>,
    ) -> Result<Unknowns> {
        let mut unknowns = Unknowns::default();
        self.each(only, |line, product| {
            if line.is_fresh && !self.categories.know(product) {
                unknowns.products.add(product);
            }
            customers.add(line, &mut unknowns.customers);
            Ok(())
        })?;
        customers.put()?;
        Ok(unknowns)
    }

    /// Hands every line to `take`, or those of the customers `only`, each with its product.
    fn each(
        &self,
        only: Option<&HashSet<String>>,
        mut take: impl FnMut(&Line<'_>, &str) -> Result<()>,
    ) -> Result<()> {
        let among = match only {
            None => "",
            Some(keys) => {
                note_touched(self.db, keys)?;
                "AND customer_key IN (SELECT key FROM temp.touched)"
            }
        };
        let mut select = self.db.prepare(&format!(
            "SELECT customer_key, order_ref, date_sale, price_total_eur, quantity_bottles_75cl_eq,
                    product_key, run_id
             FROM sales_lines WHERE source = ?1 {among}"
        ))?;
        let mut rows = select.query([self.target.source])?;
        while let Some(row) = rows.next()? {
            let product = row.get_ref(5)?.as_str().unwrap_or_default();
            let day = row.get_ref(2)?.as_str().unwrap_or_default();
            let line = Line {
                customer: row.get_ref(0)?.as_str().unwrap_or_default(),
                order: purchases::order(row.get_ref(1)?.as_str().unwrap_or_default(), day),
                day,
                total: ten_thousandths(row.get(3)?),
                bottles: ten_thousandths(row.get(4)?),
                category: self.categories.place(product),
                is_fresh: row.get::<_, i64>(6)? == self.target.run_id,
            };
            take(&line, product)?;
        }
        Ok(())
    }
}

fn note_touched(db: &Connection, keys: &HashSet<String>) -> Result<()> {
    db.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS touched (key TEXT PRIMARY KEY) WITHOUT ROWID;
         DELETE FROM temp.touched;",
    )?;
    let mut insert = db.prepare("INSERT INTO temp.touched VALUES (?1)")?;
    for key in keys {
        insert.execute([key])?;
    }
    Ok(())
}

/// Exact: the column holds the double nearest to a multiple of one ten-thousandth.
fn ten_thousandths(real: Option<f64>) -> i64 {
    real.and_then(Decimal::from_real)
        .map_or(0, Decimal::ten_thousandths)
}
