//! `*client*` files.

use std::borrow::Cow;

use super::{RowReader, set_key};
use crate::canonical::customer::Customer;
use crate::canonical::person::{self, Identity};
use crate::canonical::{country, email, phone};
use crate::connectors::Sink;
use crate::connectors::isavigne::columns::{Columns, Field};
use crate::connectors::isavigne::reading::row::{Cells, EMPTY, Refusal};
use crate::connectors::remarks::{Remark, Remarks};

/// Whose telephone plan is tried when the country is not known.
const HOME_COUNTRY: &str = "FR";

pub(super) struct Customers {
    /// Whether one column holds whole names.
    has_single_name: bool,
    key: String,
}

impl Customers {
    pub(super) fn new(columns: &Columns) -> Self {
        Self {
            has_single_name: !columns.has(Field::FirstName),
            key: String::new(),
        }
    }

    /// Person or firm: the firm's own column wins, then what the name tells.
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

/// The cells that name a customer.
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
    ) -> Result<(), Refusal> {
        let code = cells.required(Field::CustomerKey)?;
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
        let country = country_of(cells, line, remarks);
        let dialled_from = country.unwrap_or(HOME_COUNTRY);
        let email = email_of(cells, line, remarks);
        let phone = phone_of(cells, Field::Phone, dialled_from, line, remarks);
        let mobile = phone_of(cells, Field::Mobile, dialled_from, line, remarks);
        sink.row(
            line,
            &Customer {
                customer_key: &self.key,
                first_name: identity.first_name.as_deref(),
                last_name: identity.last_name.as_deref(),
                company_name: identity.company_name.as_deref(),
                email: email.as_deref(),
                phone: phone.as_deref(),
                mobile: mobile.as_deref(),
                address: cells.text(Field::Address).as_deref(),
                zip_code: cells.text(Field::ZipCode).as_deref(),
                city: cells.text(Field::City).as_deref(),
                country,
                email_opt_out: cells.flag(Field::EmailOptOut, false)?,
                sms_opt_out: cells.flag(Field::SmsOptOut, false)?,
                phone_opt_out: cells.flag(Field::PhoneOptOut, false)?,
                active: cells.flag(Field::Active, true)?,
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

fn email_of<'c>(cells: &Cells<'c>, line: u64, remarks: &mut Remarks) -> Option<Cow<'c, str>> {
    let written = cells.plain(Field::Email)?;
    let email = email::email(written);
    if email.is_none() {
        remarks.add(Remark::UnreadableEmail, line, written);
    }
    email
}

/// E.164, else as written.
fn phone_of<'c>(
    cells: &Cells<'c>,
    field: Field,
    country: &str,
    line: u64,
    remarks: &mut Remarks,
) -> Option<Cow<'c, str>> {
    let written = cells.text(field)?;
    if let Some(number) = phone::e164(&written, country) {
        return Some(Cow::Owned(number.as_str().to_owned()));
    }
    remarks.add(Remark::UnreadablePhone, line, &written);
    Some(written)
}
