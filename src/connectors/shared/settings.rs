//! Settings that every connector of a web server has: its address, its secret, how long it is waited for.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

use secrecy::SecretString;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, parse_pem};

use super::addresses::{is_forbidden_host, is_loopback_host};
use crate::connectors::config::without_password;
use crate::error::{Advice, Error, Result};
use crate::home::Home;

/// A kind of server, as the messages about its address name it.
#[derive(Debug)]
pub(in crate::connectors) struct Software {
    /// What people call it, such as `Odoo`.
    pub(in crate::connectors) name: &'static str,
    /// The type of connector that reads it.
    pub(in crate::connectors) kind: &'static str,
    /// An address that it could have.
    pub(in crate::connectors) example: &'static str,
    /// First parts of the paths of its pages: people copy addresses from their browser.
    pub(in crate::connectors) pages: &'static [&'static str],
}

impl Software {
    /// Setting URL, down to scheme, host and port. Fails where it is no such address, holds a password, names another
    /// page, leads to a service of the machine, or would send the secret in the clear to another machine although
    /// `allow_http` is not set.
    pub(in crate::connectors) fn url(&self, text: &str, allow_http: bool) -> Result<String> {
        let invalid = |why: &str| {
            Error::of_setting("URL", format!("« {} » {why}", without_password(text)))
                .hint(format!("Par exemple {}, sans rien après", self.example))
        };
        let uri: Uri = text.parse().map_err(|_| invalid("n'est pas une adresse"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(invalid("n'est pas une adresse complète"));
        };
        if authority.as_str().contains('@') {
            return Err(invalid(
                "contient un mot de passe : l'adresse n'est pas sa place",
            ));
        }
        if authority.port_u16().is_none() && authority.as_str() != authority.host() {
            return Err(invalid("n'a pas un nombre pour port"));
        }
        if is_forbidden_host(authority.host()) {
            let name = self.name;
            let why = format!("désigne une adresse de service de la machine, jamais un {name}");
            return Err(invalid(&why).hint(format!(
                "Donnez l'adresse à laquelle vous ouvrez {name} dans un navigateur"
            )));
        }
        let first = uri.path().split('/').nth(1).unwrap_or_default();
        if !first.is_empty() && !self.pages.contains(&first) {
            return Err(invalid("désigne une page, pas un serveur"));
        }
        match scheme {
            "https" => {}
            "http" if allow_http || is_loopback_host(authority.host()) => {}
            "http" => {
                return Err(invalid("enverrait la clé API en clair sur le réseau")
                    .hint(
                        "Donnez l'adresse en https:// ; sur un réseau fermé seulement, permettez http",
                    )
                    .advise(Advice::GiveSettings(self.kind, vec!["ALLOW_HTTP"])));
            }
            _ => return Err(invalid("ne commence ni par https:// ni par http://")),
        }
        Ok(format!("{scheme}://{authority}"))
    }
}

/// A secret that goes into a header, from setting `key`: one line of visible ASCII. Fails with `predicate` and `hint`.
pub(in crate::connectors) fn header_secret(
    text: &str,
    (key, predicate, hint): (&'static str, &str, &str),
) -> Result<SecretString> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(SecretString::from(text));
    }
    Err(Error::of_setting(key, predicate).hint(hint))
}

/// Setting `key`, yes or no; no where it is empty.
pub(in crate::connectors) fn is_yes(key: &'static str, text: &str) -> Result<bool> {
    match text.to_ascii_lowercase().as_str() {
        "" | "false" | "non" | "no" | "0" => Ok(false),
        "true" | "oui" | "yes" | "1" => Ok(true),
        _ => Err(
            Error::of_setting(key, format!("« {text} » n'est ni oui ni non")).hint("true ou false"),
        ),
    }
}

/// The largest file of certificates: all authorities of the world take 200 kB.
const MOST_CERTIFICATE_BYTES: u64 = 1 << 20;

/// Setting CA_FILE: the certificates in a file in PEM form, none where `path` is empty. Fails where the file cannot be read
/// or holds none.
pub(in crate::connectors) fn authorities(
    path: &str,
    home: &Home,
) -> Result<Vec<Certificate<'static>>> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let invalid = |why: &str| {
        Error::of_setting("CA_FILE", format!("« {path} » {why}")).hint(
            "Le fichier contient le certificat de votre autorité, en texte (-----BEGIN CERTIFICATE-----)",
        )
    };
    let mut pem = Vec::new();
    let full = home.resolve(path);
    // Opening a pipe would wait for a writer.
    if full.exists() && !full.is_file() {
        return Err(invalid("n'est pas un fichier"));
    }
    let file = File::open(full);
    let read = file.and_then(|file| file.take(MOST_CERTIFICATE_BYTES).read_to_end(&mut pem));
    read.map_err(|error| invalid(&format!("ne peut pas être lu : {error}")))?;
    let items = parse_pem(&pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(Ok(certificate)),
        Ok(_) => None,
        Err(_) => Some(Err(())),
    });
    let certificates: std::result::Result<Vec<_>, ()> = items.collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(invalid("ne contient aucun certificat")),
        Err(()) => Err(invalid("contient un certificat illisible")),
    }
}

/// Setting TIMEOUT, in seconds. `default`: what the message suggests.
pub(in crate::connectors) fn timeout(text: &str, default: &str) -> Result<Duration> {
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err(Error::of_setting(
            "TIMEOUT",
            format!("« {text} » n'est pas un nombre de secondes"),
        )
        .hint(format!("Un entier de 1 à 3600 ; {default} par défaut"))),
    }
}
