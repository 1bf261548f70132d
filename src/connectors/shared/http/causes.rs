//! What the client library and TLS report, as a failure that says why in French.

use super::failure::HttpFailure;
use crate::connectors::shared::addresses::Forbidden;

/// The failure that `error` of the client library is.
pub(super) fn failure_of(error: ureq::Error) -> HttpFailure {
    use ureq::Timeout;
    match error {
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            HttpFailure::Unreachable("aucune réponse".to_owned())
        }
        ureq::Error::Timeout(_) => HttpFailure::TimedOut,
        ureq::Error::HostNotFound => unknown_name(),
        ureq::Error::ConnectionFailed => {
            HttpFailure::Unreachable("connexion impossible".to_owned())
        }
        ureq::Error::BodyExceedsLimit(_) => HttpFailure::TooLarge,
        ureq::Error::Tls(reason) => tls(reason),
        ureq::Error::Rustls(error) => tls(&error.to_string()),
        ureq::Error::Io(error) => io_failure(&error),
        ureq::Error::Other(error) => error
            .downcast::<Forbidden>()
            .map_or(HttpFailure::Cut, |found| HttpFailure::Forbidden(found.0)),
        ureq::Error::Protocol(_) | ureq::Error::Http(_) => HttpFailure::NotApi(0),
        _ => HttpFailure::Cut,
    }
}

fn io_failure(error: &std::io::Error) -> HttpFailure {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => HttpFailure::Unreachable("connexion refusée".to_owned()),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            HttpFailure::Unreachable("réseau injoignable".to_owned())
        }
        ErrorKind::TimedOut => HttpFailure::TimedOut,
        // TLS reports its errors this way through the stream it wraps.
        ErrorKind::InvalidData => tls(&error.to_string()),
        _ if is_of_names(error) => unknown_name(),
        _ => HttpFailure::Cut,
    }
}

/// Errors of rustls, in French.
const TLS_REASONS: &[(&str, &str)] = &[
    (
        "CaUsedAsEndEntity",
        "son certificat est celui d'une autorité (CA:TRUE, comme openssl req -x509 le fait) et ne peut pas servir à un serveur ; il lui en faut un d'une autorité reconnue, ou de la vôtre (réglage CA_FILE) avec CA:FALSE",
    ),
    ("InvalidContentType", "ce port ne parle pas https"),
    (
        "No CA certificates",
        "cette machine ne connaît aucune autorité (sur Linux, installez le paquet ca-certificates)",
    ),
    ("Expired", "son certificat a expiré"),
    ("expired", "son certificat a expiré"),
    ("NotValidYet", "son certificat n'est pas encore valable"),
    ("not valid yet", "son certificat n'est pas encore valable"),
    (
        "NotValidForName",
        "son certificat est au nom d'un autre serveur",
    ),
    (
        "not valid for name",
        "son certificat est au nom d'un autre serveur",
    ),
];

/// Errors of rustls about a certificate of an unknown authority.
const UNTRUSTED: [&str; 2] = ["UnknownIssuer", "SelfSigned"];

fn tls(words: &str) -> HttpFailure {
    if UNTRUSTED.iter().any(|sign| words.contains(sign)) {
        return HttpFailure::Untrusted;
    }
    let known = TLS_REASONS.iter().find(|(sign, _)| words.contains(sign));
    HttpFailure::Tls(known.map_or(words, |(_, reason)| reason).to_owned())
}

fn unknown_name() -> HttpFailure {
    HttpFailure::Unreachable("ce nom de serveur est introuvable".to_owned())
}

/// Whether the name of the server has no address. The standard library has no public kind for it: its text shows it on
/// Unix, the system's numbers on Windows (`WSAHOST_NOT_FOUND` to `WSANO_DATA`).
fn is_of_names(error: &std::io::Error) -> bool {
    match error.raw_os_error() {
        Some(number) => cfg!(windows) && (11_001..=11_004).contains(&number),
        None => error.to_string().starts_with("failed to lookup address"),
    }
}

#[cfg(test)]
mod tests {
    use ureq::tls::Certificate;

    use super::*;
    use crate::connectors::shared::web_server::WebServer;

    /// The message and what to do about `words` of rustls; `has_own`: whether `CA_FILE` is set.
    fn message(words: &str, has_own: bool) -> String {
        let own = Certificate::from_der(b"certificate").to_owned();
        let server = WebServer {
            software: "Odoo",
            url: "https://cave.fr".to_owned(),
            secret: "key".into(),
            authorities: if has_own { vec![own] } else { Vec::new() },
            timeout: std::time::Duration::from_secs(1),
        };
        tls(words).into_error(&server).full_text()
    }

    #[test]
    fn an_unknown_authority_is_given_or_replaced() {
        let words = "invalid peer certificate: UnknownIssuer";
        let unknown = message(words, false);
        assert!(unknown.contains("connue de cette machine"), "{unknown}");
        assert!(unknown.contains("(réglage CA_FILE)"), "{unknown}");
        let other = message(words, true);
        assert!(
            other.contains("aucune autorité du réglage CA_FILE"),
            "{other}"
        );
        assert!(other.contains("retirez ce réglage"), "{other}");
    }

    #[test]
    fn other_faults_of_a_certificate_are_not_those_of_its_authority() {
        let expired = message("invalid peer certificate: certificate expired", true);
        assert!(expired.contains("a expiré"), "{expired}");
        assert!(!expired.contains("CA_FILE"), "{expired}");
        let none = message("unexpected error: No CA certificates were loaded", false);
        assert!(none.contains("ca-certificates"), "{none}");
        let authority = message("invalid peer certificate: CaUsedAsEndEntity", true);
        assert!(authority.contains("CA:FALSE"), "{authority}");
    }
}
