//! `*client*` files.

use std::borrow::Cow;

mod consent;
mod zip;

use consent::{Consents, EMAIL, PHONE, SMS};
use zip::Zips;

use super::{RowReader, set_key};
use crate::canonical::customer::{COLUMN, Customer};
use crate::canonical::person::{self, Identity};
use crate::canonical::rows::{Column, ColumnSet, Partial};
use crate::canonical::{country, email, phone, text};
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::file_reading::row::{Cells, EMPTY, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// The telephone plan for customers without a known country.
const HOME_COUNTRY: &str = "FR";

/// The canonical columns and the fields that feed them.
const FED: &[(Column, &[Field])] = &[
    (COLUMN.first_name, &[Field::FirstName]),
    (COLUMN.company_name, &[Field::CompanyName]),
    (COLUMN.email, &[Field::Email]),
    (COLUMN.phone, &[Field::Phone]),
    (COLUMN.mobile, &[Field::Mobile]),
    (COLUMN.address, &[Field::Address]),
    (COLUMN.zip_code, &[Field::ZipCode]),
    (COLUMN.city, &[Field::City]),
    (COLUMN.country, &[Field::Country]),
    (
        COLUMN.email_opt_out,
        &[Field::EmailOptOut, Field::EmailOptIn],
    ),
    (COLUMN.sms_opt_out, &[Field::SmsOptOut, Field::SmsOptIn]),
    (
        COLUMN.phone_opt_out,
        &[Field::PhoneOptOut, Field::PhoneOptIn],
    ),
    (COLUMN.active, &[Field::Active]),
];

pub(super) struct Customers {
    /// Whether one column contains whole names.
    has_single_name: bool,
    absent: Absent,
    zips: Zips,
    consents: Consents,
    key: String,
}

/// Columns that the file lacks. Which parts a name yields besides the last name depends on the row.
struct Absent {
    always: ColumnSet,
    first_name: ColumnSet,
    company_name: ColumnSet,
}

impl Absent {
    fn of(columns: &Columns) -> Self {
        let only = |column| {
            let fed: Vec<_> = FED
                .iter()
                .filter(|(fed, _)| *fed == column)
                .copied()
                .collect();
            columns.absent(&fed)
        };
        let by_row = [COLUMN.first_name, COLUMN.company_name];
        let always: Vec<_> = FED
            .iter()
            .filter(|(column, _)| !by_row.contains(column))
            .copied()
            .collect();
        Self {
            always: columns.absent(&always),
            first_name: only(COLUMN.first_name),
            company_name: only(COLUMN.company_name),
        }
    }

    /// The absent columns of a row with the names of `identity`.
    fn beside(&self, identity: &Identity<'_>) -> ColumnSet {
        let mut absent = self.always;
        if identity.first_name.is_none() {
            absent = absent.union(self.first_name);
        }
        if identity.company_name.is_none() {
            absent = absent.union(self.company_name);
        }
        absent
    }
}

impl Customers {
    pub(super) fn new(columns: &Columns) -> Self {
        Self {
            has_single_name: !columns.has(Field::FirstName),
            absent: Absent::of(columns),
            zips: Zips::default(),
            consents: Consents::default(),
            key: String::new(),
        }
    }

    /// Person or company: by the company column, otherwise by the name.
    fn identity<'t>(&self, names: &'t Names<'_>) -> Identity<'t> {
        let last = names.last.as_deref().unwrap_or_default();
        let first = names.first.as_deref().unwrap_or_default();
        let mut identity = if self.has_single_name {
            person::split(last)
        } else {
            person::identify(last, first)
        };
        if let Some(company) = &names.company {
            identity.company_name = Some(Cow::Borrowed(company));
        }
        identity
    }
}

/// The cells with a customer's name.
struct Names<'c> {
    last: Option<Cow<'c, str>>,
    first: Option<Cow<'c, str>>,
    company: Option<Cow<'c, str>>,
}

impl RowReader for Customers {
    fn read(
        &mut self,
        line: u64,
        cells: &Cells<'_>,
        remarks: &mut Remarks,
        sink: &mut dyn Sink,
    ) -> Result<(), Box<Refusal>> {
        let code = cells.required_code(Field::CustomerKey)?;
        set_key(&mut self.key, &[&code]);
        let names = Names {
            last: cells.text(Field::LastName),
            first: cells.text(Field::FirstName),
            company: cells.text(Field::CompanyName),
        };
        if names.last.is_none() && names.company.is_none() {
            return Err(cells.refuse(Field::LastName, EMPTY));
        }
        let identity = self.identity(&names);
        let absent = self.absent.beside(&identity);
        let country = country_of(cells, line, remarks);
        let dialled_from = country.unwrap_or(HOME_COUNTRY);
        let email = email_of(cells, line, remarks);
        let phone = phone_of(cells, Field::Phone, dialled_from, line, remarks);
        let mobile = phone_of(cells, Field::Mobile, dialled_from, line, remarks);
        let zip_code = self.zips.read(cells, line, remarks)?;
        let email_opt_out = self.consents.opt_out(cells, &EMAIL, line, remarks)?;
        let sms_opt_out = self.consents.opt_out(cells, &SMS, line, remarks)?;
        let phone_opt_out = self.consents.opt_out(cells, &PHONE, line, remarks)?;
        sink.row(
            line,
            &Partial {
                record: &Customer {
                    customer_key: &self.key,
                    first_name: identity.first_name.as_deref(),
                    last_name: identity.last_name.as_deref(),
                    company_name: identity.company_name.as_deref(),
                    email: email.as_deref(),
                    phone: phone.as_deref(),
                    mobile: mobile.as_deref(),
                    company_key: None,
                    address: cells.text(Field::Address).as_deref(),
                    zip_code: zip_code.as_deref(),
                    city: cells.text(Field::City).as_deref(),
                    country,
                    email_opt_out,
                    sms_opt_out,
                    phone_opt_out,
                    active: cells.flag(Field::Active, true)?,
                },
                absent,
                fixed: ColumnSet::NONE,
            },
        )?;
        Ok(())
    }
}

fn country_of(cells: &Cells<'_>, line: u64, remarks: &mut Remarks) -> Option<&'static str> {
    let written = cells.text(Field::Country).unwrap_or_default();
    let country = country::alpha2(&written);
    if country.is_none() {
        remarks.add(Remark::UnknownCountry, line, &written);
    }
    country
}

/// The first filled cell of the columns of `field`, with a remark on a different second one.
fn first_filled<'c>(
    cells: &Cells<'c>,
    field: Field,
    line: u64,
    remarks: &mut Remarks,
) -> Option<&'c str> {
    let mut filled = cells.filled(field);
    let first = filled.next()?;
    for other in filled.filter(|other| !other.eq_ignore_ascii_case(first)) {
        remarks.add(Remark::SecondContact, line, other);
    }
    Some(first)
}

fn email_of<'c>(cells: &Cells<'c>, line: u64, remarks: &mut Remarks) -> Option<Cow<'c, str>> {
    let written = first_filled(cells, Field::Email, line, remarks)?;
    let email = email::email(written);
    if email.is_none() {
        remarks.add(Remark::UnreadableEmail, line, written);
    }
    email
}

/// The number in E.164, otherwise as written.
fn phone_of<'c>(
    cells: &Cells<'c>,
    field: Field,
    country: &str,
    line: u64,
    remarks: &mut Remarks,
) -> Option<Cow<'c, str>> {
    let written = text::clean(first_filled(cells, field, line, remarks)?);
    if written.is_empty() {
        return None;
    }
    if let Some(number) = phone::e164(&written, country) {
        return Some(Cow::Owned(number.as_str().to_owned()));
    }
    remarks.add(Remark::UnreadablePhone, line, &written);
    Some(written)
}
