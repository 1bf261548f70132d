//! Totals of one customer's purchases, folded line by line.

use foldhash::HashSet;
use jiff::civil::Date;

use super::line::SalesLine;
use crate::canonical::Decimal;
use crate::canonical::segment::segment;
use crate::canonical::wine::Category;
use crate::store::sqlite::values::to_sql;

/// Totals of one customer's purchases.
#[derive(Debug, Default)]
pub(super) struct Purchases {
    first: String,
    last: String,
    /// Ten-thousandths of a euro; wide enough for any number of lines.
    total: i128,
    orders: HashSet<u64>,
    /// By category, in the order of [`Category::ALL`].
    bottles: [i64; Category::ALL.len()],
}

impl Purchases {
    /// Adds a line; `category`: that of its product, as a place in [`Category::ALL`].
    pub(super) fn add(&mut self, line: &SalesLine<'_>, category: usize) {
        let day = || String::from_utf8_lossy(line.day).into_owned();
        if self.first.is_empty() || line.day < self.first.as_bytes() {
            self.first = day();
        }
        if line.day > self.last.as_bytes() {
            self.last = day();
        }
        // A return is not a purchase.
        if line.bottles >= 0 && line.total >= 0 {
            self.orders.insert(line.order);
        }
        self.total += i128::from(line.total);
        if let Some(sum) = self.bottles.get_mut(category) {
            *sum = sum.saturating_add(line.bottles);
        }
    }

    pub(super) fn figures(&self, today: Date) -> Figures {
        let orders = self.orders.len() as u64;
        let total = decimal(self.total);
        let last_purchase = self.last.parse().ok();
        let average = (orders > 0).then(|| decimal(self.total / i128::from(orders.max(1))));
        let favourite = self.bottles.iter().enumerate().filter(|(_, sum)| **sum > 0);
        let favourite = favourite.max_by_key(|&(at, &sum)| (sum, std::cmp::Reverse(at)));
        Figures {
            first: some_text(&self.first),
            last: some_text(&self.last),
            total: total.to_real(),
            orders: to_sql(orders),
            average: average.map(Decimal::to_real),
            category: favourite
                .and_then(|(at, _)| Category::ALL.get(at))
                .map(|category| category.as_str().to_owned()),
            segment: segment(last_purchase, orders, total, today)
                .as_str()
                .to_owned(),
        }
    }
}

/// Figures as stored in a customer's row.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Figures {
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    pub(super) total: f64,
    pub(super) orders: i64,
    pub(super) average: Option<f64>,
    pub(super) category: Option<String>,
    pub(super) segment: String,
}

fn some_text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A sum as an amount, limited to the largest amount.
fn decimal(ten_thousandths: i128) -> Decimal {
    let bound = i128::from(Decimal::MAX.ten_thousandths());
    let kept = i64::try_from(ten_thousandths.clamp(-bound, bound)).unwrap_or(0);
    Decimal::from_ten_thousandths(kept)
}
