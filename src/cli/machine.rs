//! Requirements of every command on the machine.

use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};

/// The year 9999, in seconds since 1970: calendars end with it.
const CLOCK_BEFORE: u64 = 253_370_764_800;

/// Minimum address space: below it, even opening the database may abort the program without a message.
#[cfg(unix)]
const LEAST_ADDRESS_SPACE: u64 = 64 << 20;

/// Fails where clock or memory would abort the program in the middle of its work.
pub(super) fn check() -> Result<()> {
    check_clock()?;
    #[cfg(unix)]
    check_memory(rustix::process::getrlimit(rustix::process::Resource::As).current)?;
    Ok(())
}

fn check_clock() -> Result<()> {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    if since_1970.is_ok_and(|since| since < Duration::from_secs(CLOCK_BEFORE)) {
        return Ok(());
    }
    Err(Error::config(
        "L'horloge de cette machine donne une date d'avant 1970 ou d'après 9998 : rien n'a été fait",
    )
    .hint("Mettez-la à l'heure (timedatectl set-ntp true), puis recommencez"))
}

#[cfg(unix)]
fn check_memory(limit: Option<u64>) -> Result<()> {
    match limit {
        Some(bytes) if bytes < LEAST_ADDRESS_SPACE => Err(Error::store(format!(
            "Ce programme n'a droit qu'à {} Mio de mémoire : rien n'a été fait",
            bytes >> 20
        ))
        .hint(format!(
            "Il lui en faut {} au moins : relevez la limite (ulimit -v)",
            LEAST_ADDRESS_SPACE >> 20
        ))),
        _ => Ok(()),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn no_limit_and_a_wide_one_will_do() {
        assert!(check_memory(None).is_ok());
        assert!(check_memory(Some(64 << 20)).is_ok());
        let error = check_memory(Some((64 << 20) - 1)).unwrap_err();
        assert!(error.full_text().contains("63 Mio"), "{error:?}");
    }
}
