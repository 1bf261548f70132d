//! A hostile world: disks, databases, clocks, neighbours, folders and names as they should not be. Each ends with a
//! documented exit code and a French message that says what to do; nothing is lost, and nothing hangs.
//!
//! What the system refuses at any one call is in `kill/faults.rs`.

mod clock;
mod crowd;
mod database;
mod disk;
mod first;
mod folder;
mod held;
mod large;
#[cfg(target_os = "linux")]
mod limits;
mod links;
mod meanwhile;
mod names;
mod neighbours;
mod packages;
mod workbooks;

use std::path::Path;
use std::process::Command;

/// Whether the long versions are asked for: 100,000 files, a lock held for a minute.
fn is_long() -> bool {
    std::env::var_os("CRMRECO_TEST_KILLS").is_some()
}

fn make_fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}
