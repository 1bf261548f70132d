//! Who asked not to be written to or called: the blacklists, and unsubscriptions from mailing lists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::Scene;
use crate::canonical::email;
use crate::connectors::odoo::domain::Domain;
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::Model;
use crate::connectors::odoo::pages;
use crate::connectors::odoo::record::Record;
use crate::connectors::odoo::references::Basis;
use crate::connectors::odoo::session::Session;

/// Finds who asked not to be written to. Read row by row, it would also say so of those who came back: archived
/// records are asked for, and Odoo archives a withdrawn opt-out.
pub(super) const NO_EMAIL: &str = "is_blacklisted";

/// Finds who asked not to be called.
pub(super) const NO_PHONE: &str = "phone_sanitized_blacklisted";

/// An address on mailing lists.
const LIST_CONTACT: Model = Model {
    name: "mailing.contact",
    application: "Marketing par e-mail",
    required: &[("email_normalized", "email_opt_out")],
    optional: &[],
    probed: &[SUBSCRIPTIONS, SUBSCRIPTIONS_16],
};

/// The subscriptions of an address, from Odoo 17 on, and up to 16.
const SUBSCRIPTIONS: &str = "subscription_ids";
const SUBSCRIPTIONS_16: &str = "subscription_list_ids";

/// Addresses in one condition.
const CHUNK: usize = 500;

/// Addresses that unsubscribed from mailing lists.
#[derive(Debug, Default)]
pub(super) struct Unsubscribed {
    /// From every list they were in.
    of_all: BTreeSet<String>,
    /// From some of them.
    of_some: BTreeSet<String>,
}

impl Unsubscribed {
    /// Reads the lists; they are part of `basis`, because an unsubscription changes no contact. Nobody where there are no
    /// lists; fails with [`Failure::Denied`] without the right to them.
    pub(super) fn read(session: &Session, basis: &mut Basis) -> Result<Self, Failure> {
        let fields = match LIST_CONTACT.negotiate(session) {
            Err(Failure::NoModel) => return Ok(Self::default()),
            fields => fields?,
        };
        let (field, model) = if fields.has(SUBSCRIPTIONS) {
            (SUBSCRIPTIONS, "mailing.subscription")
        } else {
            (SUBSCRIPTIONS_16, "mailing.contact.subscription")
        };
        let out = Domain::all().and(&format!("{field}.opt_out"), "=", true);
        let addresses: BTreeSet<String> = addresses(session, &out)?.into_values().collect();
        let mut unsubscribed = Self::default();
        let all: Vec<String> = addresses.into_iter().collect();
        for chunk in all.chunks(CHUNK) {
            unsubscribed.read_some(session, model, chunk)?;
        }
        basis.add(&json!([unsubscribed.of_all, unsubscribed.of_some]));
        Ok(unsubscribed)
    }

    /// Reads all subscriptions of `addresses`, of which each may be of several contacts.
    fn read_some(
        &mut self,
        session: &Session,
        model: &str,
        addresses_read: &[String],
    ) -> Result<(), Failure> {
        let of_these = Domain::all().and("email_normalized", "in", json!(addresses_read));
        let by_contact = addresses(session, &of_these)?;
        let contacts: Vec<u64> = by_contact.keys().copied().collect();
        let of_contacts = Domain::all().and("contact_id", "in", contacts);
        let fields = json!(["contact_id", "opt_out"]);
        let mut still_in = BTreeSet::new();
        let pages = pages::pages_of_rows(session, model, &of_contacts, &fields);
        pages::each_page(pages, |page| {
            for row in page {
                let contact = Record(row).link("contact_id").ok().flatten();
                let address = contact.and_then(|contact| by_contact.get(&contact.id));
                if let (Some(address), Ok(false)) = (address, Record(row).flag("opt_out")) {
                    still_in.insert(address.clone());
                }
            }
            Ok(())
        })?;
        for address in addresses_read {
            let kept = if still_in.contains(address) {
                &mut self.of_some
            } else {
                &mut self.of_all
            };
            kept.insert(address.clone());
        }
        Ok(())
    }

    /// Whether `address` is out of every list it was in.
    pub(super) fn is_out(&self, address: &str) -> bool {
        self.of_all.contains(address)
    }

    /// Whether `address` is out of some lists, and in others.
    pub(super) fn is_partly_out(&self, address: &str) -> bool {
        self.of_some.contains(address)
    }
}

/// The addresses of the list contacts in `domain`, by number.
fn addresses(session: &Session, domain: &Domain) -> Result<BTreeMap<u64, String>, Failure> {
    let mut found = BTreeMap::new();
    let fields = json!(["email_normalized"]);
    let pages = pages::pages_of_rows(session, LIST_CONTACT.name, domain, &fields);
    pages::each_page(pages, |page| {
        for row in page {
            let written = Record(row).text("email_normalized").ok().flatten();
            let address = written.as_deref().and_then(email::email);
            if let Some(address) = address {
                found.insert(row.id()?, address.into_owned());
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// The customers in `domain` of whom `field` is true. An opt-out changes no `write_date`: the list of opt-outs is part of
/// `basis`.
pub(super) fn listed(
    scene: &Scene<'_>,
    domain: Domain,
    field: &str,
    basis: &mut Basis,
) -> Result<BTreeSet<u64>, Failure> {
    let mut found = BTreeSet::new();
    if !scene.fields.has(field) {
        return Ok(found);
    }
    let domain = domain.and(field, "=", true);
    pages::each_id_page(scene.session, "res.partner", &domain, |ids| {
        found.extend(ids);
        Ok(())
    })?;
    basis.add(&json!([field, found]));
    Ok(found)
}
