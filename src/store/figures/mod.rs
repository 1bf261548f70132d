//! What customers bought, summed up on their own rows.
//!
//! One scan of `sales_lines`, in the order in which it lies on disk. The lines of a few customers are folded as
//! they come; those of many are first dealt out to files by ranges of customers, then folded one range after the
//! other, so that memory holds one range whatever the number of lines and customers.

mod customers;
mod purchases;
mod ranges;

use std::collections::HashSet;

use foldhash::{HashMap, HashMapExt};
use rusqlite::{Connection, params};

use self::customers::Customers;
use self::purchases::Line;
use self::ranges::Ranges;
use super::load::{LoadTarget, rows_held};
use super::upsert::{EXAMPLES, MOST_TOUCHED, Touched};
use crate::canonical::wine::Category;
use crate::canonical::{Decimal, Table};
use crate::error::Result;

/// The place in [`Category::ALL`] of what is no wine, or no wine we know.
const NO_WINE: usize = Category::ALL.len() - 1;

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
/// nothing known.
pub(super) fn refresh(
    db: &Connection,
    target: &LoadTarget<'_>,
    touched: &Touched,
    fresh: u64,
) -> Result<Unknowns> {
    let held = rows_held(db, target.source, Table::Customers)?;
    let sales = Sales {
        db,
        target,
        categories: categories(db, target.source)?,
    };
    match touched {
        _ if held == 0 && sales.categories.is_empty() => nobody_and_nothing_known(&sales, fresh),
        Touched::Some(keys) => few(&sales, Customers::named(db, target, &in_order(keys))?),
        Touched::All if held <= MOST_TOUCHED => few(&sales, Customers::all(db, target)?),
        Touched::All => many(&sales, held),
    }
}

/// Neither customers nor products were ever loaded: there is nothing to sum up, and no line to look at.
fn nobody_and_nothing_known(sales: &Sales<'_>, fresh: u64) -> Result<Unknowns> {
    let unknown = |column| -> Result<Unknown> {
        Ok(Unknown {
            lines: fresh,
            examples: sales.first_fresh(column)?,
        })
    };
    Ok(Unknowns {
        customers: unknown("customer_key")?,
        products: unknown("product_key")?,
    })
}

/// Folds the lines of customers that fit in memory.
fn few(sales: &Sales<'_>, mut customers: Customers<'_>) -> Result<Unknowns> {
    let mut unknowns = Unknowns::default();
    sales.scan(&mut unknowns.products, |line| {
        customers.add(line, &mut unknowns.customers);
        Ok(())
    })?;
    customers.put()?;
    Ok(unknowns)
}

/// Deals the lines out by ranges of customers, and folds them range by range.
fn many(sales: &Sales<'_>, held: u64) -> Result<Unknowns> {
    let mut unknowns = Unknowns::default();
    let mut ranges = Ranges::of_customers(sales.db, sales.target.source, held)?;
    sales.scan(&mut unknowns.products, |line| ranges.put(line))?;
    ranges.each(|from, to, lines| {
        let mut customers = Customers::between(sales.db, sales.target, from, to)?;
        lines.each(|line| customers.add(line, &mut unknowns.customers))?;
        customers.put()
    })?;
    Ok(unknowns)
}

fn in_order(keys: &HashSet<String>) -> Vec<&str> {
    let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The sales lines of one source, as figures need them.
struct Sales<'a> {
    db: &'a Connection,
    target: &'a LoadTarget<'a>,
    /// Of the products known, by key: places in [`Category::ALL`].
    categories: HashMap<String, usize>,
}

impl Sales<'_> {
    /// Hands every line to `take`, and counts fresh lines whose product nobody knows.
    fn scan(
        &self,
        unknown_products: &mut Unknown,
        mut take: impl FnMut(&Line<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut select = self.db.prepare(
            "SELECT customer_key, order_ref, date_sale, price_total_eur, quantity_bottles_75cl_eq,
                    product_key, run_id = ?2
             FROM sales_lines WHERE source = ?1",
        )?;
        let mut rows = select.query(params![self.target.source, self.target.run_id])?;
        while let Some(row) = rows.next()? {
            let product = row.get_ref(5)?.as_str().unwrap_or_default();
            let category = self.categories.get(product).copied();
            let is_fresh = row.get(6)?;
            if is_fresh && category.is_none() {
                unknown_products.add(product);
            }
            let day = row.get_ref(2)?.as_str().unwrap_or_default();
            take(&Line {
                customer: row.get_ref(0)?.as_str().unwrap_or_default(),
                // Lines without a document are taken as one purchase a day.
                order: purchases::order(row.get_ref(1)?.as_str().unwrap_or(day)),
                day,
                total: ten_thousandths(row.get(3)?),
                bottles: ten_thousandths(row.get(4)?),
                category: category.unwrap_or(NO_WINE),
                is_fresh,
            })?;
        }
        Ok(())
    }

    /// The first keys in `column` of lines this run wrote.
    fn first_fresh(&self, column: &str) -> Result<Vec<String>> {
        let mut select = self.db.prepare(&format!(
            "SELECT DISTINCT {column} FROM sales_lines WHERE source = ?1 AND run_id = ?2 LIMIT {EXAMPLES}"
        ))?;
        let keys = select.query_map(params![self.target.source, self.target.run_id], |row| {
            row.get(0)
        })?;
        Ok(keys.collect::<rusqlite::Result<_>>()?)
    }
}

/// Categories of the products of `source`, as places in [`Category::ALL`].
fn categories(db: &Connection, source: &str) -> Result<HashMap<String, usize>> {
    let mut statement =
        db.prepare("SELECT product_key, category FROM product_catalog WHERE source = ?1")?;
    let mut rows = statement.query([source])?;
    let mut categories = HashMap::new();
    while let Some(row) = rows.next()? {
        let name = row.get_ref(1)?.as_str().unwrap_or_default();
        let category = Category::ALL.iter().position(|one| one.as_str() == name);
        categories.insert(row.get(0)?, category.unwrap_or(NO_WINE));
    }
    Ok(categories)
}

/// Exact: the column holds the double nearest to a multiple of one ten-thousandth.
fn ten_thousandths(real: Option<f64>) -> i64 {
    real.and_then(Decimal::from_real)
        .map_or(0, Decimal::ten_thousandths)
}
