//! `crmreco` from the outside, as a person, a cron job or a pipeline meets it: one file a command or a promise.
//!
//! What is tested is what users can rely on: answers, exit codes, and the rows of the database.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    unreachable_pub,
    reason = "a test that meets what it did not expect should stop right there"
)]

mod common;
mod ordered;

mod add;
mod backup;
mod doctor;
mod erase;
mod export;
mod prune;
mod query;
mod read_only;
mod remove;
mod rename;
#[cfg(unix)]
mod rights;
mod set;

mod list_and_show;
mod logs;
mod status_and_metrics;
mod sync;
mod sync_several;
mod test_command;

mod cells;
mod columns;
mod customers_and_contacts;
mod dialects;
mod docs;
mod documents;
mod encodings;
mod exports;
mod figures;
mod files;
mod sales;
mod sales_keys;
mod stock;
mod truth;
mod workbook;

mod odoo;

mod serve;

#[cfg(unix)]
mod benches;
mod exit_codes;
mod fuzz;
mod homes;
#[cfg(target_os = "linux")]
mod hostile;
mod imports;
#[cfg(target_os = "linux")]
mod kill;
mod language;
mod lengths;
mod logging;
mod messages;
mod never_crashes;
#[cfg(target_os = "linux")]
mod packaging;
mod phases;
#[cfg(unix)]
mod postgres;
mod schema;
mod secrets;
#[cfg(unix)]
mod signals;
#[cfg(target_os = "linux")]
mod strace;
#[cfg(unix)]
mod terminal;
