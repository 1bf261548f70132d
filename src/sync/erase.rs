//! Erasure of a customer at their request.

use jiff::Timestamp;
use tracing::warn;

use crate::error::{Advice, Error, ErrorKind, Result};
use crate::french::listed;
use crate::home::Home;
use crate::stop::Stop;
use crate::store::{self, ErasedCounts, FoundCustomer, Lock, Store};

/// Result of an erasure.
#[derive(Debug)]
pub struct Erasure {
    /// What the customer was taken out of.
    pub counts: ErasedCounts,
    /// Customers of other connectors with the same email address or telephone number, who are still there.
    pub elsewhere: Vec<FoundCustomer>,
}

/// The one customer in the database of `home` whose key, email address or telephone number is `asked`; `connector`
/// limits the search. Fails where there is none, and where there are several. No message repeats `asked`, which is
/// personal. Finishes an earlier erasure that could not overwrite its traces.
pub fn find_customer(
    home: &Home,
    asked: &str,
    connector: Option<&str>,
    stop: &Stop,
) -> Result<FoundCustomer> {
    let store = open(home, &[], stop)?;
    store.overwrite_erased(|| stop.check())?;
    let mut found = store.find_customers(asked, connector)?;
    match found.pop() {
        None => Err(unknown(connector)),
        Some(one) if found.is_empty() => Ok(one),
        Some(last) => {
            found.push(last);
            Err(several(&found))
        }
    }
}

/// Erases `customer` from the database of `home`, and keeps them out of later syncs. Their sales lines stay without a
/// name. Fails while their connector is being synced.
pub fn erase(home: &Home, customer: &FoundCustomer, stop: &Stop) -> Result<Erasure> {
    let lock = Lock::take(home, &customer.source)?;
    let store = open(home, &[&lock], stop)?;
    let elsewhere = store.elsewhere(customer)?;
    let now = store::instant(Timestamp::now());
    let counts = store.erase(customer, &now, || stop.check())?;
    store.overwrite_erased(|| stop.check())?;
    Ok(Erasure { counts, elsewhere })
}

/// Overwrites the traces of an erasure that was killed before it had done so. A failure does not fail the sync: the next
/// one tries again.
pub(super) fn finish(store: &Store, stop: &Stop) {
    if let Err(error) = store.overwrite_erased(|| stop.check()) {
        warn!(%error, "traces of an erased customer not overwritten");
    }
}

/// A missing database is not created.
fn open(home: &Home, locks: &[&Lock], stop: &Stop) -> Result<Store> {
    Store::open_existing(home, locks, || stop.check())
}

fn unknown(connector: Option<&str>) -> Error {
    let place = connector.map_or_else(|| "en base".to_owned(), |name| format!("dans « {name} »"));
    let message = format!(
        "Aucun client {place} n'a cette clé, cette adresse e-mail ou ce numéro de téléphone : rien n'a été changé"
    );
    Error::new(ErrorKind::NotFound, message).hint(
        "Donnez-les tels qu'ils sont dans la table customers ; un client déjà effacé n'y est plus",
    )
}

fn several(found: &[FoundCustomer]) -> Error {
    let named = found.iter();
    let named: Vec<String> = named
        .map(|FoundCustomer { source, key }| format!("{key} ({source})"))
        .collect();
    let message = format!(
        "{} clients correspondent, rien n'a été changé : {}",
        found.len(),
        listed(&named)
    );
    let error = Error::config(message);
    match found.first() {
        Some(FoundCustomer { source, key }) => {
            error.advise(Advice::ChooseCustomer(source.clone(), key.clone()))
        }
        None => error,
    }
}
