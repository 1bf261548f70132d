//! Whether a cell of a table holds what such cells may hold.

use crmreco::canonical::rows::Value;
use crmreco::canonical::{Decimal, Table, text};
use jiff::civil::Date;
use unicode_normalization::is_nfc;

use super::estate::TODAY;
use super::source::Source;

/// Whether `column` of `table` may hold `value`, read from `source`.
pub(super) fn is_canonical(table: Table, source: Source, column: &str, value: Value<'_>) -> bool {
    let is_key = column.ends_with("_key") && column != "company_key";
    let is_required = is_key || matches!(column, "date_sale" | "date_contact");
    match value {
        Value::Null => !is_required,
        Value::Decimal(value) => value.abs() <= Decimal::MAX,
        Value::Integer(value) if column == "vintage" => {
            (1900..=i64::from(TODAY.year()) + 1).contains(&value)
        }
        Value::Integer(value) => value == 0 || value == 1,
        Value::Text(value) => is_clean(value) && is_canonical_text(table, source, column, value),
    }
}

fn is_canonical_text(table: Table, source: Source, column: &str, value: &str) -> bool {
    match column {
        "product_key" if source == Source::Files => true,
        "customer_key" | "product_key" | "company_key" => value.starts_with(source.prefix()),
        _ if table.columns().first() == Some(&column) => value.starts_with(source.prefix()),
        "date_sale" | "date_contact" | "last_count_date" => {
            value.parse().is_ok_and(|day| is_day(source, day))
        }
        "country" => value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_uppercase()),
        "email" => value.matches('@').count() == 1 && value == value.to_lowercase(),
        "grape_varieties" | "flavors" => serde_json::from_str::<Vec<String>>(value)
            .is_ok_and(|items| !items.is_empty() && items.iter().all(|item| is_clean(item))),
        _ => true,
    }
}

/// A file tells of what was; what a server says of its days is the server's to know.
pub(super) fn is_day(source: Source, day: Date) -> bool {
    source != Source::Files || day.year() >= 1900 && day <= TODAY.tomorrow().unwrap_or(TODAY)
}

/// Text as the tables hold it.
pub(super) fn is_clean(value: &str) -> bool {
    !value.is_empty()
        && is_nfc(value)
        && text::clean(value) == value
        && !value.contains(char::is_control)
}
