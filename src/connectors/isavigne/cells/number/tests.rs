use super::*;
use proptest::prelude::*;

fn exact(count: i64) -> Number {
    Number::Exact(Decimal::from_ten_thousandths(count))
}

#[test]
fn reads_every_form() {
    let cases = [
        ("1 234,50", 12_345_000),
        ("1\u{A0}234,50", 12_345_000),
        ("1\u{202F}234,50", 12_345_000),
        ("1\u{2009}234,50", 12_345_000),
        ("1.234,50", 12_345_000),
        ("1,234.50", 12_345_000),
        ("1'234.50", 12_345_000),
        ("1’234,50", 12_345_000),
        ("1234.5", 12_345_000),
        ("1234,50", 12_345_000),
        ("12,5 €", 125_000),
        ("12,5\u{A0}€", 125_000),
        ("€12,5", 125_000),
        ("12,5EUR", 125_000),
        ("eur 12,5", 125_000),
        ("-12,5 €", -125_000),
        ("€ -12,5", -125_000),
        ("(12,5 €)", -125_000),
        ("(12,5) €", -125_000),
        ("12,5- €", -125_000),
        ("-3", -30_000),
        ("- 3", -30_000),
        ("3-", -30_000),
        ("−3", -30_000),
        ("(3,00)", -30_000),
        ("+3", 30_000),
        ("  7 \t", 70_000),
        ("1,5E3", 15_000_000),
        ("1.5e+3", 15_000_000),
        ("1,234E3", 12_340_000),
        ("15E-1", 15_000),
        ("1E-999", 0),
        ("0E999", 0),
        (",5", 5_000),
        ("-.5", -5_000),
        ("5,", 50_000),
        ("0", 0),
        ("-0", 0),
        ("007", 70_000),
        ("0,125", 1_250),
        ("012,345", 123_450),
        ("1234,567", 12_345_670),
        ("1 234,567", 12_345_670),
        ("12.345.678", 123_456_780_000),
        ("12 345 678", 123_456_780_000),
        ("1.234,5", 12_345_000),
        ("1,234.5", 12_345_000),
        ("1 234,", 12_340_000),
        ("0,12345", 1_235),
        ("-0,00005", -1),
        ("1000000000000", 10_000_000_000_000_000),
        ("-1 000 000 000 000,0000", -10_000_000_000_000_000),
    ];
    for (cell, count) in cases {
        assert_eq!(number(cell), Ok(exact(count)), "{cell:?}");
    }
}

#[test]
fn tells_ambiguous_numbers() {
    let cases = [
        ("1.234", 12_340_000, 12_340),
        ("1,234", 12_340, 12_340_000),
        ("-123,400 €", -1_234_000, -1_234_000_000),
        ("(999.000)", -9_990_000_000, -9_990_000),
    ];
    for (cell, comma, dot) in cases {
        let read = number(cell);
        let resolve = |mark| read.and_then(|number| number.resolve(mark));
        let decimal = |count| Ok(Decimal::from_ten_thousandths(count));
        assert_eq!(resolve(Some(DecimalMark::Comma)), decimal(comma), "{cell}");
        assert_eq!(resolve(Some(DecimalMark::Dot)), decimal(dot), "{cell}");
        assert_eq!(resolve(None), Err(NumberError::Ambiguous), "{cell}");
    }
}

#[test]
fn refuses_what_is_no_number() {
    use NumberError::{Currency, Empty, Grouping, NotANumber, OutOfBound, TooManyDigits};
    let many_decimals = format!("0,{}", "3".repeat(39));
    let many_digits = "9".repeat(39);
    let cases = [
        ("", Empty),
        (" \u{A0}", Empty),
        ("douze", NotANumber),
        ("12 bouteilles", NotANumber),
        ("12.5.x", NotANumber),
        ("inf", NotANumber),
        ("-inf", NotANumber),
        ("NaN", NotANumber),
        ("0x10", NotANumber),
        ("12 %", NotANumber),
        ("12 $", Currency),
        ("$12.50", Currency),
        ("CHF 1'250.00", Currency),
        ("-12,50 £", Currency),
        ("$", NotANumber),
        ("€", NotANumber),
        ("EUR", NotANumber),
        ("12€50", NotANumber),
        ("1 € €", NotANumber),
        ("-", NotANumber),
        ("--3", NotANumber),
        ("-3-", NotANumber),
        ("-(3)", NotANumber),
        ("()", NotANumber),
        ("(3", NotANumber),
        (",", NotANumber),
        (".", NotANumber),
        ("E3", NotANumber),
        ("1E", NotANumber),
        ("1E+-3", NotANumber),
        ("1E3,5", NotANumber),
        ("1E1000", NotANumber),
        ("1E3E3", NotANumber),
        ("1EE3", NotANumber),
        ("1 234E3", NotANumber),
        ("١٢", NotANumber),
        ("1\n234", NotANumber),
        ("12,34,56", Grouping),
        ("1 23", Grouping),
        ("1 2345", Grouping),
        ("1234 567", Grouping),
        ("1  234", Grouping),
        ("0 123", Grouping),
        ("1 234.567,5", Grouping),
        ("1,5 000", Grouping),
        ("1,234.567.890", Grouping),
        ("1'234 567", Grouping),
        (",234.5", Grouping),
        (",,", Grouping),
        ("03 88 12 34 56", Grouping),
        ("27.12.2025", Grouping),
        ("1000000000000,0001", OutOfBound),
        ("1E13", OutOfBound),
        ("1E999", OutOfBound),
        ("-1000000000001", OutOfBound),
        (&many_decimals, TooManyDigits),
        (&many_digits, TooManyDigits),
    ];
    for (cell, error) in cases {
        assert_eq!(number(cell), Err(error), "{cell:?}");
    }
}

/// The digits of a whole number in groups of three.
fn grouped(whole: u64, separator: &str) -> String {
    let plain = whole.to_string();
    let mut text = String::new();
    for (position, digit) in plain.chars().enumerate() {
        if position > 0 && (plain.len() - position).is_multiple_of(3) {
            text.push_str(separator);
        }
        text.push(digit);
    }
    text
}

/// A decimal in written form, with all four decimals, so that it is unambiguous.
fn written(count: i64, separator: &str, mark: char, wrapping: (&str, &str)) -> String {
    let whole = grouped(count.unsigned_abs() / 10_000, separator);
    let fraction = count.unsigned_abs() % 10_000;
    let (before, after) = wrapping;
    format!("{before}{whole}{mark}{fraction:04}{after}")
}

fn sizes() -> impl Strategy<Value = i64> {
    let bound = Decimal::MAX.ten_thousandths();
    prop_oneof![
        -bound..=bound,
        -100_000_000_i64..=100_000_000,
        -100_000_i64..=100_000
    ]
}

proptest! {
    #[test]
    fn every_french_form_says_the_same(
        count in sizes(),
        separator in prop::sample::select(vec!["", " ", "\u{A0}", "\u{202F}", ".", "'"]),
        currency in prop::sample::select(vec!["", " €", "\u{A0}€", "€", " EUR"]),
    ) {
        let positive: &[(&str, &str)] = &[("", ""), ("+", ""), (" ", " ")];
        let negative: &[(&str, &str)] = &[("-", ""), ("−", ""), ("- ", ""), ("", "-"), ("(", ")")];
        let wrappings = if count < 0 { negative } else { positive };
        for (before, after) in wrappings {
            let after = format!("{after}{currency}");
            let cell = written(count, separator, ',', (before, &after));
            prop_assert_eq!(number(&cell), Ok(exact(count)), "{}", cell);
        }
    }

    #[test]
    fn other_programs_forms_say_the_same(
        count in sizes(),
        separator in prop::sample::select(vec!["", ",", "'"]),
    ) {
        let sign = if count < 0 { "-" } else { "" };
        let cell = written(count, separator, '.', (sign, ""));
        prop_assert_eq!(number(&cell), Ok(exact(count)), "{}", cell);
        let cell = format!("{sign}{}E-4", count.unsigned_abs());
        prop_assert_eq!(number(&cell), Ok(exact(count)), "{}", cell);
    }

    /// A shortest form is ambiguous only with three decimals, and then only for its own mark.
    #[test]
    fn the_shortest_form_comes_back(count in sizes()) {
        let value = Decimal::from_ten_thousandths(count);
        let cell = value.to_string();
        let read = number(&cell).and_then(|number| number.resolve(Some(DecimalMark::Dot)));
        prop_assert_eq!(read, Ok(value), "{}", cell);
        let cell = cell.replace('.', ",");
        let read = number(&cell).and_then(|number| number.resolve(Some(DecimalMark::Comma)));
        prop_assert_eq!(read, Ok(value), "{}", cell);
    }

    /// The fast path must agree with the full parser.
    #[test]
    fn the_fast_path_agrees_with_the_full_reading(
        cell in prop_oneof![
            "-?[0-9]{0,14}[,.]?[0-9]{0,5}",
            "-?[0-9]{0,4}[,.]?\u{A0}-?[0-9]{2,4}[,.\u{A0}]?[0-9]{0,5}",
        ],
    ) {
        let bytes = cell.as_bytes();
        if let Some(value) = plain(bytes) {
            let full = read(&cell).map(|reading| reading.number);
            prop_assert_eq!(full, Ok(Number::Exact(value)), "{}", cell);
        }
    }

    #[test]
    fn never_panics(
        text in prop_oneof!["\\PC*", "[-+−()0-9,.' \u{A0}\u{202F}€eEUR]{0,50}", "[0-9]{30,60}"],
    ) {
        let _ = number(&text);
        MarkEvidence::default().observe(&text);
    }
}
