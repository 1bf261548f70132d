//! What data means: the five records that every source is read into, and their values.
//! Pure: no file, no clock, no database.

mod bordeaux;
mod bottle_words;
pub mod bottles;
pub(crate) mod bytes;
mod catalog;
mod conflict;
pub mod contact;
mod correction;
pub mod country;
mod country_names;
mod cursor;
pub mod customer;
mod decimal;
mod define_record;
pub mod email;
mod erasure;
mod given_names;
pub mod number_words;
pub mod person;
mod person_words;
pub mod phone;
mod phone_plans;
pub mod product;
pub mod reject;
pub mod rows;
pub mod sale;
pub mod segment;
pub mod stock;
mod table;
pub mod text;
mod total;
pub mod wine;

pub use catalog::{Catalog, Shape};
pub use conflict::{Conflict, KeyRule, Rekeyed};
pub use correction::{CellCorrection, Corrections};
pub use cursor::{Cursor, Cursors};
pub use decimal::Decimal;
pub use erasure::{
    Erased, Erasure, ErasureSecret, Mark, Person, is_alias, push_nameless, push_without_firm,
};
pub use reject::{Reject, RejectedRow, RowId};
pub use table::Table;
pub use total::Total;
