//! What the text of one cell says: a number, a date, a yes or a no.
//!
//! A cell is [`peel`]ed of what spreadsheets wrap around it, refused when [`suspicious`], then read
//! as what its column holds. Reading is strict: a cell that does not say one thing for certain is
//! an error, never a guess.
//!
//! Errors display as French predicates whose subject is the cell's value (`n'est pas un nombre`);
//! the value itself is left to the caller, who prints it beside the reason.

mod code;
mod date;
mod flag;
mod number;
mod peel;
mod suspicious;

pub use code::{CodeError, code, is_plain};
pub use date::{DateError, DateOrder, date, date_in, excel_serial, other_order};
pub use flag::{FlagError, flag};
pub use number::{DecimalMark, MarkEvidence, Number, NumberError, number};
pub use peel::peel;
pub use suspicious::{MAX_BYTES, Reason, has_control, suspicious};
