//! Days in the 1900 date system of Excel workbooks (ECMA-376, part 1, 18.17.4).

use jiff::Span;
use jiff::civil::{Date, date as civil};

use super::{DateError, accept};
use crate::canonical::text::trim;

/// Excel's number for 29 February 1900, which did not exist.
const FALSE_LEAP_DAY: i32 = 60;
/// The day before number 1.
const DAY_ZERO: Date = civil(1899, 12, 31);
/// Excel's last day, 31 December 9999.
const LAST_SERIAL: i32 = 2_958_465;

/// Reads the serial number of a day in Excel: `2` is 2 January 1900, `61` is 1 March 1900. A
/// fraction, which is the time of day, is dropped.
///
/// # Errors
///
/// When the cell is not such a number, is zero or one, which stand for an empty date, or is a day after `last_accepted`.
pub fn excel_serial(cell: &str, last_accepted: Date) -> Result<Date, DateError> {
    let serial = whole_part(trim(cell)).ok_or(DateError::NotASerial)?;
    let days = match serial {
        ..=0 => return Err(DateError::Zero),
        1..FALSE_LEAP_DAY => serial,
        FALSE_LEAP_DAY => return Err(DateError::NoSuchDay),
        _ if serial > LAST_SERIAL => return Err(DateError::TooLate),
        _ => serial - 1,
    };
    let date = Span::new()
        .try_days(days)
        .and_then(|span| DAY_ZERO.checked_add(span))
        .map_err(|_| DateError::NotASerial)?;
    accept(date, last_accepted)
}

/// The digits before a decimal mark, if there are only digits on both sides of it.
fn whole_part(cell: &str) -> Option<i32> {
    let (whole, fraction) = cell.split_once(['.', ',']).unwrap_or((cell, "0"));
    let mut digits = whole.bytes().chain(fraction.bytes());
    if fraction.is_empty() || !digits.all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LAST: Date = civil(2025, 12, 28);

    #[test]
    fn reads_serials() {
        let cases = [
            ("1", Err(DateError::Zero)),
            ("2", Ok(civil(1900, 1, 2))),
            ("59", Ok(civil(1900, 2, 28))),
            ("60", Err(DateError::NoSuchDay)),
            ("60.5", Err(DateError::NoSuchDay)),
            ("61", Ok(civil(1900, 3, 1))),
            ("36526", Ok(civil(2000, 1, 1))),
            ("46018", Ok(civil(2025, 12, 27))),
            (" 46018,999988425926 ", Ok(civil(2025, 12, 27))),
            ("46019.0", Ok(LAST)),
            ("46020", Err(DateError::TooLate)),
            ("2958465", Err(DateError::TooLate)),
            ("2958466", Err(DateError::TooLate)),
            ("99999999999", Err(DateError::NotASerial)),
            ("0", Err(DateError::Zero)),
            ("0.5", Err(DateError::Zero)),
            ("-1", Err(DateError::NotASerial)),
            ("+1", Err(DateError::NotASerial)),
            ("", Err(DateError::NotASerial)),
            (".5", Err(DateError::NotASerial)),
            ("5.", Err(DateError::NotASerial)),
            ("4.6E4", Err(DateError::NotASerial)),
            ("27/12/2025", Err(DateError::NotASerial)),
        ];
        for (cell, read) in cases {
            assert_eq!(excel_serial(cell, LAST), read, "{cell:?}");
        }
        assert_eq!(excel_serial("2958465", Date::MAX), Ok(Date::MAX));
    }

    proptest! {
        #[test]
        fn never_panics(text in prop_oneof!["\\PC*", "[0-9.,-]{0,12}"]) {
            let _ = excel_serial(&text, Date::MAX);
        }
    }
}
