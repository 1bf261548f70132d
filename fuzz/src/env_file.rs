//! Any values, set in a `.env` file of any content: they read back, or the file keeps every byte.
//!
//! Parts stand between bytes `FF`, which UTF-8 never holds: the file, then names and values in turn. A file that
//! is to be no UTF-8 has the other bytes for that.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crmreco::env_file::EnvFile;
use tempfile::TempDir;

use super::Target;
use super::scratch::scratch;

const COMMENT: &str = "fuzz";

/// A file to set values in.
pub struct Settings {
    folder: TempDir,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            folder: scratch("env_file"),
        }
    }
}

impl Target for Settings {
    fn check(&self, data: &[u8]) {
        let mut parts = data.split(|byte| *byte == 0xFF);
        let old = parts.next().unwrap_or_default();
        let texts: Vec<String> = parts
            .map(|part| String::from_utf8_lossy(part).into_owned())
            .collect();
        let wanted: Vec<(String, String)> = texts
            .chunks_exact(2)
            .map(|pair| (pair[0].clone(), pair[1].clone()))
            .collect();
        check_set(&self.folder.path().join(".env"), old, &wanted);
    }
}

fn check_set(path: &Path, old: &[u8], wanted: &[(String, String)]) {
    fs::write(path, old).expect("a file to write");
    let file = EnvFile::new(path);
    let before = file.read();
    let unreadable = file.unreadable_lines().unwrap_or_default();
    let outcome = file.set(Some(COMMENT), wanted);
    let new = fs::read(path).expect("the file is still there");
    let Ok(before) = before else {
        assert!(outcome.is_err(), "set in a file that cannot be read");
        assert_eq!(new, old);
        return;
    };
    if let Err(error) = outcome {
        assert!(!error.to_string().is_empty());
        assert_eq!(new, old);
        return;
    }
    let after = file.read().expect("what was written can be read");
    check_values(old, &before, wanted, &after);
    // The line of a variable that is set is replaced, also one that could not be read.
    let is_replaced = wanted.iter().any(|(name, _)| {
        let mut refused = unreadable.iter().map(|(_, refused)| refused);
        before.contains_key(name) || refused.any(|refused| refused == name)
    });
    check_bytes(&file, old, is_replaced, wanted, &new);
}

/// What was set is there, and the other variables are what they were.
fn check_values(
    old: &[u8],
    before: &BTreeMap<String, String>,
    wanted: &[(String, String)],
    after: &BTreeMap<String, String>,
) {
    let wanted: BTreeMap<String, String> = wanted.iter().cloned().collect();
    for (name, value) in &wanted {
        assert_eq!(after.get(name), Some(value));
    }
    // The value of a line with a `$` may hang on what was set.
    if !old.contains(&b'$') {
        let mut expected = before.clone();
        expected.extend(wanted);
        assert_eq!(*after, expected);
    }
}

/// Setting twice changes nothing more, new variables follow the old bytes, and removing them gives those back.
fn check_bytes(
    file: &EnvFile,
    old: &[u8],
    is_replaced: bool,
    wanted: &[(String, String)],
    new: &[u8],
) {
    let now = || fs::read(file.path()).expect("the file is still there");
    file.set(Some(COMMENT), wanted).expect("it was set before");
    assert_eq!(now(), new, "set twice");
    if is_replaced {
        return;
    }
    assert!(new.starts_with(old), "the old lines have changed");
    let is_wanted = |name: &str| wanted.iter().any(|(one, _)| one == name);
    let removed = file.remove(Some(COMMENT), is_wanted);
    let left = now();
    let rest = left.strip_prefix(old).expect("the old lines have changed");
    assert!(
        removed.is_ok() && matches!(rest, b"" | b"\n" | b"\r\n"),
        "{rest:?} is left"
    );
}
