//! Number formats that change a value: `00000` restores the zeros of a code, `0%` shows a hundredth as one.
//!
//! Format codes: ECMA-376 part 1, 18.8.31.

/// A number format that changes a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// A code of a fixed number of digits: `00000`, `0#" "##" "##" "##" "##`.
    Digits(Vec<Part>),
    /// A percentage.
    Percent,
    /// An amount in a foreign currency.
    Foreign,
}

/// Signs and codes of foreign currencies in formats.
const FOREIGN: &[&str] = &[
    "$", "£", "¥", "₣", "CHF", "FRS", "SFR", "USD", "GBP", "CAD", "AUD", "JPY", "CNY", "HKD",
    "SEK", "DKK", "NOK", "PLN", "CZK", "XPF", "FCFP", "FCFA", "FRF", "BEF",
];

/// A part of a format of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A digit, zero if the number has none.
    Zero,
    /// A digit, if the number has one.
    Optional,
    Literal(char),
}

/// Largest whole number that Excel keeps exactly: fifteen digits.
const MOST_WHOLE: f64 = 1e15;

impl Shown {
    /// The effect of the format `code`; `None` for a plain number, a date, or an unsupported format.
    pub(super) fn by(code: &str) -> Option<Self> {
        if is_foreign(code) {
            return Some(Self::Foreign);
        }
        let mut parts = Vec::new();
        let mut is_percent = false;
        let mut is_code = true;
        let mut signs = code.chars();
        while let Some(sign) = signs.next() {
            match sign {
                ';' => break,
                '0' if is_percent => {}
                '0' => parts.push(Part::Zero),
                '#' | '?' => parts.push(Part::Optional),
                '"' => parts.extend(
                    signs
                        .by_ref()
                        .take_while(|one| *one != '"')
                        .map(Part::Literal),
                ),
                '\\' => parts.extend(signs.next().map(Part::Literal)),
                // Space of a character's width, or filled with it.
                '_' | '*' => is_code &= signs.next().is_some(),
                '[' => {
                    // Colours and languages change no digit; codes have no conditions or currencies.
                    let inner: String = signs.by_ref().take_while(|one| *one != ']').collect();
                    is_code &= !inner.starts_with(['<', '>', '='])
                        && (!inner.starts_with('$') || inner.starts_with("$-"));
                }
                ' ' | '-' | '+' | '(' | ')' | '\u{A0}' => parts.push(Part::Literal(sign)),
                '%' => is_percent = true,
                '.' | ',' => is_code = false,
                _ => return None,
            }
        }
        if is_percent {
            return Some(Self::Percent);
        }
        let digits = parts
            .iter()
            .filter(|part| !matches!(part, Part::Literal(_)));
        let first_zero = digits.skip_while(|part| **part != Part::Zero);
        (is_code && first_zero.count() > 1).then_some(Self::Digits(parts))
    }

    /// `value` in this format; `None` where the format does not apply.
    pub(super) fn of(&self, value: f64) -> Option<String> {
        match self {
            Self::Percent => Some(format!("{} %", plain(value * 100.0))),
            Self::Foreign => None,
            Self::Digits(parts) => {
                let is_code = (0.0..MOST_WHOLE).contains(&value) && value.fract() == 0.0;
                is_code.then(|| lay_out(parts, &plain(value)))
            }
        }
    }
}

/// Whether the format `code` is for amounts in a foreign currency: `[$CHF] #,##0.00`, `"$"#,##0.00`.
fn is_foreign(code: &str) -> bool {
    let mut words = vec![String::new()];
    let mut signs = code.chars();
    let mut has_digits = false;
    while let Some(sign) = signs.next() {
        match sign {
            ';' => break,
            '0' | '#' => {
                has_digits = true;
                words.push(String::new());
            }
            '"' => words.push(signs.by_ref().take_while(|one| *one != '"').collect()),
            '[' => {
                let inner: String = signs.by_ref().take_while(|one| *one != ']').collect();
                // `[$CHF-100C]`: the sign, then the language.
                let currency = inner.strip_prefix('$').unwrap_or_default();
                let currency = currency.split('-').next().unwrap_or_default();
                words.push(currency.to_owned());
            }
            '_' | '*' => {
                signs.next();
                words.push(String::new());
            }
            '\\' => {
                let literal = signs.next();
                if let Some(word) = words.last_mut() {
                    word.extend(literal);
                }
            }
            sign => {
                if let Some(word) = words.last_mut() {
                    word.push(sign);
                }
            }
        }
    }
    let is_currency = |word: &String| {
        let word = word
            .trim()
            .trim_matches(['.', ' ', '\u{A0}'])
            .to_uppercase();
        FOREIGN.contains(&word.as_str())
    };
    has_digits && words.iter().any(is_currency)
}

/// Places `digits` into `parts`, from the right; extra digits come before the first part.
fn lay_out(parts: &[Part], digits: &str) -> String {
    let mut left = digits.trim_start_matches('0').chars().rev();
    let places = parts
        .iter()
        .filter(|part| !matches!(part, Part::Literal(_)));
    let first_zero = places
        .clone()
        .position(|part| *part == Part::Zero)
        .unwrap_or(0);
    let mut place = places.count();
    let mut shown = Vec::new();
    for part in parts.iter().rev() {
        if let Part::Literal(sign) = part {
            shown.push(*sign);
            continue;
        }
        place -= 1;
        // To the right of a zero, all digits are shown.
        let otherwise = (place >= first_zero).then_some('0');
        shown.extend(left.next().or(otherwise));
        if place == 0 {
            shown.extend(left.by_ref());
        }
    }
    shown.iter().rev().collect()
}

/// `value` with the fifteen digits that Excel shows: the others are rounding errors. A whole number of more digits is
/// written with an exponent, so that it is not accepted as a code.
pub(super) fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let exact = value.to_string();
    if value.abs() >= MOST_WHOLE {
        return format!("{value:.14E}").replace('E', "E+");
    }
    // Fifteen digits and a decimal point.
    if exact.len() <= 16 {
        return exact;
    }
    let rounded = format!("{value:.14e}").parse::<f64>();
    rounded.map_or(exact, |rounded| rounded.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_of_digits_gives_a_code_back_its_zeros() {
        for (code, value, shown) in [
            ("00000", 6000.0, "06000"),
            ("00000", 42.0, "00042"),
            ("00000", 0.0, "00000"),
            ("00000", 123_456.0, "123456"),
            ("00000;-00000;;@", 1000.0, "01000"),
            ("[$-40C]00000", 1000.0, "01000"),
            (
                "0#\" \"##\" \"##\" \"##\" \"##",
                612_345_678.0,
                "06 12 34 56 78",
            ),
            ("\"CL\"0000", 42.0, "CL0042"),
            ("\\C000\\-00", 1234.0, "C012-34"),
            ("0%", 0.2, "20 %"),
            ("0.00%", 0.055, "5.5 %"),
        ] {
            let format = Shown::by(code).unwrap_or_else(|| panic!("{code}"));
            assert_eq!(format.of(value).as_deref(), Some(shown), "{code}");
        }
    }

    #[test]
    fn formats_of_other_currencies_are_known() {
        for code in [
            "\"$\"#,##0.00",
            "$#,##0.00",
            "\\$#,##0.00",
            "[$$-409]#,##0.00",
            "[$CHF] #,##0.00",
            "_-[$£-809]* #,##0.00_-;-[$£-809]* #,##0.00_-",
            "#,##0.00\\ \"CHF\"",
            "#,##0.00\\ [$USD]",
        ] {
            assert_eq!(Shown::by(code), Some(Shown::Foreign), "{code}");
        }
        for code in [
            "#,##0.00\\ \"€\"",
            "[$€-40C]#,##0.00",
            "[$EUR] 0.00",
            "[$-40C]0.00",
            "0.00\" btl\"",
        ] {
            assert_ne!(Shown::by(code), Some(Shown::Foreign), "{code}");
        }
    }

    #[test]
    fn other_formats_leave_the_number_as_it_is() {
        for code in [
            "General",
            "0",
            "0.00",
            "#,##0",
            "#,##0.00\\ [$€-40C]",
            "0\" bouteilles\"",
            "@",
            "dd/mm/yyyy",
            "[h]:mm:ss",
            "0.00E+00",
            "# ?/?",
            "[<=99999]00000;000000",
            "#",
            "",
        ] {
            assert_eq!(Shown::by(code), None, "{code}");
        }
        let zeros = Shown::by("00000").unwrap();
        assert_eq!(zeros.of(-42.0), None);
        assert_eq!(zeros.of(4.5), None);
    }

    #[test]
    fn numbers_show_fifteen_digits() {
        for (value, shown) in [
            (0.1 + 0.2, "0.3"),
            (12.000_000_000_000_002, "12"),
            (64.800_000_000_000_01, "64.8"),
            (3_760_123_456_790.0, "3760123456790"),
            (123_456_789_012_345.0, "123456789012345"),
            (1_234_567_890_123_456_789.0, "1.23456789012346E+18"),
            (-0.0, "0"),
            (-3.5, "-3.5"),
            (1001.0, "1001"),
            (1.0 / 3.0, "0.333333333333333"),
        ] {
            assert_eq!(plain(value), shown);
        }
    }
}
