//! Where files of the account stand that PostgreSQL's programs look for.

use std::path::{Path, PathBuf};

use super::parameters::Lookup;

/// Where files of the account stand.
pub(super) struct UserFiles<'a> {
    pub(super) lookup: Lookup<'a>,
    pub(super) folder: &'a Path,
}

impl UserFiles<'_> {
    /// A file that is there without being named: below the home folder of the account, on Windows in its folder of
    /// application data.
    pub(super) fn default(&self, name: &str, windows_name: &str) -> PathBuf {
        let variable = |name| {
            (self.lookup)(name)
                .filter(|text| !text.is_empty())
                .map(PathBuf::from)
        };
        if cfg!(windows) {
            let folder = variable("APPDATA")
                .or_else(dirs::config_dir)
                .unwrap_or_default();
            return folder.join("postgresql").join(windows_name);
        }
        let folder = variable("HOME").or_else(dirs::home_dir).unwrap_or_default();
        folder.join(name)
    }
}
