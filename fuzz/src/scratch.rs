//! Where targets write.

use std::fs;
use std::path::{Path, PathBuf};

/// A new empty folder, in memory where the system offers that; gone when it is dropped.
pub struct Scratch(PathBuf);

impl Scratch {
    /// For `target` in this process.
    pub fn new(target: &str) -> Self {
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
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
