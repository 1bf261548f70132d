//! Masks the key in a server's answers: a key repeated in a name or a message would be shown and stored.

use std::borrow::Cow;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use secrecy::{ExposeSecret, SecretString};

use crate::connectors::MASK;

/// The shortest key that is looked for. Real ones are longer; a short one may be a part of any word.
const SHORTEST_KEY: usize = 16;

/// The forms in which a key may come back.
#[derive(Debug, Clone)]
pub(super) struct Echoes(Vec<SecretString>);

impl Echoes {
    /// Those of `key`: as it is, in hexadecimal, in an address, in JSON and HTML, and in base 64 wherever it begins in what is encoded, as after the
    /// login of an `Authorization` header.
    pub(super) fn of(key: &SecretString) -> Self {
        let key = key.expose_secret();
        if key.len() < SHORTEST_KEY {
            return Self(Vec::new());
        }
        let hexadecimal = hexadecimal(key);
        let mut forms = vec![
            key.to_owned(),
            hexadecimal.to_ascii_uppercase(),
            hexadecimal,
        ];
        for digits in [HEXADECIMAL, UPPER_HEXADECIMAL] {
            let whole = in_address(key, "", digits);
            // A form writes a space as a plus, a path leaves slashes alone.
            forms.push(whole.replace("%20", "+"));
            forms.push(in_address(key, "/", digits));
            forms.push(whole);
        }
        forms.extend([in_json(key, false), in_json(key, true), in_html(key)]);
        for before in 0..3 {
            for engine in [STANDARD, URL_SAFE] {
                forms.extend(within_base64(&engine, key, before));
            }
        }
        forms.sort();
        forms.dedup();
        Self(forms.into_iter().map(SecretString::from).collect())
    }

    /// `text` without any of them.
    pub(super) fn out_of<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut clean = Cow::Borrowed(text);
        for form in &self.0 {
            let form = form.expose_secret();
            if clean.contains(form) {
                clean = Cow::Owned(clean.replace(form, MASK));
            }
        }
        clean
    }

    /// As [`Echoes::out_of`], of JSON, which may write any sign as an escape.
    pub(super) fn out_of_json<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if !text.contains("\\u00") && !text.contains("\\/") {
            return self.out_of(text);
        }
        let plain = unescaped(text);
        match self.out_of(&plain) {
            // Nothing to mask: escapes stay as they are.
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(clean) => Cow::Owned(clean),
        }
    }
}

const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";
const UPPER_HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";

/// `key` in an address (RFC 3986): what is not unreserved, nor one of `kept`, by its bytes.
fn in_address(key: &str, kept: &str, digits: &[u8; 16]) -> String {
    let digit = |value: u8| {
        digits
            .get(usize::from(value))
            .copied()
            .map_or('0', char::from)
    };
    let mut text = String::with_capacity(3 * key.len());
    for byte in key.bytes() {
        let sign = char::from(byte);
        if sign.is_ascii_alphanumeric() || "-._~".contains(sign) || kept.contains(sign) {
            text.push(sign);
        } else {
            text.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    text
}

/// `key` within a JSON text; with `is_ascii`, as Python writes it.
fn in_json(key: &str, is_ascii: bool) -> String {
    let quoted = serde_json::to_string(key).unwrap_or_default();
    let inner = quoted
        .get(1..quoted.len().saturating_sub(1))
        .unwrap_or_default();
    if !is_ascii {
        return inner.to_owned();
    }
    let mut text = String::with_capacity(inner.len());
    let mut units = [0; 2];
    for sign in inner.chars() {
        if sign.is_ascii() {
            text.push(sign);
            continue;
        }
        for unit in sign.encode_utf16(&mut units) {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

/// `key` within a page, as Python's `html.escape` writes it.
fn in_html(key: &str) -> String {
    let mut text = key.replace('&', "&amp;");
    for (sign, entity) in [
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&quot;"),
        ('\'', "&#x27;"),
    ] {
        text = text.replace(sign, entity);
    }
    text
}

fn hexadecimal(key: &str) -> String {
    let mut text = String::with_capacity(2 * key.len());
    for byte in key.bytes() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The signs that stand for `key` alone where `before` other bytes, modulo 3, come first.
fn within_base64(engine: &impl Engine, key: &str, before: usize) -> Option<String> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(key.as_bytes());
    let end = bytes.len() * 8 / 6;
    let encoded = engine.encode(bytes);
    let start = (before * 8).div_ceil(6);
    encoded.get(start..end).map(str::to_owned)
}

/// `json` with its letters, digits and slashes as themselves.
fn unescaped(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, escaped)) = rest.split_once('\\') {
        plain.push_str(before);
        let code = escaped.strip_prefix('u').and_then(|code| code.get(..4));
        let sign = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        let sign = sign.map(char::from);
        if let Some(sign) = sign.filter(|sign| sign.is_ascii_graphic() && !"\"\\".contains(*sign)) {
            plain.push(sign);
            rest = escaped.get(5..).unwrap_or_default();
        } else if let Some(after) = escaped.strip_prefix('/') {
            plain.push('/');
            rest = after;
        } else {
            // An escape of another kind, a backslash itself among them.
            let length = escaped.chars().next().map_or(0, char::len_utf8);
            let (escape, after) = escaped.split_at(length);
            plain.push('\\');
            plain.push_str(escape);
            rest = after;
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "d41d8cd98f00b204e9800998ecf8427ed41d8cd9";

    fn echoes() -> Echoes {
        Echoes::of(&SecretString::from(KEY))
    }

    #[test]
    fn a_key_is_found_in_base_64_wherever_it_begins_and_ends() {
        for before in ["", "a", "ab", "abc", "crm@cave.fr:", "ÿÿ>", "ÿÿÿ?"] {
            for after in ["", "x", "xy", "xyz"] {
                for engine in [STANDARD, URL_SAFE] {
                    let text = engine.encode(format!("{before}{KEY}{after}"));
                    let clean = echoes().out_of(&text).into_owned();
                    assert!(clean.contains(MASK), "{before} {after}");
                    let left: String = clean.split(MASK).collect();
                    assert!(left.len() <= text.len() - 52, "{before} {after}: {clean}");
                }
            }
        }
    }

    #[test]
    fn a_key_is_found_as_it_is_in_hexadecimal_and_behind_escapes() {
        let hexadecimal = hexadecimal(KEY).to_uppercase();
        let mut escaped = String::new();
        for sign in KEY.chars() {
            write!(escaped, "\\u{:04x}", u32::from(sign)).unwrap();
        }
        for text in [KEY, &hexadecimal, &hexadecimal.to_lowercase(), &escaped] {
            let json = format!("{{\"name\": \"\\\\é \\n {text}\"}}");
            let clean = echoes().out_of_json(&json).into_owned();
            assert_eq!(clean, format!("{{\"name\": \"\\\\é \\n {MASK}\"}}"));
        }
    }

    /// What a person chose as a password may hold any sign.
    #[test]
    fn a_password_is_found_in_an_address_in_json_and_in_a_page() {
        const PASSWORD: &str = "m<t d\"p\\sse/é&'+€2026";
        let echoes = Echoes::of(&SecretString::from(PASSWORD));
        for text in [
            PASSWORD,
            "m%3Ct%20d%22p%5Csse%2F%C3%A9%26%27%2B%E2%82%AC2026",
            "m%3ct%20d%22p%5csse%2f%c3%a9%26%27%2b%e2%82%ac2026",
            "m%3Ct%20d%22p%5Csse/%C3%A9%26%27%2B%E2%82%AC2026",
            "m%3Ct+d%22p%5Csse%2F%C3%A9%26%27%2B%E2%82%AC2026",
            r#"m<t d\"p\\sse/é&'+€2026"#,
            r#"m<t d\"p\\sse/\u00e9&'+\u20ac2026"#,
            "m&lt;t d&quot;p\\sse/é&amp;&#x27;+€2026",
        ] {
            assert_eq!(
                echoes.out_of(&format!("avant {text} après")),
                format!("avant {MASK} après")
            );
        }
        // Escaped once more by the document around it.
        for text in [
            PASSWORD,
            "m%3Ct%20d%22p%5Csse%2F%C3%A9%26%27%2B%E2%82%AC2026",
        ] {
            let json = serde_json::json!({"message": text}).to_string();
            assert_eq!(
                echoes.out_of_json(&json),
                format!("{{\"message\":\"{MASK}\"}}")
            );
        }
    }

    #[test]
    fn other_escapes_stay_as_they_are() {
        for json in [
            r#"{"a": "\u0022\u005c\\u0041\/"}"#,
            r#"{"a": "\u00e9\u0000\n\""}"#,
            "\"\\u00",
            "\\",
        ] {
            assert_eq!(echoes().out_of_json(json), json);
        }
        assert_eq!(unescaped(r"\\u0041\u0041\/\u005c"), r"\\u0041A/\u005c");
        assert!(Echoes::of(&SecretString::from("court")).0.is_empty());
    }
}
