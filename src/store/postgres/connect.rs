//! A connection to the server of an address: the first of its servers that is the right one.

use postgres::Client;

use super::address::Address;
use super::attempt::{Attempt, random};
use super::servers::Server;
use super::session::Session;
use super::tls::Mode;
use crate::error::{Error, Result};

/// Connects to the first server of `address` that answers and whose session is as the address wants it. Fails with the reason
/// of each server.
///
/// The session is as the server and the address have it: nothing is set here, so that a pool of connections (pgbouncer in
/// transaction mode) can serve it.
pub(crate) fn connect(address: &Address) -> Result<Client> {
    let tls = match address.tls.mode {
        Mode::Disable => None,
        _ => Some(address.tls.config()?),
    };
    let mut servers: Vec<&Server> = address.servers.iter().collect();
    if address.in_random_order {
        let mut numbered: Vec<_> = servers.iter().map(|server| (random(), *server)).collect();
        numbered.sort_by_key(|(number, _)| *number);
        servers = numbered.into_iter().map(|(_, server)| server).collect();
    }
    let wanted: &[Session] = match address.session {
        Session::PreferStandby => &[Session::Standby, Session::Any],
        ref one => std::slice::from_ref(one),
    };
    let mut failed = Vec::new();
    for session in wanted {
        failed.clear();
        for server in &servers {
            let attempt = Attempt {
                address,
                server,
                tls: tls.as_ref(),
                session: *session,
            };
            match attempt.connect() {
                Ok(client) => return Ok(client),
                Err(refusal) if refusal.is_final => return Err(refusal.error.at(address)),
                Err(refusal) => failed.push((*server, refusal.error)),
            }
        }
    }
    Err(all_failed(failed).at(address))
}

/// One error out of those of several servers.
fn all_failed(mut failed: Vec<(&Server, Error)>) -> Error {
    if failed.len() < 2 {
        let only = failed.pop().map(|(_, error)| error);
        return only.unwrap_or_else(|| Error::store("Aucun serveur PostgreSQL n'est donné"));
    }
    let reasons = failed
        .iter()
        .map(|(server, error)| format!("{server} ({error})"));
    let reasons: Vec<String> = reasons.collect();
    let what = format!(
        "Aucun des serveurs PostgreSQL ne convient : {}",
        reasons.join(", ")
    );
    let error = Error::store(what);
    match failed.pop() {
        Some((_, last)) => last.advice().iter().cloned().fold(error, Error::advise),
        None => error,
    }
}
