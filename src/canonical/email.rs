//! Email addresses.

use std::borrow::Cow;

use email_address::{EmailAddress, Options};

use super::text::clean;

/// The email address in lower case. `None` when `text` is not exactly one address that the Internet
/// can reach (syntax of RFC 5321 and 5322, a domain with a top-level domain).
///
/// The local part is lower-cased too: providers do not distinguish `Jean@` from `jean@`, and a
/// customer must have the same address in all sources.
#[must_use]
pub fn email(text: &str) -> Option<Cow<'_, str>> {
    // Quoted local parts may contain blanks and separators: legal, but a mistake in a customer file.
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || ",;:\"()<>[]".contains(c);
    if text.contains(forbidden) {
        return None;
    }
    let options = Options::default()
        .with_required_tld()
        .without_display_text()
        .without_domain_literal();
    let address = if text.chars().any(char::is_uppercase) {
        Cow::Owned(clean(&text.to_lowercase()).into_owned())
    } else {
        clean(text)
    };
    // Lower-casing and cleaning may change the domain: the result is checked, not the input.
    if !has_internet_domain(&address) {
        return None;
    }
    EmailAddress::parse_with_options(&address, options).ok()?;
    Some(address)
}

/// Whether the domain of the address `text` can be on the Internet: no underscore (RFC 1123), and a
/// top-level domain of at least two characters that are not all digits (RFC 3696, section 2).
fn has_internet_domain(text: &str) -> bool {
    let domain = text.rsplit_once('@').map_or("", |(_, domain)| domain);
    let top_level = domain
        .rsplit_once('.')
        .map_or("", |(_, top_level)| top_level);
    !domain.contains('_')
        && top_level.chars().nth(1).is_some()
        && top_level.chars().any(|c| !c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn valid_addresses() {
        for (text, expected) in [
            ("jean.dupont@example.fr", "jean.dupont@example.fr"),
            ("Jean.DUPONT+vin@Example.FR", "jean.dupont+vin@example.fr"),
            ("o'neil@pub.co.uk", "o'neil@pub.co.uk"),
            ("élodie@château.fr", "élodie@château.fr"),
            (
                "a_b-c@sous.domaine.example.wine",
                "a_b-c@sous.domaine.example.wine",
            ),
        ] {
            assert_eq!(email(text).as_deref(), Some(expected));
        }
        assert!(matches!(email("a@b.fr"), Some(Cow::Borrowed(_))));
    }

    #[test]
    fn invalid_addresses() {
        for text in [
            "",
            "néant",
            "a@b",
            "@b.fr",
            "a@",
            "a@b.fr.",
            "a@b..fr",
            ".a@b.fr",
            "a.@b.fr",
            "a..b@c.fr",
            "a b@c.fr",
            " a@b.fr",
            "a@b.fr ",
            "a@b.fr;c@d.fr",
            "a@b.fr, c@d.fr",
            "a@b.fr/c@d.fr",
            "mailto:a@b.fr",
            "Jean <a@b.fr>",
            "a@@b.fr",
            "a@[127.0.0.1]",
            "a@1.2.3.4",
            "a@b.c",
            "\"a b\"@c.fr",
            "a@-b.fr",
            "a@b-.fr",
            "a@b_c.fr",
        ] {
            assert_eq!(email(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_accepted_and_parsing_is_idempotent(text in "\\PC{0,12}@?\\PC{0,8}(\\.fr)?") {
            if let Some(once) = email(&text) {
                let twice = email(&once);
                prop_assert_eq!(twice.as_deref(), Some(&*once));
            }
        }
    }
}
