//! The PostgreSQL server: its address, a connection to it, and what its failures mean.
//!
//! Everything follows `psql`: the same URL, the same `PG*` variables, password and service files, TLS modes.

#![allow(
    dead_code,
    unused_imports,
    reason = "the store that connects is being built"
)]

mod address;
mod connect;
mod failure;
mod files;
mod parameters;
mod passfile;
mod service;
mod tls;
mod uri;

#[cfg(all(test, unix))]
mod tests;

pub(crate) use address::Address;
pub(crate) use connect::connect;
pub(crate) use failure::{is_lost, is_retryable};
