//! Keeps customers who were erased at their request out of what is read: neither their rows nor their rejects leave the
//! reading thread, and their sales lines leave it without a name.

use foldhash::{HashMap, HashSet};
use xxhash_rust::xxh3::xxh3_64;

use crate::canonical::rows::{Row, Rows};
use crate::canonical::{
    Erased, Person, Reject, Table, contact, customer, push_without_firm, sale, text,
};

/// What becomes of a row.
pub(super) enum Fate {
    Kept,
    /// It is about the customer erased by this erasure.
    Out(i64),
    /// It has an address or number of the customer erased by this erasure, and a key that they did not have.
    OutIfNew(i64),
    /// A sale to an erased customer: its new key, and the alias.
    Nameless(String, String),
    /// It is about a customer who belongs to an erased firm.
    WithoutFirm,
}

/// The customers to keep out of one table of a source.
pub(super) struct Guard<'a> {
    erased: &'a Erased,
    table: Table,
    kept_out: KeptOut,
    /// What was kept out before the open unit, which may be discarded.
    before_unit: KeptOut,
    /// The last customer of a sales line, and the alias if they were erased: lines of a customer often stand together.
    last: (String, Option<String>),
}

/// What was kept out so far.
#[derive(Clone, Default)]
struct KeptOut {
    /// Places of the rows: Odoo may send a row twice.
    places: HashSet<u64>,
    /// Keys, folded, of customers who came under a new one in this load, each with the erasure.
    learned: HashMap<String, i64>,
}

impl<'a> Guard<'a> {
    pub(super) fn new(erased: &'a Erased, table: Table) -> Self {
        Self {
            erased,
            table,
            kept_out: KeptOut::default(),
            before_unit: KeptOut::default(),
            last: (String::new(), None),
        }
    }

    pub(super) fn erased(&self) -> &'a Erased {
        self.erased
    }

    pub(super) fn begin_unit(&mut self) {
        self.before_unit.clone_from(&self.kept_out);
    }

    /// Forgets what was kept out of the open unit: it may be read again.
    pub(super) fn discard_unit(&mut self) {
        self.kept_out.clone_from(&self.before_unit);
    }

    /// Whether the row at `position` of `unit` is kept out for the first time.
    pub(super) fn is_first(&mut self, unit: &str, position: &str) -> bool {
        self.kept_out
            .places
            .insert(xxh3_64(format!("{unit}:{position}").as_bytes()))
    }

    /// Records that the customer under `key` is kept out for good by `erasure`, whatever else is said of them.
    pub(super) fn learn(&mut self, key: &str, erasure: i64) {
        self.kept_out.learned.insert(text::fold(key), erasure);
    }

    pub(super) fn fate_of(&mut self, row: &Row<'_>) -> Fate {
        match self.table {
            Table::Customers => {
                let fate = self.fate_of_person(&Person {
                    key: row.key(),
                    emails: &[row.text(customer::COLUMN.email)],
                    phones: &[
                        row.text(customer::COLUMN.phone),
                        row.text(customer::COLUMN.mobile),
                    ],
                });
                match fate {
                    Fate::Kept if self.is_of_erased_firm(row) => Fate::WithoutFirm,
                    fate => fate,
                }
            }
            Table::ContactHistory => {
                let erasure = self.erased.by_key(row.text(contact::COLUMN.customer_key));
                erasure.map_or(Fate::Kept, |erasure| Fate::Out(erasure.id))
            }
            Table::SalesLines => {
                let customer = row.text(sale::COLUMN.customer_key);
                match self.nameless(row.key(), customer) {
                    Some((key, alias)) => Fate::Nameless(key, alias),
                    None => Fate::Kept,
                }
            }
            Table::Products | Table::StockLevels => Fate::Kept,
        }
    }

    pub(super) fn fate_of_person(&self, person: &Person<'_>) -> Fate {
        if let Some(erasure) = self.erasure_of(person.key) {
            return Fate::Out(erasure);
        }
        match self.erased.by_contact(person) {
            Some(erasure) if self.table == Table::Customers => Fate::OutIfNew(erasure.id),
            _ => Fate::Kept,
        }
    }

    /// The erasure of the customer with `key`, who may have come under it in this load.
    fn erasure_of(&self, key: &str) -> Option<i64> {
        let erasure = self.erased.by_key(key).map(|erasure| erasure.id);
        erasure.or_else(|| {
            let learned = &self.kept_out.learned;
            let is_known = !learned.is_empty();
            is_known.then(|| learned.get(&text::fold(key)).copied())?
        })
    }

    fn is_of_erased_firm(&self, row: &Row<'_>) -> bool {
        let firm = row.text(customer::COLUMN.company_key);
        self.table == Table::Customers && !firm.is_empty() && self.erasure_of(firm).is_some()
    }

    /// Appends `row`, which is kept, to `rows`, without the key of an erased firm.
    pub(super) fn push_kept(&self, rows: &mut Rows, row: &Row<'_>) {
        if self.is_of_erased_firm(row) {
            push_without_firm(rows, row);
        } else {
            rows.push_changed(row, |_, value| value);
        }
    }

    /// The key of a sales line of `customer` and the alias, where the customer was erased.
    pub(super) fn nameless(&mut self, key: &str, customer: &str) -> Option<(String, String)> {
        if self.last.0 != customer {
            let erasure = self.erased.by_key(customer);
            self.last = (
                customer.to_owned(),
                erasure.map(|erasure| erasure.alias.clone()),
            );
        }
        let alias = self.last.1.as_ref()?;
        Some((
            self.erased.nameless_key(key, customer, alias),
            alias.clone(),
        ))
    }

    /// The erasure of the customer whose row was rejected under `key`.
    pub(super) fn rejected(&self, reject: &Reject, key: Option<&str>) -> Option<i64> {
        let key = key.filter(|_| reject.table == Table::Customers)?;
        self.erased.by_key(key).map(|erasure| erasure.id)
    }
}
