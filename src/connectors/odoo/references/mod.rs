//! Small tables that the rows lean on, read whole before them: units, currencies, taxes, names.
//!
//! Renaming a unit or changing a tax moves no row's `write_date`. So everything a table leans on goes into its
//! [`Basis`]: when that is no longer what it was, the whole table is read again.

pub(super) mod money;
pub(super) mod taxes;
pub(super) mod units;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use xxhash_rust::xxh3::Xxh3;

use super::domain::Domain;
use super::failure::Failure;
use super::model::{Fields, Model};
use super::pages::{self, Row};
use super::session::Session;

/// Changes whenever rows are made otherwise of the same answers: the next sync then reads everything again.
const MAPPING: u32 = 1;

/// The fingerprint of what a table leans on beside its own rows.
pub(super) struct Basis(Xxh3);

impl Basis {
    /// What every table of `session` leans on.
    pub(super) fn of(session: &Session) -> Self {
        let mut basis = Self(Xxh3::new());
        basis.add(&json!([MAPPING, session.basis()]));
        basis
    }

    /// The table leans on `value` too.
    pub(super) fn add(&mut self, value: &Value) {
        self.0.update(value.to_string().as_bytes());
        self.0.update(b"\n");
    }

    /// Sixteen hexadecimal digits.
    pub(super) fn digest(&self) -> String {
        format!("{:016x}", self.0.digest())
    }
}

/// Every row of `model` in `domain`, handed to `take`.
pub(super) fn read(
    session: &Session,
    model: &Model,
    domain: &Domain,
    mut take: impl FnMut(&Row) -> Result<(), Failure>,
) -> Result<Fields, Failure> {
    let fields = model.negotiate(session)?;
    pages::each_page(session, model.name, domain, &fields.to_value(), |page| {
        for row in page {
            take(row)?;
        }
        Ok(())
    })?;
    Ok(fields)
}

/// What `field` of the rows of `model` says, by number.
pub(super) fn names(
    session: &Session,
    model: &Model,
    field: &str,
) -> Result<BTreeMap<u64, String>, Failure> {
    let mut names = BTreeMap::new();
    read(session, model, &Domain::all(), |row| {
        if let Some(name) = row.get(field).and_then(Value::as_str) {
            names.insert(pages::id(row)?, name.to_owned());
        }
        Ok(())
    })?;
    Ok(names)
}
