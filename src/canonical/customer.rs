//! A customer: a person or a firm.

use super::define_record::define_record;

define_record! {
    /// A customer or prospect: a person or a firm.
    pub struct Customer<'a> in Customers {
        /// Stable key, prefixed by the connector's type.
        pub customer_key: &'a str,
        /// Given name.
        pub first_name: Option<&'a str>,
        /// Family name.
        pub last_name: Option<&'a str>,
        /// Name of the firm; `None` for a person.
        pub company_name: Option<&'a str>,
        /// Email address: lower-case, syntax checked.
        pub email: Option<&'a str>,
        /// Landline number: E.164, or as written when it cannot be parsed.
        pub phone: Option<&'a str>,
        /// Mobile number, in the form of `phone`.
        pub mobile: Option<&'a str>,
        /// Key of the firm that a contact belongs to, where the source says.
        pub company_key: Option<&'a str>,
        /// Street and number.
        pub address: Option<&'a str>,
        /// Postal code as written, with its leading zeros.
        pub zip_code: Option<&'a str>,
        /// Town.
        pub city: Option<&'a str>,
        /// Country code, ISO 3166-1 alpha-2.
        pub country: Option<&'a str>,
        /// Does not want email.
        pub email_opt_out: bool,
        /// Does not want text messages.
        pub sms_opt_out: bool,
        /// Does not want phone calls.
        pub phone_opt_out: bool,
        /// Not archived in the source.
        pub active: bool,
    }
}
