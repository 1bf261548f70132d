//! Exact sums of very many decimals.

use std::fmt;
use std::ops::{AddAssign, Sub, SubAssign};

use super::Decimal;

/// Ten-thousandths in one unit.
const SCALE: u128 = 10_000;
/// [`SCALE`] as a power of ten.
const PLACES: usize = 4;

/// An exact sum of [`Decimal`]s. Unlike theirs, its value has no bound that a database could reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Total(i128);

impl Total {
    /// The sum of no decimal.
    pub const ZERO: Self = Self(0);

    /// A whole number.
    #[must_use]
    pub fn of_count(count: u64) -> Self {
        Self(i128::from(count) * SCALE.cast_signed())
    }

    /// A number of ten-thousandths.
    #[must_use]
    pub const fn from_ten_thousandths(count: i128) -> Self {
        Self(count)
    }

    /// The value in ten-thousandths.
    #[must_use]
    pub const fn ten_thousandths(self) -> i128 {
        self.0
    }

    /// The total that [`Display`](fmt::Display) wrote; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, is_negative) = match text.strip_prefix('-') {
            Some(digits) => (digits, true),
            None => (text, false),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > PLACES || !is_number(whole) || !is_number(fraction)
        {
            return None;
        }
        let count: i128 = format!("{whole}{fraction:0<PLACES$}").parse().ok()?;
        Some(Self(if is_negative { -count } else { count }))
    }
}

impl From<Decimal> for Total {
    fn from(value: Decimal) -> Self {
        Self(i128::from(value.ten_thousandths()))
    }
}

impl AddAssign<Decimal> for Total {
    fn add_assign(&mut self, value: Decimal) {
        self.0 += i128::from(value.ten_thousandths());
    }
}

impl AddAssign for Total {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl SubAssign<Decimal> for Total {
    fn sub_assign(&mut self, value: Decimal) {
        self.0 -= i128::from(value.ten_thousandths());
    }
}

impl Sub for Total {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

/// The shortest exact form, with a point: `2136808338.26`, `-3`.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let fraction = format!("{:0PLACES$}", count % SCALE);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{fraction}", count / SCALE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read_as_they_are_written() {
        for (count, text) in [
            (0, "0"),
            (21_368_083_382_600, "2136808338.26"),
            (-30_000, "-3"),
            (-1, "-0.0001"),
            (10_100, "1.01"),
        ] {
            let total = Total::from_ten_thousandths(count);
            assert_eq!(total.to_string(), text);
            assert_eq!(Total::parse(text), Some(total));
        }
        for text in ["", "-", "1,5", "1.23456", ".5", "1.-5", "+1"] {
            assert_eq!(Total::parse(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_add_up_beyond_their_own_bound() {
        let mut total = Total::ZERO;
        for _ in 0..1_000 {
            total += Decimal::MAX;
        }
        assert_eq!(total.to_string(), "1000000000000000");
        total -= Decimal::MAX;
        assert_eq!(total.to_string(), "999000000000000");
    }
}
