//! Ctrl-C and TERM, as requests to stop.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::{Error, Result};
use crate::stop::Stop;

/// From now on Ctrl-C and TERM ask `stop` to stop; a second one no longer asks.
pub(super) fn ask(stop: &Stop) -> Result<()> {
    for signal in [SIGINT, SIGTERM] {
        let number = usize::try_from(signal).unwrap_or_default();
        let already = Arc::new(AtomicBool::new(false));
        flag::register_conditional_default(signal, Arc::clone(&already))
            .and_then(|_| flag::register_usize(signal, stop.flag(), number))
            .and_then(|_| flag::register(signal, already))
            .map_err(|error| {
                Error::store("Les signaux d'arrêt ne peuvent pas être écoutés").because(error)
            })?;
    }
    Ok(())
}

/// From now on a file that may grow no further (`ulimit -f`) is a failed write, which is told, and no end of the program.
pub(super) fn outlive_file_limit() {
    #[cfg(unix)]
    {
        // Whoever cannot have the handler is where he was without it.
        let _ = flag::register(libc::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    }
}
