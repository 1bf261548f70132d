//! What the fuzz targets check: one subject a file. A broken promise is a panic: that is what a fuzzer looks for, and
//! what `cargo test` meets when it replays the corpora through these same checks.

mod audit;
mod cell_check;
mod estate;
mod hook;
mod known_by;
mod lines;
mod scratch;
mod source;

mod cells;
mod env_file;
mod exports;
mod odoo;
mod old_workbooks;
mod values;
mod workbooks;

pub use cells::Cells;
pub use env_file::Settings;
pub use exports::Exports;
pub use hook::let_workbooks_panic;
pub use odoo::Answers;
pub use old_workbooks::OldWorkbooks;
pub use values::Values;
pub use workbooks::Workbooks;

/// A subject, and what is promised of it.
pub trait Target: Default {
    /// Hands `data` to the subject. Panics when a promise is broken.
    fn check(&self, data: &[u8]);

    /// Rows that came through until now, where the subject has any: a corpus of nothing but errors proves little.
    fn rows(&self) -> Option<u64> {
        None
    }
}

/// `data` as far as it is text.
fn text_of(data: &[u8]) -> &str {
    match std::str::from_utf8(data) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&data[..error.valid_up_to()]).unwrap_or_default(),
    }
}
