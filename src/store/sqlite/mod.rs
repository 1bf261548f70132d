//! One SQLite file. Nothing outside this folder knows SQL.
//!
//! Writers take the database's write lock for the load of one table at a time. Readers never wait: the write-ahead
//! log separates them from writers, and during the first sync they read a copy of the earlier state.

mod backup;
mod catalog;
mod consents;
mod corrections;
mod cursors;
mod database;
mod erase;
mod existing_rows;
mod failure;
mod figures;
mod first;
mod flusher;
mod history;
mod inbox;
mod load;
mod log_size;
mod migrations;
mod missing;
mod open;
mod phases;
mod prune;
mod purge;
mod query;
mod read_rows;
mod receipts;
mod rejects;
mod rename;
mod replaced;
mod replacement;
mod row_counts;
mod scope;
mod segments;
mod series;
mod shrink_limit;
mod soundness;
mod source_keys;
mod statements;
mod totals;
mod unit_sums;
mod unwritable;
mod upsert;
mod values;
#[cfg(feature = "postgres")]
mod working_copy;

pub use backup::{DatabaseCopy, copy_database};
pub(in crate::store) use database::Store;
pub(crate) use failure::unwritable;
pub use figures::Gathered;
pub use first::FirstSync;
#[cfg(feature = "postgres")]
pub(in crate::store) use history::INTERRUPTED;
pub(crate) use history::instant;
pub use load::Load;
#[cfg(feature = "postgres")]
pub(in crate::store) use rejects::shown as shown_reject;
#[cfg(feature = "postgres")]
pub(in crate::store) use rename::{both_known, is_of_rows};
pub use replacement::Replacement;
#[cfg(feature = "postgres")]
pub(in crate::store) use scope::Publisher;
pub use source_keys::SourceKeys;
#[cfg(feature = "postgres")]
pub(in crate::store) use working_copy::{forget_freed, remove_file, token};
