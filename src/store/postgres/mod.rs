//! One estate on a PostgreSQL server, or on one that speaks its protocol. Nothing outside this folder knows its SQL.
//!
//! A load is worked out in a working copy: a SQLite file in the home with the rows of the connector, in which the rules of
//! a load are the same as without a server. When it commits, the difference is published to the server in one
//! transaction ([`publish`]). A working copy holds nothing that the server lacks: it can be deleted at any time, and is
//! brought up to date where another machine published ([`fetch`]). What only reads asks the server.
//!
//! Connecting follows `psql`: the same address, the same `PG*` variables, password and service files, TLS modes.

mod address;
mod answers;
mod attempt;
mod connect;
mod estates;
mod failure;
mod fetch;
mod files;
mod fitness;
mod handshake;
mod history;
mod lease;
mod parameters;
mod passfile;
mod pem;
mod publish;
mod refusal;
mod rows;
mod schema;
mod server;
mod servers;
mod service;
mod session;
mod shapes;
mod sources;
mod statement;
mod store;
mod tls;
mod totals;
mod tracking;
mod transfer;
mod uri;
mod values;
mod verify;

#[cfg(all(test, unix))]
mod tests;

pub(in crate::store) use estates::{estates, grant_reader, revoke_reader};
pub(in crate::store) use lease::{Lease, Taken};
pub(in crate::store) use server::Server;
pub(in crate::store) use store::Store;
pub(in crate::store) use transfer::{receive, send};
