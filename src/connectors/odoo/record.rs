//! A row of Odoo, field by field, each read as what it should hold. What is absent is `false`.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Number, json};

use super::row::{Cell, Row};
use crate::canonical::{Decimal, text};
pub(super) use crate::connectors::shared::Fault;

/// How Odoo writes an instant (UTC).
pub(super) const INSTANT: &str = "%Y-%m-%d %H:%M:%S";

/// Why a text is rejected that cannot be shown as it is.
const CONTROL: &str =
    "contient un caractère de contrôle (seuls la tabulation et le retour à la ligne sont admis)";

/// A record that another points to: its number, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link<'a> {
    pub(super) id: u64,
    /// As sent: most labels are never looked at.
    raw_label: &'a str,
}

impl<'a> Link<'a> {
    /// What it is called, clean.
    pub(super) fn label(&self) -> Cow<'a, str> {
        text::clean(self.raw_label)
    }
}

/// A number with all the digits it was sent with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    mantissa: i128,
    scale: u32,
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a>(pub(super) &'a Row<'a>);

impl<'a> Record<'a> {
    /// Whether the server sent `field` at all.
    pub(super) fn has(self, field: &str) -> bool {
        self.0.get(field).is_some()
    }

    /// The value of `field`, unless it is absent.
    fn value(self, field: &str) -> Option<&'a Cell<'a>> {
        let value = self.0.get(field)?;
        (!matches!(value, Cell::Flag(false) | Cell::Null)).then_some(value)
    }

    /// The text of `field`, clean, when there is some.
    pub(super) fn text(self, field: &str) -> Result<Option<Cow<'a, str>>, Fault> {
        let Some(value) = self.value(field) else {
            return Ok(None);
        };
        let written = value
            .as_str()
            .ok_or_else(|| refuse(field, value, "n'est pas un texte"))?;
        let clean = text::clean(written);
        if clean.contains(char::is_control) {
            return Err(refuse(field, value, CONTROL));
        }
        Ok((!clean.is_empty()).then_some(clean))
    }

    /// The text of `field`, which a row cannot do without.
    pub(super) fn required_text(self, field: &str) -> Result<Cow<'a, str>, Fault> {
        self.text(field)?.ok_or_else(|| lacks(field))
    }

    /// Whether `field` says yes.
    pub(super) fn flag(self, field: &str) -> Result<bool, Fault> {
        match self.0.get(field) {
            None | Some(Cell::Null) => Ok(false),
            Some(Cell::Flag(flag)) => Ok(*flag),
            Some(value) => Err(refuse(field, value, "n'est ni oui ni non")),
        }
    }

    /// The number in `field`, to four places: the rest is the noise of binary floats.
    pub(super) fn decimal(self, field: &str) -> Result<Option<Decimal>, Fault> {
        let Some(value) = self.value(field) else {
            return Ok(None);
        };
        let number = value
            .as_number()
            .and_then(Number::as_f64)
            .ok_or_else(|| refuse(field, value, "n'est pas un nombre"))?;
        let decimal = Decimal::from_real(number);
        decimal
            .map(Some)
            .ok_or_else(|| refuse(field, value, "dépasse mille milliards"))
    }

    /// The number in `field`, which a row cannot do without.
    pub(super) fn required_decimal(self, field: &str) -> Result<Decimal, Fault> {
        self.decimal(field)?.ok_or_else(|| lacks(field))
    }

    /// The number in `field` with all its digits.
    pub(super) fn ratio(self, field: &str) -> Result<Option<Ratio>, Fault> {
        let Some(value) = self.value(field) else {
            return Ok(None);
        };
        let ratio = value.as_number().and_then(Ratio::of);
        ratio
            .map(Some)
            .ok_or_else(|| refuse(field, value, "n'est pas un nombre"))
    }

    /// The number in `field` with all its digits, which a row cannot do without.
    pub(super) fn required_ratio(self, field: &str) -> Result<Ratio, Fault> {
        self.ratio(field)?.ok_or_else(|| lacks(field))
    }

    /// The record that `field` points to.
    pub(super) fn link(self, field: &str) -> Result<Option<Link<'a>>, Fault> {
        let Some(value) = self.value(field) else {
            return Ok(None);
        };
        let link = match value {
            Cell::Link(id, label) => Some((*id, label.as_ref())),
            // One that has no name.
            Cell::List(cells) => match cells.as_slice() {
                [id, _] => id.as_u64().map(|id| (id, "")),
                _ => None,
            },
            _ => None,
        };
        let link = link.map(|(id, raw_label)| Link { id, raw_label });
        let link = link.ok_or_else(|| refuse(field, value, "ne désigne pas un enregistrement"))?;
        if has_control(link.raw_label) {
            return Err(refuse(field, value, CONTROL));
        }
        Ok(Some(link))
    }

    /// The record that `field` points to, which a row cannot do without.
    pub(super) fn required_link(self, field: &str) -> Result<Link<'a>, Fault> {
        self.link(field)?.ok_or_else(|| lacks(field))
    }

    /// The numbers of the records that `field` points to.
    pub(super) fn links(self, field: &str) -> Result<Vec<u64>, Fault> {
        let Some(value) = self.value(field) else {
            return Ok(Vec::new());
        };
        let ids = value
            .as_list()
            .and_then(|ids| ids.iter().map(Cell::as_u64).collect());
        ids.ok_or_else(|| refuse(field, value, "ne désigne pas des enregistrements"))
    }

    /// The number of the record that a bare number in `field` points to.
    pub(super) fn id_in(self, field: &str) -> Result<u64, Fault> {
        let value = self.value(field).ok_or_else(|| lacks(field))?;
        value
            .as_u64()
            .ok_or_else(|| refuse(field, value, "ne désigne pas un enregistrement"))
    }

    /// The day, in `zone`, of the instant in `field`.
    pub(super) fn day(self, field: &str, zone: &TimeZone) -> Result<Option<Date>, Fault> {
        let Some(value) = self.value(field) else {
            return Ok(None);
        };
        let day = value.as_str().and_then(|written| day_of(written, zone));
        day.map(Some)
            .ok_or_else(|| refuse(field, value, "n'est pas une date"))
    }

    /// The day of the instant in `field`, which a row cannot do without.
    pub(super) fn required_day(self, field: &str, zone: &TimeZone) -> Result<Date, Fault> {
        self.day(field, zone)?.ok_or_else(|| lacks(field))
    }

    /// Refuses the row for what `field` holds; `reason` is a French predicate.
    pub(super) fn refuse(self, field: &str, reason: &str) -> Fault {
        refuse(field, self.0.get(field).unwrap_or(&Cell::Null), reason)
    }
}

/// Whether `text` has control characters that are no blanks.
fn has_control(text: &str) -> bool {
    text.contains(|c: char| c.is_control() && !c.is_whitespace())
}

fn lacks(field: &str) -> Fault {
    refuse(field, &Cell::Null, "est vide, une valeur est obligatoire")
}

fn refuse(field: &str, value: &Cell<'_>, reason: &str) -> Fault {
    let written = match value {
        Cell::Null | Cell::Flag(false) => None,
        Cell::Text(written) => Some(Cow::Borrowed(written.as_ref())),
        other => Some(Cow::Owned(json!(other).to_string())),
    };
    Fault::of_field(field, written.as_deref(), reason)
}

/// `2025-03-01 23:30:00` is an instant in UTC, `2025-03-01` a day as it stands.
fn day_of(written: &str, zone: &TimeZone) -> Option<Date> {
    if let Ok(instant) = DateTime::strptime(INSTANT, written) {
        let instant = instant.to_zoned(TimeZone::UTC).ok()?;
        return Some(instant.with_time_zone(zone.clone()).date());
    }
    Date::strptime("%Y-%m-%d", written).ok()
}

impl Ratio {
    /// The digits that JSON sent: the shortest that identify the double.
    pub(super) fn of(number: &Number) -> Option<Self> {
        let written = number.to_string();
        let (digits, exponent) = match written.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (written.as_str(), 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        match u32::try_from(scale) {
            Ok(scale) => Some(Self { mantissa, scale }),
            Err(_) => Some(Self {
                mantissa: mantissa.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?,
                scale: 0,
            }),
        }
    }

    /// Its digits, and how many of them are decimals.
    pub(super) const fn parts(self) -> (i128, u32) {
        (self.mantissa, self.scale)
    }

    /// Whether it is zero.
    pub(super) const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// `amount` ÷ this, rounded half away from zero to four places; `None` for zero or beyond the bound.
    pub(super) fn divide(self, amount: Decimal) -> Option<Decimal> {
        let power = 10_i128.checked_pow(self.scale)?;
        if self.mantissa == power {
            return Some(amount); // One for one, as nearly always.
        }
        let numerator = i128::from(amount.ten_thousandths()).checked_mul(power)?;
        if self.mantissa == 0 {
            return None;
        }
        let rounding = numerator.signum() * (self.mantissa.abs() / 2);
        Decimal::from_scaled(numerator.checked_add(rounding)? / self.mantissa, 4)
    }

    /// `amount` × this, rounded half away from zero to four places; `None` beyond the bound.
    pub(super) fn multiply(self, amount: Decimal) -> Option<Decimal> {
        let product = i128::from(amount.ten_thousandths()).checked_mul(self.mantissa)?;
        Decimal::from_scaled(product, self.scale.checked_add(4)?)
    }

    /// A hundred thousand times this, to four places: cubic metres in centilitres.
    pub(super) fn cubic_metres_in_cl(self) -> Option<Decimal> {
        Decimal::from_scaled(self.mantissa.checked_mul(100_000)?, self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(number: &serde_json::Value) -> Option<Ratio> {
        Ratio::of(number.as_number()?)
    }

    fn cents(ten_thousandths: i64) -> Decimal {
        Decimal::from_ten_thousandths(ten_thousandths)
    }

    #[test]
    fn a_rate_keeps_all_its_digits() {
        let rate = ratio(&json!(1.083_476_123_456_7)).unwrap();
        // 100 ÷ 1.0834761234567 = 92.29552655…
        assert_eq!(rate.divide(cents(1_000_000)), Some(cents(922_955)));
        assert_eq!(rate.divide(cents(-1_000_000)), Some(cents(-922_955)));
        assert_eq!(rate.multiply(cents(1_000_000)), Some(cents(1_083_476)));
    }

    #[test]
    fn small_and_large_numbers_come_with_exponents() {
        assert_eq!(
            ratio(&json!(1e-7)),
            Some(Ratio {
                mantissa: 1,
                scale: 7
            })
        );
        assert_eq!(ratio(&json!(1e21)).map(|ratio| ratio.scale), Some(0));
        assert_eq!(
            ratio(&json!(0)).and_then(|ratio| ratio.divide(Decimal::ONE)),
            None
        );
        assert_eq!(ratio(&json!("1")), None);
    }

    #[test]
    fn a_late_evening_in_utc_is_the_next_day_in_paris() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let day = |written| day_of(written, &paris).map(|day| day.to_string());
        assert_eq!(day("2025-03-01 23:30:00").as_deref(), Some("2025-03-02"));
        assert_eq!(day("2025-03-01").as_deref(), Some("2025-03-01"));
        assert_eq!(day("hier"), None);
    }

    #[test]
    fn a_text_with_control_characters_is_refused() {
        let sent = json!({"name": "SCEA du\u{0} Puits", "street": "12 rue\tdu Port\n", "city": "a\u{85}b", "parent_id": [3, "\u{1}"]});
        let sent = sent.to_string();
        let row = serde_json::from_str(&sent).unwrap();
        let record = Record(&row);
        assert!(record.text("name").is_err() && record.link("parent_id").is_err());
        // Those that are blanks are folded.
        let street = record.text("street").unwrap();
        assert_eq!(street.as_deref(), Some("12 rue du Port"));
        assert_eq!(record.text("city").unwrap().as_deref(), Some("a b"));
    }

    #[test]
    fn false_is_nothing_but_for_a_flag() {
        let sent = json!({"name": false, "active": false, "qty": 11.200_000_000_000_001, "partner_id": [7, "Zoé"]});
        let sent = sent.to_string();
        let row = serde_json::from_str(&sent).unwrap();
        let record = Record(&row);
        assert_eq!(record.text("name").unwrap(), None);
        assert!(!record.flag("active").unwrap());
        assert_eq!(record.decimal("qty").unwrap(), Some(cents(112_000)));
        assert_eq!(
            record.link("partner_id").unwrap(),
            Some(Link {
                id: 7,
                raw_label: "Zoé"
            })
        );
        assert!(record.link("qty").is_err());
    }
}
