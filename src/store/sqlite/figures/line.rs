//! The part of a sales line that customer figures need.

use rusqlite::Row as TableRow;
use rusqlite::types::ValueRef;
use xxhash_rust::xxh3::xxh3_64;

use crate::canonical::Decimal;
use crate::canonical::rows::Row;
use crate::canonical::sale::COLUMN;
use crate::error::Result;

/// Length of a packed line or of one of its texts, in bytes.
pub(super) type Length = [u8; size_of::<u32>()];

/// Bytes of a packed line before its texts: two amounts, its document, two lengths, and whether it is fresh.
const FIXED: usize = 3 * size_of::<u64>() + 2 * size_of::<Length>() + 1;

/// The columns of a sales line that customer figures need.
#[derive(Debug, PartialEq)]
pub(super) struct SalesLine<'a> {
    pub(super) customer: &'a str,
    pub(super) product: &'a str,
    /// Hash of its document.
    pub(super) order: u64,
    /// ISO 8601, as bytes: nearly no line's day is needed as text, and to check a million is slow.
    pub(super) day: &'a [u8],
    /// Ten-thousandths of a euro.
    pub(super) total: i64,
    /// Ten-thousandths of a bottle.
    pub(super) bottles: i64,
    /// Whether this run wrote the line.
    pub(super) is_fresh: bool,
}

impl<'a> SalesLine<'a> {
    /// Columns of `sales_lines` in the order that [`SalesLine::in_table`] reads.
    pub(super) const COLUMNS: &'static str =
        "customer_key, product_key, order_ref, date_sale, price_total_eur,
         quantity_bottles_75cl_eq, run_id";

    /// Reads the line from a table `row`; `run` is the current run.
    pub(super) fn in_table(row: &'a TableRow<'_>, run: i64) -> Result<Self> {
        let text =
            |column| -> Result<&'a str> { Ok(row.get_ref(column)?.as_str().unwrap_or_default()) };
        let bytes = |column| -> Result<&'a [u8]> {
            Ok(row.get_ref(column)?.as_bytes().unwrap_or_default())
        };
        let day = bytes(3)?;
        Ok(Self {
            customer: text(0)?,
            product: text(1)?,
            order: order(bytes(2)?, day),
            day,
            total: ten_thousandths(row.get_ref(4)?),
            bottles: ten_thousandths(row.get_ref(5)?),
            is_fresh: row.get_ref(6)? == ValueRef::Integer(run),
        })
    }

    /// Reads the line from a batch `row`.
    pub(super) fn in_batch(row: &Row<'a>, is_fresh: bool) -> Self {
        let amount = |column| row.decimal(column).map_or(0, Decimal::ten_thousandths);
        let day = row.text(COLUMN.date_sale).as_bytes();
        Self {
            customer: row.text(COLUMN.customer_key),
            product: row.text(COLUMN.product_key),
            order: order(row.text(COLUMN.order_ref).as_bytes(), day),
            day,
            total: amount(COLUMN.price_total_eur),
            bottles: amount(COLUMN.quantity_bottles_75cl_eq),
            is_fresh,
        }
    }

    /// Appends the length of the line (a [`Length`]) and the line to `bytes`. Hand-written for a million lines: serde
    /// takes four times as long.
    pub(super) fn pack(&self, bytes: &mut Vec<u8>) {
        let texts = [self.customer.as_bytes(), self.product.as_bytes(), self.day];
        let length = FIXED + texts.iter().map(|text| text.len()).sum::<usize>();
        let [customer, product] = [self.customer, self.product].map(|text| packed(text.len()));
        let numbers = [
            self.total.to_le_bytes(),
            self.bottles.to_le_bytes(),
            self.order.to_le_bytes(),
        ];
        bytes.extend_from_slice(&packed(length));
        bytes.extend_from_slice(numbers.as_flattened());
        bytes.extend_from_slice([customer, product].as_flattened());
        bytes.push(u8::from(self.is_fresh));
        for text in texts {
            bytes.extend_from_slice(text);
        }
    }

    /// Reads back what [`SalesLine::pack`] wrote, after the length.
    pub(super) fn unpack(mut bytes: &'a [u8]) -> Option<Self> {
        let total = i64::from_le_bytes(take(&mut bytes)?);
        let bottles = i64::from_le_bytes(take(&mut bytes)?);
        let order = u64::from_le_bytes(take(&mut bytes)?);
        let customer_length = u32::from_le_bytes(take(&mut bytes)?);
        let product_length = u32::from_le_bytes(take(&mut bytes)?);
        let [is_fresh] = take(&mut bytes)?;
        // Checked once for the three of them.
        let texts = str::from_utf8(bytes).ok()?;
        let (customer, texts) = texts.split_at_checked(usize::try_from(customer_length).ok()?)?;
        let (product, day) = texts.split_at_checked(usize::try_from(product_length).ok()?)?;
        Some(Self {
            customer,
            product,
            order,
            day: day.as_bytes(),
            total,
            bottles,
            is_fresh: is_fresh != 0,
        })
    }
}

/// No cell exceeds `u32`; a longer one would fail when it is read back.
fn packed(length: usize) -> Length {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

/// Inverse of [`packed`].
pub(super) fn length_of(packed: Length) -> usize {
    usize::try_from(u32::from_le_bytes(packed)).unwrap_or(usize::MAX)
}

/// Removes and returns the first bytes.
pub(super) fn take<const COUNT: usize>(bytes: &mut &[u8]) -> Option<[u8; COUNT]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// Hash of the document `reference`, which identifies it among the documents of one customer. Numbers of documents begin
/// again each year. Lines without a document count as one purchase per `day`.
fn order(reference: &[u8], day: &[u8]) -> u64 {
    if reference.is_empty() {
        return xxh3_64(day);
    }
    let year = day.first_chunk().copied().unwrap_or_default();
    // Not as a seed of the hash: without seeds, the hash of a row is computed in half the instructions.
    xxh3_64(reference) ^ u64::from(u32::from_le_bytes(year))
}

/// Exact: the column holds the double nearest to a multiple of one ten-thousandth.
fn ten_thousandths(cell: ValueRef<'_>) -> i64 {
    match cell {
        ValueRef::Real(real) => Decimal::from_real(real).map_or(0, Decimal::ten_thousandths),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_line_comes_out_as_it_went_in(
            texts in ["\\PC{0,20}", "\\PC{0,20}", "[0-9-]{0,10}"],
            numbers in any::<(u64, i64, i64)>(),
            is_fresh: bool,
            cut in 0..FIXED,
        ) {
            let ([customer, product, day], (order, total, bottles)) = (&texts, numbers);
            let day = day.as_bytes();
            let line = SalesLine { customer, product, order, day, total, bottles, is_fresh };
            let mut bytes = Vec::new();
            line.pack(&mut bytes);
            let (length, bytes) = bytes.split_first_chunk().unwrap();
            prop_assert_eq!(u32::from_le_bytes(*length) as usize, bytes.len());
            prop_assert_eq!(SalesLine::unpack(bytes), Some(line));
            prop_assert_eq!(SalesLine::unpack(&bytes[..cut]), None);
        }
    }
}
