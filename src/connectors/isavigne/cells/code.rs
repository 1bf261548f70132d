//! Codes: keys, numbers of documents and barcodes, which spreadsheets take for numbers.

use std::fmt;

use crate::canonical::bytes::are_all_from;

/// Why a cell gives no code. Every reason is a predicate whose subject is the cell's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeError {
    /// `3,76012E+12`: the last digits are lost.
    Scientific,
    /// `2025-02-01T00:00:00`: a spreadsheet read `1-2` as a day.
    Date,
    /// `01/02/2025`, `mars-03`: the same, as text. It is a code where all others look alike.
    DateText,
    /// A quote, which occurs only in badly quoted cells.
    Quote,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scientific => {
                "est un nombre en notation scientifique : Excel a perdu les derniers chiffres de ce code"
            }
            Self::Date | Self::DateText => "est une date : Excel a pris ce code pour un jour",
            Self::Quote => "contient un guillemet, qu'aucun code ne contient",
        })
    }
}

impl std::error::Error for CodeError {}

/// Reads a code. A spreadsheet's decimal zero is removed where nothing was lost: `1001.0` and `1001,00` are `1001`.
///
/// # Errors
///
/// When the spreadsheet has rounded the code, or it contains a quote.
#[inline]
pub fn code(cell: &str) -> Result<&str, CodeError> {
    if is_plain(cell) {
        return Ok(cell);
    }
    doubtful(cell)
}

/// Whether a cell holds nothing but visible ASCII characters, none of which a quote or a number with decimals has, and can
/// be no day: `mars-03`, `01/02/2025`. Nearly all codes are such cells, which [`code`] leaves as they are.
#[must_use]
#[inline]
pub fn is_plain(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    // Below `0` are quotes, apostrophes, blanks, the plus sign, the marks of decimals and of dates, but the hyphen too.
    are_all_from(b'0', b'-', bytes) && !may_be_day(bytes)
}

/// Whether a look at a few bytes leaves it open that a spreadsheet made a day of the code: `mars-03`, `3-mars`,
/// `2025-02-01T00:00:00`.
fn may_be_day(bytes: &[u8]) -> bool {
    match bytes {
        [.., letter, b'-', _, _] | [_, b'-', .., letter] | [_, _, b'-', .., letter] => {
            letter.is_ascii_lowercase()
        }
        [_, _, _, _, b'-', ..] => bytes.contains(&b'T'),
        _ => false,
    }
}

fn doubtful(cell: &str) -> Result<&str, CodeError> {
    let is_in_apostrophes = cell.len() > 1 && cell.starts_with('\'') && cell.ends_with('\'');
    if is_in_apostrophes || cell.contains(['"', '“', '”', '„', '«', '»']) {
        return Err(CodeError::Quote);
    }
    if is_instant(cell) {
        return Err(CodeError::Date);
    }
    if is_day(cell) {
        return Err(CodeError::DateText);
    }
    if is_scientific(cell) {
        return Err(CodeError::Scientific);
    }
    Ok(without_decimal_zero(cell))
}

/// A day as stored in workbooks.
fn is_instant(cell: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let is_like = |(byte, form): (u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        sign => byte == *sign,
    };
    cell.len() == FORM.len() && cell.bytes().zip(FORM).all(is_like)
}

/// What spreadsheets turn `1-2-2025`, `3-2003` and `3-3` into: `01/02/2025`, `mars-03`, `03-mars`, in French or
/// English.
fn is_day(cell: &str) -> bool {
    const MONTHS: &[&str] = &[
        "janv", "jan", "févr", "fév", "fevr", "feb", "mars", "mar", "avr", "apr", "mai", "may",
        "juin", "jun", "juil", "jul", "août", "aout", "aug", "sept", "sep", "oct", "nov", "déc",
        "dec",
    ];
    let is_number = |text: &str, most: u32| {
        are_digits(text)
            && text
                .parse()
                .is_ok_and(|number| (1..=most).contains(&number))
    };
    let is_short = |text: &str, most: u32| text.len() <= 2 && is_number(text, most);
    if let [day, month, year] = cell.split('/').collect::<Vec<_>>().as_slice() {
        return is_short(day, 31)
            && is_short(month, 12)
            && year.len() == 4
            && is_number(year, 2100);
    }
    let is_month = |text: &str| {
        let bare = text.strip_suffix('.').unwrap_or(text);
        // `MARS-03` in capitals is a code.
        let is_shown_so = bare.chars().skip(1).all(char::is_lowercase);
        is_shown_so && MONTHS.contains(&bare.to_lowercase().as_str())
    };
    match cell.split_once('-') {
        // A year has two digits there: `mars-3` is a code, `mars-00` was `3-2000`.
        Some((one, two)) if two.len() == 2 && are_digits(two) => is_month(one),
        Some((one, two)) => is_short(one, 31) && is_month(two),
        None => false,
    }
}

/// `3,76E+12` and `3.76E12`; `1E5` may be a code.
fn is_scientific(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) else {
        return false;
    };
    let power = exponent.strip_prefix('+').unwrap_or(exponent);
    let (whole, decimals) = mantissa.split_once([',', '.']).unwrap_or((mantissa, "0"));
    let is_marked = mantissa.len() > whole.len() || power.len() < exponent.len();
    is_marked && [whole, decimals, power].into_iter().all(are_digits)
}

fn without_decimal_zero(cell: &str) -> &str {
    match cell.split_once([',', '.']) {
        Some((whole, zeros)) if are_digits(whole) && matches!(zeros, "0" | "00") => whole,
        _ => cell,
    }
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_stay_as_they_are() {
        for same in [
            "C1", "00042", "1E5", "12E3", "P.1", "A+", "é", "1,5", "12.000", "O'Brien", "L'E+1",
            "", "1.2.0",
        ] {
            assert_eq!(code(same), Ok(same), "{same:?}");
        }
    }

    #[test]
    fn a_decimal_zero_is_taken_off() {
        for (cell, read) in [("42.0", "42"), ("1001,00", "1001"), ("00042.0", "00042")] {
            assert_eq!(code(cell), Ok(read), "{cell:?}");
        }
    }

    #[test]
    fn codes_that_became_days_are_refused() {
        for cell in [
            "01/02/2025",
            "mars-03",
            "mars-00",
            "3-mars",
            "03-mars",
            "janv.-25",
            "févr.-03",
            "Mar-03",
            "2-Jan",
            "août-25",
        ] {
            assert_eq!(code(cell), Err(CodeError::DateText), "{cell:?}");
        }
        for cell in [
            "FA/2025/001",
            "2025/001",
            "01/2025",
            "13/13/2025",
            "MARS-03",
            "fac-25",
            "C-mars",
            "40-mars",
            "mars-2025",
            "mars-003",
            "mars-3",
            "févr-3",
            "003-mars",
            "a-b",
            "12-13",
            "1/2/25",
        ] {
            assert_eq!(code(cell), Ok(cell), "{cell:?}");
        }
    }

    #[test]
    fn codes_that_became_instants_are_refused() {
        assert_eq!(code("2025-02-01T00:00:00"), Err(CodeError::Date));
    }

    #[test]
    fn rounded_codes_are_refused() {
        for cell in ["3,76012E+12", "3.76E+12", "3E+12", "3,76e12"] {
            assert_eq!(code(cell), Err(CodeError::Scientific), "{cell:?}");
        }
    }

    #[test]
    fn quote_signs_are_refused() {
        for cell in ["\"C1\"", "C1\"", "“C1”", "« C1 »", "'C1'"] {
            assert_eq!(code(cell), Err(CodeError::Quote), "{cell:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in prop_oneof!["\\PC*", "[0-9eE+,.'\"]{0,12}"]) {
            let _ = code(&text);
        }

        #[test]
        fn plain_codes_stay_as_they_are(
            text in prop_oneof![
                "[0-9A-Za-z_:.,/+'\" -]{0,12}",
                "[0-9]{0,4}-(mars|janv|mai|Mar)",
                "(mars|janv|mai|Mar)-[0-9]{0,4}",
                "[0-9]{1,5}-[0-9]{1,3}-[0-9]{2}T00:00:00",
            ],
        ) {
            prop_assert!(!is_plain(&text) || doubtful(&text) == Ok(&text), "{}", text);
        }
    }
}
