//! Values on their way between a working copy and the server: SQLite keeps numbers, texts and bytes, the server has
//! a type for each meaning.

use std::borrow::Cow;
use std::error::Error;

use jiff::Timestamp;
use jiff::civil::Date;
use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::canonical::Decimal;
use crate::store::sqlite::instant;

type Converted<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// Digits after the point of an amount or a quantity.
const SCALE: i16 = 4;

/// Base of the digits of an amount in binary form: its scale, so that one digit stands after the point
/// (`src/backend/utils/adt/numeric.c` of PostgreSQL).
const BASE: u64 = 10_000;

/// Sign of a negative amount.
const NEGATIVE: i16 = 0x4000;

/// A cell of a working copy, as a parameter of any type that a column of the server has.
#[derive(Debug)]
pub(super) struct Outgoing<'a>(pub(super) ValueRef<'a>);

impl ToSql for Outgoing<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Converted<IsNull> {
        match self.0 {
            ValueRef::Null => Ok(IsNull::Yes),
            ValueRef::Integer(number) => match *kind {
                Type::INT2 => i16::try_from(number)?.to_sql(kind, out),
                Type::INT4 => i32::try_from(number)?.to_sql(kind, out),
                _ => number.to_sql(kind, out),
            },
            ValueRef::Real(number) => match *kind {
                Type::NUMERIC => {
                    let amount = Decimal::from_real(number).ok_or("number out of range")?;
                    amount_to_sql(amount, out)
                }
                _ => number.to_sql(kind, out),
            },
            ValueRef::Text(bytes) => text_to_sql(std::str::from_utf8(bytes)?, kind, out),
            ValueRef::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn text_to_sql(text: &str, kind: &Type, out: &mut BytesMut) -> Converted<IsNull> {
    match *kind {
        Type::DATE => text.parse::<Date>()?.to_sql(kind, out),
        Type::TIMESTAMPTZ => text.parse::<Timestamp>()?.to_sql(kind, out),
        Type::JSONB => {
            // Its binary form: a version, then the text.
            out.extend_from_slice(&[1]);
            out.extend_from_slice(text.as_bytes());
            Ok(IsNull::No)
        }
        _ => text.to_sql(kind, out),
    }
}

/// The binary form of an amount with four digits after the point: a count of digits of base 10,000, the power of the
/// first, the sign, the digits after the point, and the digits.
fn amount_to_sql(amount: Decimal, out: &mut BytesMut) -> Converted<IsNull> {
    let mut rest = amount.ten_thousandths().unsigned_abs();
    let mut digits = Vec::new();
    while rest > 0 {
        digits.push(i16::try_from(rest % BASE)?);
        rest /= BASE;
    }
    let sign = if amount.is_negative() { NEGATIVE } else { 0 };
    let weight = i16::try_from(digits.len())? - 2;
    let head = [i16::try_from(digits.len())?, weight, sign, SCALE];
    for part in head.into_iter().chain(digits.into_iter().rev()) {
        out.extend_from_slice(&part.to_be_bytes());
    }
    Ok(IsNull::No)
}

/// The nearest number of an amount: that of SQLite, which had the same amount.
fn amount(raw: &[u8]) -> Converted<f64> {
    let parts = raw.chunks_exact(2).map(|pair| match pair {
        [high, low] => i16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    let parts: Vec<i16> = parts.collect();
    let [_, weight, sign, _, digits @ ..] = parts.as_slice() else {
        return Err("cut number".into());
    };
    let (mut ten_thousandths, mut power) = (0_i64, i32::from(*weight) + 1);
    let in_range = || "number out of range";
    for digit in digits.iter().copied().chain(std::iter::repeat(0)) {
        if power < 0 {
            break;
        }
        ten_thousandths = ten_thousandths
            .checked_mul(BASE.try_into()?)
            .and_then(|sum| sum.checked_add(digit.into()))
            .ok_or_else(in_range)?;
        power -= 1;
    }
    let sign = if *sign == NEGATIVE { -1 } else { 1 };
    Ok(Decimal::from_ten_thousandths(sign * ten_thousandths).to_real())
}

/// A value of the server, as a working copy keeps it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Incoming<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(Cow<'a, str>),
    Blob(&'a [u8]),
}

impl<'a> FromSql<'a> for Incoming<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Converted<Self> {
        Ok(match *kind {
            Type::INT2 => Self::Integer(i16::from_sql(kind, raw)?.into()),
            Type::INT4 => Self::Integer(i32::from_sql(kind, raw)?.into()),
            Type::INT8 => Self::Integer(i64::from_sql(kind, raw)?),
            Type::BOOL => Self::Integer(bool::from_sql(kind, raw)?.into()),
            Type::FLOAT4 => Self::Real(f32::from_sql(kind, raw)?.into()),
            Type::FLOAT8 => Self::Real(f64::from_sql(kind, raw)?),
            Type::NUMERIC => Self::Real(amount(raw)?),
            Type::DATE => Self::Text(Date::from_sql(kind, raw)?.to_string().into()),
            Type::TIMESTAMPTZ => Self::Text(instant(Timestamp::from_sql(kind, raw)?).into()),
            Type::JSONB => {
                let json: serde_json::Value = serde_json::from_slice(raw.get(1..).unwrap_or(raw))?;
                Self::Text(json.to_string().into())
            }
            Type::BYTEA => Self::Blob(raw),
            _ => Self::Text(Cow::Borrowed(std::str::from_utf8(raw)?)),
        })
    }

    fn from_sql_null(_: &Type) -> Converted<Self> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl rusqlite::ToSql for Incoming<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(number: f64) -> Vec<i16> {
        let mut out = BytesMut::new();
        Outgoing(ValueRef::Real(number))
            .to_sql(&Type::NUMERIC, &mut out)
            .unwrap();
        let pairs = out.chunks_exact(2);
        pairs
            .map(|pair| i16::from_be_bytes([pair[0], pair[1]]))
            .collect()
    }

    #[test]
    fn amounts_are_exact_in_both_directions() {
        assert_eq!(bytes(12_345.67), [3, 1, 0, 4, 1, 2345, 6700]);
        assert_eq!(bytes(-0.5), [1, -1, NEGATIVE, 4, 5000]);
        assert_eq!(bytes(0.0), [0, -2, 0, 4]);
        for number in [0.0, 0.0001, -0.1, 72.0, 12_345.67, -99_999_999.999_9] {
            let mut out = BytesMut::new();
            Outgoing(ValueRef::Real(number))
                .to_sql(&Type::NUMERIC, &mut out)
                .unwrap();
            assert_eq!(
                Incoming::from_sql(&Type::NUMERIC, &out).unwrap(),
                Incoming::Real(number)
            );
        }
    }

    #[test]
    fn zeros_at_the_end_of_an_amount_are_left_out() {
        // 12,000,000: one digit, whose power is 1.
        let raw: Vec<u8> = [1_i16, 1, 0, 4, 1200]
            .iter()
            .flat_map(|part| part.to_be_bytes())
            .collect();
        assert_eq!(
            Incoming::from_sql(&Type::NUMERIC, &raw).unwrap(),
            Incoming::Real(12_000_000.0)
        );
        // 7, without a digit after the point.
        let raw: Vec<u8> = [1_i16, 0, 0, 4, 7]
            .iter()
            .flat_map(|part| part.to_be_bytes())
            .collect();
        assert_eq!(
            Incoming::from_sql(&Type::NUMERIC, &raw).unwrap(),
            Incoming::Real(7.0)
        );
    }
}
