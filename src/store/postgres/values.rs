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
const SCALE: u32 = 4;

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
                Type::NUMERIC => exact(number)?.to_sql(kind, out),
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

/// The amount that `number` stands for, with four digits after the point.
fn exact(number: f64) -> Converted<rust_decimal::Decimal> {
    let amount = Decimal::from_real(number).ok_or("number out of range")?;
    Ok(rust_decimal::Decimal::new(amount.ten_thousandths(), SCALE))
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
            Type::NUMERIC => Self::Real(real(rust_decimal::Decimal::from_sql(kind, raw)?)),
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

/// The nearest number: that of SQLite, which had the same amount.
fn real(amount: rust_decimal::Decimal) -> f64 {
    let whole = i64::try_from(amount.mantissa()).ok();
    match whole.filter(|_| amount.scale() == SCALE) {
        Some(ten_thousandths) => Decimal::from_ten_thousandths(ten_thousandths).to_real(),
        None => amount.to_string().parse().unwrap_or_default(),
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
