//! Batches of canonical rows between a reader and the store. A batch is one string of text and one array of cells, both
//! reused for the next batch, so that a million rows cost no allocation each.

mod batch;
mod cell;
mod column;
mod hash;
mod record;
mod row;
mod writer;

pub use batch::Rows;
pub use cell::Value;
pub(super) use column::Numbering;
pub use column::{Column, ColumnSet};
pub use record::{Partial, Record};
pub use row::Row;
pub(super) use writer::CellValue;
pub use writer::CellWriter;
