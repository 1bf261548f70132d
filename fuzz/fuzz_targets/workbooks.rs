//! Any sheet, shared texts and styles, in a workbook that is otherwise whole: planned, read and checked.

#![no_main]

use std::sync::LazyLock;

use crmreco_fuzz::{Target as _, Workbooks, let_workbooks_panic};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Workbooks> = LazyLock::new(Workbooks::default);

fuzz_target!(init: let_workbooks_panic(), |data: &[u8]| TARGET.check(data));
