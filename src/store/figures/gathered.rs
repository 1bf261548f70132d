//! The sales lines of very many customers, gathered on disk until they can be summed up.

use rusqlite::Connection;

use super::categories::Categories;
use super::customers::Customers;
use super::purchases::{self, Line};
use super::ranges::Ranges;
use super::touched::MOST_TOUCHED;
use super::{Unknown, Unknowns};
use crate::canonical::rows::Row;
use crate::canonical::{Decimal, Table};
use crate::error::Result;
use crate::store::load::{LoadTarget, rows_held};

/// Sales lines on their way to be summed up.
#[derive(Debug)]
pub(in crate::store) struct Gathered {
    ranges: Ranges,
    categories: Categories,
    unknown_products: Unknown,
    columns: Columns,
}

/// Where a row of `sales_lines` has what figures need.
#[derive(Debug)]
struct Columns {
    customer: usize,
    product: usize,
    order: usize,
    day: usize,
    bottles: usize,
    total: usize,
}

impl Columns {
    fn of_sales() -> Self {
        let place = |name| {
            let columns = Table::SalesLines.columns();
            columns
                .iter()
                .position(|column| *column == name)
                .unwrap_or_default()
        };
        Self {
            customer: place("customer_key"),
            product: place("product_key"),
            order: place("order_ref"),
            day: place("date_sale"),
            bottles: place("quantity_bottles_75cl_eq"),
            total: place("price_total_eur"),
        }
    }
}

impl Gathered {
    /// For the lines of a load into an empty table, which see them all go by, where there are very many customers:
    /// to read them again would take longer than to write them.
    pub(in crate::store) fn while_loading(
        db: &Connection,
        target: &LoadTarget<'_>,
    ) -> Result<Option<Self>> {
        let held = rows_held(db, target.source, Table::Customers)?;
        let is_worth_it = target.table == Table::SalesLines && held > MOST_TOUCHED;
        is_worth_it
            .then(|| Self::nothing(db, target, held))
            .transpose()
    }

    /// Nothing yet, for the lines of `held` customers.
    pub(super) fn nothing(db: &Connection, target: &LoadTarget<'_>, held: u64) -> Result<Self> {
        Ok(Self {
            ranges: Ranges::of_customers(db, target.source, held)?,
            categories: Categories::of(db, target.source)?,
            unknown_products: Unknown::default(),
            columns: Columns::of_sales(),
        })
    }

    /// Takes a row that has just been inserted.
    pub(in crate::store) fn add(&mut self, row: &Row<'_>) -> Result<()> {
        let columns = &self.columns;
        let amount = |column| row.decimal(column).map_or(0, Decimal::ten_thousandths);
        let (product, day) = (row.text(columns.product), row.text(columns.day));
        let line = Line {
            customer: row.text(columns.customer),
            order: purchases::order(row.text(columns.order), day),
            day,
            total: amount(columns.total),
            bottles: amount(columns.bottles),
            category: self.categories.place(product),
            is_fresh: true,
        };
        self.take(&line, product)
    }

    /// Takes a line, whose category is that of `product`.
    pub(super) fn take(&mut self, line: &Line<'_>, product: &str) -> Result<()> {
        if line.is_fresh && !self.categories.know(product) {
            self.unknown_products.add(product);
        }
        self.ranges.put(line)
    }

    /// Sums the lines up, one range of customers after the other.
    pub(super) fn put(self, db: &Connection, target: &LoadTarget<'_>) -> Result<Unknowns> {
        let mut unknowns = Unknowns {
            products: self.unknown_products,
            ..Unknowns::default()
        };
        self.ranges.each(|from, to, lines| {
            let mut customers = Customers::between(db, target, from, to)?;
            lines.each(|line| customers.add(line, &mut unknowns.customers))?;
            customers.put()
        })?;
        Ok(unknowns)
    }
}
