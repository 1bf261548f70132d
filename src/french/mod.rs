//! French formats of numbers, sizes and lists; `shown` has those that only terminals and pages use.

#[cfg(any(feature = "cli", feature = "serve"))]
mod shown;

#[cfg(any(feature = "cli", feature = "serve"))]
pub(crate) use shown::*;

/// Most names listed in one sentence.
const MOST_LISTED: usize = 20;

/// `names` joined by commas, at most [`MOST_LISTED`].
pub(crate) fn listed(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_LISTED).map(AsRef::as_ref).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(MOST_LISTED) {
        0 => shown,
        1 => format!("{shown} et 1 autre"),
        more => format!("{shown} et {more} autres"),
    }
}

/// Narrow no-break space, which groups thousands (Imprimerie nationale, Lexique des règles typographiques).
const GROUP: char = '\u{202f}';

/// `1 234 567`.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * GROUP.len_utf8());
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

/// `4 Gio`, `1,5 Mio`, `12 octets`: bytes in powers of 1,024.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = [(40, "Tio"), (30, "Gio"), (20, "Mio"), (10, "Kio")];
    let Some((shift, unit)) = units.into_iter().find(|(shift, _)| bytes >> shift > 0) else {
        return plural(bytes, "octet", "octets");
    };
    let whole = bytes >> shift;
    match ((bytes >> (shift - 10)) & 1023) * 10 / 1024 {
        0 => format!("{} {unit}", count(whole)),
        tenths => format!("{},{tenths} {unit}", count(whole)),
    }
}

/// `1 ligne`, `12 lignes`.
pub(crate) fn plural(value: u64, one: &str, several: &str) -> String {
    let noun = if value < 2 { one } else { several };
    format!("{} {noun}", count(value))
}

/// `2 136 808 338,26 €`, `42,5 bouteilles`: a value of `column` of a table, in `ten_thousandths`.
pub(crate) fn amount(column: &str, ten_thousandths: i128) -> String {
    let sign = if ten_thousandths < 0 { "-" } else { "" };
    let value = ten_thousandths.unsigned_abs();
    let whole = |value: u128| self::count(u64::try_from(value).unwrap_or(u64::MAX));
    if column.ends_with("_eur") {
        let cents = (value + 50) / 100;
        return format!("{sign}{},{:02} €", whole(cents / 100), cents % 100);
    }
    let fraction = format!(",{:04}", value % 10_000);
    let fraction = fraction.trim_end_matches('0').trim_end_matches(',');
    let unit = match column {
        "rows" => "lignes",
        "quantity_bottles_75cl_eq" => "bouteilles",
        _ => "unités",
    };
    format!("{sign}{}{fraction} {unit}", whole(value / 10_000))
}

/// `27/12/2025 16:10`, in local time; unchanged when it is not a time stamp.
#[cfg(any(feature = "cli", feature = "serve", feature = "postgres"))]
pub(crate) fn instant(rfc3339: &str) -> String {
    match rfc3339.parse::<jiff::Timestamp>() {
        Ok(at) => at
            .to_zoned(jiff::tz::TimeZone::system())
            .strftime("%d/%m/%Y %H:%M")
            .to_string(),
        Err(_) => rfc3339.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_by_narrow_spaces() {
        for (value, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1\u{202f}000"),
            (1_234_567, "1\u{202f}234\u{202f}567"),
        ] {
            assert_eq!(count(value), expected);
        }
    }

    #[test]
    fn amounts_are_in_the_unit_of_their_column() {
        for (column, count, expected) in [
            (
                "price_total_eur",
                21_368_083_382_600,
                "2\u{202f}136\u{202f}808\u{202f}338,26 €",
            ),
            ("price_total_eur", -125_000, "-12,50 €"),
            (
                "quantity_bottles_75cl_eq",
                12_345_000,
                "1\u{202f}234,5 bouteilles",
            ),
            ("quantity_units", -30_000, "-3 unités"),
        ] {
            assert_eq!(amount(column, count), expected);
        }
    }

    #[test]
    fn sizes_are_in_the_largest_unit_that_they_fill() {
        for (value, expected) in [
            (1, "1 octet"),
            (1023, "1\u{202f}023 octets"),
            (1024, "1 Kio"),
            (500 << 20, "500 Mio"),
            (3 << 29, "1,5 Gio"),
            (2 << 40, "2 Tio"),
        ] {
            assert_eq!(bytes(value), expected);
        }
    }
}
