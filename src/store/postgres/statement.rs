//! Statements without a name. Each takes one round trip, and leaves nothing on the server: behind a pool of connections
//! (pgbouncer in transaction mode), the name of a prepared statement outlives its transaction, and meets that of another
//! process there.

use jiff::Timestamp;
use postgres::types::{ToSql, Type};
use postgres::{Client, Row};

/// A parameter that names its type, which nobody asks the server for.
pub(super) trait Parameter: ToSql + Sync {
    /// Its type on the server.
    fn kind(&self) -> Type;
}

/// Parameters of one type.
macro_rules! parameters {
    ($($kind:ident: $($value:ty),+;)+) => {
        $($(impl Parameter for $value {
            fn kind(&self) -> Type {
                Type::$kind
            }
        })+)+
    };
}

parameters! {
    TEXT: &str, String, Option<&str>;
    INT4: i32;
    INT8: i64, Option<i64>;
    INT8_ARRAY: Vec<i64>;
    TIMESTAMPTZ: Timestamp;
}

/// The rows of `sql`.
pub(super) fn query(
    client: &mut Client,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Vec<Row>, postgres::Error> {
    let typed = parameters.iter().map(|parameter| {
        let value: &(dyn ToSql + Sync) = *parameter;
        (value, parameter.kind())
    });
    let typed: Vec<(&(dyn ToSql + Sync), Type)> = typed.collect();
    client.query_typed(sql, &typed)
}
