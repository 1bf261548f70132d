//! Any answers of an Odoo server: checked, planned and read over real HTTP on loopback.

#![no_main]

use std::sync::LazyLock;

use crmreco_fuzz::{Answers, Target as _};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Answers> = LazyLock::new(Answers::default);

fuzz_target!(|data: &[u8]| TARGET.check(data));
