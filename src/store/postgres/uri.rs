//! The two spellings of an address: `postgresql://user@host:port/database?parameter=value`, and `host=… dbname=…`.
//!
//! Rules: "Connection Strings" of the manual of PostgreSQL, chapter libpq. No message shows a part of the text, which may hold
//! a password where a sign of it was not percent-encoded.

use super::parameters::{ENCODED, Origin, Parameters, SETTING};
use crate::error::{Error, Result};

/// The parameters that `text` gives.
pub(super) fn parse(text: &str) -> Result<Parameters> {
    let text = text.trim();
    let schemes = ["postgresql://", "postgres://"];
    if let Some(rest) = schemes.iter().find_map(|scheme| text.strip_prefix(scheme)) {
        return parse_uri(rest);
    }
    if !text.contains("://") && text.contains('=') {
        return parse_keywords(text);
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let predicate = match scheme {
        Some(scheme) => format!("commence par {scheme}:// : seul PostgreSQL est pris en charge"),
        None => "n'est pas une adresse PostgreSQL".to_owned(),
    };
    Err(Error::of_setting(SETTING, predicate)
        .hint("Par exemple postgresql://crmreco@serveur/crmreco ; sans ce réglage, la base est un fichier SQLite"))
}

fn invalid(predicate: &str) -> Error {
    Error::of_setting(SETTING, predicate).hint(ENCODED)
}

fn parse_uri(rest: &str) -> Result<Parameters> {
    let mut found = Parameters::default();
    // libpq looks for credentials up to the first slash, whatever stands there.
    let (before_slash, _) = rest.split_once('/').unwrap_or((rest, ""));
    let (credentials, rest) = match before_slash.split_once('@') {
        Some((credentials, _)) => (credentials, rest.get(credentials.len() + 1..).unwrap_or("")),
        None => ("", rest),
    };
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if place.contains('@') {
        return Err(invalid(
            "contient un « @ » de trop : celui d'un mot de passe s'écrit %40",
        ));
    }
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    if database.contains('/') {
        return Err(invalid(
            "contient un « / » de trop : celui d'un mot de passe s'écrit %2F",
        ));
    }
    set(&mut found, "user", user)?;
    set(&mut found, "password", password)?;
    set_hosts(&mut found, hosts)?;
    set(&mut found, "dbname", database)?;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(invalid(
                "a un paramètre sans valeur : paramètre=valeur est attendu",
            ));
        };
        match (decoded(name)?.as_str(), value) {
            // The spelling of other drivers, which libpq takes too.
            ("ssl", "true") => set(&mut found, "sslmode", "require")?,
            // What looks like parameters may be the rest of a password.
            (name, _) if query.contains('@') && !Parameters::is_known(name) => {
                return Err(invalid("a un paramètre inconnu"));
            }
            (name, value) => found.set(name, &decoded(value)?, &Origin::Address)?,
        }
    }
    Ok(found)
}

/// Sets a parameter from its place in the URL; an empty one is not given.
fn set(found: &mut Parameters, name: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    found.set(name, &decoded(text)?, &Origin::Address)
}

/// `host:port,[address]:port`
fn set_hosts(found: &mut Parameters, text: &str) -> Result<()> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for one in text.split(',') {
        let (host, after) = match one.strip_prefix('[') {
            Some(rest) => rest
                .split_once(']')
                .ok_or_else(|| invalid("a une adresse IPv6 sans « ] »"))?,
            None => one.split_at(one.find(':').unwrap_or(one.len())),
        };
        let port = after.strip_prefix(':').unwrap_or(after);
        if !after.is_empty() && port.len() == after.len() {
            return Err(invalid("a autre chose qu'un port après « ] »"));
        }
        hosts.push(decoded(host)?);
        ports.push(decoded(port)?);
    }
    let is_given = |list: &[String]| list.iter().any(|one| !one.is_empty());
    if is_given(&hosts) {
        found.set("host", &hosts.join(","), &Origin::Address)?;
    }
    if is_given(&ports) {
        found.set("port", &ports.join(","), &Origin::Address)?;
    }
    Ok(())
}

/// `text` without its percent-encoding.
fn decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit().zip(digit()).map(|(high, low)| high * 16 + low);
        let value = value.and_then(|value| u8::try_from(value).ok());
        bytes.push(value.ok_or_else(|| invalid("a un « % » sans deux chiffres hexadécimaux"))?);
    }
    String::from_utf8(bytes).map_err(|_| invalid("contient un texte encodé qui n'est pas en UTF-8"))
}

/// `host=localhost dbname='my database'`
fn parse_keywords(text: &str) -> Result<Parameters> {
    let invalid = |predicate: &str| {
        Error::of_setting(SETTING, predicate).hint(
            "Écrivez host=serveur dbname=base user=rôle, une valeur à blancs entre apostrophes",
        )
    };
    let mut found = Parameters::default();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once('=') else {
            return Err(invalid("a un paramètre sans « = »"));
        };
        let name = name.trim_end();
        if name.contains(char::is_whitespace) {
            return Err(invalid("a un paramètre sans « = »"));
        }
        let (value, after) = keyword_value(after.trim_start())
            .ok_or_else(|| invalid("a une apostrophe qui n'est pas fermée"))?;
        found.set(name, &value, &Origin::Address)?;
        rest = after.trim_start();
    }
    Ok(found)
}

/// The value at the start of `text`, and what follows it; nothing where a quote is not closed.
fn keyword_value(text: &str) -> Option<(String, &str)> {
    let (is_quoted, text) = match text.strip_prefix('\'') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut value = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '\\' => value.push(signs.next()?.1),
            '\'' if is_quoted => return Some((value, text.get(at + 1..)?)),
            sign if !is_quoted && sign.is_whitespace() => return Some((value, text.get(at..)?)),
            sign => value.push(sign),
        }
    }
    (!is_quoted).then_some((value, ""))
}
