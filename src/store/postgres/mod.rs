//! The PostgreSQL server: its address, a connection to it, and what its failures mean.
//!
//! Everything follows `psql`: the same URL, the same `PG*` variables, password and service files, TLS modes.

#![allow(
    dead_code,
    unused_imports,
    reason = "the store that connects is being built"
)]

mod address;
mod answers;
mod attempt;
mod connect;
mod failure;
mod files;
mod fitness;
mod handshake;
mod parameters;
mod passfile;
mod pem;
mod refusal;
mod servers;
mod service;
mod session;
mod tls;
mod uri;
mod verify;

#[cfg(all(test, unix))]
mod tests;

pub(crate) use address::Address;
pub(crate) use connect::connect;
pub(crate) use failure::{is_lost, is_retryable};
