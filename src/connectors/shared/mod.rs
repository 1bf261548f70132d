//! What a second web connector needs again: an HTTP client that keeps a secret, a retry, paging by key, settings of a
//! server, and faults of a row. Nothing here knows which software answers: a [`WebServer`] names it.

mod addresses;
mod fault;
mod http;
mod one_line;
mod paging;
mod retry;
mod settings;
mod web_server;

pub(super) use fault::Fault;
pub(super) use http::{Http, HttpFailure, Pending, Reply, Request};
pub(super) use one_line::one_line;
pub(super) use paging::{KeyedPages, Pages};
pub(super) use retry::{Retryable, retry};
pub(super) use settings::{Software, authorities, header_secret, is_yes, timeout};
pub(super) use web_server::WebServer;
