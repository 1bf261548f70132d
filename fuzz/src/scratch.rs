//! Where targets write.

use std::path::Path;

use tempfile::TempDir;

/// A new empty folder for `target`, in memory where the system offers that; gone when it is dropped.
pub fn scratch(target: &str) -> TempDir {
    let shared_memory = Path::new("/dev/shm");
    let parent = if shared_memory.is_dir() {
        shared_memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("crmreco-fuzz-").suffix(target);
    builder.tempdir_in(parent).expect("a folder to write in")
}
