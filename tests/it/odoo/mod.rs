//! Odoo without Odoo: a server on loopback that replays what real ones answered.

#![expect(
    dead_code,
    reason = "the tests of the connector use the rest of this harness"
)]

mod agrees;
mod books;
pub mod call;
pub mod estate;
mod exchange;
pub mod fault;
mod http;
mod paging;
mod recorder;
mod recording;
mod spy;
pub mod stub;
pub mod when;

mod client;
mod domain;
pub mod house;
mod self_test;
mod shop;
pub mod site;

mod asked;
mod replay;
#[cfg(unix)]
mod stopped;

mod live;
mod neighbours;
mod net_sales;
mod record;

mod add;
mod addresses;
mod ahead;
mod bottles;
mod firms;
mod hostile_answers;
mod log;
mod nothing_lost;
mod nothing_stale;
mod once;
mod over_time;
mod people;
mod refusals;
mod secrets;
mod shrink;
mod tame;
mod unreachable;
mod weather;
