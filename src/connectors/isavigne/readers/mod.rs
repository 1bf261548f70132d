//! Rows of text into canonical records, one file a table.

mod contacts;
mod customers;
mod products;
mod sales;
mod stock;
mod units;

use jiff::civil::Date;

use super::columns::Columns;
use super::reading::row::{Cells, Refusal};
use crate::canonical::{Catalog, Table};
use crate::connectors::Sink;
use crate::connectors::remarks::Remarks;

/// Begins every key but a product's: the connector's type, so that keys of two sources never meet.
const KEY_PREFIX: &str = "isavigne-";

/// Reads the rows of one file of one table.
pub(super) trait RowReader {
    /// Turns the row on line `line` into a record of `sink`, or says why it cannot be one.
    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal>;

    /// A row that cannot be read goes by: what is counted row by row must count it too.
    fn pass_over(&mut self, _cells: &Cells<'_>) {}

    /// The key of the row refused last, where that much of it could be read. Only snapshots need it.
    fn refused_key(&self) -> Option<&str> {
        None
    }
}

/// What readers need besides the row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) catalog: &'a Catalog,
    /// Bottles in a case that does not say.
    pub(super) case_size: u32,
    pub(super) today: Date,
}

/// The reader of a file with `columns`.
pub(super) fn reader<'a>(columns: &Columns, context: Context<'a>) -> Box<dyn RowReader + 'a> {
    match columns.table() {
        Table::Customers => Box::new(customers::Customers::new(columns)),
        Table::Products => Box::new(products::Products::new(context)),
        Table::SalesLines => Box::new(sales::Sales::new(context)),
        Table::StockLevels => Box::new(stock::Stock::new(context)),
        Table::ContactHistory => Box::<contacts::Contacts>::default(),
    }
}

/// Writes `isavigne-` and `parts`, one after the other, into `key`.
fn set_key(key: &mut String, parts: &[&str]) {
    key.clear();
    key.push_str(KEY_PREFIX);
    for part in parts {
        key.push_str(part);
    }
}
