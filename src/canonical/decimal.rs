//! Exact decimal amounts and quantities with four places.
//!
//! Not a crate, because the scale is fixed: one `i64` of ten-thousandths holds each amount that the
//! tables accept, an addition is one machine instruction, and one correctly rounded division gives
//! the nearest `REAL`.

use std::fmt;
use std::ops::Neg;

use serde::{Deserialize, Serialize};

/// Ten-thousandths in one unit.
const SCALE: i64 = 10_000;
/// [`SCALE`] as a power of ten.
const PLACES: u32 = 4;
/// Ten-thousandths in one cent.
const CENT: i64 = 100;
/// The greatest absolute value, in ten-thousandths: 10¹² units.
const BOUND: i64 = 1_000_000_000_000 * SCALE;
/// Largest integer up to which each integer is exact as a double: 2⁵³.
const EXACT_IN_DOUBLE: u64 = 1 << 53;
/// The greatest power of ten that fits an `i128`.
const MAX_POWER_OF_TEN: u32 = 38;

/// A decimal number with exactly four places, between −10¹² and 10¹².
///
/// All values are within these bounds: negation and absolute value cannot fail. Operations whose
/// result may be out of bounds return an `Option`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Decimal(i64);

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// One unit.
    pub const ONE: Self = Self(SCALE);
    /// A hundred units, as in per cent.
    pub const HUNDRED: Self = Self(100 * SCALE);
    /// The greatest value, 10¹². The least value is −10¹².
    pub const MAX: Self = Self(BOUND);

    /// A whole number of units; `None` when out of bounds.
    #[must_use]
    pub fn from_integer(units: i64) -> Option<Self> {
        Self::within_bound(units.checked_mul(SCALE)?)
    }

    /// A number of ten-thousandths, for constants and for results of [`Self::ten_thousandths`].
    ///
    /// Out of bounds it returns the nearest bound, so that it is `const` and cannot fail. Use
    /// [`Self::from_scaled`], which returns `None`, for numbers read from data.
    #[must_use]
    pub const fn from_ten_thousandths(count: i64) -> Self {
        if count > BOUND {
            Self(BOUND)
        } else if count < -BOUND {
            Self(-BOUND)
        } else {
            Self(count)
        }
    }

    /// The value in ten-thousandths.
    #[must_use]
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// `mantissa` × 10^−`scale`, rounded half away from zero; `None` when out of bounds.
    #[must_use]
    pub fn from_scaled(mantissa: i128, scale: u32) -> Option<Self> {
        if let Some(missing) = PLACES.checked_sub(scale) {
            // A value that does not fit an i64 is out of bounds.
            let mantissa = i64::try_from(mantissa).ok()?;
            return Self::within_bound(mantissa.checked_mul(10_i64.pow(missing))?);
        }
        let surplus = scale - PLACES;
        if surplus > MAX_POWER_OF_TEN {
            // Each i128 is less than half of 10^39: the result rounds to zero.
            return Some(Self::ZERO);
        }
        Self::from_wide(divide_rounding(mantissa, 10_i128.pow(surplus)))
    }

    /// The decimal nearest to a double; `None` for NaN, an infinity or a value out of bounds.
    ///
    /// Reverses [`Self::to_real`] exactly below 4 × 10¹¹. Above, two neighbouring ten-thousandths may
    /// have the same double.
    #[must_use]
    pub fn from_real(real: f64) -> Option<Self> {
        let bound = real_of(BOUND) / real_of(SCALE);
        if real.is_nan() || real.abs() > bound {
            return None;
        }
        // Only the fraction is scaled: scaling the whole value would lose its last digits.
        let units = integer_of(real.trunc());
        let fraction = integer_of((real.fract() * real_of(SCALE)).round());
        Self::within_bound(units * SCALE + fraction)
    }

    /// The double nearest to the value.
    #[must_use]
    pub fn to_real(self) -> f64 {
        if self.0.unsigned_abs() <= EXACT_IN_DOUBLE {
            return real_of(self.0) / real_of(SCALE);
        }
        // Above 2⁵³ the numerator would be rounded. Units and fraction are added instead: doubles
        // are 2⁻¹³ apart there, and no fraction of ten-thousandths is closer than 10⁻⁹ to the middle
        // between two of them, so the sum is rounded correctly.
        real_of(self.0 / SCALE) + real_of(self.0 % SCALE) / real_of(SCALE)
    }

    /// The sum; `None` when out of bounds.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::within_bound(self.0.checked_add(other.0)?)
    }

    /// The difference; `None` when out of bounds.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Self::within_bound(self.0.checked_sub(other.0)?)
    }

    /// The product, rounded half away from zero to four places; `None` when out of bounds.
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        if let Some(product) = self.0.checked_mul(other.0) {
            return Self::within_bound(round_to_scale(product));
        }
        let product = i128::from(self.0) * i128::from(other.0);
        Self::from_wide(divide_rounding(product, i128::from(SCALE)))
    }

    /// The quotient, rounded half away from zero to four places; `None` when out of bounds or when
    /// the divisor is zero.
    #[must_use]
    pub fn checked_div(self, divisor: Self) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        let dividend = i128::from(self.0) * i128::from(SCALE);
        Self::from_wide(divide_rounding(dividend, i128::from(divisor.0)))
    }

    /// The value without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// Whether the value is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether the value is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Whether the value has no fraction.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        self.0 % SCALE == 0
    }

    /// The value rounded to two places, half away from zero.
    #[must_use]
    pub const fn round_to_cents(self) -> Self {
        let remainder = self.0 % CENT;
        let kept = self.0 - remainder;
        // The bound is a whole number of cents: rounding cannot exceed it.
        if remainder.abs() * 2 < CENT {
            Self(kept)
        } else {
            Self(kept + CENT * remainder.signum())
        }
    }

    fn within_bound(count: i64) -> Option<Self> {
        (-BOUND..=BOUND).contains(&count).then_some(Self(count))
    }

    fn from_wide(count: i128) -> Option<Self> {
        i64::try_from(count).ok().and_then(Self::within_bound)
    }
}

impl Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

/// The shortest exact form, with a point: `12.5`, `-3`, `0.0001`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.unsigned_abs();
        let scale = SCALE.unsigned_abs();
        let sign = if self.is_negative() { "-" } else { "" };
        write!(f, "{sign}{}", count / scale)?;
        let mut fraction = count % scale;
        if fraction == 0 {
            return Ok(());
        }
        let mut places = PLACES as usize;
        while fraction.is_multiple_of(10) {
            fraction /= 10;
            places -= 1;
        }
        write!(f, ".{fraction:0places$}")
    }
}

/// `dividend / divisor`, rounded half away from zero. `divisor` is not zero.
pub(super) fn divide_rounding(dividend: i128, divisor: i128) -> i128 {
    // A 64-bit division is much faster and nearly always possible.
    if let (Ok(short_dividend), Ok(short_divisor)) =
        (i64::try_from(dividend), i64::try_from(divisor))
        && let Some(quotient) = short_dividend.checked_div(short_divisor)
    {
        let remainder = (short_dividend % short_divisor).unsigned_abs();
        let away = remainder >= short_divisor.unsigned_abs() - remainder;
        return i128::from(quotient) + step_away(away, dividend, divisor);
    }
    let remainder = (dividend % divisor).unsigned_abs();
    let away = remainder >= divisor.unsigned_abs() - remainder;
    dividend / divisor + step_away(away, dividend, divisor)
}

/// `product` / [`SCALE`], rounded half away from zero.
const fn round_to_scale(product: i64) -> i64 {
    let (quotient, remainder) = (product / SCALE, product % SCALE);
    if remainder.abs() * 2 < SCALE {
        quotient
    } else {
        quotient + remainder.signum()
    }
}

/// The rounding step: 0, or 1 away from zero in the direction of the quotient.
fn step_away(away: bool, dividend: i128, divisor: i128) -> i128 {
    match (away, (dividend < 0) == (divisor < 0)) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => -1,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "callers pass integers of at most 2^53, which are exact"
)]
const fn real_of(integer: i64) -> f64 {
    integer as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "callers pass whole doubles of at most 10^12, which are exact"
)]
const fn integer_of(whole: f64) -> i64 {
    whole as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(count: i64) -> Decimal {
        Decimal::from_ten_thousandths(count)
    }

    #[test]
    fn displays_the_shortest_form() {
        let cases = [
            (0, "0"),
            (125_000, "12.5"),
            (-30_000, "-3"),
            (1, "0.0001"),
            (-1, "-0.0001"),
            (10_100, "1.01"),
            (BOUND, "1000000000000"),
        ];
        for (count, shown) in cases {
            assert_eq!(decimal(count).to_string(), shown);
        }
    }

    #[test]
    fn rounds_half_away_from_zero() {
        let cases = [
            (5, 5, Some(1)),
            (-5, 5, Some(-1)),
            (4, 5, Some(0)),
            (123, 2, Some(12_300)),
            (15_000_499, 7, Some(15_000)),
            (15_000_500, 7, Some(15_001)),
            (i128::MAX, 42, Some(2)),
            (i128::MAX, 43, Some(0)),
            (i128::MIN, u32::MAX, Some(0)),
            (i128::MAX, 0, None),
            (1_000_000_000_000, 0, Some(BOUND)),
            (1_000_000_000_001, 0, None),
            (-10_000_000_000_000_001, 4, None),
            (100_000_000_000_000_004, 5, Some(BOUND)),
            (100_000_000_000_000_005, 5, None),
        ];
        for (mantissa, scale, count) in cases {
            let read = Decimal::from_scaled(mantissa, scale).map(Decimal::ten_thousandths);
            assert_eq!(read, count, "{mantissa}e-{scale}");
        }
    }

    #[test]
    fn rounds_to_cents() {
        let cases = [
            (149, 100),
            (150, 200),
            (-150, -200),
            (-149, -100),
            (BOUND, BOUND),
        ];
        for (count, cents) in cases {
            assert_eq!(decimal(count).round_to_cents(), decimal(cents));
        }
    }

    #[test]
    fn results_out_of_bounds_are_none() {
        assert_eq!(Decimal::MAX.checked_add(decimal(1)), None);
        assert_eq!((-Decimal::MAX).checked_sub(decimal(1)), None);
        assert_eq!(Decimal::MAX.checked_mul(decimal(10_001)), None);
        assert_eq!(Decimal::MAX.checked_div(decimal(9_999)), None);
        assert_eq!(Decimal::ONE.checked_div(Decimal::ZERO), None);
        assert_eq!(Decimal::from_integer(i64::MAX), None);
        assert_eq!(
            Decimal::from_integer(-1_000_000_000_000),
            Some(-Decimal::MAX)
        );
        assert_eq!(decimal(i64::MIN), -Decimal::MAX);
        for real in [f64::NAN, f64::INFINITY, -1e12 - 1.0, 1e300] {
            assert_eq!(Decimal::from_real(real), None, "{real}");
        }
        assert_eq!(Decimal::from_real(-1e12), Some(-Decimal::MAX));
    }

    #[test]
    fn multiplies_and_divides_with_rounding() {
        let product = decimal(-125_000).checked_mul(decimal(3_333));
        assert_eq!(product, Some(decimal(-41_663)));
        let third = Decimal::ONE.checked_div(decimal(-30_000));
        assert_eq!(third, Some(decimal(-3_333)));
        let two_thirds = decimal(20_000).checked_div(decimal(30_000));
        assert_eq!(two_thirds, Some(decimal(6_667)));
    }

    proptest! {
        #[test]
        fn a_real_converts_back_to_its_decimal(count in -4_000_000_000_000_000_i64..4_000_000_000_000_000) {
            prop_assert_eq!(Decimal::from_real(decimal(count).to_real()), Some(decimal(count)));
        }

        /// The standard library parses decimal text to the nearest double.
        #[test]
        fn to_real_is_the_nearest_double(count in -BOUND..=BOUND, near in -2_000_000_i64..2_000_000) {
            for count in [count, near, BOUND - near.abs()] {
                let shown = decimal(count).to_string();
                prop_assert_eq!(shown.parse(), Ok(decimal(count).to_real()));
            }
        }

        #[test]
        fn from_real_never_panics(bits: u64) {
            let _ = Decimal::from_real(f64::from_bits(bits));
        }

        #[test]
        fn results_are_within_the_bounds(a: i64, b: i64) {
            let (a, b) = (decimal(a), decimal(b));
            let results = [a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.checked_div(b)];
            for result in results.into_iter().flatten() {
                prop_assert!(result.abs() <= Decimal::MAX);
            }
        }
    }
}
