//! Customer segments, from recency, frequency and amount.

use jiff::civil::Date;

use super::decimal::Decimal;

/// A customer whose last purchase is more than this many days ago is inactive.
pub const INACTIVE_AFTER_DAYS: i32 = 730;
/// A customer whose last purchase is more than this many days ago, and who is not inactive, is at risk.
pub const AT_RISK_AFTER_DAYS: i32 = 365;
/// Fewest orders of a VIP.
pub const VIP_MIN_ORDERS: u64 = 3;
/// Least total of a VIP, in euros, tax included.
pub const VIP_MIN_TOTAL_EUR: Decimal = Decimal::from_ten_thousandths(1000 * 10_000);

/// The segment of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// Last purchase at most a year ago, [`VIP_MIN_ORDERS`] orders and [`VIP_MIN_TOTAL_EUR`] or more.
    Vip,
    /// Last purchase at most a year ago.
    Standard,
    /// Last purchase one to two years ago.
    AtRisk,
    /// No purchase.
    Prospect,
    /// Last purchase more than two years ago.
    Inactive,
}

impl Segment {
    /// The code stored in the `segment` column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vip => "vip",
            Self::Standard => "standard",
            Self::AtRisk => "at_risk",
            Self::Prospect => "prospect",
            Self::Inactive => "inactive",
        }
    }
}

/// The segment of a customer on the day `today`.
///
/// `orders` is the number of distinct orders and `total` the euros spent, tax included, of all years.
/// A purchase dated after `today` counts as recent.
#[must_use]
pub fn segment(last_purchase: Option<Date>, orders: u64, total: Decimal, today: Date) -> Segment {
    let Some(last) = last_purchase else {
        return Segment::Prospect;
    };
    let days = today.duration_since(last).as_hours() / 24;
    if days > i64::from(INACTIVE_AFTER_DAYS) {
        Segment::Inactive
    } else if days > i64::from(AT_RISK_AFTER_DAYS) {
        Segment::AtRisk
    } else if orders >= VIP_MIN_ORDERS && total >= VIP_MIN_TOTAL_EUR {
        Segment::Vip
    } else {
        Segment::Standard
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{ToSpan, civil::date};

    #[test]
    fn each_threshold_from_both_sides() {
        let today = date(2025, 12, 27);
        let euros = |cents: i64| Decimal::from_ten_thousandths(cents * 100);
        let cases = [
            (None, 0, 0, Segment::Prospect),
            (None, 9, 900_000, Segment::Prospect),
            (Some(731), 9, 900_000, Segment::Inactive),
            (Some(730), 9, 900_000, Segment::AtRisk),
            (Some(366), 9, 900_000, Segment::AtRisk),
            (Some(365), 3, 100_000, Segment::Vip),
            (Some(365), 2, 100_000, Segment::Standard),
            (Some(0), 3, 99_999, Segment::Standard),
            (Some(-1), 3, 100_000, Segment::Vip),
        ];
        for (age, orders, cents, expected) in cases {
            let last = age.map(|days: i64| today.saturating_sub(days.days()));
            let got = segment(last, orders, euros(cents), today);
            assert_eq!(
                got, expected,
                "{age:?} days, {orders} orders, {cents} cents"
            );
        }
    }

    #[test]
    fn the_whole_calendar_is_accepted() {
        let got = segment(Some(Date::MIN), 1, Decimal::default(), Date::MAX);
        assert_eq!(got.as_str(), "inactive");
    }
}
