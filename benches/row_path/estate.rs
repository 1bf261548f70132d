//! Sales of an estate, as iSaVigne exports and as canonical records.

use std::fmt::Write as _;

use crmreco::canonical::Decimal;
use crmreco::canonical::rows::Rows;
use crmreco::canonical::sale::SaleLine;
use encoding_rs::WINDOWS_1252;
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Today's date.
pub(crate) const TODAY: Date = date(2025, 12, 27);

const UNITS: [(&str, i64); 4] = [
    ("bouteille", 1),
    ("magnum", 2),
    ("carton de 6", 6),
    ("caisse de 12", 12),
];

/// One sales line.
pub(crate) struct Sale {
    line: String,
    document: String,
    customer: String,
    product: String,
    day: Date,
    quantity: i64,
    unit: &'static str,
    bottles: i64,
    /// Price of a bottle.
    cents: i64,
}

impl Sale {
    /// Line number `at`. Large steps without a common divisor replace random numbers.
    fn new(at: i64) -> Self {
        let (unit, bottles) = UNITS[usize::try_from(at % 4).unwrap()];
        // A document has one customer and one date.
        let document = at / 3;
        Self {
            line: format!("V{at:08}"),
            document: format!("FA{document:07}"),
            customer: format!("C{:06}", document * 7_919 % 20_011),
            product: format!("RIESLING-{}-{:04}-75CL", 2012 + at % 12, at * 617 % 5_003),
            day: TODAY - (document * 97 % 1_460).days(),
            quantity: 1 + at % 24,
            unit,
            bottles,
            cents: 700 + at * 31 % 2_300,
        }
    }

    /// The same line with one more bottle.
    pub(crate) fn changed(mut self) -> Self {
        self.quantity += 1;
        self
    }

    fn price_cents(&self) -> i64 {
        self.cents * self.bottles
    }

    fn total_cents(&self) -> i64 {
        self.price_cents() * self.quantity
    }

    fn record(&self) -> SaleLine<'_> {
        let euros = |cents: i64| Some(Decimal::from_ten_thousandths(cents * 100));
        let count = |number: i64| Decimal::from_ten_thousandths(number * 10_000);
        SaleLine {
            sale_line_key: &self.line,
            customer_key: &self.customer,
            product_key: &self.product,
            order_ref: Some(&self.document),
            date_sale: self.day,
            quantity_units: count(self.quantity),
            unit: Some(self.unit),
            quantity_bottles_75cl_eq: count(self.quantity * self.bottles),
            price_unit_eur: euros(self.price_cents()),
            price_total_eur: euros(self.total_cents()),
            price_total_excl_tax_eur: None,
            cost_total_eur: None,
            margin_percent: None,
            channel: Some("site web"),
            notes: None,
        }
    }
}

/// The first `lines` sales lines.
pub(crate) fn sales(lines: i64) -> Vec<Sale> {
    (0..lines).map(Sale::new).collect()
}

/// An export of these sales, in Windows-1252.
pub(crate) fn export(sales: &[Sale]) -> Vec<u8> {
    let mut text = String::from(
        "Num ligne;N° pièce;Code client;Code produit;Date;Qté;Unité;Prix unitaire;Montant TTC;Canal\r\n",
    );
    for sale in sales {
        write!(
            text,
            "{};{};{};{};{};{};{};{};{};site web\r\n",
            sale.line,
            sale.document,
            sale.customer,
            sale.product,
            sale.day.strftime("%d/%m/%Y"),
            sale.quantity,
            sale.unit,
            euros(sale.price_cents()),
            euros(sale.total_cents())
        )
        .unwrap();
    }
    WINDOWS_1252.encode(&text).0.into_owned()
}

/// `1 234,50`, as French exports write it.
pub(crate) fn euros(cents: i64) -> String {
    let (whole, rest) = (cents / 100, cents % 100);
    if whole > 999 {
        format!("{}\u{a0}{:03},{rest:02}", whole / 1_000, whole % 1_000)
    } else {
        format!("{whole},{rest:02}")
    }
}

/// Appends the sales to `rows`, like a reader.
pub(crate) fn push(sales: &[Sale], rows: &mut Rows) {
    for (sale, line) in sales.iter().zip(2..) {
        rows.push("ventes_2025-12-27.csv", line, &sale.record());
    }
}
