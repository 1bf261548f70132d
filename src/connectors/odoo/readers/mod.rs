//! Rows of Odoo into canonical records, one file a model.

mod contacts;
mod customers;
mod opt_outs;
mod products;
mod sales;
mod stock;

use super::domain::Domain;
use super::failure::Failure;
use super::model::{Fields, Model};
use super::record::{Fault, Record};
use super::references::{Basis, Common};
use super::row::Row;
use super::session::Session;
use crate::canonical::{Catalog, Person, Table};
use crate::connectors::Sink;
use crate::connectors::remarks::Remarks;

pub(super) use contacts::Contacts;
pub(super) use customers::Customers;
pub(super) use products::Products;
pub(super) use sales::sales_readers;
pub(super) use stock::StockReading;

/// Begins every key: the connector's type, so that keys of two sources never meet.
pub(super) const KEY_PREFIX: &str = "odoo-";

/// Reads the rows of one model.
pub(super) trait ModelReader: Send {
    /// The model.
    fn model(&self) -> &'static Model;

    /// Which of its rows belong to the table.
    fn domain(&self, scene: &Scene<'_>) -> Domain;

    /// What else its rows are made of: when that is written, they are read again.
    fn parts(&self) -> Vec<Part>;

    /// Identifies how far its rows were read, among the cursors of its table.
    fn mark(&self) -> &'static str {
        self.model().name
    }

    /// Whether a server whose model has `fields` can have such rows at all.
    fn is_possible(&self, _fields: &Fields) -> bool {
        true
    }

    /// What a sync does without when the user may not see the rows, in French; `None`: the table fails then.
    fn can_do_without(&self) -> Option<&'static str> {
        None
    }

    /// Rows that do not belong to the table, and that a warning counts.
    fn left_out(&self, _scene: &Scene<'_>) -> Vec<LeftOut> {
        Vec::new()
    }

    /// Reads what rows depend on; what changes without a change of a part goes into `basis`.
    fn prepare(&mut self, scene: &Scene<'_>, basis: &mut Basis) -> Result<(), Failure>;

    /// Reads what the rows of a page need beside.
    fn begin_page(&mut self, _scene: &Scene<'_>, _page: &[Row<'_>]) -> Result<(), Failure> {
        Ok(())
    }

    /// Turns the row numbered and keyed `place` into a record of `sink`, or says why it cannot be one.
    fn read_row(
        &mut self,
        scene: &Scene<'_>,
        record: Record<'_>,
        place: (u64, &str),
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal>;

    /// What sums its rows up, and the column that holds the same amount; `None`: nothing does.
    fn sum(&self) -> Option<(Sum, &'static str)> {
        None
    }

    /// Whether every row gives a record, so that the server's count is that of the table.
    fn is_countable(&self) -> bool {
        true
    }

    /// Whether row `id` was read and gives no record.
    fn gives_nothing(&self, _id: u64) -> bool {
        false
    }

    /// What begins the keys of its rows.
    fn prefix(&self) -> &'static str {
        KEY_PREFIX
    }

    /// The key of row `id`.
    fn key(&self, id: u64) -> String {
        format!("{}{id}", self.prefix())
    }

    /// The number of the row whose key is `key`; nothing where it is another model's.
    fn id_of(&self, key: &str) -> Option<u64> {
        key.strip_prefix(self.prefix())?.parse().ok()
    }

    /// What was read in spite of a doubt.
    fn remarks(&self) -> &Remarks;

    /// What could not be read, in French.
    fn warnings(&self) -> &[String] {
        &[]
    }
}

/// Records that rows of another model are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// The way from the row to them.
    pub(super) path: &'static str,
    /// Their model.
    pub(super) model: &'static str,
}

/// What a reader needs to read rows.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) session: &'a Session,
    pub(super) common: &'a Common,
    /// The fields of the model that this server has.
    pub(super) fields: &'a Fields,
    /// The existing products.
    pub(super) catalog: &'a Catalog,
    /// No wine is of a later vintage.
    pub(super) next_year: i16,
}

/// Rows left out, and the sentence for one and for several.
pub(super) struct LeftOut {
    pub(super) domain: Domain,
    /// What sums them up.
    pub(super) sum: Option<Sum>,
    pub(super) one: &'static str,
    pub(super) several: &'static str,
}

/// An amount of rows that the server sums up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum {
    pub(super) field: &'static str,
    /// The field of its currency; `None`: there is none to group by.
    pub(super) currency: Option<&'static str>,
    /// The currency of amounts that name none; empty: unknown.
    pub(super) usual_currency: &'static str,
    /// Whether it is a debit, without taxes: a sale is a credit in the books.
    pub(super) is_debit: bool,
}

impl Scene<'_> {
    /// Rows of the company that was asked for, or of none in particular; all where none was asked for.
    fn of_company(&self) -> Domain {
        match self.session.server.company {
            Some(company) => {
                Domain::all().and("company_id", "in", serde_json::json!([company, false]))
            }
            None => Domain::all(),
        }
    }
}

/// Why a row gives no record.
pub(super) enum Refusal {
    /// It says something that cannot be understood.
    Row(Fault),
    /// Nothing more can be read, or written.
    Stop(Failure),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Row(fault)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Stop(failure)
    }
}

impl From<crate::error::Error> for Refusal {
    fn from(error: crate::error::Error) -> Self {
        Self::Stop(error.into())
    }
}

/// What a page of rows gave.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PageRead {
    pub(super) has_rejects: bool,
    /// Records of the page; one that gives several rows of the table counts as many.
    pub(super) records: u64,
    /// Records that give no row of the table.
    pub(super) unused: u64,
}

/// Has `reader` read each row of `page`; what it refuses becomes a reject of `table`.
pub(super) fn read_page(
    reader: &mut dyn ModelReader,
    table: Table,
    scene: &Scene<'_>,
    page: &[Row<'_>],
    sink: &mut dyn Sink,
) -> Result<PageRead, Failure> {
    let model = reader.model().name;
    let mut read = PageRead::default();
    let has_erased = sink.erased().is_some();
    let mut key = String::new();
    for row in page {
        let id = row.id()?;
        set_key(&mut key, reader.prefix(), id);
        if has_erased && is_erased(table, Record(row), (id, &key), sink)? {
            read.records += 1;
            continue;
        }
        let given = sink.given();
        match reader.read_row(scene, Record(row), (id, &key), sink) {
            Ok(()) => {}
            Err(Refusal::Row(fault)) => {
                read.has_rejects = true;
                sink.reject(fault.reject(table, model, id), Some(&key))?;
            }
            Err(Refusal::Stop(failure)) => return Err(failure),
        }
        let given = sink.given() - given;
        read.records += given.max(1);
        read.unused += u64::from(given == 0);
    }
    Ok(read)
}

/// Whether the row numbered and keyed `place` is one of a customer who was erased at their request: no message may show
/// it. A value that cannot be read names nobody.
fn is_erased(
    table: Table,
    record: Record<'_>,
    (id, key): (u64, &str),
    sink: &mut dyn Sink,
) -> Result<bool, Failure> {
    if table == Table::ContactHistory {
        let Ok(customer) = record.id_in("res_id") else {
            return Ok(false);
        };
        let key = &format!("{KEY_PREFIX}{customer}");
        let person = Person {
            key,
            ..Person::default()
        };
        return Ok(sink.keeps_out(id, &person)?);
    }
    if table != Table::Customers {
        return Ok(false);
    }
    let text = |field| record.text(field).ok().flatten().unwrap_or_default();
    let person = Person {
        key,
        emails: &[&text("email"), &text("email_normalized")],
        phones: &[&text("phone"), &text("mobile")],
    };
    Ok(sink.keeps_out(id, &person)?)
}

/// Writes `prefix` and `id` into `key`.
fn set_key(key: &mut String, prefix: &str, id: u64) {
    use std::fmt::Write as _;
    key.clear();
    key.push_str(prefix);
    // Writing to a String cannot fail.
    let _ = write!(key, "{id}");
}
