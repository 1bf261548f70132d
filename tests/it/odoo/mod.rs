//! Odoo without Odoo: a server on loopback that replays what real ones answered.

#![expect(
    dead_code,
    reason = "the tests of the connector use the rest of this harness"
)]

mod call;
mod estate;
mod exchange;
mod fault;
mod http;
mod paging;
mod recorder;
mod recording;
mod spy;
mod stub;
mod when;

mod client;
mod house;
mod self_test;
mod site;

mod live;
mod record;

mod add;
mod hostile_answers;
mod over_time;
mod refusals;
mod secrets;
mod shrink;
mod unreachable;
mod weather;
