//! One message to, or from, a customer.

use jiff::civil::Date;

use super::{
    Table,
    rows::{CellWriter, Record},
};

/// Columns in the order of [`Contact`]'s fields.
pub(super) const COLUMNS: &[&str] = &[
    "contact_key",
    "customer_key",
    "date_contact",
    "channel",
    "campaign",
    "subject",
    "status",
    "product_key_suggested",
    "response",
    "response_details",
];

/// One message to, or from, a customer.
#[derive(Debug, Clone)]
pub struct Contact<'a> {
    /// Stable key, prefixed by the connector's type.
    pub contact_key: &'a str,
    /// Who; may be unknown to `customers`.
    pub customer_key: &'a str,
    /// Day.
    pub date_contact: Date,
    /// `email`, `sms`, `phone`, `website` or `direct`.
    pub channel: Option<&'a str>,
    /// Campaign it belongs to.
    pub campaign: Option<&'a str>,
    /// Its subject.
    pub subject: Option<&'a str>,
    /// `sent`, `delivered`, `opened`, `clicked`, `replied`, `bounced` or `unsubscribed`.
    pub status: Option<&'a str>,
    /// Product it recommended.
    pub product_key_suggested: Option<&'a str>,
    /// What came back.
    pub response: Option<&'a str>,
    /// More of it.
    pub response_details: Option<&'a str>,
}

impl Record for Contact<'_> {
    fn table(&self) -> Table {
        Table::ContactHistory
    }

    fn write(&self, cells: &mut CellWriter<'_>) {
        cells.text(Some(self.contact_key));
        cells.text(Some(self.customer_key));
        cells.date(Some(self.date_contact));
        cells.text(self.channel);
        cells.text(self.campaign);
        cells.text(self.subject);
        cells.text(self.status);
        cells.text(self.product_key_suggested);
        cells.text(self.response);
        cells.text(self.response_details);
    }
}
