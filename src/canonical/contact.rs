//! One message to or from a customer.

use jiff::civil::Date;

use super::define_record::define_record;

define_record! {
    /// One message to or from a customer.
    pub struct Contact<'a> in ContactHistory {
        /// Stable key, prefixed by the connector's type.
        pub contact_key: &'a str,
        /// Key of the customer; `customers` may have no such row.
        pub customer_key: &'a str,
        /// Date of the message.
        pub date_contact: Date,
        /// `email`, `sms`, `phone`, `website` or `direct`.
        pub channel: Option<&'a str>,
        /// Campaign the message belongs to.
        pub campaign: Option<&'a str>,
        /// Subject line.
        pub subject: Option<&'a str>,
        /// `sent`, `delivered`, `opened`, `clicked`, `replied`, `bounced` or `unsubscribed`.
        pub status: Option<&'a str>,
        /// Key of the product that the message recommends.
        pub product_key_suggested: Option<&'a str>,
        /// The customer's answer.
        pub response: Option<&'a str>,
        /// Details of the answer.
        pub response_details: Option<&'a str>,
    }
}
