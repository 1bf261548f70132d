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
/// U+00A0 in UTF-8.
const NO_BREAK_SPACE: [u8; 2] = [0xC2, 0xA0];
/// Most digits of an exponent.
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
    let cell_bytes = cell.as_bytes();
    if let Some(value) = plain(cell_bytes).or_else(|| plain_thousands(cell_bytes)) {
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

/// Reads the commonest forms, `-1234,50` or `12`, with no, one, two or four decimals: neither ambiguous nor rounded.
/// `None` means: use the full parser.
fn plain(cell: &[u8]) -> Option<Decimal> {
    let (negative, digits) = match cell {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let mut count = 0_i64;
    let mut whole_digits = None;
    for (position, byte) in digits.iter().enumerate() {
        match byte {
            // At most 12 + 4 digits, by the length check below.
            b'0'..=b'9' => count = count * 10 + i64::from(byte - b'0'),
            b',' | b'.' if whole_digits.is_none() => whole_digits = Some(position),
            _ => return None,
        }
        if position > SAFE_WHOLE_DIGITS + 4 {
            return None;
        }
    }
    let whole = whole_digits.unwrap_or(digits.len());
    if whole == 0 || whole > SAFE_WHOLE_DIGITS {
        return None;
    }
    let scaled = match digits.len() - whole {
        0 => count * 10_000,
        2 => count * 1_000,
        3 => count * 100,
        5 => count,
        _ => return None,
    };
    let value = Decimal::from_ten_thousandths(scaled);
    Some(if negative { -value } else { value })
}

/// Like [`plain`], from a thousand to a million: `1 234,50`, with a no-break space.
fn plain_thousands(cell: &[u8]) -> Option<Decimal> {
    let gap = cell.iter().position(|byte| *byte == NO_BREAK_SPACE[0])?;
    let (before, after) = cell.split_at_checked(gap)?;
    let after = after.strip_prefix(&NO_BREAK_SPACE)?;
    let (negative, thousands) = match before {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let is_first_group = (1..=GROUP).contains(&thousands.len())
        && thousands.iter().all(u8::is_ascii_digit)
        && !thousands.starts_with(b"0");
    let is_last_group = matches!(
        after,
        [b'0'..=b'9', _, _] | [b'0'..=b'9', _, _, b',' | b'.', ..]
    );
    if !is_first_group || !is_last_group {
        return None;
    }
    let count = plain(thousands)?.ten_thousandths() * 1_000 + plain(after)?.ten_thousandths();
    let value = Decimal::from_ten_thousandths(count);
    Some(if negative { -value } else { value })
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
