//! Calendar days, in the forms of people, programs and Excel.

use std::fmt;

use jiff::civil::Date;

use crate::canonical::text::{is_blank, trim};

mod excel;
mod time;

pub use excel::excel_serial;

/// Records of estates are not older.
const FIRST_YEAR: i16 = 1900;

/// The days that spreadsheets and databases make of zero, their empty date. Excel shows `00/01/1900`.
const ZEROS: [Date; 3] = [
    Date::constant(1899, 12, 30),
    Date::constant(1899, 12, 31),
    Date::constant(1900, 1, 1),
];

/// Why a cell is not a date. Each reason is a predicate whose subject is the cell's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateError {
    /// None of the forms accepted.
    NotADate,
    /// The month before the day: the American order.
    MonthBeforeDay,
    /// A two-digit year in the place of the day: `99-10-05`.
    YearBeforeMonth,
    /// No such day: 30 February, 31 April, day or month 0.
    NoSuchDay,
    /// After the last day accepted.
    TooLate,
    /// Before 1900.
    TooEarly,
    /// The zero of spreadsheets and databases.
    Zero,
    /// A time of day that does not exist.
    ImpossibleTime,
    /// Not a serial number of a day in Excel.
    NotASerial,
}

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotADate => {
                "n'est pas une date (attendu : jour/mois/année, 27/12/2025 par exemple)"
            }
            Self::MonthBeforeDay => {
                "place le mois avant le jour (attendu : jour/mois/année, 27/12/2025 par exemple)"
            }
            Self::YearBeforeMonth => {
                "place l'année en premier (attendu : jour/mois/année, 27/12/2025 par exemple)"
            }
            Self::NoSuchDay => "est une date qui n'existe pas dans le calendrier",
            Self::TooLate => "est une date à venir, alors qu'une date passée est attendue",
            Self::TooEarly => "est une date antérieure à 1900",
            Self::Zero => {
                "est le zéro des tableurs et des bases de données, une date qui n'a pas été saisie"
            }
            Self::ImpossibleTime => "comporte une heure impossible (attendu : de 00:00 à 23:59)",
            Self::NotASerial => "n'est pas un numéro de jour d'Excel (attendu : 46018 par exemple)",
        })
    }
}

impl std::error::Error for DateError {}

/// Order of day, month and year in a date of digits that does not begin with a four-digit year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateOrder {
    /// `27/12/2025`, as in France.
    DayFirst,
    /// `12/27/2025`, as in America.
    MonthFirst,
    /// `25-12-27`.
    YearFirst,
}

/// Reads a day: `27/12/2025`, `27/12/25`, `27.12.2025`, `27-12-2025`, `2025-12-27` or `20251227`,
/// day and month with one digit or two, a time of day behind it or not.
///
/// The day always stands before the month, but after a four-digit year. The time and its offset
/// are checked and dropped: the day is the one written. A two-digit year is of this century unless
/// that lies more than fifty years after `last_accepted`, else of the last one.
///
/// # Errors
///
/// When the cell has none of these forms or names a day that does not exist, comes after
/// `last_accepted` or before 1900, or is an empty date.
pub fn date(cell: &str, last_accepted: Date) -> Result<Date, DateError> {
    if let [d, e, b'/', m, n, b'/', y, z, a, b] = cell.as_bytes()
        && let (Some(day), Some(month), Some(year)) =
            (short(&[*d, *e]), short(&[*m, *n]), year(&[*y, *z, *a, *b]))
    {
        let written = WrittenDay {
            order: DateOrder::DayFirst,
            year,
            month,
            day,
        };
        return accept(written.resolve(last_accepted.year())?, last_accepted);
    }
    date_in(cell, DateOrder::DayFirst, last_accepted)
}

/// Like [`date`], for cells in `order`.
///
/// # Errors
///
/// Same as [`date`].
pub fn date_in(cell: &str, order: DateOrder, last_accepted: Date) -> Result<Date, DateError> {
    let cell = trim(cell);
    let day_ends = cell.bytes().position(|byte| !is_of_a_day(byte));
    let (day, rest) = day_ends
        .and_then(|end| cell.split_at_checked(end))
        .unwrap_or((cell, ""));
    let written = written_day(day.as_bytes(), order).ok_or(DateError::NotADate)?;
    if !rest.is_empty() {
        let time = rest.strip_prefix(|c| c == 'T' || is_blank(c));
        time::check(time.ok_or(DateError::NotADate)?)?;
    }
    accept(written.resolve(last_accepted.year())?, last_accepted)
}

/// The day of `cell` in `order`, if it is valid and differs from the day with the day first. `None` where the form or
/// the numbers allow only one reading.
pub fn other_order(cell: &str, order: DateOrder, last_accepted: Date) -> Option<Date> {
    let other = date_in(cell, order, last_accepted).ok()?;
    (date(cell, last_accepted) != Ok(other)).then_some(other)
}

fn is_of_a_day(byte: u8) -> bool {
    byte.is_ascii_digit() || is_separator(byte)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b'/' | b'-' | b'.')
}

/// The numbers of a date, not yet checked against the calendar.
struct WrittenDay {
    order: DateOrder,
    year: Year,
    month: i8,
    day: i8,
}

enum Year {
    Full(i16),
    TwoDigits(i16),
}

impl WrittenDay {
    fn resolve(&self, last_year: i16) -> Result<Date, DateError> {
        let year = match self.year {
            Year::Full(year) => year,
            // A year in the near future is a typing error to report, not a date of the last century.
            Year::TwoDigits(year) if 2000 + year <= last_year + 50 => 2000 + year,
            Year::TwoDigits(year) => 1900 + year,
        };
        Date::new(year, self.month, self.day).map_err(|_| {
            if (year, self.month, self.day) == (FIRST_YEAR, 1, 0) {
                DateError::Zero
            } else if self.would_exist_swapped(year) {
                DateError::MonthBeforeDay
            } else if self.begins_with_year() {
                DateError::YearBeforeMonth
            } else {
                DateError::NoSuchDay
            }
        })
    }

    /// Whether the numbers are a day in the American order.
    fn would_exist_swapped(&self, year: i16) -> bool {
        self.order == DateOrder::DayFirst && Date::new(year, self.day, self.month).is_ok()
    }

    /// Whether the first of three two-digit numbers is above 31 and can only be a year.
    fn begins_with_year(&self) -> bool {
        match self.year {
            Year::TwoDigits(last) if self.order == DateOrder::DayFirst && self.day > 31 => {
                i8::try_from(last).is_ok_and(|day| Date::new(2000, self.month, day).is_ok())
            }
            _ => false,
        }
    }
}

fn written_day(text: &[u8], order: DateOrder) -> Option<WrittenDay> {
    if text.len() == 8
        && let Some(written) = compact_day(text)
    {
        return Some(written);
    }
    let separator = *text.iter().find(|byte| is_separator(**byte))?;
    let mut parts = text.split(|byte| *byte == separator);
    let (first, middle, last) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let is_year_first =
        first.len() == 4 || order == DateOrder::YearFirst && first.len() == 2 && last.len() == 2;
    let (order, written_year, month, day) = if is_year_first {
        (DateOrder::YearFirst, first, middle, last)
    } else if order == DateOrder::MonthFirst {
        (DateOrder::MonthFirst, last, first, middle)
    } else {
        (DateOrder::DayFirst, last, middle, first)
    };
    Some(WrittenDay {
        order,
        year: year(written_year)?,
        month: short(month)?,
        day: short(day)?,
    })
}

/// `20251227`
fn compact_day(text: &[u8]) -> Option<WrittenDay> {
    let (written_year, rest) = text.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    Some(WrittenDay {
        order: DateOrder::YearFirst,
        year: year(written_year)?,
        month: short(month)?,
        day: short(day)?,
    })
}

/// A four-digit or two-digit year.
fn year(digits: &[u8]) -> Option<Year> {
    match digits {
        [a, b, c, d] => {
            let century = i16::from(short(&[*a, *b])?);
            Some(Year::Full(century * 100 + i16::from(short(&[*c, *d])?)))
        }
        [_, _] => Some(Year::TwoDigits(i16::from(short(digits)?))),
        _ => None,
    }
}

/// A number of one or two digits.
fn short(digits: &[u8]) -> Option<i8> {
    match digits {
        [ones] => digit(*ones),
        [tens, ones] => Some(digit(*tens)? * 10 + digit(*ones)?),
        _ => None,
    }
}

fn digit(byte: u8) -> Option<i8> {
    byte.is_ascii_digit()
        .then(|| i8::try_from(byte - b'0').ok())?
}

fn accept(date: Date, last_accepted: Date) -> Result<Date, DateError> {
    if ZEROS.contains(&date) {
        Err(DateError::Zero)
    } else if date.year() < FIRST_YEAR {
        Err(DateError::TooEarly)
    } else if date > last_accepted {
        Err(DateError::TooLate)
    } else {
        Ok(date)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Span;
    use jiff::civil::date as civil;
    use proptest::prelude::*;

    const LAST: Date = civil(2025, 12, 28);

    #[test]
    fn reads_every_form() {
        let forms = [
            "27/12/2025",
            "27/12/25",
            "2025-12-27",
            "27.12.2025",
            "27-12-2025",
            "20251227",
            "2025/12/27",
            "27/12/2025 14:05",
            "27/12/2025 14:05:09",
            "27/12/2025\u{A0}9:05",
            "2025-12-27T14:05:00",
            "2025-12-27T14:05:00Z",
            "2025-12-27T14:05:00.123+01:00",
            "2025-12-27T23:59:59-0500",
            "2025-12-27 14:05:00",
            "2025-12-27 14:05:00 +01:00",
            "20251227T140500",
            "  27/12/2025 ",
            "27/12/2025 00:00",
        ];
        for form in forms {
            assert_eq!(date(form, LAST), Ok(civil(2025, 12, 27)), "{form:?}");
        }
        assert_eq!(date("7/1/2025", LAST), Ok(civil(2025, 1, 7)));
        assert_eq!(date("07/1/25", LAST), Ok(civil(2025, 1, 7)));
        assert_eq!(date("29/02/2024", LAST), Ok(civil(2024, 2, 29)));
        assert_eq!(date("28/12/2025", LAST), Ok(LAST));
        assert_eq!(date("02/01/1900", LAST), Ok(civil(1900, 1, 2)));
    }

    #[test]
    fn two_digit_years_just_ahead_are_slips_not_another_century() {
        assert_eq!(date("01/01/00", LAST), Ok(civil(2000, 1, 1)));
        assert_eq!(date("01/01/26", LAST), Err(DateError::TooLate));
        assert_eq!(date("01/01/76", LAST), Ok(civil(1976, 1, 1)));
        assert_eq!(date("01/01/99", LAST), Ok(civil(1999, 1, 1)));
        assert_eq!(date("29/12/25", LAST), Err(DateError::TooLate));
    }

    #[test]
    fn refuses_what_is_no_date() {
        use DateError::{
            ImpossibleTime, MonthBeforeDay, NoSuchDay, NotADate, TooEarly, TooLate, Zero,
        };
        let cases = [
            ("", NotADate),
            ("hier", NotADate),
            ("12/2025", NotADate),
            ("27/12/2025/1", NotADate),
            ("27/12-2025", NotADate),
            ("27 12 2025", NotADate),
            ("27/12/202", NotADate),
            ("27/12/5", NotADate),
            ("2025", NotADate),
            ("251227", NotADate),
            ("46018", NotADate),
            ("027/12/2025", NotADate),
            ("-7/12/2025", NotADate),
            ("+7/12/2025", NotADate),
            ("٢٧/12/2025", NotADate),
            ("12/27/2025", MonthBeforeDay),
            ("2025-27-12", NoSuchDay),
            ("31/13/2025", NoSuchDay),
            ("30/02/2025", NoSuchDay),
            ("29/02/2025", NoSuchDay),
            ("31/04/2025", NoSuchDay),
            ("00/12/2025", NoSuchDay),
            ("27/00/2025", NoSuchDay),
            ("99/99/2025", NoSuchDay),
            ("29/12/2025", TooLate),
            ("27/12/9999", TooLate),
            ("27122025", NoSuchDay),
            ("29/12/1899", TooEarly),
            ("30/12/1899", Zero),
            ("31/12/1899", Zero),
            ("00/01/1900", Zero),
            ("01/01/1900", Zero),
            ("1900-01-01T00:00:00", Zero),
            ("01/01/0000", TooEarly),
            ("27/12/2025 25:00", ImpossibleTime),
            ("27/12/2025 14:60", ImpossibleTime),
            ("27/12/2025 14:05:60", ImpossibleTime),
            ("2025-12-27T14:05:00+25:00", ImpossibleTime),
            ("27/12/2025midi", NotADate),
            ("27/12/2025é", NotADate),
            ("27/12/2025 midi", NotADate),
            ("27/12/2025 14", NotADate),
            ("27/12/2025 14:05:09:01", NotADate),
            ("27/12/2025 2:05 PM", NotADate),
            ("2025-12-27T", NotADate),
            ("2025-12-27T14:05:00.", NotADate),
            ("2025-12-27T14:05:00+", NotADate),
        ];
        for (cell, error) in cases {
            assert_eq!(date(cell, LAST), Err(error), "{cell:?}");
        }
    }

    #[test]
    fn reads_the_order_it_is_told() {
        use DateOrder::{DayFirst, MonthFirst, YearFirst};
        let cases = [
            ("12/27/2025", MonthFirst, Ok(civil(2025, 12, 27))),
            ("03/04/25", MonthFirst, Ok(civil(2025, 3, 4))),
            ("27/12/2025", MonthFirst, Err(DateError::NoSuchDay)),
            ("25-10-05", YearFirst, Ok(civil(2025, 10, 5))),
            ("05/10/2025", YearFirst, Ok(civil(2025, 10, 5))),
            ("26-10-05", DayFirst, Ok(civil(2005, 10, 26))),
            ("2025-10-05", MonthFirst, Ok(civil(2025, 10, 5))),
            ("20251005", YearFirst, Ok(civil(2025, 10, 5))),
            ("99-10-05", DayFirst, Err(DateError::YearBeforeMonth)),
        ];
        for (cell, order, read) in cases {
            assert_eq!(date_in(cell, order, LAST), read, "{cell:?} {order:?}");
        }
    }

    #[test]
    fn sees_what_another_order_would_make_of_a_cell() {
        use DateOrder::{MonthFirst, YearFirst};
        let cases = [
            ("03/04/2025", MonthFirst, Some(civil(2025, 3, 4))),
            ("04/04/2025", MonthFirst, None),
            ("27/12/2025", MonthFirst, None),
            ("2025-04-03", MonthFirst, None),
            ("20250403", MonthFirst, None),
            ("25-10-05", YearFirst, Some(civil(2025, 10, 5))),
            ("05/10/2025", YearFirst, None),
        ];
        for (cell, order, read) in cases {
            assert_eq!(other_order(cell, order, LAST), read, "{cell:?} {order:?}");
        }
    }

    proptest! {
        #[test]
        fn every_form_of_a_day_comes_back(days in 0_i64..=46_018) {
            let first = civil(1900, 1, 1);
            let day = first.checked_add(Span::new().days(days)).unwrap();
            let forms = ["%d/%m/%Y", "%-d/%-m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y%m%d",
                "%d/%m/%Y 14:05", "%Y-%m-%dT00:00:00Z"];
            prop_assume!(day <= LAST);
            for form in forms {
                let cell = day.strftime(form).to_string();
                prop_assert_eq!(date(&cell, LAST), Ok(day), "{}", cell);
            }
            if day > civil(1976, 1, 1) {
                let cell = day.strftime("%d/%m/%y").to_string();
                let read = date(&cell, LAST).map(|read| (read.day(), read.month(), read.year() % 100));
                prop_assert_eq!(read, Ok((day.day(), day.month(), day.year() % 100)), "{}", cell);
            }
        }

        #[test]
        fn never_panics(text in prop_oneof!["\\PC*", "[0-9/.: TZ+-]{0,25}", "[0-9]{1,4}[/.-][0-9]{1,4}[/.-][0-9]{1,4}"]) {
            let _ = date(&text, LAST);
            let _ = date(&text, Date::MAX);
            let _ = date(&text, Date::MIN);
        }
    }
}
