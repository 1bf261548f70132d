//! Turns rows of text into canonical records, one file per table.

mod amounts;
mod contacts;
mod customers;
mod margin;
mod products;
mod remembered;
pub(super) mod sale_key;
mod sales;
mod stock;
#[cfg(test)]
mod tests;
mod units;

use jiff::civil::Date;

use super::Isavigne;
use super::columns::Columns;
use super::documents::Documents;
use super::file_reading::row::{Cells, Refusal};
use super::invoices::Invoices;
use crate::canonical::{Catalog, Table};
use crate::connectors::Sink;
use crate::connectors::remarks::Remarks;

/// Prefix of every key but a product's: the connector's type, so that keys of two types never collide.
pub(super) const KEY_PREFIX: &str = "isavigne-";

/// Reads the rows of one file of one table.
pub(super) trait RowReader {
    /// Writes the row on line `line` as a record to `sink`, or returns why it is rejected.
    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Box<Refusal>>;

    /// Whether the column of types contained an invoice.
    fn saw_invoices(&self) -> bool {
        false
    }

    /// The first and the last day of the rows read.
    fn days(&self) -> Option<(Date, Date)> {
        None
    }

    /// A remark about the whole file.
    fn remark(&self) -> Option<String> {
        None
    }

    /// The key of the last refused row, if its key could be read. Only snapshots need it.
    fn refused_key(&self) -> Option<&str> {
        None
    }
}

/// Input of readers besides the row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) config: &'a Isavigne,
    /// Kind of documents in the file's name.
    pub(super) documents: Documents,
    /// Whether the connector has invoices: then orders do not count.
    pub(super) invoices: &'a Invoices,
    /// The file's name, for messages.
    pub(super) file: &'a str,
    pub(super) today: Date,
}

/// The reader of a file with `columns`.
pub(super) fn reader<'a>(columns: &Columns, context: Context<'a>) -> Box<dyn RowReader + 'a> {
    match columns.table() {
        Table::Customers => Box::new(customers::Customers::new(columns)),
        Table::Products => Box::new(products::Products::new(columns, context)),
        Table::SalesLines => Box::new(sales::Sales::new(columns, context)),
        Table::StockLevels => Box::new(stock::Stock::new(columns, context)),
        Table::ContactHistory => Box::new(contacts::Contacts::new(columns)),
    }
}

/// Sets `key` to `isavigne-` and the concatenated `parts`.
fn set_key(key: &mut String, parts: &[&str]) {
    key.clear();
    key.push_str(KEY_PREFIX);
    for part in parts {
        key.push_str(part);
    }
}
