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
    for folder in ["man", "man/fr", "completions"] {
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
    let paths = fs::read_dir(folder).unwrap();
    let paths = paths.map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, String)> = paths
        .filter(|path| path.is_file())
        .map(|path| {
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

/// What the program offers in place of the last of `words`.
fn offered(words: &[&str]) -> Vec<String> {
    let folder = copy_of_examples();
    let asked = Command::new(PROGRAM)
        .args([&["--", "crmreco"], words].concat())
        .env_clear()
        .envs([("COMPLETE", "fish"), ("CRMRECO_HOME", "examples")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(asked.stdout).unwrap();
    let words = text.lines().map(|line| line.split('\t').next().unwrap());
    words.map(str::to_owned).collect()
}

#[test]
fn values_and_settings_complete() {
    for (words, expected) in [
        (&["add", "cave", "--type", "o"][..], &["odoo"][..]),
        (
            &["add", "cave", "--decimal-mark", ""],
            &["auto", "comma", "dot"],
        ),
        (&["sync", "--source", "st"], &["stock_levels"]),
        (&["set", "isavigne_demo", "DATE"], &["DATE_FORM="]),
        (
            &["set", "isavigne_demo", "DECIMAL_MARK="],
            &[
                "DECIMAL_MARK=auto",
                "DECIMAL_MARK=comma",
                "DECIMAL_MARK=dot",
            ],
        ),
        (&["set", "isavigne_demo", "--unset", "case"], &["CASE_SIZE"]),
        (&["set", "isavigne_demo", "API_K"], &[]),
        (&["rename", "isa"], &["isavigne_demo"]),
        (&["completions", "z"], &["zsh"]),
    ] {
        assert_eq!(offered(words), expected, "{words:?}");
    }
}

#[test]
fn completions_go_to_standard_output() {
    let print = |args: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command.arg("completions").args(args).env_clear();
        command.env("CRMRECO_HOME", "/nowhere/at/all");
        command.output().unwrap()
    };
    for (shell, file) in [
        ("bash", "crmreco.bash"),
        ("zsh", "_crmreco"),
        ("fish", "crmreco.fish"),
    ] {
        let kept = fs::read(Path::new(ROOT).join("completions").join(file)).unwrap();
        let printed = print(&[shell]);
        assert!(printed.status.success() && printed.stderr.is_empty());
        assert!(printed.stdout == kept, "{shell}");
    }
    for shell in ["powershell", "elvish"] {
        let printed = String::from_utf8(print(&[shell]).stdout).unwrap();
        assert!(printed.contains("COMPLETE"), "{shell}: {printed}");
    }
    let answer = print(&["fish", "--json"]).stdout;
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(
        (&answer["success"], &answer["shell"]),
        (&true.into(), &"fish".into())
    );
    assert_eq!(print(&["csh"]).status.code(), Some(2));
    assert_eq!(print(&[]).status.code(), Some(2));
}

#[test]
fn the_printed_script_completes_in_bash() {
    let folder = copy_of_examples();
    let script = "source <(crmreco completions bash); COMP_WORDS=(crmreco sync isa); COMP_CWORD=2; COMP_LINE='crmreco sync isa';
        COMP_POINT=16; COMP_TYPE=9; _clap_complete_crmreco crmreco isa sync; echo \"${COMPREPLY[@]}\"";
    let programs = Path::new(PROGRAM).parent().unwrap().display();
    let bash = Command::new("bash")
        .args(["-c", script])
        .env_clear()
        .env(
            "PATH",
            format!("{programs}:{}", std::env::var("PATH").unwrap()),
        )
        .env("CRMRECO_HOME", "examples")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8(bash.stdout).unwrap();
    assert!(
        printed.contains("isavigne_demo"),
        "{printed} {:?}",
        bash.stderr
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
