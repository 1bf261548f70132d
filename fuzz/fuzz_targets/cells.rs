//! Any text as the cells of one column: what is read of a cell is exact, in bounds, and reads back.

#![no_main]

use std::sync::LazyLock;

use crmreco_fuzz::{Cells, Target as _};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Cells> = LazyLock::new(Cells::default);

fuzz_target!(|data: &[u8]| TARGET.check(data));
