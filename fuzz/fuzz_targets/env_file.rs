//! Any values, set in a `.env` file of any content: they read back, or the file keeps every byte.

#![no_main]

use std::sync::LazyLock;

use crmreco_fuzz::{Settings, Target as _};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Settings> = LazyLock::new(Settings::default);

fuzz_target!(|data: &[u8]| TARGET.check(data));
