//! What customers bought, summed up on their own rows.
//!
//! One scan of `sales_lines`, in the order in which it lies on disk. The lines of a few customers are folded as
//! they come; those of many are first dealt out to files by ranges of customers, then folded one range after the
//! other, so that memory holds one range whatever the number of lines and customers.
//!
//! A first load of very many lines deals them out on their way to the table, and spares the scan.

mod categories;
mod customers;
mod gathered;
mod purchases;
mod ranges;
mod touched;

use foldhash::HashSet;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Row, params};

use self::categories::Categories;
use self::customers::{Customers, Writer};
pub use self::gathered::Gathered;
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
        Touched::Some(keys) => {
            let customers = Customers::named(db, target, &in_order(keys))?;
            let is_touched = register(db, keys)?;
            let unknowns = scan.few(customers, &format!("AND {is_touched}(customer_key)"))?;
            db.remove_function(is_touched, 1)?;
            Ok(unknowns)
        }
        Touched::All if held <= MOST_TOUCHED => scan.few(Customers::all(db, target)?, ""),
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

/// The sales lines that stand in the table.
struct Scan<'a> {
    db: &'a Connection,
    target: &'a LoadTarget<'a>,
    categories: &'a Categories,
}

impl Scan<'_> {
    /// Folds the lines, those that are `only` so, of customers that fit in memory.
    fn few(&self, mut customers: Customers, only: &str) -> Result<Unknowns> {
        let mut unknowns = Unknowns::default();
        self.each(only, |row, is_fresh| {
            let (line, product) = self.line(row, is_fresh)?;
            if is_fresh && !self.categories.know(product) {
                unknowns.products.add(product);
            }
            customers.add(&line, &mut unknowns.customers);
            Ok(())
        })?;
        Writer::prepare(self.db, self.target)?.put(&customers.changes(self.target.today))?;
        Ok(unknowns)
    }

    /// Gathers the lines of very many customers, and folds them range by range.
    fn many(&self, held: u64) -> Result<Unknowns> {
        let mut gathered = Gathered::nothing(self.db, self.target, held)?;
        self.each("", |row, is_fresh| {
            let (line, product) = self.line(row, is_fresh)?;
            gathered.take(&line, product)
        })?;
        gathered.put(self.db, self.target)
    }

    /// Hands every row that is `only` so to `take`, and whether this run wrote it.
    fn each(&self, only: &str, mut take: impl FnMut(&Row<'_>, bool) -> Result<()>) -> Result<()> {
        let mut select = self.db.prepare(&format!(
            "SELECT customer_key, run_id, product_key, order_ref, date_sale, price_total_eur,
                    quantity_bottles_75cl_eq
             FROM sales_lines WHERE source = ?1 {only}"
        ))?;
        let mut rows = select.query([self.target.source])?;
        while let Some(row) = rows.next()? {
            take(row, row.get::<_, i64>(1)? == self.target.run_id)?;
        }
        Ok(())
    }

    /// The line in `row`, and its product.
    fn line<'r>(&self, row: &'r Row<'_>, is_fresh: bool) -> Result<(Line<'r>, &'r str)> {
        let text =
            |column| -> Result<&'r str> { Ok(row.get_ref(column)?.as_str().unwrap_or_default()) };
        let (product, day) = (text(2)?, text(4)?);
        let line = Line {
            customer: text(0)?,
            order: purchases::order(text(3)?, day),
            day,
            total: ten_thousandths(row.get(5)?),
            bottles: ten_thousandths(row.get(6)?),
            category: self.categories.place(product),
            is_fresh,
        };
        Ok((line, product))
    }
}

/// Exact: the column holds the double nearest to a multiple of one ten-thousandth.
fn ten_thousandths(real: Option<f64>) -> i64 {
    real.and_then(Decimal::from_real)
        .map_or(0, Decimal::ten_thousandths)
}
