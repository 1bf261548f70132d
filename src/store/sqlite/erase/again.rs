//! Erasures that are newer than a restored backup: recorded in it too, and done again on its rows.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, params};
use tracing::info;

use super::{EVERYWHERE, Traces, keep_mark, secret_bytes, take_out};
use crate::canonical::{Erased, Erasure, ErasureSecret, Mark, Person};
use crate::error::{Error, Result};
use crate::store::sqlite::Store;

/// The customers of a source, with their address and numbers.
const CUSTOMERS: &str =
    "SELECT customer_key, coalesce(email, ''), coalesce(phone, ''), coalesce(mobile, '')
    FROM customers WHERE source = ?1";

/// Keys of customers of a source who may have no row.
const OTHER_KEYS: &str = "SELECT customer_key FROM sales_lines WHERE source = ?1
    UNION SELECT customer_key FROM contact_history WHERE source = ?1";

impl Store {
    /// Erases from this database, an older state of `newer`, the customers who were erased there since; `now` as in
    /// [`LoadTarget`](crate::store::LoadTarget). Returns the number of erasures that this database did not know. Fails
    /// where both know erasures and are no states of one database: no hash of one tells anything in the other.
    pub fn erase_again(&self, newer: &Self, now: &str) -> Result<u64> {
        let Some(bytes) = secret_bytes(&newer.db)? else {
            return Ok(0);
        };
        self.db.pragma_update(None, "secure_delete", true)?;
        let erased = self.write(|db| {
            let own = secret_bytes(db)?;
            if own.as_ref().is_some_and(|own| *own != bytes) {
                return Err(of_another_database());
            }
            if own.is_none() {
                db.execute("INSERT INTO erasure_secret VALUES (1, ?1)", [&bytes])?;
            }
            let again = Again {
                db,
                newer: &newer.db,
                secret: ErasureSecret::of(&bytes),
            };
            let (erasures, carried) = again.carry_erasures()?;
            let marks = again.carry_marks(&erasures)?;
            again.erase(newer, &marks, now)?;
            Ok(carried)
        });
        self.db.pragma_update(None, "secure_delete", false)?;
        if let Ok(carried) = erased {
            info!(carried, "erasures carried over");
        }
        erased
    }
}

/// A mark that this database did not have, with its source and its erasure.
type NewMark = (String, Mark, Erasure);

struct Again<'a> {
    db: &'a Connection,
    newer: &'a Connection,
    secret: ErasureSecret,
}

impl Again<'_> {
    /// The erasures of the newer database as they are in this one, by their number there, and how many of them are new
    /// here.
    fn carry_erasures(&self) -> Result<(BTreeMap<i64, Erasure>, u64)> {
        let mut select = self
            .newer
            .prepare("SELECT erasure_id, source, alias, erased_at FROM erasures")?;
        let mut rows = select.query([])?;
        let (mut erasures, mut carried) = (BTreeMap::new(), 0);
        while let Some(row) = rows.next()? {
            let (there, source, alias, at): (i64, String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let known = "SELECT erasure_id FROM erasures WHERE alias = ?1";
            let known = self.db.query_row(known, [&alias], |row| row.get(0));
            let id = if let Some(id) = known.optional()? {
                id
            } else {
                carried += 1;
                self.db.execute(
                    "INSERT INTO erasures (source, alias, erased_at, is_overwritten) VALUES (?1, ?2, ?3, 0)",
                    params![source, alias, at],
                )?;
                self.db.last_insert_rowid()
            };
            erasures.insert(there, Erasure { id, alias });
        }
        Ok((erasures, carried))
    }

    /// Records the marks of the newer database, and returns those that are new here. An old erasure has new ones where
    /// its customer came back under another key.
    fn carry_marks(&self, erasures: &BTreeMap<i64, Erasure>) -> Result<Vec<NewMark>> {
        let mut select = self
            .newer
            .prepare("SELECT source, mark, erasure_id FROM erasure_marks")?;
        let mut rows = select.query([])?;
        let mut new = Vec::new();
        while let Some(row) = rows.next()? {
            let (source, mark, id): (String, [u8; 32], i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            if let Some(erasure) = erasures.get(&id)
                && keep_mark(self.db, (&source, Mark(mark)), erasure.id)?
            {
                new.push((source, Mark(mark), erasure.clone()));
            }
        }
        Ok(new)
    }

    /// Takes out the customers whom `marks` recognise.
    fn erase(&self, newer: &Store, marks: &[NewMark], now: &str) -> Result<()> {
        if marks.is_empty() {
            return Ok(());
        }
        let sources = "SELECT DISTINCT source FROM row_counts";
        for source in texts(self.db, sources, &[])? {
            // A source that the newer database does not know was renamed since: its customers are those of some mark.
            let is_renamed = !newer.knows(&source)?;
            let marks = marks
                .iter()
                .filter(|(of, _, _)| is_renamed || of == EVERYWHERE || *of == source);
            let marks = marks.map(|(_, mark, erasure)| (*mark, erasure.clone()));
            let erased = Erased::of(self.secret.clone(), marks);
            for (key, erasure) in self.recognised(&source, &erased)? {
                let traces = Traces::of(self.db, &source, &key)?;
                let texts = (&traces, erasure.alias.as_str());
                take_out(self.db, &self.secret, (&source, &key), texts, now)?;
                keep_mark(self.db, (&source, self.secret.exact_key(&key)), erasure.id)?;
            }
        }
        Ok(())
    }

    /// The customers of `source` whom `erased` recognises: by their key, or by an address or number, unless the newer
    /// database has them in spite of it.
    fn recognised(&self, source: &str, erased: &Erased) -> Result<Vec<(String, Erasure)>> {
        let mut found = BTreeMap::new();
        let mut customers = self.db.prepare(CUSTOMERS)?;
        let mut rows = customers.query([source])?;
        let is_kept =
            "SELECT EXISTS (SELECT 1 FROM customers WHERE source = ?1 AND customer_key = ?2)";
        let mut is_kept = self.newer.prepare(is_kept)?;
        while let Some(row) = rows.next()? {
            let text = |at| -> Result<String> { Ok(row.get(at)?) };
            let (key, email, phone, mobile) = (text(0)?, text(1)?, text(2)?, text(3)?);
            let person = Person {
                key: &key,
                emails: &[&email],
                phones: &[&phone, &mobile],
            };
            let erasure = match erased.by_key(&key) {
                Some(erasure) => Some(erasure),
                None if is_kept.query_row([source, &key], |row| row.get(0))? => None,
                None => erased.by_contact(&person),
            };
            if let Some(erasure) = erasure {
                found.insert(key, erasure.clone());
            }
        }
        for key in texts(self.db, OTHER_KEYS, &[source])? {
            if let Some(erasure) = erased.by_key(&key) {
                found.entry(key).or_insert_with(|| erasure.clone());
            }
        }
        Ok(found.into_iter().collect())
    }
}

fn texts(db: &Connection, sql: &str, parameters: &[&str]) -> Result<BTreeSet<String>> {
    let mut select = db.prepare(sql)?;
    let texts = select.query_map(rusqlite::params_from_iter(parameters), |row| row.get(0))?;
    Ok(texts.collect::<rusqlite::Result<_>>()?)
}

fn of_another_database() -> Error {
    Error::data(
        "Cette sauvegarde vient d'une autre base que celle-ci, et les clients effacés de l'une ne se reconnaissent pas dans l'autre : rien n'a été changé",
    )
    .hint("Restaurez-la dans un autre dossier de données, ou mettez d'abord crmreco.db de côté")
}
