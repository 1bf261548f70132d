//! Where targets write.

use std::fs;
use std::path::{Path, PathBuf};

/// A new empty folder for `target` in this process, in memory where the system offers that.
pub fn scratch(target: &str) -> PathBuf {
    let shared_memory = Path::new("/dev/shm");
    let parent = if shared_memory.is_dir() {
        shared_memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    let folder = parent.join(format!("crmreco-fuzz-{target}-{}", std::process::id()));
    // Left behind by a process that was killed.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder to write in");
    folder
}
