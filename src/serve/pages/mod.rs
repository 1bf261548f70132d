//! The HTML: templates checked at compile time, escaped by default. Every page works without the script.

mod charts;
mod detail;
mod form;
mod icons;
mod layout;
mod list;
mod login;
mod parts;
mod rejects;
mod result;
mod search;
mod trends;

pub(super) use detail::{Details, detail};
pub(super) use form::{FormError, form};
pub(super) use layout::refusal;
pub(super) use list::{Overview, list};
pub(super) use login::{entered, login};
pub(super) use rejects::rejects;
pub(super) use result::{synced, tested};
pub(super) use search::Search;
pub(super) use trends::Trends;
