//! Man pages, completions and help texts are those of this command line.

use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PROGRAM: &str = env!("CARGO_BIN_EXE_crmreco");

fn copy_of_examples() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(ROOT).join("examples");
    let to = folder.path().join("examples");
    fs::create_dir_all(to.join("exports")).unwrap();
    fs::copy(from.join(".env"), to.join(".env")).unwrap();
    for entry in fs::read_dir(from.join("exports")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join("exports").join(path.file_name().unwrap())).unwrap();
    }
    folder
}

#[test]
fn man_pages_and_completions_are_those_of_this_command_line() {
    let fresh = tempfile::tempdir().unwrap();
    for folder in ["man", "completions"] {
        fs::create_dir(fresh.path().join(folder)).unwrap();
    }
    let done = Command::new(PROGRAM)
        .args(["generate", "--completions", "completions", "--man", "man"])
        .current_dir(fresh.path())
        .status()
        .unwrap();
    assert!(done.success());
    for folder in ["man", "completions"] {
        let kept = contents(&Path::new(ROOT).join(folder));
        let made = contents(&fresh.path().join(folder));
        assert_eq!(
            kept.len(),
            made.len(),
            "{folder}: a file too many or too few"
        );
        for ((name, kept), (made_name, made)) in kept.iter().zip(&made) {
            assert_eq!(name, made_name);
            assert!(
                kept == made,
                "{folder}/{name} is stale: crmreco generate --completions completions --man man"
            );
        }
    }
}

fn contents(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn shell_completion_offers_the_names_of_connectors() {
    let folder = copy_of_examples();
    let asked = Command::new(PROGRAM)
        .args(["--", "crmreco", "sync", "isa"])
        .env_clear()
        .envs([("COMPLETE", "fish"), ("CRMRECO_HOME", "examples")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let offered = String::from_utf8(asked.stdout).unwrap();
    assert!(
        offered
            .lines()
            .any(|line| line.starts_with("isavigne_demo")),
        "{offered}"
    );
}

#[test]
fn every_help_has_examples() {
    for command in [
        "list", "add", "set", "rename", "remove", "show", "test", "sync", "logs", "status",
        "metrics", "prune", "serve",
    ] {
        let help = Command::new(PROGRAM)
            .args([command, "--help"])
            .output()
            .unwrap();
        let text = String::from_utf8(help.stdout).unwrap();
        assert!(text.contains("Examples:\n  crmreco "), "{command}: {text}");
    }
}
