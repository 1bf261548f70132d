//! A person or firm that buys, or may.

use super::{
    Table,
    rows::{CellWriter, Record},
};

/// Columns in the order of [`Customer`]'s fields.
pub(super) const COLUMNS: &[&str] = &[
    "customer_key",
    "first_name",
    "last_name",
    "company_name",
    "email",
    "phone",
    "mobile",
    "address",
    "zip_code",
    "city",
    "country",
    "email_opt_out",
    "sms_opt_out",
    "phone_opt_out",
    "active",
];

/// A person or firm that buys, or may.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "columns of the table")]
pub struct Customer<'a> {
    /// Stable key, prefixed by the connector's type.
    pub customer_key: &'a str,
    /// Given name.
    pub first_name: Option<&'a str>,
    /// Family name.
    pub last_name: Option<&'a str>,
    /// Name of the firm, when it is one.
    pub company_name: Option<&'a str>,
    /// Lower-case, syntax checked.
    pub email: Option<&'a str>,
    /// E.164 where it could be read, else as written.
    pub phone: Option<&'a str>,
    /// As `phone`.
    pub mobile: Option<&'a str>,
    /// Street and number.
    pub address: Option<&'a str>,
    /// As written: leading zeros matter.
    pub zip_code: Option<&'a str>,
    /// Town.
    pub city: Option<&'a str>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// Asked not to be written to.
    pub email_opt_out: bool,
    /// Asked not to get text messages.
    pub sms_opt_out: bool,
    /// Asked not to be called.
    pub phone_opt_out: bool,
    /// Not archived in the source.
    pub active: bool,
}

impl Record for Customer<'_> {
    fn table(&self) -> Table {
        Table::Customers
    }

    fn write(&self, cells: &mut CellWriter<'_>) {
        cells.text(Some(self.customer_key));
        cells.text(self.first_name);
        cells.text(self.last_name);
        cells.text(self.company_name);
        cells.text(self.email);
        cells.text(self.phone);
        cells.text(self.mobile);
        cells.text(self.address);
        cells.text(self.zip_code);
        cells.text(self.city);
        cells.text(self.country);
        cells.flag(self.email_opt_out);
        cells.flag(self.sms_opt_out);
        cells.flag(self.phone_opt_out);
        cells.flag(self.active);
    }
}
