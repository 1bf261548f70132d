//! What the fuzz targets share: a folder of exports to read, and a sink that checks what is read.
//!
//! A broken promise is a panic: that is what a fuzzer looks for.

mod audit;
mod estate;
mod hook;
mod scratch;

pub use audit::Audit;
pub use estate::{Estate, Options};
pub use hook::let_workbooks_panic;
pub use scratch::scratch;
