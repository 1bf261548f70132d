//! Numbers in the formats of French spreadsheets, accounting programs and other programs.

mod evidence;
mod layout;
mod wrapping;

use std::fmt;

use crate::canonical::Decimal;
use layout::{GROUP, Layout, Scaled, Separator, digits, layout};

pub use evidence::MarkEvidence;

/// A whole number of so many digits is always within the bound of [`Decimal`].
const SAFE_WHOLE_DIGITS: usize = 12;
/// Digits of an exponent: more of them are not the number of anything.
const MAX_EXPONENT_DIGITS: usize = 3;

/// The character before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecimalMark {
    /// `12,5`
    Comma,
    /// `12.5`
    Dot,
}

/// A number as written in one cell, without its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Number {
    /// One value for both decimal marks.
    Exact(Decimal),
    /// `1.234` or `1,234`: the mark separates either thousands or decimals.
    Ambiguous {
        /// The value if the comma is the column's decimal mark.
        comma: Decimal,
        /// The value if the dot is.
        dot: Decimal,
    },
}

impl Number {
    /// The value, for the decimal mark of its column.
    ///
    /// # Errors
    ///
    /// [`NumberError::Ambiguous`] when the cell needs a decimal mark and there is none.
    pub fn resolve(self, mark: Option<DecimalMark>) -> Result<Decimal, NumberError> {
        match (self, mark) {
            (Self::Exact(value), _)
            | (Self::Ambiguous { comma: value, .. }, Some(DecimalMark::Comma))
            | (Self::Ambiguous { dot: value, .. }, Some(DecimalMark::Dot)) => Ok(value),
            (Self::Ambiguous { .. }, None) => Err(NumberError::Ambiguous),
        }
    }
}

/// Why a cell is not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberError {
    /// Nothing but blanks.
    Empty,
    /// Words, or separators in an impossible order.
    NotANumber,
    /// An amount in another currency than the euro.
    Currency,
    /// Thousands separators that do not separate groups of three digits.
    Grouping,
    /// Below −10¹² or above 10¹².
    OutOfBound,
    /// Too many digits.
    TooManyDigits,
    /// Thousands or decimals: undecided by the column.
    Ambiguous,
}

impl fmt::Display for NumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "est vide, alors qu'un nombre est attendu",
            Self::NotANumber => "n'est pas un nombre (attendu : 1234,50 par exemple)",
            Self::Currency => "est dans une autre monnaie que l'euro (format de la cellule, ou sigle)",
            Self::Grouping => {
                "n'est pas un nombre : les séparateurs de milliers doivent séparer des groupes de trois chiffres"
            }
            Self::OutOfBound => "sort des limites admises (de moins à plus mille milliards)",
            Self::TooManyDigits => "compte trop de chiffres pour être un nombre",
            Self::Ambiguous => {
                "peut se lire en milliers ou avec trois décimales : le reste du fichier ne permet pas de trancher (réglage DECIMAL_MARK)"
            }
        })
    }
}

impl std::error::Error for NumberError {}

/// Reads a number.
///
/// Accepted: a comma or a dot before the decimals; blanks, apostrophes, dots or commas between
/// groups of exactly three digits; a sign on either side, or parentheses for a negative; `€` or
/// `EUR` on either side; an exponent. More than four decimals are rounded half away from zero.
///
/// # Errors
///
/// See [`NumberError`]; never [`NumberError::Ambiguous`], which only [`Number::resolve`] returns.
pub fn number(cell: &str) -> Result<Number, NumberError> {
    if let Some(value) = plain(cell.as_bytes()) {
        return Ok(Number::Exact(value));
    }
    Ok(read(cell)?.number)
}

/// A number and its evidence for the column.
struct Reading {
    number: Number,
    /// The decimal mark that the cell proves.
    mark: Option<DecimalMark>,
}

/// The commonest forms, `-1234,50`, `1 234,50` with a no-break space, or `12`: no decimals or one, two or four of them,
/// so that nothing is ambiguous or rounded. `None` says nothing about the cell.
fn plain(cell: &[u8]) -> Option<Decimal> {
    let (negative, cell) = match cell {
        [b'-', cell @ ..] => (true, cell),
        cell => (false, cell),
    };
    let (whole, decimals) = match cell {
        [whole @ .., b',' | b'.', a, b] => (whole, count(&[*a, *b])? * 100),
        [whole @ .., b',' | b'.', a] => (whole, count(&[*a])? * 1_000),
        [whole @ .., b',' | b'.', a, b, c, d] => (whole, count(&[*a, *b, *c, *d])?),
        whole => (whole, 0),
    };
    let value = Decimal::from_ten_thousandths(plain_whole(whole)? * 10_000 + decimals);
    Some(if negative { -value } else { value })
}

/// Digits without thousands separators, or of a thousand to a million with one.
fn plain_whole(digits: &[u8]) -> Option<i64> {
    // U+00A0 is 0xC2 0xA0.
    if let [thousands @ .., 0xC2, 0xA0, a, b, c] = digits {
        let is_first_group = (1..=GROUP).contains(&thousands.len()) && !thousands.starts_with(b"0");
        return is_first_group
            .then(|| Some(count(thousands)? * 1_000 + count(&[*a, *b, *c])?))
            .flatten();
    }
    (1..=SAFE_WHOLE_DIGITS)
        .contains(&digits.len())
        .then(|| count(digits))
        .flatten()
}

/// What `digits`, at most [`SAFE_WHOLE_DIGITS`], count; `None` when one is no digit.
fn count(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |count, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| count * 10 + i64::from(digit))
    })
}

/// Reads all forms.
fn read(cell: &str) -> Result<Reading, NumberError> {
    let unwrapped = wrapping::unwrap(cell)?;
    let body = unwrapped.body;
    // Bytes are checked first because splitting decodes characters, and few numbers need it.
    let reading = if body.bytes().any(|byte| matches!(byte, b'e' | b'E'))
        && let Some((mantissa, exponent)) = body.split_once(['e', 'E'])
    {
        with_exponent(mantissa, exponent)?
    } else {
        without_exponent(body)?
    };
    Ok(if unwrapped.negative {
        reading.negated()
    } else {
        reading
    })
}

impl Reading {
    fn negated(self) -> Self {
        let number = match self.number {
            Number::Exact(value) => Number::Exact(-value),
            Number::Ambiguous { comma, dot } => Number::Ambiguous {
                comma: -comma,
                dot: -dot,
            },
        };
        Self { number, ..self }
    }
}

/// `1,5E3`: no thousands separators, so never ambiguous.
fn with_exponent(mantissa: &str, exponent: &str) -> Result<Reading, NumberError> {
    let layout = layout(mantissa)?;
    if layout.group.is_some() {
        return Err(NumberError::NotANumber);
    }
    let Scaled { mantissa, scale } = digits(mantissa, layout)?;
    let shift = read_exponent(exponent)?;
    let scaled = match u32::try_from(i64::from(scale) - shift) {
        Ok(scale) => Scaled { mantissa, scale },
        Err(_) => Scaled {
            mantissa: raise(mantissa, shift - i64::from(scale))?,
            scale: 0,
        },
    };
    Ok(Reading {
        number: Number::Exact(scaled.value()?),
        mark: layout.proven_mark(),
    })
}

fn read_exponent(exponent: &str) -> Result<i64, NumberError> {
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if digits.len() > MAX_EXPONENT_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotANumber);
    }
    exponent.parse().map_err(|_| NumberError::NotANumber)
}

/// `mantissa` × 10^`power`.
fn raise(mantissa: i128, power: i64) -> Result<i128, NumberError> {
    if mantissa == 0 {
        return Ok(0);
    }
    u32::try_from(power)
        .ok()
        .and_then(|power| 10_i128.checked_pow(power))
        .and_then(|factor| mantissa.checked_mul(factor))
        .ok_or(NumberError::OutOfBound)
}

fn without_exponent(body: &str) -> Result<Reading, NumberError> {
    let layout = layout(body)?;
    let exact = digits(body, layout)?.value()?;
    let Some(mark) = layout.decimal.filter(|_| may_be_a_group(body, layout)) else {
        return Ok(Reading {
            number: Number::Exact(exact),
            mark: layout.proven_mark(),
        });
    };
    let grouped = digits(
        body,
        Layout {
            group: Some(mark),
            decimal: None,
        },
    )?
    .value()?;
    let number = if mark == Separator::Comma {
        Number::Ambiguous {
            comma: exact,
            dot: grouped,
        }
    } else {
        Number::Ambiguous {
            comma: grouped,
            dot: exact,
        }
    };
    Ok(Reading { number, mark: None })
}

/// Whether the only mark of the number may also separate thousands: one to three digits before it, the first not `0`,
/// and exactly three after it.
fn may_be_a_group(body: &str, layout: Layout) -> bool {
    layout.group.is_none()
        && body
            .split_once([',', '.'])
            .is_some_and(|(whole, decimals)| {
                (1..=GROUP).contains(&whole.len())
                    && !whole.starts_with('0')
                    && decimals.len() == GROUP
            })
}

#[cfg(test)]
mod tests;
