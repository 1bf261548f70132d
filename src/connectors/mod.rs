//! Where data comes from. A connector lists what to read and reads it into canonical records; it does not know the
//! store.
//!
//! Adding one: a folder beside `isavigne`, a line in [`KINDS`], its tests.

mod api;
mod config;
mod field;
mod flag;
pub mod isavigne;
mod kind;
mod odoo;
mod remarks;
mod shared;

pub use api::{Connector, Known, Plan, Reading, RejectLimit, Request, Sink};
pub use config::{MASK, SettingSpec, Settings};
pub use field::{FormField, Guide, Input, KindIcon};
pub use flag::{Flag, FlagValue};
pub(crate) use kind::CellOf;
pub use kind::{ConnectorKind, KINDS, Words};
