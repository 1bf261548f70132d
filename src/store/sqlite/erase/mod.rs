//! Erasure of a customer at their request (GDPR, article 17): out of every table, and kept out of later loads.
//!
//! Their sales lines stay, under an alias in place of their key and without notes, so that sums by month and product
//! stay equal. What keeps them out is a keyed hash of their key, address and numbers.

mod again;
mod found;
mod lines;
mod overwrite;
mod traces;

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{Connection, OptionalExtension, params};
use tracing::info;

use self::traces::Traces;
use super::database::Store;
use super::row_counts::{row_count, set_row_count};
use crate::canonical::{Erased, Erasure, ErasureSecret, Mark, Table, text};
use crate::error::{Error, Result};
use crate::store::results::{ErasedCounts, FoundCustomer};

/// The source of marks that count for all connectors.
const EVERYWHERE: &str = "";

/// Random bytes of an alias.
const ALIAS_BYTES: usize = 8;

impl Store {
    /// The erased customers whom a sync of `source` keeps out; `None` where there are none.
    pub fn erased(&self, source: &str) -> Result<Option<Erased>> {
        let db = &self.db;
        let mut select = db.prepare_cached(
            "SELECT mark, erasure_id, alias FROM erasure_marks JOIN erasures USING (erasure_id)
             WHERE erasure_marks.source IN (?1, ?2)",
        )?;
        let marks = select.query_map([source, EVERYWHERE], |row| {
            let erasure = Erasure {
                id: row.get(1)?,
                alias: row.get(2)?,
            };
            Ok((Mark(row.get(0)?), erasure))
        })?;
        let marks: Vec<(Mark, Erasure)> = marks.collect::<rusqlite::Result<_>>()?;
        let secret = secret(db)?.filter(|_| !marks.is_empty());
        Ok(secret.map(|secret| Erased::of(secret, marks)))
    }

    /// Erases `customer` from all that was loaded from their source, in one transaction, and records what keeps them
    /// out; `now` as in [`LoadTarget`](crate::store::LoadTarget). The caller holds the connector's lock, and calls
    /// [`Store::overwrite_erased`] afterwards. `waiting` is called while others write; its error ends the wait.
    pub fn erase(
        &self,
        customer: &FoundCustomer,
        now: &str,
        waiting: impl FnMut() -> Result<()>,
    ) -> Result<ErasedCounts> {
        self.db.pragma_update(None, "secure_delete", true)?;
        let erased = self.write_waiting(waiting, |db| Erasing { db, customer }.erase(now));
        self.db.pragma_update(None, "secure_delete", false)?;
        let erased = erased?;
        info!(source = customer.source, ?erased, "customer erased");
        Ok(erased)
    }
}

/// The erasure of one customer.
struct Erasing<'a> {
    db: &'a Connection,
    customer: &'a FoundCustomer,
}

impl Erasing<'_> {
    fn erase(&self, now: &str) -> Result<ErasedCounts> {
        let (db, source, key) = (self.db, &self.customer.source, &self.customer.key);
        let secret = secret_or_new(db)?;
        let traces = Traces::of(db, source, key)?;
        let (id, alias) = new_erasure(db, source, now)?;
        keep_mark(db, (source, self.key_mark(&secret)?), id)?;
        for mark in self.contact_marks(&secret, &traces)? {
            keep_mark(db, (EVERYWHERE, mark), id)?;
        }
        take_out(db, &secret, (source, key), (&traces, &alias), now)
    }

    /// The mark of the key; of its case alone where another customer of the source has the key in another one.
    fn key_mark(&self, secret: &ErasureSecret) -> Result<Mark> {
        let FoundCustomer { source, key } = self.customer;
        let folded = text::fold(key);
        let mut others = self.db.prepare(
            "SELECT customer_key FROM customers WHERE source = ?1 AND customer_key <> ?2",
        )?;
        let mut others = others.query([source, key])?;
        while let Some(other) = others.next()? {
            if text::fold(other.get_ref(0)?.as_str().unwrap_or_default()) == folded {
                return Ok(secret.exact_key(key));
            }
        }
        Ok(secret.key(key))
    }

    /// The marks of the address and the numbers that no other customer of the source has: a household may share them.
    fn contact_marks(&self, secret: &ErasureSecret, traces: &Traces) -> Result<Vec<Mark>> {
        let mut is_shared = self.db.prepare(
            "SELECT EXISTS (SELECT 1 FROM customers WHERE source = ?1 AND customer_key <> ?2
                AND (email = ?3 OR phone = ?3 OR mobile = ?3))",
        )?;
        let FoundCustomer { source, key } = self.customer;
        let mut marks = Vec::new();
        let emails = traces.emails.iter().map(|text| (text, secret.email(text)));
        let phones = traces.phones.iter().map(|text| (text, secret.phone(text)));
        for (text, mark) in emails.chain(phones) {
            if !is_shared.query_row(params![source, key, text], |row| row.get(0))? {
                marks.extend(mark);
            }
        }
        Ok(marks)
    }
}

/// Takes the customer with `key` out of all rows, rejects and messages of `source`; their lines stay under `alias`.
fn take_out(
    db: &Connection,
    secret: &ErasureSecret,
    (source, key): (&str, &str),
    (traces, alias): (&Traces, &str),
    now: &str,
) -> Result<ErasedCounts> {
    let (rejects, rejects_blanked) = traces.out_of_rejects(db, source)?;
    let messages = traces.out_of_messages(db, source)?;
    lines::leave_firm(db, (source, key), now)?;
    Ok(ErasedCounts {
        customers: remove(db, source, key, Table::Customers)?,
        sales_lines: lines::make_nameless(db, secret, (source, key), alias, now)?,
        contacts: remove(db, source, key, Table::ContactHistory)?,
        rejects: rejects + rejects_blanked,
        messages,
    })
}

/// Records that the new customer with `key`, who has an address or a number of the customer erased by `id`, is the same
/// one: their lines lose their name too.
pub(super) fn learn(
    db: &Connection,
    (source, key): (&str, &str),
    id: i64,
    now: &str,
) -> Result<()> {
    let Some(secret) = secret(db)? else {
        return Ok(());
    };
    let alias = "SELECT alias FROM erasures WHERE erasure_id = ?1";
    let alias: String = db.query_row(alias, [id], |row| row.get(0))?;
    keep_mark(db, (source, secret.key(key)), id)?;
    lines::make_nameless(db, &secret, (source, key), &alias, now)?;
    lines::leave_firm(db, (source, key), now)?;
    remove(db, source, key, Table::ContactHistory)?;
    Ok(())
}

/// Records `mark`; returns whether it is new.
fn keep_mark(db: &Connection, (source, mark): (&str, Mark), id: i64) -> Result<bool> {
    let insert = "INSERT OR IGNORE INTO erasure_marks VALUES (?1, ?2, ?3)";
    Ok(db.execute(insert, params![source, mark.0, id])? > 0)
}

/// Deletes the rows of `table` about the customer, and returns their number.
fn remove(db: &Connection, source: &str, key: &str, table: Table) -> Result<u64> {
    let delete = format!(
        "DELETE FROM {} WHERE source = ?1 AND customer_key = ?2",
        table.sql_name()
    );
    let removed = db.execute(&delete, [source, key])? as u64;
    if removed > 0 {
        let left = row_count(db, source, table)?.saturating_sub(removed);
        set_row_count(db, source, table, left)?;
    }
    Ok(removed)
}

fn new_erasure(db: &Connection, source: &str, now: &str) -> Result<(i64, String)> {
    let alias = Erasure::alias_of(&random::<ALIAS_BYTES>()?);
    db.execute(
        "INSERT INTO erasures (source, alias, erased_at, is_overwritten) VALUES (?1, ?2, ?3, 0)",
        [source, &alias, now],
    )?;
    Ok((db.last_insert_rowid(), alias))
}

fn secret(db: &Connection) -> Result<Option<ErasureSecret>> {
    Ok(secret_bytes(db)?.map(|bytes| ErasureSecret::of(&bytes)))
}

fn secret_bytes(db: &Connection) -> Result<Option<Vec<u8>>> {
    let select = "SELECT secret FROM erasure_secret";
    Ok(db.query_row(select, [], |row| row.get(0)).optional()?)
}

fn secret_or_new(db: &Connection) -> Result<ErasureSecret> {
    if let Some(secret) = secret(db)? {
        return Ok(secret);
    }
    let bytes = random::<{ ErasureSecret::BYTES }>()?;
    db.execute("INSERT INTO erasure_secret VALUES (1, ?1)", [bytes])?;
    Ok(ErasureSecret::of(&bytes))
}

fn random<const COUNT: usize>() -> Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    SystemRandom::new().fill(&mut bytes).map_err(|_| {
        Error::store("Le système ne donne pas de nombres aléatoires : rien n'a été changé")
    })?;
    Ok(bytes)
}
