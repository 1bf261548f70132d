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
        "son certificat est celui d'une autorité (CA:TRUE, comme openssl req -x509 le fait) et ne peut pas servir à un serveur ; il lui en faut un d'une autorité reconnue, ou de la vôtre avec CA:FALSE",
    ),
    ("InvalidContentType", "ce port ne parle pas https"),
    (
        "UnknownIssuer",
        "aucune autorité connue de cette machine n'a signé son certificat",
    ),
    (
        "SelfSigned",
        "aucune autorité connue de cette machine n'a signé son certificat",
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

fn tls(words: &str) -> HttpFailure {
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
