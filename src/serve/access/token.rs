//! The token that gives people and scripts on other machines access.

use std::net::SocketAddr;

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::env_file::EnvFile;
use crate::error::{Advice, Error, Result};
use crate::home::Home;
use crate::serve::environment::Environment;

/// The variable with the token, in the environment or the home's `.env`.
const VARIABLE: &str = "CRMRECO_SERVE_TOKEN";

/// Fewer bits could be guessed by trying.
const LEAST_BITS: usize = 128;

/// A random text of that length has at least this many different characters.
const LEAST_DIFFERENT: usize = 8;

/// A token that is strong enough.
pub(super) struct Token(SecretString);

impl Token {
    /// The token in the environment or in `home`, if there is one.
    pub(super) fn find(home: &Home, environment: &Environment) -> Result<Option<Self>> {
        let text = match environment.get(VARIABLE) {
            Some(value) => Some(value.to_owned()),
            None => EnvFile::new(home.env_file()).read()?.remove(VARIABLE),
        };
        match text.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) if is_strong(text) => Ok(Some(Self(SecretString::from(text)))),
            Some(_) => Err(Error::config(format!(
                "{VARIABLE} est trop facile à deviner, ou contient des signes qu'un en-tête ne porte pas"
            ))
            .hint(format!("Tirez-en un au hasard, de {LEAST_BITS} bits au moins : openssl rand -hex 32"))),
        }
    }

    /// Whether `shown` equals the token.
    pub(super) fn is(&self, shown: &str) -> bool {
        are_equal(self.0.expose_secret(), shown)
    }
}

/// Compares two secrets in constant time.
pub(super) fn are_equal(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// The error of a server for other machines without a token.
pub(super) fn missing(address: SocketAddr) -> Error {
    let what = if address.ip().is_loopback() {
        "Répondre sous un autre nom, c'est pouvoir être ouvert à d'autres machines".to_owned()
    } else {
        format!("Servir {address}, c'est ouvrir à d'autres machines")
    };
    Error::config(format!("{what} : il faut un jeton")).advise(Advice::SetToken)
}

/// The error of a token together with `--no-login`.
pub(super) fn contradicted() -> Error {
    Error::config(format!(
        "Laisser entrer sans rien demander contredit {VARIABLE}, qui demande un jeton"
    ))
    .hint(format!(
        "Retirez l'un des deux ; {VARIABLE} peut être dans le fichier .env du dossier de données"
    ))
}

/// Whether `text` is visible ASCII, and long enough for [`LEAST_BITS`] of randomness.
fn is_strong(text: &str) -> bool {
    let bits_per_sign = if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        4
    } else {
        6
    };
    let mut different: Vec<u8> = text.bytes().collect();
    different.sort_unstable();
    different.dedup();
    text.bytes().all(|byte| byte.is_ascii_graphic())
        && text.len() * bits_per_sign >= LEAST_BITS
        && different.len() >= LEAST_DIFFERENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_varied_and_visible() {
        for (text, expected) in [
            ("0123456789abcdef0123456789abcdef", true),
            ("0123456789abcdef0123456789abcde", false),
            ("kX3_vQ9-zL7wB1nM5pR8tY", true),
            ("kX3_vQ9-zL7wB1nM5pR8t", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("0123456789abcdef 0123456789abcdef", false),
            ("0123456789abcdefé0123456789abcdef", false),
        ] {
            assert_eq!(is_strong(text), expected, "{text}");
        }
    }
}
