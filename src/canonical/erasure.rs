//! Customers erased at their request (GDPR, article 17): how a row of theirs is recognised without keeping anything of
//! theirs, and the alias in place of their key.

use std::collections::HashMap;
use std::fmt;

use ring::hmac;

use super::rows::{Column, Row, Rows, Value};
use super::{country, customer, email, phone, sale, text};

/// Prefix of an alias: the key in place of an erased customer's.
const ALIAS_PREFIX: &str = "erased-";

/// Separator of the parts of a key.
const BETWEEN: char = '|';

/// Prefix of a part of a key that is a hash of the row's content, the customer's key included.
const CONTENT: char = '=';

/// Prefix of a part of a key that is a line's own number.
const NUMBER: char = '#';

/// Whether `customer_key` is the alias of an erased customer.
pub fn is_alias(customer_key: &str) -> bool {
    customer_key.starts_with(ALIAS_PREFIX)
}

/// Appends the sales line `row` to `rows` under `key`, with `alias` in place of its customer and without notes.
pub fn push_nameless<'v>(rows: &mut Rows, row: &Row<'v>, key: &'v str, alias: &'v str) {
    const KEY: Column = sale::COLUMN.sale_line_key;
    const CUSTOMER: Column = sale::COLUMN.customer_key;
    const NOTES: Column = sale::COLUMN.notes;
    rows.push_changed(row, |column, value| match column {
        KEY => Value::Text(key),
        CUSTOMER => Value::Text(alias),
        NOTES => Value::Null,
        _ => value,
    });
}

/// Appends the customer `row` to `rows` without the firm that they belong to.
pub fn push_without_firm(rows: &mut Rows, row: &Row<'_>) {
    const FIRM: Column = customer::COLUMN.company_key;
    rows.push_changed(row, |column, value| match column {
        FIRM => Value::Null,
        _ => value,
    });
}

/// A keyed hash (HMAC-SHA-256, RFC 2104) of a customer's key, email address or telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mark(pub [u8; 32]);

/// The key of the hashes, which never leaves the database.
#[derive(Clone)]
pub struct ErasureSecret(hmac::Key);

impl fmt::Debug for ErasureSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErasureSecret")
    }
}

impl ErasureSecret {
    /// Number of random bytes a secret is made of.
    pub const BYTES: usize = 32;

    /// The secret made of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The mark of a customer's key, whatever its case.
    pub fn key(&self, customer_key: &str) -> Mark {
        self.mark('k', &text::fold(customer_key))
    }

    /// The mark of a customer's key in that case only.
    pub fn exact_key(&self, customer_key: &str) -> Mark {
        self.mark('x', customer_key)
    }

    /// The mark of an email address, whatever its case; `None` where it is none: many customers share a placeholder.
    pub fn email(&self, address: &str) -> Option<Mark> {
        let address = email::email(text::trim(address))?;
        Some(self.mark('e', &address))
    }

    /// The mark of a telephone number, in E.164 or as it is written in France; `None` where it is none.
    pub fn phone(&self, number: &str) -> Option<Mark> {
        let number = phone::e164(number, country::DEFAULT)?;
        Some(self.mark('p', number.as_str()))
    }

    /// `kind` keeps a key that looks like a number from having the mark of that number.
    fn mark(&self, kind: char, normal: &str) -> Mark {
        let tag = hmac::sign(&self.0, format!("{kind}\0{normal}").as_bytes());
        let mut mark = Mark([0; 32]);
        for (byte, of_tag) in mark.0.iter_mut().zip(tag.as_ref()) {
            *byte = *of_tag;
        }
        mark
    }
}

/// One erasure of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its number.
    pub id: i64,
    /// The key in place of the customer's in sales lines.
    pub alias: String,
}

impl Erasure {
    /// The alias made of `random` bytes.
    pub fn alias_of(random: &[u8]) -> String {
        let hexadecimal = random.iter().map(|byte| format!("{byte:02x}"));
        ALIAS_PREFIX
            .chars()
            .chain(hexadecimal.flat_map(|two| two.chars().collect::<Vec<_>>()))
            .collect()
    }
}

/// What a row says about who it is about, in canonical form or as written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Person<'a> {
    /// The customer's key.
    pub key: &'a str,
    /// Email addresses.
    pub emails: &'a [&'a str],
    /// Telephone numbers.
    pub phones: &'a [&'a str],
}

/// The erased customers whom a sync keeps out.
#[derive(Debug, Clone)]
pub struct Erased {
    secret: ErasureSecret,
    marks: HashMap<Mark, Erasure>,
}

impl Erased {
    /// The customers with these marks under `secret`.
    pub fn of(secret: ErasureSecret, marks: impl IntoIterator<Item = (Mark, Erasure)>) -> Self {
        Self {
            secret,
            marks: marks.into_iter().collect(),
        }
    }

    /// The erasure of the customer with this key.
    pub fn by_key(&self, customer_key: &str) -> Option<&Erasure> {
        let in_any_case = self.by_mark(self.secret.key(customer_key));
        in_any_case.or_else(|| self.by_mark(self.secret.exact_key(customer_key)))
    }

    /// The erasure of a customer with one of the addresses or numbers of `person`.
    pub fn by_contact(&self, person: &Person<'_>) -> Option<&Erasure> {
        let emails = person.emails.iter();
        let phones = person.phones.iter();
        emails
            .filter_map(|email| self.secret.email(email))
            .chain(phones.filter_map(|phone| self.secret.phone(phone)))
            .find_map(|mark| self.by_mark(mark))
    }

    /// Whether `text` is the address, the number or the key of an erased customer.
    pub fn is_theirs(&self, text: &str) -> bool {
        let person = Person {
            key: text,
            emails: &[text],
            phones: &[text],
        };
        self.by_key(text)
            .or_else(|| self.by_contact(&person))
            .is_some()
    }

    fn by_mark(&self, mark: Mark) -> Option<&Erasure> {
        self.marks.get(&mark)
    }

    /// `key` of a sales line of `customer_key` without the customer's code, see [`ErasureSecret::nameless_key`].
    pub fn nameless_key(&self, key: &str, customer_key: &str, alias: &str) -> String {
        self.secret.nameless_key(key, customer_key, alias)
    }
}

impl ErasureSecret {
    /// `key` of a sales line without the code of its customer: the code among its parts becomes `alias`, and the hash
    /// of a line's content, from which a code can be guessed, becomes a keyed one. Equal keys stay equal, and different
    /// ones different.
    pub fn nameless_key(&self, key: &str, customer_key: &str, alias: &str) -> String {
        let code = customer_key
            .split_once('-')
            .map_or(customer_key, |(_, code)| code);
        // As a part is written: separators in it are escaped, and a first sign that marks another kind of part.
        let escape = if code.starts_with([NUMBER, CONTENT]) {
            r"\"
        } else {
            ""
        };
        let code = code.replace('\\', r"\\").replace(BETWEEN, r"\p");
        let code = format!("{escape}{code}");
        let mut nameless = String::with_capacity(key.len());
        for (part, at) in key.split(BETWEEN).zip(0..) {
            if at > 0 {
                nameless.push(BETWEEN);
            }
            match part.strip_prefix(CONTENT) {
                _ if at == 0 => nameless.push_str(part),
                _ if part == code || part == customer_key => nameless.push_str(alias),
                Some(hash) => {
                    nameless.push(CONTENT);
                    let mark = self.mark('c', hash);
                    let half = mark.0.iter().take(8).map(|byte| format!("{byte:02x}"));
                    nameless.extend(half);
                }
                None => nameless.push_str(part),
            }
        }
        nameless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> ErasureSecret {
        ErasureSecret::of(&[7; ErasureSecret::BYTES])
    }

    fn erased() -> Erased {
        let secret = secret();
        let marks = [
            secret.key("isavigne-C1"),
            secret.email("jean@example.fr").unwrap(),
            secret.phone("+33388123456").unwrap(),
        ];
        let erasure = Erasure {
            id: 3,
            alias: Erasure::alias_of(&[0xab, 1]),
        };
        Erased::of(secret, marks.map(|mark| (mark, erasure.clone())))
    }

    #[test]
    fn a_customer_is_recognised_in_any_spelling_and_others_are_not() {
        let erased = erased();
        for key in ["isavigne-C1", "ISAVIGNE-c1"] {
            assert_eq!(
                erased.by_key(key).map(|one| one.alias.as_str()),
                Some("erased-ab01")
            );
        }
        assert!(
            erased.by_key("isavigne-C11").is_none() && erased.by_key("jean@example.fr").is_none()
        );
        for text in [
            "Jean@Example.FR",
            " jean@example.fr",
            "03 88 12 34 56",
            "+33 3 88 12 34 56",
        ] {
            assert!(erased.is_theirs(text), "{text}");
        }
        assert!(secret().phone("néant").is_none() && secret().email("néant").is_none());
        for text in ["", "jeanne@example.fr", "03 88 12 34 57", "C1"] {
            assert!(!erased.is_theirs(text), "{text}");
        }
    }

    #[test]
    fn a_key_tells_no_customer_and_stays_one_key() {
        let of = |key| secret().nameless_key(key, "isavigne-C1", "erased-ab01");
        assert_eq!(
            of("isavigne-vente|FA-1|2025|C1|P1|2"),
            "isavigne-vente|FA-1|2025|erased-ab01|P1|2"
        );
        assert_eq!(of("odoo-12"), "odoo-12");
        for (code, part) in [
            ("#1", r"\#1"),
            ("a|b", r"a\pb"),
            (r"a\p", r"a\\p"),
            (r"\=", r"\\="),
        ] {
            let customer = format!("isavigne-{code}");
            let key = format!("isavigne-vente|FA-1|2025|{part}|1");
            assert_eq!(
                secret().nameless_key(&key, &customer, "erased-ab01"),
                "isavigne-vente|FA-1|2025|erased-ab01|1"
            );
        }
        let content = of("isavigne-vente|=0123456789abcdef|1");
        assert!(
            content.starts_with("isavigne-vente|=") && content.ends_with("|1"),
            "{content}"
        );
        assert_eq!(content.len(), "isavigne-vente|=0123456789abcdef|1".len());
        assert_ne!(content, "isavigne-vente|=0123456789abcdef|1");
        assert_ne!(content, of("isavigne-vente|=0123456789abcdee|1"));
    }
}
