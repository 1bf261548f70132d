//! Any workbook of the old format (`.xls`): planned, read and checked.

#![no_main]

use std::sync::LazyLock;

use crmreco_fuzz::{OldWorkbooks, Target as _, let_workbooks_panic};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<OldWorkbooks> = LazyLock::new(OldWorkbooks::default);

fuzz_target!(init: let_workbooks_panic(), |data: &[u8]| TARGET.check(data));
