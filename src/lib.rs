//! crmreco keeps a wine estate's customers, wines, sales and stock in one clean database, whatever
//! software they come from.
//!
//! The map of the house, in the order in which data walks through it:
//!
//! - [`connectors`]: where data comes from. One folder a kind of source; each lists what stands to be read
//!   and reads it into canonical records.
//! - [`canonical`]: what data means. Five records, and the values they are made of: amounts, bottles, names,
//!   telephone numbers. Pure.
//! - [`sync`]: how data moves. One run: its lock, its plan, a reader and a writer thread, its history.
//! - [`store`]: where data rests: what a store is asked and answers, and SQLite behind it.
//! - [`report`]: what a run or a check found, as plain data that all the others share.
//! - [`registry`], [`env_file`], [`home`], [`retention`]: which connectors there are, where everything lives, how long
//!   history is kept.
//! - [`stop`]: a request to stop, looked at between rows and while a server is waited for.
//! - `tally`: how often each of very many things was met, in constant memory.
//! - [`stopwatch`]: how long things take, for the history and the log.
//! - [`queries`] and [`json`]: what commands and pages show, as documented JSON.
//! - [`cli`]: what a terminal sees, and nothing else.
//! - [`serve`]: what a browser sees: the same as web pages and endpoints.
//!
//! Imports go one way: `cli` → `serve` → `queries` → `json` → `sync` → `registry` → `connectors`, `store` → `report` →
//! `canonical`; `connectors` and `store` do not know each other. A test reads the `use` lines. The library never prints,
//! never exits and holds no global.

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
