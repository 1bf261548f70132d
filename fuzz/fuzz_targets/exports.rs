//! Any bytes, in the folder a connector reads: planned, read and checked.

#![no_main]

use std::sync::LazyLock;

use crmreco_fuzz::{Exports, Target as _, let_workbooks_panic};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Exports> = LazyLock::new(Exports::default);

fuzz_target!(init: let_workbooks_panic(), |data: &[u8]| TARGET.check(data));
