//! Characters around the digits: blanks, sign, parentheses, currency.

use super::NumberError;
use crate::canonical::text::trim;

/// The digits with their separators, and the sign.
pub(super) struct Unwrapped<'a> {
    pub body: &'a str,
    pub negative: bool,
}

/// Removes one sign or pair of parentheses, and one currency, in any order.
pub(super) fn unwrap(cell: &str) -> Result<Unwrapped<'_>, NumberError> {
    let mut body = trim(cell);
    if body.is_empty() {
        return Err(NumberError::Empty);
    }
    let mut negative = None;
    let mut has_currency = false;
    while !body.ends_with(is_inner) || !body.starts_with(is_inner) {
        if let Some(rest) = without_currency(body).filter(|_| !has_currency) {
            has_currency = true;
            body = trim(rest);
        } else if let Some((rest, minus)) = without_sign(body).filter(|_| negative.is_none()) {
            negative = Some(minus);
            body = trim(rest);
        } else if is_foreign(body) {
            return Err(NumberError::Currency);
        } else {
            return Err(NumberError::NotANumber);
        }
    }
    Ok(Unwrapped {
        body,
        negative: negative.unwrap_or(false),
    })
}

/// Whether a foreign currency is before or after digits: `12,50 $`, `CHF 12.50`.
fn is_foreign(body: &str) -> bool {
    const SIGNS: &[&str] = &["$", "£", "¥", "CHF", "USD", "GBP", "$US", "FRF"];
    let body = body.to_uppercase();
    SIGNS.iter().any(|sign| {
        let rest = body.strip_suffix(sign).or_else(|| body.strip_prefix(sign));
        rest.is_some_and(|rest| {
            let rest = trim(rest);
            rest.contains(|c: char| c.is_ascii_digit()) && !rest.contains(char::is_alphabetic)
        })
    })
}

/// Whether a number may begin or end with this character: a digit or a decimal mark.
fn is_inner(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, ',' | '.')
}

fn without_currency(body: &str) -> Option<&str> {
    if let Some(rest) = body.strip_suffix('€').or_else(|| body.strip_prefix('€')) {
        return Some(rest);
    }
    if let Some((rest, word)) = body.split_at_checked(body.len().checked_sub(3)?)
        && word.eq_ignore_ascii_case("EUR")
    {
        return Some(rest);
    }
    let (word, rest) = body.split_at_checked(3)?;
    word.eq_ignore_ascii_case("EUR").then_some(rest)
}

/// The rest after the sign, and whether the sign was a minus.
fn without_sign(body: &str) -> Option<(&str, bool)> {
    if let Some(rest) = body.strip_prefix('+') {
        return Some((rest, false));
    }
    let minus = ['-', '\u{2212}'];
    body.strip_prefix(minus)
        .or_else(|| body.strip_suffix(minus))
        .or_else(|| body.strip_prefix('(')?.strip_suffix(')'))
        .map(|rest| (rest, true))
}
