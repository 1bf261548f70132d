//! The time of day after a date: checked, because an impossible one means a damaged cell, then dropped.

use super::{DateError, short};

/// Checks `14:05`, `14:05:09`, `140509`, a fraction of a second, and `Z` or an offset after them.
pub(super) fn check(text: &str) -> Result<(), DateError> {
    let text = text.trim_start();
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(start) => text.split_at(start),
        None => (text, ""),
    };
    check_clock(clock.trim_end())?;
    check_offset(offset)
}

fn check_clock(clock: &str) -> Result<(), DateError> {
    let clock = match clock.split_once(['.', ',']) {
        Some((seconds, fraction)) if is_digits(fraction) => seconds,
        Some(_) => return Err(DateError::NotADate),
        None => clock,
    };
    check_parts(clock)
}

/// Nothing, `Z`, `+01:00`, `+0100` or `+01`.
fn check_offset(offset: &str) -> Result<(), DateError> {
    if matches!(offset, "" | "Z") {
        return Ok(());
    }
    let span = offset.strip_prefix(['+', '-']).ok_or(DateError::NotADate)?;
    if span.len() == 2 {
        return check_number(span.as_bytes(), 23);
    }
    check_parts(span)
}

/// Hours, minutes and optional seconds, with colons or as a run of digits.
fn check_parts(text: &str) -> Result<(), DateError> {
    let bytes = text.as_bytes();
    if is_digits(text) {
        let (hours, rest) = bytes.split_at_checked(2).ok_or(DateError::NotADate)?;
        return check_numbers(hours, rest.chunks(2));
    }
    let mut parts = bytes.split(|byte| *byte == b':');
    let hours = parts.next().unwrap_or_default();
    check_numbers(hours, parts)
}

fn check_numbers<'a>(
    hours: &[u8],
    sixtieths: impl Iterator<Item = &'a [u8]>,
) -> Result<(), DateError> {
    check_number(hours, 23)?;
    let mut count = 0;
    for part in sixtieths {
        if part.len() != 2 {
            return Err(DateError::NotADate);
        }
        check_number(part, 59)?;
        count += 1;
    }
    // Minutes, or minutes and seconds.
    if (1..=2).contains(&count) {
        Ok(())
    } else {
        Err(DateError::NotADate)
    }
}

fn check_number(digits: &[u8], greatest: i8) -> Result<(), DateError> {
    match short(digits) {
        None => Err(DateError::NotADate),
        Some(number) if number > greatest => Err(DateError::ImpossibleTime),
        Some(_) => Ok(()),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
