//! Who buys (`res.partner`).

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::json;

use super::opt_outs::{NO_EMAIL, NO_PHONE, Unsubscribed, listed};
use super::{KEY_PREFIX, ModelReader, Part, Refusal, Scene};
use crate::canonical::customer::Customer;
use crate::canonical::person::{self, Identity};
use crate::canonical::{country, email, phone};
use crate::connectors::Sink;
use crate::connectors::odoo::domain::{Condition, Domain, condition};
use crate::connectors::odoo::failure::Failure;
use crate::connectors::odoo::model::Model;
use crate::connectors::odoo::pages;
use crate::connectors::odoo::record::{Fault, Record};
use crate::connectors::odoo::references::Basis;
use crate::connectors::remarks::{Remark, Remarks};

const PARTNER: Model = Model {
    name: "res.partner",
    application: "Contacts",
    required: &[
        ("name", "last_name"),
        ("is_company", "company_name"),
        ("parent_id", "company_name"),
        ("active", "active"),
    ],
    optional: &[
        "commercial_company_name",
        FIRM,
        "email",
        "email_normalized",
        "phone",
        "mobile",
        "street",
        "street2",
        "zip",
        "city",
        "country_code",
        "country_id",
    ],
    probed: &[
        "customer_rank",
        NO_EMAIL,
        NO_PHONE,
        "pos_order_ids",
        "sale_order_ids",
    ],
};

/// The parent of an archived contact: `child_ids` leaves those out, whatever the context says.
const PARENT: &str = "parent_id";

/// The firm of a contact, at whatever distance.
const FIRM: &str = "commercial_partner_id";

pub(in super::super) struct Customers {
    /// Firms whose buyer is archived, or a contact of a contact.
    parents: Vec<u64>,
    no_email: BTreeSet<u64>,
    no_phone: BTreeSet<u64>,
    unsubscribed: Unsubscribed,
    /// What was not read.
    warnings: Vec<String>,
    remarks: Remarks,
}

impl Customers {
    pub(in super::super) const MODEL: &'static Model = &PARTNER;

    pub(in super::super) fn new() -> Self {
        Self {
            parents: Vec::new(),
            no_email: BTreeSet::new(),
            no_phone: BTreeSet::new(),
            unsubscribed: Unsubscribed::default(),
            warnings: Vec::new(),
            remarks: Remarks::on_records(),
        }
    }

    fn find_parents(&mut self, scene: &Scene<'_>) -> Result<(), Failure> {
        self.parents.clear();
        let bought = bought(scene, "");
        if bought.is_empty() {
            return Ok(());
        }
        let hidden = Domain::all()
            .and_any(vec![
                condition("active", "=", false),
                condition("parent_id.parent_id", "!=", false),
            ])
            .and(PARENT, "!=", false)
            .and_any(bought);
        let links = [PARENT, FIRM].into_iter();
        let links: Vec<&str> = links.filter(|field| scene.fields.has(field)).collect();
        let fields = json!(links);
        let parents = &mut self.parents;
        let pages = pages::pages_of_rows(scene.session, PARTNER.name, &hidden, &fields);
        pages::each_page(pages, |page| {
            for row in page {
                let firms = links.iter().map(|field| Record(row).link(field));
                parents.extend(firms.filter_map(|firm| Some(firm.ok()??.id)));
            }
            Ok(())
        })?;
        self.parents.sort_unstable();
        self.parents.dedup();
        Ok(())
    }

    fn country(&mut self, record: Record<'_>, id: u64) -> Result<Option<&'static str>, Fault> {
        let Some(link) = record.link("country_id")? else {
            return Ok(Some(country::DEFAULT));
        };
        let code = record.text("country_code")?;
        let country = country::alpha2(code.as_deref().unwrap_or(&link.label()));
        if country.is_none() {
            self.remarks.add(Remark::UnknownCountry, id, &link.label());
        }
        Ok(country)
    }

    /// `email` may hold a name around the address, or several: Odoo's own reading of it goes then.
    fn email<'r>(&mut self, record: Record<'r>, id: u64) -> Result<Option<Cow<'r, str>>, Fault> {
        let Some(written) = record.text("email")? else {
            return Ok(None);
        };
        if let Some(address) = email::email(&written) {
            return Ok(Some(Cow::Owned(address.into_owned())));
        }
        let normalized = record.text("email_normalized")?;
        let address = normalized
            .as_deref()
            .and_then(email::email)
            .map(Cow::into_owned);
        if address.is_none() {
            self.remarks.add(Remark::UnreadableEmail, id, &written);
        }
        Ok(address.map(Cow::Owned))
    }

    /// E.164, else as written.
    fn phone<'r>(
        &mut self,
        record: Record<'r>,
        field: &str,
        country: &str,
        id: u64,
    ) -> Result<Option<Cow<'r, str>>, Fault> {
        let Some(written) = record.text(field)? else {
            return Ok(None);
        };
        if let Some(number) = phone::e164(&written, country) {
            return Ok(Some(Cow::Owned(number.as_str().to_owned())));
        }
        self.remarks.add(Remark::UnreadablePhone, id, &written);
        Ok(Some(written))
    }
}

/// Conditions that somebody bought; `path`: the way from the record to them.
fn bought(scene: &Scene<'_>, path: &str) -> Vec<Condition> {
    let orders = ["sale_order_ids", "pos_order_ids"].into_iter();
    let orders = orders.filter(|orders| scene.fields.has(orders));
    orders
        .map(|orders| condition(&format!("{path}{orders}"), "!=", false))
        .collect()
}

/// A firm, a person, or a person of a firm. An address may have no name of its own: its parent's goes then, be that a
/// firm or a person.
fn identity<'n>(
    (name, parent): (Option<&'n str>, Option<&'n str>),
    firm: Option<&'n str>,
    is_company: bool,
) -> Result<Identity<'n>, Fault> {
    let of_firm = |firm: &'n str| Identity {
        company_name: Some(Cow::Borrowed(firm)),
        ..Identity::default()
    };
    match (name, firm) {
        (Some(name), _) if is_company => Ok(of_firm(name)),
        (None, Some(firm)) => Ok(of_firm(firm)),
        (name, firm) => {
            let name = name.or(parent);
            let name = name.ok_or_else(|| Fault::of_row("n'a ni nom ni société"))?;
            let mut identity = person::split(name);
            if identity.company_name.is_none() {
                identity.company_name = firm.map(Cow::Borrowed);
            }
            Ok(identity)
        }
    }
}

fn address(record: Record<'_>) -> Result<Option<Cow<'_, str>>, Fault> {
    Ok(match (record.text("street")?, record.text("street2")?) {
        (Some(one), Some(two)) => Some(Cow::Owned(format!("{one}, {two}"))),
        (one, two) => one.or(two),
    })
}

impl ModelReader for Customers {
    fn model(&self) -> &'static Model {
        Self::MODEL
    }

    /// Partners that were invoiced or ordered, and the firms of those: `customer_rank` alone misses partners that were
    /// never invoiced.
    fn domain(&self, scene: &Scene<'_>) -> Domain {
        let mut buys = Vec::new();
        if scene.fields.has("customer_rank") {
            buys.push(condition("customer_rank", ">", 0));
        }
        buys.extend(bought(scene, ""));
        buys.extend(bought(scene, "child_ids."));
        if !self.parents.is_empty() {
            buys.push(condition("id", "in", self.parents.clone()));
        }
        scene.of_company().and_any(buys)
    }

    fn parts(&self) -> Vec<Part> {
        vec![Part {
            path: PARENT,
            model: PARTNER.name,
        }]
    }

    fn prepare(&mut self, scene: &Scene<'_>, basis: &mut Basis) -> Result<(), Failure> {
        self.find_parents(scene)?;
        self.no_email = listed(scene, self.domain(scene), NO_EMAIL, basis)?;
        self.no_phone = listed(scene, self.domain(scene), NO_PHONE, basis)?;
        self.unsubscribed = match Unsubscribed::read(scene.session, basis) {
            Err(denied @ Failure::Denied(_)) => {
                let why = denied.into_error(&scene.session.server).full_text();
                self.warnings.push(format!(
                    "les désinscriptions des listes de diffusion ne sont pas lues ({why})"
                ));
                Unsubscribed::default()
            }
            read => read?,
        };
        Ok(())
    }

    fn read_row(
        &mut self,
        _scene: &Scene<'_>,
        record: Record<'_>,
        (id, key): (u64, &str),
        sink: &mut dyn Sink,
    ) -> Result<(), Refusal> {
        let name = record.text("name")?;
        let parent = record.link(PARENT)?.map(|parent| parent.label());
        let firm = record.text("commercial_company_name")?;
        let identity = identity(
            (name.as_deref(), parent.as_deref()),
            firm.as_deref(),
            record.flag("is_company")?,
        )?;
        let country = self.country(record, id)?;
        let dialled_from = country.unwrap_or(country::DEFAULT);
        let email = self.email(record, id)?;
        let mailbox = email.as_deref().unwrap_or_default();
        if self.unsubscribed.is_partly_out(mailbox) {
            self.remarks.add(Remark::PartlyUnsubscribed, id, mailbox);
        }
        let has_left_lists = self.unsubscribed.is_out(mailbox);
        let firm_key = record.link(FIRM)?.filter(|firm| firm.id != id);
        let firm_key = firm_key.map(|firm| format!("{KEY_PREFIX}{}", firm.id));
        let phone = self.phone(record, "phone", dialled_from, id)?;
        let mobile = self.phone(record, "mobile", dialled_from, id)?;
        sink.row(
            id,
            &Customer {
                customer_key: key,
                first_name: identity.first_name.as_deref(),
                last_name: identity.last_name.as_deref(),
                company_name: identity.company_name.as_deref(),
                email: email.as_deref(),
                phone: phone.as_deref(),
                mobile: mobile.as_deref(),
                company_key: firm_key.as_deref(),
                address: address(record)?.as_deref(),
                zip_code: record.text("zip")?.as_deref(),
                city: record.text("city")?.as_deref(),
                country,
                email_opt_out: self.no_email.contains(&id) || has_left_lists,
                sms_opt_out: self.no_phone.contains(&id),
                phone_opt_out: self.no_phone.contains(&id),
                active: record.flag("active")?,
            },
        )?;
        Ok(())
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}
