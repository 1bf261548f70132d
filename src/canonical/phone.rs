//! Phone numbers in the international form of ITU-T E.164.

use std::fmt;

use super::phone_plans::{PLANS, Plan, Trunk};

/// An international number: `+` and 7 to 15 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct E164 {
    bytes: [u8; 16],
    len: usize,
}

impl E164 {
    /// `calling_code` and `national` are ASCII digits. `None` when the length is not one of E.164.
    fn new(calling_code: &[u8], national: &[u8]) -> Option<Self> {
        let len = 1 + calling_code.len() + national.len();
        if !(8..=16).contains(&len) {
            return None;
        }
        let mut bytes = [b'+'; 16];
        let digits = calling_code.iter().chain(national);
        for (place, digit) in bytes.iter_mut().skip(1).zip(digits) {
            *place = *digit;
        }
        Some(Self { bytes, len })
    }

    /// The number as stored: `+33388123456`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Parses one phone number, as a French one first, then as one of the customer's `country` (alpha-2).
///
/// A French number has ten digits starting with 0; numbers of the overseas departments have calling
/// codes of their own. For a foreign customer, digits in pairs (the French way) or in one block are
/// parsed as French first, and other groups (`0475 12 34 56` in Belgium) as a number of `country`
/// first. `None` when the text is not exactly one number of a known plan.
#[must_use]
pub fn e164(text: &str, country: &str) -> Option<E164> {
    let written = Written::read(text)?;
    if let Some(digits) = written.international(country) {
        return from_abroad(digits, written.trunk_in_parentheses);
    }
    let digits = written.digits();
    let french = || french_national(digits);
    let local = || in_country(digits, country);
    if country == "FR" {
        return french().or_else(|| french_without_prefix(digits));
    }
    if written.grouped_as_abroad {
        local().or_else(french)
    } else {
        french().or_else(local)
    }
}

/// The digits of a text, and how they are written.
struct Written {
    digits: [u8; 20],
    len: usize,
    plus: bool,
    /// There is a `(0)`, a zero that is dialled inside the country only.
    trunk_in_parentheses: bool,
    /// The digits are in several groups, not all of them pairs.
    grouped_as_abroad: bool,
}

impl Written {
    /// `None` when the text has anything but digits, one leading `+`, and usual separators.
    fn read(text: &str) -> Option<Self> {
        let mut number = Self {
            digits: [0; 20],
            len: 0,
            plus: false,
            trunk_in_parentheses: false,
            grouped_as_abroad: false,
        };
        let (mut group, mut groups, mut uneven) = (0_usize, 0_usize, false);
        for c in text.chars() {
            if let Some(digit) = c.is_ascii_digit().then(|| u8::try_from(c).ok()).flatten() {
                *number.digits.get_mut(number.len)? = digit;
                number.len += 1;
                group += 1;
                continue;
            }
            match c {
                '+' if number.len == 0 && !number.plus => number.plus = true,
                '.' | '-' | '/' | '(' | ')' | '\u{2010}'..='\u{2014}' => {}
                c if c.is_whitespace() => {}
                _ => return None,
            }
            if group > 0 {
                groups += 1;
                uneven |= group != 2;
                group = 0;
            }
        }
        if group > 0 {
            groups += 1;
            uneven |= group != 2;
        }
        number.trunk_in_parentheses = text.contains("(0)");
        number.grouped_as_abroad = groups > 1 && uneven;
        Some(number)
    }

    fn digits(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or_default()
    }

    /// The digits from the calling code on, when the number starts with `+` or a prefix for calls
    /// abroad: `00`, or `011` in North America. In France, eleven digits that start with 33 are also
    /// international.
    fn international(&self, country: &str) -> Option<&[u8]> {
        let digits = self.digits();
        if self.plus {
            return Some(digits);
        }
        if let Some(rest) = digits.strip_prefix(b"00") {
            return Some(rest);
        }
        match country {
            "US" | "CA" => digits.strip_prefix(b"011"),
            "FR" if digits.len() == 11 && digits.starts_with(b"33") => Some(digits),
            _ => None,
        }
    }
}

/// Parses a number that starts with a calling code.
fn from_abroad(digits: &[u8], trunk_in_parentheses: bool) -> Option<E164> {
    let mut plans = PLANS
        .iter()
        .filter(|plan| digits.starts_with(plan.code.as_bytes()));
    let plan = plans.next()?;
    let national = digits.get(plan.code.len()..)?;
    let national = match plan.trunk {
        // `+33 (0)3` and `+33 03`: the zero is not dialled from abroad.
        Trunk::Required("0") | Trunk::Optional("0") => {
            national.strip_prefix(b"0").unwrap_or(national)
        }
        // A trunk prefix in parentheses, such as `+36 (06)`, is too rare to be supported.
        _ if trunk_in_parentheses && plan.trunk != Trunk::None => return None,
        _ => national,
    };
    match plan.country {
        "FR" => french_significant(national),
        _ => with_plan(plan, national),
    }
}

/// Parses ten digits that start with 0.
fn french_national(digits: &[u8]) -> Option<E164> {
    french_significant(digits.strip_prefix(b"0")?)
}

/// Parses nine digits: a spreadsheet removed the leading zero.
fn french_without_prefix(digits: &[u8]) -> Option<E164> {
    french_significant(digits)
}

/// Parses nine digits of the French plan (Arcep); overseas departments get their own calling codes.
fn french_significant(digits: &[u8]) -> Option<E164> {
    let [b'1'..=b'9', _, _, _, _, _, _, _, _] = digits else {
        return None;
    };
    E164::new(overseas_code(digits).unwrap_or(b"33"), digits)
}

fn overseas_code(digits: &[u8]) -> Option<&'static [u8]> {
    match digits.get(..3)? {
        b"262" | b"263" | b"269" | b"639" | b"692" | b"693" => Some(b"262"),
        b"590" | b"690" | b"691" => Some(b"590"),
        b"594" | b"694" => Some(b"594"),
        b"596" | b"696" | b"697" => Some(b"596"),
        _ => None,
    }
}

/// Parses a number as dialled inside `country`.
fn in_country(digits: &[u8], country: &str) -> Option<E164> {
    let place = PLANS
        .binary_search_by(|plan| plan.country.cmp(country))
        .ok()?;
    let plan = PLANS.get(place)?;
    let national = match plan.trunk {
        Trunk::None => digits,
        Trunk::Required(prefix) => digits.strip_prefix(prefix.as_bytes())?,
        Trunk::Optional(prefix) => digits.strip_prefix(prefix.as_bytes()).unwrap_or(digits),
    };
    with_plan(plan, national)
}

fn with_plan(plan: &Plan, national: &[u8]) -> Option<E164> {
    let starts_well = match plan.code {
        // North America: area code and exchange do not start with 0 or 1.
        "1" => [0, 3]
            .iter()
            .all(|place| national.get(*place).is_some_and(|digit| *digit > b'1')),
        "262" | "590" | "594" | "596" => {
            national.starts_with(b"9") || overseas_code(national) == Some(plan.code.as_bytes())
        }
        _ => plan.trunk == Trunk::None || !national.starts_with(b"0"),
    };
    let right_length = (plan.min..=plan.max).contains(&national.len());
    (starts_well && right_length)
        .then(|| E164::new(plan.code.as_bytes(), national))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, country: &str) -> Option<String> {
        e164(text, country).map(|number| number.to_string())
    }

    #[test]
    fn french_numbers() {
        for text in [
            "03 88 12 34 56",
            "0388123456",
            "03.88.12.34.56",
            "03-88-12-34-56",
            "03/88/12/34/56",
            "(03) 88 12 34 56",
            "03\u{a0}88\u{202f}12 34 56",
            "+33 (0)3 88 12 34 56",
            "+33 3 88 12 34 56",
            "+33388123456",
            "0033388123456",
            "00 33 3 88 12 34 56",
            "0033 (0)3 88 12 34 56",
            "+33 03 88 12 34 56",
            "33388123456",
            "388123456",
            " 0388 12 34 56 ",
            "03 88 123 456",
            "03\u{2011}88\u{2011}12\u{2011}34\u{2011}56",
        ] {
            assert_eq!(read(text, "FR").as_deref(), Some("+33388123456"), "{text}");
        }
        for country in ["DE", "BE", "US", "JP", "XX", ""] {
            assert_eq!(
                read("03 88 12 34 56", country).as_deref(),
                Some("+33388123456"),
                "{country}"
            );
        }
    }

    #[test]
    fn overseas_departments() {
        for (text, expected) in [
            ("0262 12 34 56", "+262262123456"),
            ("02 63 12 34 56", "+262263123456"),
            ("0692 12 34 56", "+262692123456"),
            ("0693123456", "+262693123456"),
            ("0639 12 34 56", "+262639123456"),
            ("0269 12 34 56", "+262269123456"),
            ("0590 12 34 56", "+590590123456"),
            ("06 90 12 34 56", "+590690123456"),
            ("0691 12 34 56", "+590691123456"),
            ("0594 12 34 56", "+594594123456"),
            ("0694 12 34 56", "+594694123456"),
            ("0596 12 34 56", "+596596123456"),
            ("0696 12 34 56", "+596696123456"),
            ("0697 12 34 56", "+596697123456"),
            ("+590 690 12 34 56", "+590690123456"),
            ("+33 6 90 12 34 56", "+590690123456"),
            ("00262 692 12 34 56", "+262692123456"),
            ("+262 (0)262 12 34 56", "+262262123456"),
        ] {
            assert_eq!(read(text, "FR").as_deref(), Some(expected), "{text}");
            assert_eq!(read(text, "RE").as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn numbers_of_other_countries() {
        for (text, country, expected) in [
            ("030 12345678", "DE", "+493012345678"),
            ("+49 (0)30 12345678", "FR", "+493012345678"),
            ("030 / 12345678", "DE", "+493012345678"),
            ("0475 12 34 56", "BE", "+32475123456"),
            ("02 512 34 56", "BE", "+3225123456"),
            ("044 668 18 00", "CH", "+41446681800"),
            ("+41 44 668 18 00", "FR", "+41446681800"),
            ("020 7946 0958", "GB", "+442079460958"),
            ("+44 (0)20 7946 0958", "GB", "+442079460958"),
            ("(212) 555-0123", "US", "+12125550123"),
            ("1-212-555-0123", "CA", "+12125550123"),
            ("+1 212 555 0123", "FR", "+12125550123"),
            ("011 33 3 88 12 34 56", "US", "+33388123456"),
            ("06 6982 1234", "IT", "+390669821234"),
            ("+39 06 6982 1234", "FR", "+390669821234"),
            ("03-1234-5678", "JP", "+81312345678"),
            ("27 12 34 56", "LU", "+35227123456"),
            ("612 34 56 78", "ES", "+34612345678"),
            ("020 123 4567", "NL", "+31201234567"),
            ("20 12 34 56", "DK", "+4520123456"),
            ("138 1234 5678", "CN", "+8613812345678"),
            ("06 1 234 5678", "HU", "+3612345678"),
            ("+377 93 15 12 34", "MC", "+37793151234"),
        ] {
            assert_eq!(
                read(text, country).as_deref(),
                Some(expected),
                "{text} {country}"
            );
        }
    }

    #[test]
    fn texts_that_are_not_one_number() {
        for (text, country) in [
            ("", "FR"),
            ("néant", "FR"),
            ("3615", "FR"),
            ("15", "FR"),
            ("112", "FR"),
            ("12 34", "FR"),
            ("+", "FR"),
            ("03 88 12 34 56 / 06 12 34 56 78", "FR"),
            ("03 88 12 34 5", "FR"),
            ("03 88 12 34 56 7", "FR"),
            ("00 00 00 00 00", "FR"),
            ("+33 3 88 12 34", "FR"),
            ("++33388123456", "FR"),
            ("03 88 12 34 56 poste 3", "FR"),
            ("0388+123456", "FR"),
            ("+999 12345678", "FR"),
            ("12345678", "DE"),
            ("112 555 0123", "US"),
            ("123456", "XX"),
            ("+590 388 12 34 56", "FR"),
            ("٠٣٨٨١٢٣٤٥٦", "FR"),
            ("+33 (0)0 88 12 34 56", "FR"),
            ("33388123456", "DE"),
        ] {
            assert_eq!(read(text, country), None, "{text} {country}");
        }
    }

    #[test]
    fn plans_are_sorted_and_no_calling_code_is_a_prefix_of_another() {
        assert!(PLANS.is_sorted_by(|a, b| a.country < b.country));
        for a in PLANS {
            assert!(
                a.min <= a.max && a.code.len() + a.max <= 15,
                "{}",
                a.country
            );
            assert!(a.code.len() + a.min >= 7, "{}", a.country);
            for b in PLANS {
                assert!(
                    a.code == b.code || !a.code.starts_with(b.code),
                    "{} {}",
                    a.country,
                    b.country
                );
            }
        }
    }

    proptest! {
        #[test]
        fn numbers_are_well_formed_and_parsing_is_idempotent(
            text in prop_oneof!["\\PC{0,20}", "(\\+|00)?[0-9 .()/-]{0,20}", "\\+?[0-9]{6,15}"],
            country in prop_oneof!["[A-Z]{2}", prop::sample::select(PLANS.map(|plan| plan.country.to_owned()).to_vec())],
        ) {
            if let Some(number) = e164(&text, &country) {
                let digits = number.as_str().strip_prefix('+').unwrap_or_default();
                prop_assert!((7..=15).contains(&digits.len()) && !digits.starts_with('0'));
                prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
                prop_assert_eq!(e164(number.as_str(), &country), Some(number));
                prop_assert_eq!(e164(number.as_str(), "FR"), Some(number));
            }
        }
    }
}
