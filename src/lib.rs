//! crmreco keeps a wine estate's customers, wines, sales and stock in one clean database, whatever
//! software they come from.
//!
//! The modules, in the order in which data passes through them:
//!
//! - [`connectors`]: where data comes from. One folder per type of source; each lists what to read and reads it into
//!   canonical records.
//! - [`canonical`]: what data means. Five records, and the types of their values: amounts, bottles, names, telephone
//!   numbers. Pure, without I/O.
//! - [`sync`]: how data moves. One run: its lock, its plan, a reader and a writer thread, its history.
//! - [`store`]: where data rests: the requests and results of a store, and its SQLite implementation.
//! - [`report`]: results of runs and checks, as plain data shared by all others.
//! - [`registry`], [`env_file`], [`home`], [`retention`]: the registered connectors, the home folder, and how long
//!   history is kept.
//! - [`stop`]: a request to stop, checked between rows and during requests to a server.
//! - `tally`: counts of very many hashes, in constant memory.
//! - [`stopwatch`]: measures durations for the history and the log.
//! - [`queries`] and [`json`]: what commands and pages show, as documented JSON.
//! - [`cli`]: the terminal.
//! - [`serve`]: the browser: the same as web pages and endpoints.
//!
//! Imports go one way: `cli` → `serve` → `queries` → `json` → `sync` → `registry` → `connectors`, `store` → `report` →
//! `canonical`; `connectors` and `store` do not import each other. A test reads the `use` lines. The library never
//! prints, never exits and has no global state.

pub mod canonical;
pub mod cli;
pub mod connectors;
pub mod env_file;
pub mod error;
mod french;
pub mod home;
pub mod json;
pub mod message;
pub mod queries;
pub mod registry;
pub mod report;
pub mod retention;
pub mod serve;
pub mod stop;
pub mod stopwatch;
pub mod store;
pub mod sync;
mod tally;
