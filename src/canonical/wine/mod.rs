//! Properties of a wine: category, price segment, vintage, grapes and flavours.

mod words;

use self::words::{CODES, COLOURS, Clue, GRAPES, KINDS};
use super::decimal::Decimal;
use super::text::{clean, fold};

/// The earliest vintage of a product.
pub const FIRST_VINTAGE: i16 = 1900;
/// From this list price on (euros, tax included) a wine is `standard`; below, `entry`.
pub const STANDARD_FROM_EUR: Decimal = Decimal::from_ten_thousandths(15 * 10_000);
/// From this list price on a wine is `premium`.
pub const PREMIUM_FROM_EUR: Decimal = Decimal::from_ten_thousandths(30 * 10_000);
/// From this list price on a wine is `luxury`.
pub const LUXURY_FROM_EUR: Decimal = Decimal::from_ten_thousandths(75 * 10_000);

/// The category of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Red.
    Rouge,
    /// White, sweet or dry.
    Blanc,
    /// Rosé.
    Rose,
    /// Lightly sparkling: pétillant naturel, perlant.
    Petillant,
    /// Sparkling: champagne, crémant.
    Mousseux,
    /// Fortified: port, vin doux naturel.
    Fortifie,
    /// Not a wine: spirits, juice, glasses.
    Autre,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 7] = [
        Self::Rouge,
        Self::Blanc,
        Self::Rose,
        Self::Petillant,
        Self::Mousseux,
        Self::Fortifie,
        Self::Autre,
    ];

    /// The French word stored in the `category` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rouge => "rouge",
            Self::Blanc => "blanc",
            Self::Rose => "rosé",
            Self::Petillant => "pétillant",
            Self::Mousseux => "mousseux",
            Self::Fortifie => "fortifié",
            Self::Autre => "autre",
        }
    }
}

/// The category in the first hint that has one. Hints come in order of trust: colour, family, name.
///
/// A way of making wine in any hint takes precedence over a colour: `Crémant` in the name over `rosé`
/// in the colour column. A word for something that is not a wine counts only when no hint before it
/// has a colour. A grape gives its colour only when no hint has a colour. `None` when no hint has a
/// known word.
#[must_use]
pub fn category<'a>(hints: impl Iterator<Item = &'a str>) -> Option<Category> {
    let (mut colour, mut grape) = (None, None);
    for hint in hints {
        let words = padded_words(hint);
        match find(&words, &KINDS) {
            Some(Category::Autre) if colour.is_some() => {}
            Some(kind) => return Some(kind),
            None => {}
        }
        colour = colour
            .or_else(|| code(&words))
            .or_else(|| earliest(&words, &COLOURS));
        grape = grape.or_else(|| find(&words, &GRAPES));
    }
    colour.or(grape)
}

/// Folded words with one space before, between and after them.
fn padded_words(text: &str) -> String {
    let folded = fold(text);
    let mut padded = String::with_capacity(folded.len() + 2);
    padded.push(' ');
    for c in folded.chars() {
        if c.is_alphanumeric() {
            padded.push(c);
        } else if !padded.ends_with(' ') {
            padded.push(' ');
        }
    }
    if !padded.ends_with(' ') {
        padded.push(' ');
    }
    padded
}

/// The position of `clue` in `padded`, as whole words. Compares at the starts of words only: a general
/// search would cost a thousand times the comparison.
fn place(padded: &str, clue: &str) -> Option<usize> {
    let (text, clue) = (padded.as_bytes(), clue.as_bytes());
    let first = clue.first()?;
    let mut pairs = text.iter().zip(text.iter().skip(1)).enumerate();
    pairs.find_map(|(before, (blank, letter))| {
        let at = before + 1;
        let here = *blank == b' ' && letter == first;
        let rest = here.then(|| text.get(at..)).flatten()?.strip_prefix(clue)?;
        rest.starts_with(b" ").then_some(at)
    })
}

fn find(padded: &str, clues: &[Clue]) -> Option<Category> {
    clues
        .iter()
        .find(|(clue, _)| place(padded, clue).is_some())
        .map(|(_, category)| *category)
}

/// The colour whose code is the whole hint.
fn code(padded: &str) -> Option<Category> {
    CODES
        .iter()
        .find(|(code, _)| padded.trim() == *code)
        .map(|(_, category)| *category)
}

/// The category of the clue with the lowest position: `Blanc de Noirs`, `Rosé et Rouge`.
fn earliest(padded: &str, clues: &[Clue]) -> Option<Category> {
    clues
        .iter()
        .filter_map(|(clue, category)| Some((place(padded, clue)?, *category)))
        .min_by_key(|(at, _)| *at)
        .map(|(_, category)| category)
}

/// The price segment of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PriceSegment {
    /// Below [`STANDARD_FROM_EUR`].
    Entry,
    /// Below [`PREMIUM_FROM_EUR`].
    Standard,
    /// Below [`LUXURY_FROM_EUR`].
    Premium,
    /// From [`LUXURY_FROM_EUR`] on.
    Luxury,
}

impl PriceSegment {
    /// The segment of a list price in euros, tax included.
    #[must_use]
    pub fn of(list_price: Decimal) -> Self {
        if list_price < STANDARD_FROM_EUR {
            Self::Entry
        } else if list_price < PREMIUM_FROM_EUR {
            Self::Standard
        } else if list_price < LUXURY_FROM_EUR {
            Self::Premium
        } else {
            Self::Luxury
        }
    }

    /// The code stored in the `price_segment` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Standard => "standard",
            Self::Premium => "premium",
            Self::Luxury => "luxury",
        }
    }
}

/// Parses a vintage column: four digits from 1900 to `next_year`, with or without zero decimals (`2020.0`).
#[must_use]
pub fn vintage(text: &str, next_year: i16) -> Option<i16> {
    let text = text.trim();
    let whole = text
        .split_once(['.', ','])
        .map_or(text, |(whole, decimals)| {
            if decimals.bytes().all(|byte| byte == b'0') {
                whole
            } else {
                ""
            }
        });
    year(whole, next_year)
}

/// The vintage in a name or code: `Riesling 2020`, `RIESLING-2020-75CL`. A number before a unit of
/// volume or weight is not a vintage. `None` for no year, or for two different ones.
#[must_use]
pub fn vintage_in_name(name: &str, next_year: i16) -> Option<i16> {
    let mut found = None;
    let mut parts = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .peekable();
    while let Some(part) = parts.next() {
        let Some(year) = year(part, next_year) else {
            continue;
        };
        let measured = parts.peek().is_some_and(|next| {
            ["ml", "cl", "l", "g", "kg"]
                .iter()
                .any(|unit| next.eq_ignore_ascii_case(unit))
        });
        if measured {
            continue;
        }
        if found.is_some_and(|other| other != year) {
            return None;
        }
        found = Some(year);
    }
    found
}

fn year(digits: &str, next_year: i16) -> Option<i16> {
    let plain = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let year = plain.then(|| digits.parse().ok()).flatten()?;
    (FIRST_VINTAGE..=next_year).contains(&year).then_some(year)
}

/// The items of a list of grapes or flavours, in order, without repeats and percentages:
/// `60 % Merlot, Cabernet franc (40%)` is `Merlot`, `Cabernet franc`.
#[must_use]
pub fn list(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let pieces = text
        .split([';', '/', '+', '&', '\n', '|'])
        .flat_map(split_commas);
    for piece in pieces.flat_map(|piece| piece.split(" et ")) {
        let item = clean(without_percentage(piece)).into_owned();
        if !item.is_empty() && !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

/// [`list`] as a JSON array; `None` for a list without items.
#[must_use]
pub fn json_list(text: &str) -> Option<String> {
    let items = list(text);
    if items.is_empty() {
        return None;
    }
    serde_json::to_string(&items).ok()
}

/// Splits at commas, except inside a number (`12,5 %`).
fn split_commas(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let current = rest?;
        let bytes = current.as_bytes();
        let digit = |place: Option<usize>| {
            place
                .and_then(|place| bytes.get(place))
                .is_some_and(u8::is_ascii_digit)
        };
        let comma = current
            .match_indices(',')
            .map(|(at, _)| at)
            .find(|at| !(digit(at.checked_sub(1)) && digit(at.checked_add(1))));
        let (item, after) = match comma {
            Some(at) => (current.get(..at)?, current.get(at + 1..)),
            None => (current, None),
        };
        rest = after;
        Some(item)
    })
}

/// Removes one percentage at the start or the end: `60 % Merlot`, `Merlot (60 %)`.
fn without_percentage(item: &str) -> &str {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',') || c.is_whitespace();
    let brackets = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ':' | '-' | '.');
    let Some((before, after)) = item.split_once('%') else {
        return item.trim_matches(|c: char| c.is_whitespace() || c == '.');
    };
    let name_first = before.trim_end_matches(number).trim_matches(brackets);
    let name_last = after.trim_matches(brackets);
    match (name_first, name_last) {
        (name, "") | ("", name) => name.strip_prefix("de ").unwrap_or(name),
        _ => item.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn categories() {
        for (hints, expected) in [
            ("Rouge", "rouge"),
            ("R", "rouge"),
            ("B", "blanc"),
            ("RS", "rosé"),
            ("ROSÉ", "rosé"),
            ("rose", "rosé"),
            ("blanc|Crémant d'Alsace", "mousseux"),
            ("|Effervescents|Extra Brut", "mousseux"),
            ("rosé|Champagne", "mousseux"),
            ("Cava", "mousseux"),
            ("Prosecco", "mousseux"),
            ("Brut méthode traditionnelle", "mousseux"),
            ("Pét-Nat", "pétillant"),
            ("Pétillant naturel rosé", "pétillant"),
            ("Vin perlant blanc", "pétillant"),
            ("Porto Tawny", "fortifié"),
            ("Banyuls", "fortifié"),
            ("rouge|Maury", "fortifié"),
            ("VDN", "fortifié"),
            ("Pineau des Charentes", "fortifié"),
            ("Xérès", "fortifié"),
            ("Madère", "fortifié"),
            ("Vin de liqueur", "fortifié"),
            ("Gewurztraminer Vendanges Tardives", "blanc"),
            ("SGN", "blanc"),
            ("liquoreux", "blanc"),
            ("Pinot Noir Fût de Chêne", "rouge"),
            ("Blanc de Noirs", "blanc"),
            ("Pinot Noir Blanc de Noirs", "blanc"),
            ("Riesling 2020", "blanc"),
            ("Rosé d'Été", "rosé"),
            ("Cabernet Sauvignon", "rouge"),
            ("Sauvignon", "blanc"),
            ("Grenache blanc", "blanc"),
            ("Pinot Gris", "blanc"),
            ("Eau-de-vie de Mirabelle", "autre"),
            ("Marc de Gewurztraminer", "autre"),
            ("Verres INAO", "autre"),
            ("Jus de raisin rouge", "autre"),
            ("accessoires", "autre"),
            ("rouge||Cuvée Marc Dupont", "rouge"),
            ("blanc||Cuvée du Verre", "blanc"),
            ("Frais de port", "autre"),
        ] {
            assert_eq!(
                category(hints.split('|')).map(Category::as_str),
                Some(expected),
                "{hints}"
            );
        }
        for hints in [
            "",
            "Cuvée B",
            "Cuvée du Port",
            "Cuvée Marie",
            "Côtes du Rhône Villages",
            "Rosemonde",
        ] {
            assert_eq!(category(hints.split('|')), None, "{hints}");
        }
    }

    #[test]
    fn clues_are_in_the_compared_form() {
        for (clue, _) in KINDS.iter().chain(&COLOURS).chain(&GRAPES) {
            assert_eq!(padded_words(clue).trim(), *clue);
        }
    }

    #[test]
    fn price_segments() {
        for (cents, expected) in [
            (0, "entry"),
            (1499, "entry"),
            (1500, "standard"),
            (2999, "standard"),
            (3000, "premium"),
            (7499, "premium"),
            (7500, "luxury"),
        ] {
            assert_eq!(
                PriceSegment::of(Decimal::from_ten_thousandths(cents * 100)).as_str(),
                expected,
                "{cents}"
            );
        }
    }

    #[test]
    fn vintages() {
        for (text, expected) in [
            ("2020", Some(2020)),
            (" 1900 ", Some(1900)),
            ("2026", Some(2026)),
            ("2020.0", Some(2020)),
            ("2027", None),
            ("1899", None),
            ("20", None),
            ("NM", None),
            ("", None),
            ("2020.5", None),
            ("+202", None),
            ("20200", None),
        ] {
            assert_eq!(vintage(text, 2026), expected, "{text}");
        }
        for (name, expected) in [
            ("Riesling 2020", Some(2020)),
            ("RIESLING-2020-75CL", Some(2020)),
            ("Cuvée 1500 ml", None),
            ("Cuvée 2000 ml", None),
            ("Crémant NM", None),
            ("Cuvée 2015 - 2016", None),
            ("2019 Pinot 2019", Some(2019)),
            ("R2020", None),
            ("Pinot (2018)", Some(2018)),
            ("Lot 20201", None),
            ("Cuvée 2000ML 2018", Some(2018)),
            ("Porto 2030", None),
        ] {
            assert_eq!(vintage_in_name(name, 2026), expected, "{name}");
        }
    }

    #[test]
    fn lists() {
        for (text, expected) in [
            ("Merlot, Cabernet Franc", "Merlot|Cabernet Franc"),
            ("Merlot 60 %, Cabernet franc 40 %", "Merlot|Cabernet franc"),
            ("60% Merlot + 40% Syrah", "Merlot|Syrah"),
            ("Merlot (60 %) ; Syrah (40 %)", "Merlot|Syrah"),
            ("Pinot Blanc/Auxerrois", "Pinot Blanc|Auxerrois"),
            ("Grenache, Syrah et Mourvèdre", "Grenache|Syrah|Mourvèdre"),
            ("Merlot 62,5 %, Syrah 37,5 %", "Merlot|Syrah"),
            ("Merlot & Merlot", "Merlot"),
            ("fruits rouges, épices.", "fruits rouges|épices"),
            ("60 % de Merlot", "Merlot"),
            (" ,; ", ""),
            ("", ""),
            ("100 %", ""),
        ] {
            assert_eq!(list(text).join("|"), expected, "{text}");
        }
        assert_eq!(
            json_list("Merlot, \"Syrah\"").as_deref(),
            Some(r#"["Merlot","\"Syrah\""]"#)
        );
        assert_eq!(json_list(" "), None);
    }

    proptest! {
        #[test]
        fn any_text_is_safe(text in "\\PC{0,30}", numbers in "[0-9,.%; a-c]{0,20}") {
            for text in [&text, &numbers] {
                let _ = (category([text.as_str()].into_iter()), vintage(text, 2026), vintage_in_name(text, 2026));
                prop_assert!(list(text).iter().all(|item| !item.is_empty()));
            }
        }
    }
}
