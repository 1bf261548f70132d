//! What the repository says of the program is what the program does: README, man pages, completions.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;

use crate::common::is_installed;
use crate::odoo::fault::Fault;
use crate::odoo::stub::{KEY, Stub};
use crate::odoo::when::When;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PROGRAM: &str = env!("CARGO_BIN_EXE_crmreco");

/// A command of the README, and the output printed under it.
struct Example {
    command: String,
    output: String,
}

/// Everything the README tells people to type, in order: sessions, cron lines, services.
fn examples() -> Vec<Example> {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let mut examples: Vec<Example> = Vec::new();
    let mut language = "";
    for line in readme.lines() {
        if let Some(begun) = line.strip_prefix("```") {
            language = begun;
            continue;
        }
        let typed = match language {
            "console" => line.strip_prefix("$ ").map(str::to_owned),
            "cron" => Some(line.splitn(6, ' ').nth(5).unwrap().to_owned()),
            "ini" => line.strip_prefix("ExecStart=").map(str::to_owned),
            _ => continue,
        };
        match typed {
            Some(command) => examples.push(Example {
                command,
                output: String::new(),
            }),
            None if language == "console" => {
                let last = examples.last_mut().expect("output stands under a command");
                last.output.push_str(line);
                last.output.push('\n');
            }
            None => {}
        }
    }
    examples
}

/// Times pass and homes differ; everything else must be as printed.
fn without_times(text: &str) -> String {
    let mut plain = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let stable = words.iter().enumerate().filter(|(at, word)| {
            let unit = words.get(at + 1).unwrap_or(&"");
            let is_duration = ["s", "ms"].contains(unit) || ["s", "ms"].contains(word);
            let is_database = word.ends_with("/crmreco.db");
            let is_code =
                word.len() == 9 && word.find('-') == Some(4) && line.contains("avec le code");
            !(is_duration || is_database || is_code || word.contains(':') || word.contains("/20"))
        });
        let stable: Vec<&str> = stable.map(|(_, word)| *word).collect();
        plain.push_str(&stable.join(" "));
        plain.push('\n');
    }
    plain
}

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
    for generated in ["completions", "man"] {
        fs::create_dir(folder.path().join(generated)).unwrap();
    }
    folder
}

#[test]
fn every_command_of_the_readme_works_and_prints_what_it_says() {
    let folder = copy_of_examples();
    let bin = Path::new(PROGRAM).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    // CI has them all; who has only Rust and a C compiler must be able to run the tests too.
    let needs_all_tools = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
    let odoo = odoo_of_the_readme();
    fs::write(folder.path().join("key.txt"), KEY).unwrap();
    let mut run = 0;
    for Example { command, output } in examples() {
        let absent = ["jq", "sqlite3", "curl", "openssl"].iter().find(|tool| {
            let mut words = command.split([' ', '|', '(']);
            words.any(|word| word == **tool) && !is_installed(tool)
        });
        if let Some(tool) = absent {
            assert!(!needs_all_tools, "{tool} is not installed");
            continue;
        }
        let typed = command
            .replace("https://cave.odoo.com", &odoo.url())
            .replace("--db cave ", &format!("--db {} ", odoo.database()));
        let mut shell = Command::new("bash");
        shell
            .args(["-o", "pipefail", "-c"])
            .current_dir(folder.path())
            .env_clear()
            .envs([
                ("PATH", path.as_str()),
                ("TZ", "Europe/Paris"),
                ("LANG", "C.UTF-8"),
            ])
            .env("HOME", folder.path())
            .env("CRMRECO_HOME", home_of(&command, folder.path()));
        let printed = if command.ends_with("crmreco serve") || command.contains("crmreco serve ") {
            Served::by(shell.arg(on_any_port(&typed))).until_stopped()
        } else if command.starts_with("curl ") {
            let mut server = Command::new(PROGRAM);
            server.args(["--home", "examples", "serve", "--addr", "127.0.0.1:0"]);
            server.current_dir(folder.path()).env(TOKEN.0, TOKEN.1);
            let server = Served::by(&mut server);
            let typed = typed.replace("http://127.0.0.1:5000", &server.origin());
            printed_by(shell.arg(typed).env(TOKEN.0, TOKEN.1))
        } else {
            printed_by(shell.arg(typed))
        };
        if !output.is_empty() {
            assert_eq!(
                without_times(&printed),
                without_times(&output),
                "{command}\n{printed}"
            );
        }
        run += 1;
    }
    assert!(run >= 12, "only {run} commands were found in the README");
}

/// A token as `openssl rand -hex 32` draws them.
const TOKEN: (&str, &str) = (
    "CRMRECO_SERVE_TOKEN",
    "7d6f1c0b9a8e5d4c3b2a190807f6e5d4c3b2a19f8e7d6c5b4a39281706f5e4d3",
);

/// What a command that succeeds prints.
fn printed_by(command: &mut Command) -> String {
    let done = command.output().unwrap();
    let printed = String::from_utf8(done.stdout).unwrap();
    let errors = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{command:?}\n{printed}{errors}");
    printed
}

/// The same server for this machine alone, on a port that is free.
fn on_any_port(command: &str) -> String {
    match command.split_once("0.0.0.0:5000") {
        Some((before, after)) => format!("{before}127.0.0.1:0{after}"),
        None => format!("{command} --addr 127.0.0.1:0"),
    }
}

/// A server that the README starts.
struct Served {
    child: Child,
    printed: String,
}

impl Served {
    /// Waits until it says that it listens.
    fn by(command: &mut Command) -> Self {
        let spawned = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = String::new();
        while !printed.contains("arrêter") {
            let line = lines.next().expect("the server ended").unwrap();
            printed.push_str(&line);
            printed.push('\n');
        }
        Self { child, printed }
    }

    fn origin(&self) -> String {
        let url = self
            .printed
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        url.unwrap().trim_end_matches("/connectors").to_owned()
    }

    /// Stops it as systemd does, and tells what it had printed.
    fn until_stopped(mut self) -> String {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(143));
        std::mem::take(&mut self.printed)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The server behind the address that the README gives: a recorded one, whose key lives sixty days more.
fn odoo_of_the_readme() -> Stub {
    let odoo = Stub::replay("19.0/1-first");
    let expiry = Timestamp::now() + SignedDuration::from_hours(60 * 24 + 1);
    let expiry = TimeZone::UTC.to_datetime(expiry);
    let expiry = expiry.strftime("%Y-%m-%d %H:%M:%S").to_string();
    odoo.fault(
        When::call("res.users.apikeys", "search_read"),
        Fault::replace(move |_| json!([{"id": 1, "expiration_date": expiry}])),
    );
    odoo
}

/// Cron and services run on the estate that was set up before.
fn home_of(command: &str, folder: &Path) -> PathBuf {
    if command.starts_with("crmreco sync --all") || command.starts_with("crmreco status --max-age")
    {
        folder.join("examples")
    } else {
        folder.join("home")
    }
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
                "{folder}/{name} is stale: run the README's `crmreco generate`"
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
fn a_shell_that_asks_gets_the_names_of_connectors() {
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
        "list", "add", "remove", "show", "test", "sync", "logs", "status", "metrics", "serve",
    ] {
        let help = Command::new(PROGRAM)
            .args([command, "--help"])
            .output()
            .unwrap();
        let text = String::from_utf8(help.stdout).unwrap();
        assert!(text.contains("Examples:\n  crmreco "), "{command}: {text}");
    }
}

/// The figure that anybody can check without building anything.
#[cfg(target_os = "linux")]
#[test]
fn the_readme_counts_the_crates_the_program_is_built_of() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let (command, _) = readme
        .lines()
        .find_map(|line| line.trim().strip_prefix("cargo tree ")?.split_once(" | "))
        .unwrap();
    let tree = Command::new(env!("CARGO"))
        .arg("tree")
        .args(command.split(' '))
        .current_dir(ROOT)
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: std::collections::BTreeSet<&str> = tree.lines().collect();
    let said = format!("built of {} crates", crates.len());
    assert!(crates.len() > 50 && readme.contains(&said), "{said}");
}
