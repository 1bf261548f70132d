//! One estate on a PostgreSQL server, or on one that speaks its protocol. Nothing outside this folder knows its SQL.
//!
//! A load is worked out in a working copy: a SQLite file in the home with the rows of the connector, in which the rules of
//! a load are the same as without a server. When it commits, the difference is published to the server in one
//! transaction ([`publish`]). A working copy holds nothing that the server lacks: it can be deleted at any time, and is
//! brought up to date where another machine published ([`fetch`]). What only reads asks the server.

mod connect;
mod failure;
mod fetch;
mod history;
mod lease;
mod publish;
mod rows;
mod schema;
mod server;
mod shapes;
mod sources;
mod store;
mod totals;
mod tracking;
mod values;

pub(in crate::store) use lease::{Lease, Taken};
pub(in crate::store) use server::Server;
pub(in crate::store) use store::Store;
