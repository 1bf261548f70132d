//! The path of a row in parts: decoded and split, parsed into values, loaded.
//!
//! `cargo bench`, or `cargo bench -- loading` for one part. `benches/peers` compares whole syncs.

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
