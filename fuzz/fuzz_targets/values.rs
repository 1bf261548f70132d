//! Any text as a unit, a name, a telephone number, a country, an address, a wine: never a panic, and what is

#![no_main]

use std::sync::LazyLock;

use crmreco_fuzz::{Target as _, Values};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Values> = LazyLock::new(Values::default);

fuzz_target!(|data: &[u8]| TARGET.check(data));
