//! E-mail addresses.

use std::borrow::Cow;

use email_address::{EmailAddress, Options};

use super::text::clean;

/// One lower-case e-mail address, or `None` when `text` is not exactly one address that can be
/// reached from the Internet (RFC 5321 and 5322 syntax, a domain with a top-level domain).
///
/// The local part is lower-cased too: no provider in use tells `Jean@` from `jean@`, and the same
/// customer must give the same address from every source.
#[must_use]
pub fn email(text: &str) -> Option<Cow<'_, str>> {
    // Quoted local parts may hold blanks and separators: legal, but in a customer file always a mistake.
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
    // Lower-casing and cleaning may change the domain: what is given back is what is checked.
    if !has_internet_domain(&address) {
        return None;
    }
    EmailAddress::parse_with_options(&address, options).ok()?;
    Some(address)
}

/// A host name has no underscore (RFC 1123), its top-level domain at least two characters that are
/// not all digits (RFC 3696, section 2).
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
    fn reads_good_addresses() {
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
    fn refuses_the_rest() {
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
        fn any_text_is_safe_and_the_answer_is_a_fixed_point(text in "\\PC{0,12}@?\\PC{0,8}(\\.fr)?") {
            if let Some(once) = email(&text) {
                let twice = email(&once);
                prop_assert_eq!(twice.as_deref(), Some(&*once));
            }
        }
    }
}
