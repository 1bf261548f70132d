//! Country codes, ISO 3166-1 alpha-2.

use super::country_names::COUNTRIES;
use super::text::fold;

/// The country of a customer without one. Estates fill the column for foreign customers only.
pub const DEFAULT: &str = "FR";

/// Alpha-2 code of the country written in `text`: a French, English or native name, an alpha-2 or
/// alpha-3 code, or a usual abbreviation (`RFA`, `USA`, `G.-B.`). Case, accents and punctuation do
/// not matter. Empty text is [`DEFAULT`]; `None` for an unknown country.
///
/// A name other than France costs a search through the table, about a microsecond: a French estate
/// has few foreign customers.
#[must_use]
pub fn alpha2(text: &str) -> Option<&'static str> {
    if matches!(text, "" | "FR" | "France" | "FRANCE") {
        return Some(DEFAULT);
    }
    let name = comparable(text);
    match name.len() {
        0 => text.trim().is_empty().then_some(DEFAULT),
        2 => by_alpha2(&name).or_else(|| by_name(&name)),
        _ => by_name(&name),
    }
}

fn by_alpha2(code: &str) -> Option<&'static str> {
    let code = code.to_ascii_uppercase();
    let place = COUNTRIES
        .binary_search_by_key(&code.as_str(), |country| country.0)
        .ok()?;
    COUNTRIES.get(place).map(|country| country.0)
}

fn by_name(name: &str) -> Option<&'static str> {
    COUNTRIES
        .iter()
        .find(|(_, alpha3, names)| alpha3.eq_ignore_ascii_case(name) || names.contains(&name))
        .map(|country| country.0)
}

/// Folded text with one space for each run of punctuation and blanks, none at the ends, and the
/// letters of an abbreviation joined: `R.F.A.` is `rfa`.
fn comparable(text: &str) -> String {
    let folded = fold(text);
    let mut out = String::with_capacity(folded.len());
    let mut after_letter = false;
    for word in folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let letter = word.chars().nth(1).is_none();
        let abbreviation = after_letter && letter;
        if !out.is_empty() && !abbreviation {
            out.push(' ');
        }
        out.push_str(word);
        after_letter = letter;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[test]
    fn names_codes_and_abbreviations() {
        for (text, expected) in [
            ("", "FR"),
            ("  ", "FR"),
            ("France", "FR"),
            ("FRANCE", "FR"),
            ("fr", "FR"),
            ("FRA", "FR"),
            ("Allemagne", "DE"),
            ("Deutschland", "DE"),
            ("GERMANY", "DE"),
            ("RFA", "DE"),
            ("R.F.A.", "DE"),
            ("États-Unis", "US"),
            ("ETATS UNIS", "US"),
            ("U.S.A.", "US"),
            ("usa", "US"),
            ("Royaume-Uni", "GB"),
            ("UK", "GB"),
            ("G.-B.", "GB"),
            ("Angleterre", "GB"),
            ("England", "GB"),
            ("Suisse", "CH"),
            ("Schweiz", "CH"),
            ("Svizzera", "CH"),
            ("CHE", "CH"),
            ("Belgique", "BE"),
            ("België", "BE"),
            ("Belgien", "BE"),
            ("Pays-Bas", "NL"),
            ("Hollande", "NL"),
            ("Nederland", "NL"),
            ("España", "ES"),
            ("Italia", "IT"),
            ("Österreich", "AT"),
            ("Japon", "JP"),
            ("日本", "JP"),
            ("Ελλάδα", "GR"),
            ("Côte d'Ivoire", "CI"),
            ("Côte d’Ivoire", "CI"),
            ("La Réunion", "RE"),
            ("Guadeloupe", "GP"),
            ("Corée du Sud", "KR"),
            ("Danmark", "DK"),
            ("République tchèque", "CZ"),
            ("Luxembourg", "LU"),
            ("LUX", "LU"),
            ("Hong-Kong", "HK"),
            ("Kosovo", "XK"),
        ] {
            let expected = (expected != "XK").then_some(expected);
            assert_eq!(alpha2(text), expected, "{text}");
        }
        for text in ["Alsace", "XX", "?", "-", "néant", "FRR", "Franc"] {
            assert_eq!(alpha2(text), None, "{text}");
        }
    }

    #[test]
    fn the_table_is_sorted_comparable_and_without_double_meaning() {
        assert!(COUNTRIES.is_sorted_by(|a, b| a.0 < b.0));
        let mut owners = HashMap::new();
        for (code, alpha3, names) in COUNTRIES {
            assert_eq!((code.len(), alpha3.len()), (2, 3));
            assert!(!names.is_empty(), "{code}");
            for name in names.iter().copied().chain([code, alpha3]) {
                assert_eq!(alpha2(name), Some(code), "{name}");
                let key = comparable(name);
                assert!(
                    key == name || name == code || name == alpha3,
                    "{name} is not in the compared form"
                );
                assert_eq!(owners.insert(key, code), None, "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe(text in "\\PC{0,20}") {
            let _ = alpha2(&text);
        }
    }
}
