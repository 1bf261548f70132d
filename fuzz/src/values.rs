//! Any text as a unit, a name, a telephone number, a country, an address, a wine: never a panic, and what is
//! read keeps the promises of its module.
//!
//! The first line is the region, country or first name that goes with the second.

use std::collections::HashSet;

use crmreco::canonical::bottles::{self, Unit};
use crmreco::canonical::person::{self, Identity};
use crmreco::canonical::wine::{self, PriceSegment};
use crmreco::canonical::{Decimal, country, email, phone, text};
use unicode_normalization::is_nfc;

use super::{Target, text_of};

const NEXT_YEAR: i16 = 2026;

/// A value, after the line that goes with it.
#[derive(Default)]
pub struct Values;

impl Target for Values {
    fn check(&self, data: &[u8]) {
        let lines = text_of(data);
        let (hint, value) = lines.split_once('\n').unwrap_or(("", lines));
        check_text(value);
        check_bottles(hint, value);
        check_names(hint, value);
        check_phone(hint, value);
        check_country(value);
        check_email(value);
        check_wine(hint, value);
    }
}

fn is_clean(value: &str) -> bool {
    !value.is_empty() && is_nfc(value) && text::clean(value) == value
}

fn check_text(value: &str) {
    let clean = text::clean(value);
    assert!(clean.is_empty() || is_clean(&clean), "{value:?}: {clean:?}");
    let folded = text::fold(value);
    assert_eq!(text::fold(&folded), folded, "{value:?}");
    let key = text::header_key(value);
    assert_eq!(text::header_key(&key), key, "{value:?}");
    assert!(!text::looks_decoded_twice(value) || !value.is_ascii());
}

fn check_bottles(region: &str, value: &str) {
    for region in [None, Some(region)] {
        let unit = bottles::unit(value, 12, region);
        assert!(unit.is_none_or(is_countable), "{value:?}: {unit:?}");
        let shouted = bottles::unit(&value.to_ascii_uppercase(), 12, region);
        assert_eq!(shouted, unit, "{value:?}");
        check_twice(unit, value);
        let format = bottles::format_cl(value, region);
        assert!(
            format.is_none_or(|volume| volume > Decimal::ZERO),
            "{value:?}"
        );
        for quantity in [Decimal::ONE, Decimal::MAX, -Decimal::MAX, Decimal::ZERO] {
            let Some(worth) = bottles::equivalents(quantity, unit, format) else {
                continue;
            };
            assert!(worth.abs() <= Decimal::MAX);
            assert!(worth.is_zero() || worth.is_negative() == quantity.is_negative());
        }
    }
}

/// Twice as many units are twice as many bottles, to what rounding leaves.
fn check_twice(unit: Option<Unit>, value: &str) {
    let worth = |units: i64| {
        let quantity = Decimal::from_ten_thousandths(units * 10_000);
        bottles::equivalents(quantity, unit, None)
    };
    let Some((seven, fourteen)) = worth(7).zip(worth(14)) else {
        return;
    };
    let gap = (fourteen.ten_thousandths() - 2 * seven.ten_thousandths()).abs();
    assert!(gap <= 2, "{value:?}: {seven} and {fourteen}");
}

fn is_countable(unit: Unit) -> bool {
    unit.bottles.is_integer()
        && unit.bottles >= Decimal::ONE
        && unit.format_cl.is_none_or(|volume| volume > Decimal::ZERO)
}

fn check_names(first: &str, value: &str) {
    check_identity(&person::split(value), value);
    check_identity(&person::identify(value, first), &format!("{value} {first}"));
}

/// Parts of a name are clean, hold no letter more, and a name that says anything has one.
fn check_identity(identity: &Identity<'_>, written: &str) {
    let parts = [
        &identity.first_name,
        &identity.last_name,
        &identity.company_name,
    ];
    let written = text::clean(written);
    for part in parts.into_iter().flatten() {
        assert!(
            is_clean(part) && written.contains(part.as_ref()),
            "{written:?}: {part:?}"
        );
    }
    let is_firm = identity.company_name.is_some();
    assert!(!is_firm || identity.first_name.is_none() && identity.last_name.is_none());
    assert_eq!(
        *identity == Identity::default(),
        written.is_empty(),
        "{written:?}"
    );
}

fn check_phone(country: &str, value: &str) {
    let country = country::alpha2(country).unwrap_or("FR");
    let dotted = value.replace(' ', ".");
    assert_eq!(
        phone::e164(&dotted, country),
        phone::e164(value, country),
        "{value:?}"
    );
    let Some(number) = phone::e164(value, country) else {
        return;
    };
    let digits = number.as_str().strip_prefix('+').unwrap_or_default();
    assert!((7..=15).contains(&digits.len()), "{number}");
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{number}");
    assert_eq!(
        phone::e164(number.as_str(), country),
        Some(number),
        "{value:?} in {country}"
    );
}

fn check_country(value: &str) {
    if let Some(code) = country::alpha2(value) {
        assert!(code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
        assert_eq!(country::alpha2(code), Some(code));
    }
}

fn check_email(value: &str) {
    if let Some(address) = email::email(value) {
        assert_eq!(address.matches('@').count(), 1, "{value:?}");
        assert!(!address.contains(char::is_whitespace), "{value:?}");
        assert_eq!(address.to_lowercase(), address, "{value:?}");
        assert_eq!(email::email(&address).as_ref(), Some(&address));
    }
}

fn check_wine(hint: &str, value: &str) {
    let _ = wine::category([hint, value].into_iter());
    for year in [
        wine::vintage(value, NEXT_YEAR),
        wine::vintage_in_name(value, NEXT_YEAR),
    ] {
        assert!(year.is_none_or(|year| (wine::FIRST_VINTAGE..=NEXT_YEAR).contains(&year)));
    }
    let items = wine::list(value);
    assert!(items.iter().all(|item| is_clean(item)), "{items:?}");
    assert_eq!(
        items.iter().collect::<HashSet<_>>().len(),
        items.len(),
        "{items:?}"
    );
    let json = wine::json_list(value).map(|json| serde_json::from_str(&json).ok());
    assert_eq!(json.unwrap_or_else(|| Some(Vec::new())), Some(items));
    let price = i64::try_from(value.len()).expect("a short text") * 10_000;
    let segment = PriceSegment::of(Decimal::from_ten_thousandths(price));
    assert!(!segment.as_str().is_empty());
}
