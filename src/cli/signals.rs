//! Ctrl-C and TERM, as requests to stop.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::stop::Stop;

/// Makes Ctrl-C and TERM request a stop from `stop`; a second signal ends the process.
pub(super) fn ask(stop: &Stop) -> anyhow::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        let number = usize::try_from(signal).unwrap_or_default();
        let already = Arc::new(AtomicBool::new(false));
        flag::register_conditional_default(signal, Arc::clone(&already))
            .and_then(|_| flag::register_usize(signal, stop.flag(), number))
            .and_then(|_| flag::register(signal, already))
            .context("Les signaux d'arrêt ne peuvent pas être écoutés")?;
    }
    Ok(())
}

/// Makes a write beyond the file size limit (`ulimit -f`) fail with an error instead of ending the program.
pub(super) fn outlive_file_limit() {
    #[cfg(unix)]
    {
        // Without the handler, the limit ends the program as before.
        let _ = flag::register(libc::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }
}
