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
//! - [`error`], [`message`], `french`: the error type, the length of messages, French numbers and lists.
//! - [`queries`] and [`json`]: what commands and pages show, as documented JSON.
//! - [`backup`]: backups of a home, and their way back.
//! - [`export`]: rows as CSV, JSON lines or workbooks.
//! - [`cli`]: the terminal.
//! - [`serve`]: the browser: the same as web pages and endpoints.
//!
//! Register a folder, sync it, count the rows:
//!
//! ```
//! use crmreco::canonical::Table;
//! use crmreco::connectors::Settings;
//! use crmreco::home::Home;
//! use crmreco::registry::{Registration, Registry};
//! use crmreco::stop::Stop;
//! use crmreco::store::Store;
//! use crmreco::sync::{Options, Silent, sync};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let exports = folder.path().join("exports");
//! std::fs::create_dir(&exports)?;
//! std::fs::write(exports.join("clients.csv"), "Code client;Nom\nC1;Lefèvre\nC2;Martin\n")?;
//!
//! let home = Home::at(folder.path().join("crm"));
//! let mut settings = Settings::default();
//! settings.insert("EXPORT_PATH".to_owned(), exports.display().to_string());
//! let registration = Registration { name: "cave".to_owned(), kind: "isavigne".to_owned(), settings };
//! Registry::read(&home, std::iter::empty())?.enroll(&registration)?;
//!
//! let registry = Registry::read(&home, std::iter::empty())?;
//! let outcome = sync(&home, &registry, "cave", &Options::default(), &Silent, &Stop::default())?;
//! assert!(outcome.log.is_success());
//!
//! let totals = Store::open_to_read(&home)?.table_totals()?;
//! assert_eq!(totals.rows.get(&Table::Customers), Some(&2));
//! # Ok(())
//! # }
//! ```
//!
//! [`sync::sync_connector`] syncs a connector of one's own, which need not be registered nor listed here.
//!
//! The features `cli` and `serve` are on by default. Without them (`default-features = false`), the library compiles
//! neither the command line nor the web server.
//!
//! Imports go one way: `cli` → `serve` → `queries` → `json` → `export` → `backup` → `sync` → `registry` → `connectors`, `store` → `report` →
//! `canonical`; `connectors` and `store` do not import each other. A test reads the `use` lines. The library never
//! prints, never exits and has no global state.

pub mod backup;
pub mod canonical;
#[cfg(feature = "cli")]
pub mod cli;
pub mod connectors;
pub mod env_file;
pub mod error;
#[cfg(feature = "cli")]
pub mod export;
mod french;
pub mod home;
pub mod json;
pub mod message;
pub mod queries;
pub mod registry;
pub mod report;
pub mod retention;
#[cfg(feature = "serve")]
pub mod serve;
pub mod stop;
pub mod stopwatch;
pub mod store;
pub mod sync;
mod tally;
