//! Any text as the cells of one column: what is read of a cell is exact, in bounds, and reads back.

use crmreco::canonical::{Decimal, text};
use crmreco::connectors::isavigne::cells::{
    DateOrder, DecimalMark, MarkEvidence, Number, code, date, date_in, excel_serial, flag,
    is_plain, number, other_order, peel, suspicious,
};
use jiff::civil::{Date, date as civil};

use super::{Target, text_of};

const LAST: Date = civil(2025, 12, 28);
const DAY_ZERO: Date = civil(1899, 12, 31);

/// The cells of a column, one a line.
#[derive(Default)]
pub struct Cells;

impl Target for Cells {
    fn check(&self, data: &[u8]) {
        let column = text_of(data);
        for cell in column.split('\n') {
            check_peeled(cell);
            check_suspicious(cell);
            check_number(cell);
            check_plain_number(cell);
            check_date(cell);
            check_plain_date(cell);
            check_serial(cell);
            check_flag(cell);
            check_code(cell);
            check_orders(cell);
        }
        check_evidence(column);
    }
}

fn check_peeled(cell: &str) {
    let peeled = peel(cell);
    assert!(cell.contains(peeled));
    assert_eq!(text::trim(peeled), peeled);
}

/// A code stands in its cell, holds no quote sign, and reads as itself.
fn check_code(cell: &str) {
    let Ok(read) = code(cell) else {
        assert!(!is_plain(cell), "{cell:?}");
        return;
    };
    assert!(cell.contains(read) && !read.contains('"'), "{cell:?}");
    assert_eq!(code(read), Ok(read), "{cell:?}");
    assert!(read == cell || !is_plain(cell), "{cell:?}");
}

fn check_suspicious(cell: &str) {
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let is_refused = cell.len() > 65_536 || cell.contains(is_odd);
    assert_eq!(suspicious(cell).is_some(), is_refused, "{cell:?}");
}

/// Case does not matter, and nothing says nothing but no.
fn check_flag(cell: &str) {
    let read = flag(cell);
    assert_eq!(flag(&cell.to_ascii_uppercase()), read, "{cell:?}");
    assert!(
        read == Ok(false) || !text::trim(cell).is_empty(),
        "{cell:?}"
    );
}

fn check_number(cell: &str) {
    let read = number(cell);
    let values = match read {
        Ok(Number::Exact(value)) => [value, value],
        Ok(Number::Ambiguous { comma, dot }) => [comma, dot],
        Err(_) => return,
    };
    for value in values {
        assert!(value.abs() <= Decimal::MAX);
        let shown = number(&value.to_string());
        let again = shown.and_then(|shown| shown.resolve(Some(DecimalMark::Dot)));
        assert_eq!(again, Ok(value), "{cell:?}");
    }
    let digits = text::trim(cell);
    if digits
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b',' | b'.'))
    {
        check_signs(digits, &read);
    }
}

/// Digits with a comma, such as leave no doubt, are worth what any child would say.
fn check_plain_number(cell: &str) {
    let (whole, decimals) = cell.split_once(',').unwrap_or((cell, "0"));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = (1..=11).contains(&whole.len()) && matches!(decimals.len(), 1 | 2 | 4);
    if !is_plain || !are_digits(whole) || !are_digits(decimals) {
        return;
    }
    let worth = format!("{whole}{decimals:0<4}")
        .parse()
        .expect("fifteen digits");
    let worth = Decimal::from_ten_thousandths(worth);
    assert_eq!(number(cell), Ok(Number::Exact(worth)), "{cell:?}");
}

/// A sign changes the sign, and a currency nothing.
fn check_signs(digits: &str, read: &Result<Number, impl PartialEq + std::fmt::Debug>) {
    let opposite = match *read {
        Ok(Number::Exact(value)) => Number::Exact(-value),
        Ok(Number::Ambiguous { comma, dot }) => Number::Ambiguous {
            comma: -comma,
            dot: -dot,
        },
        Err(_) => return,
    };
    for same in [format!("+{digits}"), format!("{digits} €")] {
        assert_eq!(number(&same).ok(), read.as_ref().ok().copied(), "{same:?}");
    }
    for negative in [
        format!("-{digits}"),
        format!("{digits}-"),
        format!("({digits})"),
    ] {
        assert_eq!(number(&negative), Ok(opposite), "{negative:?}");
    }
}

fn check_date(cell: &str) {
    for last in [LAST, Date::MAX, Date::MIN] {
        if let Ok(day) = date(cell, last) {
            assert!(day.year() >= 1900 && day <= last, "{cell:?}: {day}");
            assert_eq!(date(&day.to_string(), last), Ok(day));
            assert_eq!(date(&day.strftime("%d/%m/%Y").to_string(), last), Ok(day));
        }
    }
}

/// A day in the order of a column is in bounds, and reads back in that order.
fn check_orders(cell: &str) {
    let orders = [
        (DateOrder::DayFirst, "%d/%m/%Y"),
        (DateOrder::MonthFirst, "%m/%d/%Y"),
        (DateOrder::YearFirst, "%Y/%m/%d"),
    ];
    for (order, form) in orders {
        let read = date_in(cell, order, LAST);
        if let Ok(day) = read {
            assert!(day.year() >= 1900 && day <= LAST, "{cell:?}: {day}");
            let written = day.strftime(form).to_string();
            assert_eq!(date_in(&written, order, LAST), Ok(day), "{cell:?}");
        }
        let other = other_order(cell, order, LAST);
        assert!(other.is_none() || other == read.ok(), "{cell:?}");
    }
    assert_eq!(
        date_in(cell, DateOrder::DayFirst, LAST).ok(),
        date(cell, LAST).ok()
    );
}

/// Day, month and year, in this order, are the day of the calendar, or none.
fn check_plain_date(cell: &str) {
    let parts: Vec<&str> = cell.split('/').collect();
    let [Ok(day), Ok(month), Ok(year)] = [0, 1, 2].map(|at| part(&parts, at, [2, 2, 4])) else {
        return;
    };
    let [day, month] = [day, month].map(|part| i8::try_from(part).expect("two digits"));
    let there = Date::new(year, month, day).ok();
    let there = there.filter(|day| day.year() >= 1900 && *day <= LAST);
    assert_eq!(date(cell, LAST).ok(), there, "{cell:?}");
}

/// The number that part `at` of a date is, when there are three of those lengths.
fn part(parts: &[&str], at: usize, lengths: [usize; 3]) -> Result<i16, ()> {
    let text = parts.get(at).filter(|_| parts.len() == 3).ok_or(())?;
    let are_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = are_digits && text.len() == lengths[at];
    text.parse()
        .map_err(|_| ())
        .and_then(|number| fits.then_some(number).ok_or(()))
}

fn check_serial(cell: &str) {
    let Ok(day) = excel_serial(cell, LAST) else {
        return;
    };
    assert!(day > DAY_ZERO && day <= LAST, "{cell:?}: {day}");
    let days = day.duration_since(DAY_ZERO).as_hours() / 24;
    // Excel counts a 29 February 1900.
    let serial = if days > 59 { days + 1 } else { days };
    assert_eq!(excel_serial(&serial.to_string(), LAST), Ok(day));
}

/// A column shows the same decimal mark from either end, and only where a cell has a mark.
fn check_evidence(column: &str) {
    let (mut down, mut up) = (MarkEvidence::default(), MarkEvidence::default());
    column.split('\n').for_each(|cell| down.observe(cell));
    column.rsplit('\n').for_each(|cell| up.observe(cell));
    // Once both marks are proven, nothing more is looked at.
    let shown = |column: MarkEvidence| (column.decimal_mark(), column.is_doubtful_throughout());
    assert_eq!(shown(down), shown(up), "{column:?}");
    assert!(down.decimal_mark().is_none() || column.contains([',', '.']));
}
