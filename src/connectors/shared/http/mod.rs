//! HTTP exchanges: bounded in time and size, never followed elsewhere, abandoned on a request to stop.
//!
//! A [`client`] sends a request on a thread of its own; [`exchange`] carries it out and judges the reply, [`causes`] turns
//! what the client library reports into a [`failure`], and [`echoes`] takes the secret out of what is answered.

mod causes;
mod client;
mod echoes;
mod exchange;
mod failure;

pub(in crate::connectors) use client::{Http, Pending};
pub(in crate::connectors) use exchange::{Reply, Request};
pub(in crate::connectors) use failure::HttpFailure;
