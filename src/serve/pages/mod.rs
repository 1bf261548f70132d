//! The HTML: templates checked at compile time, escaped by default. Every page works without the script.

mod cards;
mod charts;
mod detail;
mod fieldset;
mod form;
mod icons;
mod inbox;
mod labels;
mod layout;
mod list;
mod login;
mod parts;
mod receipt;
mod rejects;
mod removal;
mod result;
mod row_trends;
mod sales_trends;
mod search;
mod setting_field;

pub(super) use cards::Overview;
pub(super) use detail::{Details, News, Trends, detail};
pub(super) use form::{Form, form};
pub(super) use inbox::{Inbox, inbox, reject};
pub(super) use layout::refusal;
pub(super) use list::list;
pub(super) use login::{entered, login};
pub(super) use receipt::receipt;
pub(super) use rejects::{reject_cells, reject_titles, rejects};
pub(super) use removal::{Removal, removal};
pub(super) use result::{synced, tested};
pub(super) use search::Search;
pub(super) use setting_field::FormError;
