//! Parsers for the text of one cell: number, date, yes/no, code.
//!
//! A cell is [`peel`]ed of spreadsheet wrapping, refused when [`suspicious`], then parsed by the type of its column.
//! Parsing is strict: an ambiguous cell is an error, never a guess.
//!
//! Errors display as French predicates whose subject is the cell's value (`n'est pas un nombre`); the caller prints
//! the value beside the reason.

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
