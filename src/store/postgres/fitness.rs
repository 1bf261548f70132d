//! Whether a server that answers is the right one.

use postgres::{Client, SimpleQueryMessage};

use super::refusal::{too_old, unfit};
use super::session::Session;
use crate::error::Error;

/// The oldest version of the server, as `server_version_num` gives it: 13.
const OLDEST: u32 = 130_000;

/// Why the server is not the right one: its version, or a session that does not allow what is wanted.
pub(super) fn check_server(
    client: &mut Client,
    wanted: Session,
) -> std::result::Result<Option<Error>, postgres::Error> {
    let version = show(client, "SHOW server_version_num")?;
    let version = version.and_then(|text| text.parse().ok()).unwrap_or(0);
    if version < OLDEST {
        return Ok(Some(too_old(version)));
    }
    let is_fit = match wanted {
        Session::Any | Session::PreferStandby => true,
        Session::ReadWrite => !is_on(client, "SHOW transaction_read_only")?,
        Session::ReadOnly => is_on(client, "SHOW transaction_read_only")?,
        Session::Primary => !is_on(client, "SELECT pg_is_in_recovery()")?,
        Session::Standby => is_on(client, "SELECT pg_is_in_recovery()")?,
    };
    Ok((!is_fit).then(|| unfit(wanted)))
}

fn is_on(client: &mut Client, question: &str) -> std::result::Result<bool, postgres::Error> {
    let answer = show(client, question)?;
    Ok(matches!(answer.as_deref(), Some("on" | "t")))
}

/// The first cell of an answer. The simple protocol prepares no statement.
fn show(
    client: &mut Client,
    question: &str,
) -> std::result::Result<Option<String>, postgres::Error> {
    let rows = client.simple_query(question)?;
    Ok(rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
