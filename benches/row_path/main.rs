//! The way of a row, piece by piece: decoded and split, read as values, loaded.
//!
//! `cargo bench`, or `cargo bench -- loading` for a part of it. How the whole compares is `benches/peers`' business.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that meets what it did not expect should stop right there"
)]

mod estate;
mod loading;
mod reading;
mod values;

fn main() {
    divan::main();
}
