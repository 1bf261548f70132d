//! What figures need of a sales line, wherever it is read.

use rusqlite::Row as TableRow;
use xxhash_rust::xxh3::xxh3_64;

use super::categories::Categories;
use super::purchases::Line;
use crate::canonical::rows::Row;
use crate::canonical::{Decimal, Table};
use crate::error::Result;

/// A sales line.
#[derive(Debug)]
pub(super) struct Sold<'a> {
    pub(super) customer: &'a str,
    pub(super) product: &'a str,
    /// Its document; empty where it has none.
    reference: &'a str,
    /// ISO 8601.
    day: &'a str,
    /// Ten-thousandths of a euro.
    total: i64,
    /// Ten-thousandths of a bottle.
    bottles: i64,
    /// Whether this run wrote it.
    pub(super) is_fresh: bool,
}

impl<'a> Sold<'a> {
    /// Columns of `sales_lines` as [`Sold::in_table`] takes them.
    pub(super) const COLUMNS: &'static str =
        "customer_key, product_key, order_ref, date_sale, price_total_eur,
         quantity_bottles_75cl_eq, run_id";

    /// The line in a `row` of the table, where `run` is under way.
    pub(super) fn in_table(row: &'a TableRow<'_>, run: i64) -> Result<Self> {
        let text =
            |column| -> Result<&'a str> { Ok(row.get_ref(column)?.as_str().unwrap_or_default()) };
        Ok(Self {
            customer: text(0)?,
            product: text(1)?,
            reference: text(2)?,
            day: text(3)?,
            total: ten_thousandths(row.get(4)?),
            bottles: ten_thousandths(row.get(5)?),
            is_fresh: row.get::<_, i64>(6)? == run,
        })
    }

    /// Bytes that [`Sold::pack`] takes.
    pub(super) fn packed_length(&self) -> usize {
        let texts = self.texts().into_iter();
        2 * size_of::<i64>()
            + 1
            + texts
                .map(|text| size_of::<u32>() + text.len())
                .sum::<usize>()
    }

    /// Appends the line to `bytes`. By hand, for a million lines: serde takes four times as long.
    pub(super) fn pack(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.total.to_le_bytes());
        bytes.extend_from_slice(&self.bottles.to_le_bytes());
        bytes.push(u8::from(self.is_fresh));
        for text in self.texts() {
            // The whole line is shorter than that.
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    }

    /// What [`Sold::pack`] made `bytes` of.
    pub(super) fn unpack(mut bytes: &'a [u8]) -> Option<Self> {
        let (total, bottles) = (
            i64::from_le_bytes(take(&mut bytes)?),
            i64::from_le_bytes(take(&mut bytes)?),
        );
        let [is_fresh] = take(&mut bytes)?;
        let mut text = || {
            let length = u32::from_le_bytes(take(&mut bytes)?);
            let text = bytes.split_off(..usize::try_from(length).ok()?)?;
            std::str::from_utf8(text).ok()
        };
        Some(Self {
            customer: text()?,
            product: text()?,
            reference: text()?,
            day: text()?,
            total,
            bottles,
            is_fresh: is_fresh != 0,
        })
    }

    fn texts(&self) -> [&'a str; 4] {
        [self.customer, self.product, self.reference, self.day]
    }

    /// The line as it is summed up.
    pub(super) fn line(&self, categories: &Categories) -> Line<'a> {
        Line {
            customer: self.customer,
            order: order(self.reference, self.day),
            day: self.day,
            total: self.total,
            bottles: self.bottles,
            category: categories.place(self.product),
            is_fresh: self.is_fresh,
        }
    }
}

/// Takes the first bytes off.
fn take<const COUNT: usize>(bytes: &mut &[u8]) -> Option<[u8; COUNT]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// What stands for the document `reference` among those of one customer: a hash, for there are millions. Lines
/// without a document are taken as one purchase a `day`.
fn order(reference: &str, day: &str) -> u64 {
    let order = if reference.is_empty() { day } else { reference };
    xxh3_64(order.as_bytes())
}

/// Exact: the column holds the double nearest to a multiple of one ten-thousandth.
fn ten_thousandths(real: Option<f64>) -> i64 {
    real.and_then(Decimal::from_real)
        .map_or(0, Decimal::ten_thousandths)
}

/// Where a row on its way to `sales_lines` has what figures need.
#[derive(Debug)]
pub(super) struct Columns {
    customer: usize,
    product: usize,
    reference: usize,
    day: usize,
    bottles: usize,
    total: usize,
}

impl Columns {
    pub(super) fn of_sales() -> Self {
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
            reference: place("order_ref"),
            day: place("date_sale"),
            bottles: place("quantity_bottles_75cl_eq"),
            total: place("price_total_eur"),
        }
    }

    /// The line in `row`.
    pub(super) fn read<'r>(&self, row: &Row<'r>, is_fresh: bool) -> Sold<'r> {
        let amount = |column| row.decimal(column).map_or(0, Decimal::ten_thousandths);
        Sold {
            customer: row.text(self.customer),
            product: row.text(self.product),
            reference: row.text(self.reference),
            day: row.text(self.day),
            total: amount(self.total),
            bottles: amount(self.bottles),
            is_fresh,
        }
    }
}
