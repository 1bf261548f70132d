//! A group of customers whose figures are summed up together, and their rows.

use foldhash::HashMap;
use jiff::civil::Date;
use rusqlite::{Connection, Row, Statement, ToSql};
use smol_str::SmolStr;

use super::Unknowns;
use super::categories::Categories;
use super::line::SalesLine;
use super::purchases::{Figures, Purchases};
use crate::canonical::is_alias;
use crate::error::Result;
use crate::store::requests::LoadTarget;
use crate::store::sqlite::statements::{COMMON, bind_common};
use crate::store::sqlite::values::short_text;

/// Some customers of one source, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Customers {
    places: HashMap<SmolStr, usize>,
    in_order: Vec<Customer>,
}

#[derive(Debug)]
struct Customer {
    key: SmolStr,
    old: Figures,
    bought: Purchases,
    /// Whether contacts belong to it: what they bought counts for its segment, which is found later.
    is_firm: bool,
}

/// New figures of a customer.
#[derive(Debug)]
pub(super) struct Change {
    key: SmolStr,
    new: Figures,
}

/// Customer columns in the order that [`Customers::push_row`] reads.
const COLUMNS: &str =
    "customer_key, first_purchase_date, last_purchase_date, total_spent_eur, purchase_count,
     avg_order_value_eur, preferred_category, segment,
     EXISTS (SELECT 1 FROM customers AS contact WHERE contact.source = customers.source
                 AND contact.company_key = customers.customer_key) AS is_firm";

impl Customers {
    /// All customers of the source.
    pub(super) fn all(db: &Connection, target: &LoadTarget<'_>) -> Result<Self> {
        Self::between(db, target, None, None)
    }

    /// The customers among `keys` that exist.
    pub(super) fn named(db: &Connection, target: &LoadTarget<'_>, keys: &[&str]) -> Result<Self> {
        let mut customers = Self::default();
        let mut select = db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM customers WHERE source = ?1 AND customer_key = ?2"
        ))?;
        for key in keys {
            let mut rows = select.query([target.source, key])?;
            if let Some(row) = rows.next()? {
                customers.push_row(row)?;
            }
        }
        Ok(customers)
    }

    /// The customers whose keys are at least `from` and less than `to`.
    pub(super) fn between(
        db: &Connection,
        target: &LoadTarget<'_>,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Self> {
        let mut customers = Self::default();
        let before = if to.is_some() {
            "AND customer_key < ?3"
        } else {
            ""
        };
        let mut select = db.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM customers WHERE source = ?1 AND customer_key >= ?2 {before}
             ORDER BY customer_key"
        ))?;
        let from = from.unwrap_or_default();
        let mut rows = match to {
            Some(to) => select.query([target.source, from, to])?,
            None => select.query([target.source, from])?,
        };
        while let Some(row) = rows.next()? {
            customers.push_row(row)?;
        }
        Ok(customers)
    }

    fn push_row(&mut self, row: &Row<'_>) -> Result<()> {
        let key = short_text(row, 0)?;
        self.places.insert(key.clone(), self.in_order.len());
        self.in_order.push(Customer {
            key,
            old: Figures {
                first: row.get(1)?,
                last: row.get(2)?,
                total: row.get(3)?,
                orders: row.get(4)?,
                average: row.get(5)?,
                category: row.get(6)?,
                segment: row.get(7)?,
            },
            bought: Purchases::default(),
            is_firm: row.get(8)?,
        });
        Ok(())
    }

    /// Adds a line to its customer's purchases. A line of this run counts as unknown when its customer is not in the
    /// group: every existing customer that a load changes is in it.
    pub(super) fn add(
        &mut self,
        line: &SalesLine<'_>,
        categories: &Categories,
        unknowns: &mut Unknowns,
    ) {
        let place = self.places.get(line.customer);
        match place.and_then(|&place| self.in_order.get_mut(place)) {
            Some(customer) => {
                let category = categories.place(line, &mut unknowns.products);
                customer.bought.add(line, category);
            }
            None if line.is_fresh => {
                if !is_alias(line.customer) {
                    unknowns.customers.add(line.customer);
                }
                categories.place(line, &mut unknowns.products);
            }
            None => {}
        }
    }

    /// The figures that changed, as of `today`. A customer without lines gets zeros.
    pub(super) fn changes(self, today: Date) -> Vec<Change> {
        let changes = self.in_order.into_iter().filter_map(|customer| {
            let mut new = customer.bought.figures(today);
            if customer.is_firm {
                new.segment.clone_from(&customer.old.segment);
            }
            (new != customer.old).then_some(Change {
                key: customer.key,
                new,
            })
        });
        changes.collect()
    }
}

/// Writes customer figures to the customers' rows.
pub(super) struct Writer<'s> {
    update: Statement<'s>,
}

impl<'s> Writer<'s> {
    pub(super) fn prepare(db: &'s Connection, target: &LoadTarget<'_>) -> Result<Self> {
        let mut update = db.prepare(
            "UPDATE customers SET first_purchase_date = ?5, last_purchase_date = ?6,
                    total_spent_eur = ?7, purchase_count = ?8, avg_order_value_eur = ?9,
                    preferred_category = ?10, segment = ?11, run_id = ?2, updated_at = ?3
             WHERE source = ?1 AND customer_key = ?4",
        )?;
        bind_common(&mut update, target.source, target.run_id, target.now)?;
        Ok(Self { update })
    }

    pub(super) fn put(&mut self, changes: &[Change]) -> Result<()> {
        for Change { key, new } in changes {
            let values = [
                &key.as_str() as &dyn ToSql,
                &new.first,
                &new.last,
                &new.total,
                &new.orders,
                &new.average,
                &new.category,
                &new.segment,
            ];
            for (value, at) in values.into_iter().zip(COMMON + 1..) {
                self.update.raw_bind_parameter(at, value)?;
            }
            self.update.raw_execute()?;
        }
        Ok(())
    }
}
