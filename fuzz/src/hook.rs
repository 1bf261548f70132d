//! Which panics are findings.

use std::{panic, thread};

use crmreco::connectors::isavigne::WORKBOOK_THREAD;

/// Makes a panic of the workbook parser no finding: the reader survives it, on a thread of its own.
pub fn let_workbooks_panic() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().name() != Some(WORKBOOK_THREAD) {
            usual(panic);
        }
    }));
}
