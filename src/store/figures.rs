//! What customers bought, summed up on their own rows.
//!
//! One scan of `sales_lines` in customer order, folded one customer at a time: nothing but the current
//! customer and the catalogue's categories is held in memory.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use rusqlite::{CachedStatement, Connection, Row, params};

use super::load::LoadTarget;
use super::to_sql;
use super::upsert::{EXAMPLES, Touched};
use crate::canonical::Decimal;
use crate::canonical::segment::{Segment, segment};
use crate::canonical::wine::Category;
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
    fn add(&mut self, lines: u64, key: &str) {
        if lines == 0 {
            return;
        }
        self.lines += lines;
        if self.examples.len() < EXAMPLES && !self.examples.iter().any(|known| known == key) {
            self.examples.push(key.to_owned());
        }
    }
}

/// Bottles by category, in the order of [`Category::ALL`].
type Bottles = [i64; Category::ALL.len()];

/// What one customer bought in all.
#[derive(Debug, Default)]
struct Figures {
    first: String,
    last: String,
    /// Ten-thousandths of a euro; wide enough for any number of lines.
    total: i128,
    orders: HashSet<String>,
    bottles: Bottles,
    /// Lines this run wrote.
    fresh_lines: u64,
}

/// Figures as they stand in a customer's row.
#[derive(Debug, Default, PartialEq)]
struct Columns {
    first: Option<String>,
    last: Option<String>,
    total: f64,
    orders: i64,
    average: Option<f64>,
    category: Option<String>,
    segment: String,
}

/// Figures the customers `touched` by a load again, and says which lines of it name nobody or nothing known.
/// `may_empty_somebody`: the load may have taken a customer's last line.
pub(super) fn refresh(
    db: &Connection,
    target: &LoadTarget<'_>,
    touched: &Touched,
    may_empty_somebody: bool,
) -> Result<(Unknown, Unknown)> {
    let mut writer = Writer::prepare(db, target)?;
    let categories = categories(db, target.source)?;
    let mut unknown_products = Unknown::default();
    let mut sales = db.prepare(&sales_sql(db, touched)?)?;
    let mut lines = sales.query(params![target.source, target.run_id])?;
    let mut customer = String::new();
    let mut figures = Figures::default();
    while let Some(line) = lines.next()? {
        let key = line.get_ref(0)?.as_str().unwrap_or_default();
        if key != customer {
            writer.put(&customer, &figures)?;
            customer.clear();
            customer.push_str(key);
            figures = Figures::default();
        }
        let product = line.get_ref(5)?.as_str().unwrap_or_default();
        let category = categories.get(product).copied();
        let fresh: bool = line.get(6)?;
        if fresh && category.is_none() {
            unknown_products.add(1, product);
        }
        figures.add(line, category.unwrap_or(Category::Autre))?;
    }
    writer.put(&customer, &figures)?;
    if may_empty_somebody {
        writer.empty_the_rest(touched)?;
    }
    Ok((writer.unknown, unknown_products))
}

/// The lines of the customers concerned, customer by customer.
fn sales_sql(db: &Connection, touched: &Touched) -> Result<String> {
    let only = match touched {
        Touched::All => "",
        Touched::Some(keys) => {
            db.execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS touched (key TEXT PRIMARY KEY) WITHOUT ROWID;
                 DELETE FROM temp.touched;",
            )?;
            let mut insert = db.prepare("INSERT INTO temp.touched VALUES (?1)")?;
            for key in keys {
                insert.execute([key])?;
            }
            "AND customer_key IN (SELECT key FROM temp.touched)"
        }
    };
    Ok(format!(
        "SELECT customer_key, order_ref, date_sale, price_total_eur, quantity_bottles_75cl_eq,
                product_key, run_id = ?2
         FROM sales_lines WHERE source = ?1 {only} ORDER BY customer_key"
    ))
}

fn categories(db: &Connection, source: &str) -> Result<HashMap<String, Category>> {
    let mut statement =
        db.prepare("SELECT product_key, category FROM product_catalog WHERE source = ?1")?;
    let mut rows = statement.query([source])?;
    let mut categories = HashMap::new();
    while let Some(row) = rows.next()? {
        let name = row.get_ref(1)?.as_str().unwrap_or_default();
        let category = Category::ALL.into_iter().find(|one| one.as_str() == name);
        categories.insert(row.get(0)?, category.unwrap_or(Category::Autre));
    }
    Ok(categories)
}

impl Figures {
    fn add(&mut self, line: &Row<'_>, category: Category) -> Result<()> {
        let date = line.get_ref(2)?.as_str().unwrap_or_default();
        if self.first.is_empty() || date < self.first.as_str() {
            date.clone_into(&mut self.first);
        }
        if date > self.last.as_str() {
            date.clone_into(&mut self.last);
        }
        // Lines without a document are taken as one purchase a day.
        let order = line.get_ref(1)?.as_str().unwrap_or(date);
        if !self.orders.contains(order) {
            self.orders.insert(order.to_owned());
        }
        self.total += i128::from(ten_thousandths(line.get(3)?));
        let bottles = ten_thousandths(line.get(4)?);
        let at = Category::ALL.iter().position(|&one| one == category);
        if let Some(sum) = at.and_then(|at| self.bottles.get_mut(at)) {
            *sum = sum.saturating_add(bottles);
        }
        self.fresh_lines += u64::from(line.get::<_, bool>(6)?);
        Ok(())
    }

    fn columns(&self, today: Date) -> Columns {
        let orders = self.orders.len() as u64;
        let total = decimal(self.total);
        let last_purchase = self.last.parse().ok();
        let average = (orders > 0).then(|| decimal(self.total / i128::from(orders.max(1))));
        let favourite = self.bottles.iter().enumerate().filter(|(_, sum)| **sum > 0);
        let favourite = favourite.max_by_key(|&(at, &sum)| (sum, std::cmp::Reverse(at)));
        Columns {
            first: some_text(&self.first),
            last: some_text(&self.last),
            total: total.to_real(),
            orders: to_sql(orders),
            average: average.map(Decimal::to_real),
            category: favourite
                .and_then(|(at, _)| Category::ALL.get(at))
                .map(|category| category.as_str().to_owned()),
            segment: segment(last_purchase, orders, total, today)
                .as_str()
                .to_owned(),
        }
    }
}

fn some_text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Exact: the column holds the double nearest to a multiple of one ten-thousandth.
fn ten_thousandths(real: Option<f64>) -> i64 {
    real.and_then(Decimal::from_real)
        .map_or(0, Decimal::ten_thousandths)
}

/// A sum as an amount; sums beyond what an amount can hold stop at the bound.
fn decimal(ten_thousandths: i128) -> Decimal {
    let bound = i128::from(Decimal::MAX.ten_thousandths());
    let kept = i64::try_from(ten_thousandths.clamp(-bound, bound)).unwrap_or(0);
    Decimal::from_ten_thousandths(kept)
}

/// Puts figures on customers' rows, touching only rows whose figures change.
struct Writer<'s> {
    source: &'s str,
    run_id: i64,
    now: &'s str,
    today: Date,
    select: CachedStatement<'s>,
    update: CachedStatement<'s>,
    figured: CachedStatement<'s>,
    db: &'s Connection,
    unknown: Unknown,
}

impl<'s> Writer<'s> {
    fn prepare(db: &'s Connection, target: &LoadTarget<'s>) -> Result<Self> {
        db.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS figured (key TEXT PRIMARY KEY) WITHOUT ROWID;
             DELETE FROM temp.figured;",
        )?;
        Ok(Self {
            source: target.source,
            run_id: target.run_id,
            now: target.now,
            today: target.today,
            select: db.prepare_cached(
                "SELECT first_purchase_date, last_purchase_date, total_spent_eur, purchase_count,
                        avg_order_value_eur, preferred_category, segment
                 FROM customers WHERE source = ?1 AND customer_key = ?2",
            )?,
            update: db.prepare_cached(
                "UPDATE customers SET first_purchase_date = ?3, last_purchase_date = ?4,
                        total_spent_eur = ?5, purchase_count = ?6, avg_order_value_eur = ?7,
                        preferred_category = ?8, segment = ?9, run_id = ?10, updated_at = ?11
                 WHERE source = ?1 AND customer_key = ?2",
            )?,
            figured: db.prepare_cached("INSERT OR IGNORE INTO temp.figured VALUES (?1)")?,
            db,
            unknown: Unknown::default(),
        })
    }

    fn put(&mut self, customer: &str, figures: &Figures) -> Result<()> {
        if customer.is_empty() {
            return Ok(());
        }
        self.figured.execute([customer])?;
        let Some(old) = self.current(customer)? else {
            self.unknown.add(figures.fresh_lines, customer);
            return Ok(());
        };
        let new = figures.columns(self.today);
        if new != old {
            self.update.execute(params![
                self.source,
                customer,
                new.first,
                new.last,
                new.total,
                new.orders,
                new.average,
                new.category,
                new.segment,
                self.run_id,
                self.now,
            ])?;
        }
        Ok(())
    }

    fn current(&mut self, customer: &str) -> Result<Option<Columns>> {
        let mut rows = self.select.query(params![self.source, customer])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        Ok(Some(Columns {
            first: row.get(0)?,
            last: row.get(1)?,
            total: row.get(2)?,
            orders: row.get(3)?,
            average: row.get(4)?,
            category: row.get(5)?,
            segment: row.get(6)?,
        }))
    }

    /// Customers whose lines all went to somebody else have bought nothing any more.
    fn empty_the_rest(&self, touched: &Touched) -> Result<()> {
        let among = match touched {
            Touched::All => "",
            Touched::Some(_) => "AND customer_key IN (SELECT key FROM temp.touched)",
        };
        self.db.execute(
            &format!(
                "UPDATE customers SET first_purchase_date = NULL, last_purchase_date = NULL,
                        total_spent_eur = 0, purchase_count = 0, avg_order_value_eur = NULL,
                        preferred_category = NULL, segment = ?2, run_id = ?3, updated_at = ?4
                 WHERE source = ?1 AND purchase_count > 0 {among}
                   AND customer_key NOT IN (SELECT key FROM temp.figured)"
            ),
            params![
                self.source,
                Segment::Prospect.as_str(),
                self.run_id,
                self.now
            ],
        )?;
        Ok(())
    }
}
