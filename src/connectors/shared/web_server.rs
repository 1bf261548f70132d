//! A server that is asked over HTTP, and the secret that it is asked with.

use std::time::Duration;

use secrecy::SecretString;
use ureq::http::Uri;
use ureq::tls::Certificate;

use super::addresses::is_loopback_host;

/// A server that is asked over HTTP.
#[derive(Debug, Clone)]
pub(in crate::connectors) struct WebServer {
    /// What people call the software on it, such as `Odoo`.
    pub(in crate::connectors) software: &'static str,
    /// Without a slash at its end.
    pub(in crate::connectors) url: String,
    /// What requests carry, and no answer may show.
    pub(in crate::connectors) secret: SecretString,
    /// The only authorities whose signature counts; those of this machine where there are none.
    pub(in crate::connectors) authorities: Vec<Certificate<'static>>,
    /// The most that one exchange may take.
    pub(in crate::connectors) timeout: Duration,
}

impl WebServer {
    /// Whether it is this machine.
    pub(in crate::connectors) fn is_loopback(&self) -> bool {
        let uri: Option<Uri> = self.url.parse().ok();
        uri.and_then(|uri| uri.host().map(is_loopback_host))
            .unwrap_or_default()
    }

    /// What people call the software, after the French « de »: `d'Odoo`, `de WooCommerce`.
    pub(in crate::connectors) fn of_software(&self) -> String {
        let is_vowel = |first: char| "AEIOUYaeiouy".contains(first);
        let word = if self.software.starts_with(is_vowel) {
            "d'"
        } else {
            "de "
        };
        format!("{word}{}", self.software)
    }
}
