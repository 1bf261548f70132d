//! Small tables that the rows refer to, read whole before them: units, currencies, taxes, names.
//!
//! Renaming a unit or changing a tax moves no row's `write_date`. So everything a table depends on goes into its
//! [`Basis`]: when that is no longer what it was, the whole table is read again.

pub(super) mod money;
pub(super) mod services;
pub(super) mod taxes;
pub(super) mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use serde_json::json;
use xxhash_rust::xxh3::Xxh3Default;

use super::domain::Domain;
use super::failure::Failure;
use super::model::Model;
use super::pages;
use super::row::{Cell, Row};
use super::session::Session;
use money::Money;
use services::Services;
use units::Units;

/// Counts up when the same answers give other rows: the next sync then reads everything again.
const MAPPING: u32 = 1;

/// The fingerprint of what a table depends on besides its own rows.
#[derive(Default)]
pub(super) struct Basis(Xxh3Default);

impl Basis {
    /// What every table of `session` depends on.
    pub(super) fn of(session: &Session) -> Self {
        let mut basis = Self::default();
        basis.add(&json!([MAPPING, session.basis()]));
        basis
    }

    /// The table depends on `value` too.
    pub(super) fn add(&mut self, value: &impl Serialize) {
        self.0.update(json!(value).to_string().as_bytes());
        self.0.update(b"\n");
    }

    /// Sixteen hexadecimal digits.
    pub(super) fn digest(&self) -> String {
        format!("{:016x}", self.0.digest())
    }
}

const TEAM: Model = Model {
    name: "crm.team",
    application: "Ventes",
    required: &[("name", "channel")],
    optional: &[],
    probed: &[],
};

/// What several tables depend on, read once per run.
#[derive(Debug, Default)]
pub(super) struct Common {
    teams: Shared<BTreeMap<u64, String>>,
    units: Shared<Units>,
    money: Shared<Money>,
    services: Shared<Services>,
}

impl Common {
    /// The names of the sales teams of `session`; none where the user may not see them.
    pub(super) fn teams(
        &self,
        session: &Session,
        basis: &mut Basis,
    ) -> Result<Arc<BTreeMap<u64, String>>, Failure> {
        self.teams.get(basis, |own| {
            let names = match names(session, &TEAM, "name") {
                Err(Failure::Denied(_) | Failure::NoModel) => BTreeMap::new(),
                names => names?,
            };
            own.add(&names);
            Ok(names)
        })
    }

    /// The units of `session`.
    pub(super) fn units(
        &self,
        session: &Session,
        basis: &mut Basis,
    ) -> Result<Arc<Units>, Failure> {
        self.units.get(basis, |own| Units::read(session, own))
    }

    /// The currencies of `session`.
    pub(super) fn money(
        &self,
        session: &Session,
        basis: &mut Basis,
    ) -> Result<Arc<Money>, Failure> {
        self.money.get(basis, |own| Money::read(session, own))
    }

    /// The products of `session` that fill no bottle.
    pub(super) fn services(
        &self,
        session: &Session,
        basis: &mut Basis,
    ) -> Result<Arc<Services>, Failure> {
        self.services.get(basis, |own| Services::read(session, own))
    }
}

/// Read when the first table asks for it, and kept for the others with its fingerprint.
#[derive(Debug)]
struct Shared<T>(Mutex<Option<(Arc<T>, String)>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Shared<T> {
    fn get(
        &self,
        basis: &mut Basis,
        read: impl FnOnce(&mut Basis) -> Result<T, Failure>,
    ) -> Result<Arc<T>, Failure> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, digest) = if let Some(known) = kept.take() {
            known
        } else {
            let mut own = Basis::default();
            let value = read(&mut own)?;
            (Arc::new(value), own.digest())
        };
        basis.add(&digest);
        *kept = Some((Arc::clone(&value), digest));
        Ok(value)
    }
}

/// Every row of `model` in `domain`, handed to `take`.
pub(super) fn read(
    session: &Session,
    model: &Model,
    domain: &Domain,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // Fields that every version has need not be asked for.
    let fields = if model.optional.is_empty() && model.probed.is_empty() {
        let required = model.required.iter().map(|&(field, _)| field);
        json!(required.collect::<BTreeSet<_>>())
    } else {
        model.negotiate(session)?.to_value()
    };
    let pages = pages::pages_of_rows(session, model.name, domain, &fields);
    let read = pages::each_page(pages, |page| {
        for row in page {
            take(row)?;
        }
        Ok(())
    });
    read.map_err(|failure| failure.of_fields(model.name))
}

/// What `field` of the rows of `model` says, by number.
pub(super) fn names(
    session: &Session,
    model: &Model,
    field: &str,
) -> Result<BTreeMap<u64, String>, Failure> {
    let mut names = BTreeMap::new();
    read(session, model, &Domain::all(), |row| {
        if let Some(name) = row.get(field).and_then(Cell::as_str) {
            names.insert(row.id()?, name.to_owned());
        }
        Ok(())
    })?;
    Ok(names)
}
