//! Every command of README.md and docs/*.md runs and prints what is shown.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use regex::Regex;
use serde_json::json;

use super::blocks::{Example, examples};
use super::served::Served;
use super::{ROOT, documentation};
use crate::common::{copy_folder, is_installed};
use crate::odoo::fault::Fault;
use crate::odoo::stub::{KEY, Stub};
use crate::odoo::when::When;

const PROGRAM: &str = env!("CARGO_BIN_EXE_crmreco");

/// Programs of the commands that may be missing on a developer's machine. CI has them all.
const TOOLS: [&str; 4] = ["jq", "sqlite3", "curl", "openssl"];

/// A token as `openssl rand -hex 32` draws them.
const TOKEN: (&str, &str) = (
    "CRMRECO_SERVE_TOKEN",
    "7d6f1c0b9a8e5d4c3b2a190807f6e5d4c3b2a19f8e7d6c5b4a39281706f5e4d3",
);

#[test]
fn every_command_runs_and_prints_what_is_shown() {
    let runs: Vec<usize> = thread::scope(|scope| {
        let pages: Vec<_> = documentation()
            .into_iter()
            .map(|path| scope.spawn(move || run_page(&path)))
            .collect();
        pages.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let total: usize = runs.iter().sum();
    assert!(total >= 40, "only {total} commands were found");
}

#[test]
fn only_what_builds_or_needs_another_system_is_not_run() {
    for path in documentation() {
        let page = fs::read_to_string(&path).unwrap();
        for example in examples(&page).iter().filter(|example| example.is_skipped) {
            let allowed = [
                "cargo ",
                "python3 ",
                ".ci/",
                "systemctl ",
                "schtasks ",
                "CRMRECO_TEST_",
                "docker ",
                "for version in ",
            ];
            assert!(
                allowed
                    .iter()
                    .any(|begin| example.command.starts_with(begin)),
                "{}: `{}` can run in a test",
                path.display(),
                example.command
            );
        }
    }
}

/// Runs the commands of a page one after the other, in a folder of its own; how many there were.
fn run_page(path: &Path) -> usize {
    let page = Page::set_up(path);
    let text = fs::read_to_string(path).unwrap();
    let commands = examples(&text);
    let run = commands.iter().filter(|example| !example.is_skipped);
    run.filter(|example| has_tools(&example.command))
        .map(|example| page.check(example))
        .count()
}

fn has_tools(command: &str) -> bool {
    let needs_all_tools = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
    let mut words = command.split([' ', '|', '(']);
    let absent = words.find(|word| TOOLS.contains(word) && !is_installed(word));
    if let Some(tool) = absent {
        assert!(!needs_all_tools, "{tool} is not installed");
    }
    absent.is_none()
}

/// A page, the folder its commands run in, and the Odoo server that they ask.
struct Page {
    name: String,
    folder: tempfile::TempDir,
    odoo: Option<Stub>,
}

impl Page {
    /// README.md begins as a fresh clone without connectors; the other pages with the sample estate, synced once.
    fn set_up(path: &Path) -> Self {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let page = Self {
            odoo: (name == "odoo.md").then(odoo_server),
            folder: clone(),
            name,
        };
        if !page.is_readme() {
            let sync = "crmreco sync isavigne_demo --quiet";
            printed_by(page.shell(sync));
        }
        page
    }

    fn is_readme(&self) -> bool {
        self.name == "README.md"
    }

    fn check(&self, example: &Example) {
        let Example {
            command, output, ..
        } = example;
        let printed = self.run(command);
        if !output.is_empty() {
            assert_eq!(
                without_times(&printed),
                without_times(output),
                "{}: {command}\n{printed}",
                self.name
            );
        }
    }

    fn run(&self, command: &str) -> String {
        if command.contains("crmreco serve") {
            return Served::by(&mut self.shell(&on_any_port(command))).until_stopped();
        }
        if command.starts_with("curl ") {
            let mut server = self.shell("exec crmreco serve --addr 127.0.0.1:0");
            let server = Served::by(server.env(TOKEN.0, TOKEN.1));
            let command = command.replace("http://127.0.0.1:5000", &server.origin());
            let mut curl = self.shell(&command);
            curl.env(TOKEN.0, TOKEN.1);
            return printed_by(curl);
        }
        printed_by(self.shell(command))
    }

    /// `command` in a shell that knows nothing but where the program and its home are.
    fn shell(&self, command: &str) -> Command {
        let command = match &self.odoo {
            Some(odoo) => command
                .replace("https://cave.odoo.com", &odoo.url())
                .replace("--db cave ", &format!("--db {} ", odoo.database())),
            None => command.to_owned(),
        };
        // What cron and systemd need in full.
        let command = command
            .replace("/usr/bin/crmreco ", "crmreco ")
            .replace("/mnt/nas/crmreco", "nas");
        let programs = Path::new(PROGRAM).parent().unwrap().display();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
        let mut shell = Command::new("bash");
        shell
            .args(["-o", "pipefail", "-c", &command])
            .current_dir(self.folder.path())
            .env_clear()
            .envs([("TZ", "Europe/Paris"), ("LANG", "C.UTF-8")])
            .env("PATH", path)
            .env("HOME", self.folder.path());
        if !self.is_readme() {
            shell.env("CRMRECO_HOME", "examples");
        }
        shell
    }
}

/// The parts of a clone that commands use.
fn clone() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(ROOT);
    for part in ["examples/exports", "man", "completions"] {
        copy_folder(&root.join(part), &folder.path().join(part));
    }
    fs::create_dir(folder.path().join("nas")).unwrap();
    let settings = "examples/.env";
    fs::copy(root.join(settings), folder.path().join(settings)).unwrap();
    fs::write(folder.path().join("key.txt"), KEY).unwrap();
    folder
}

/// A recorded server, whose key expires in sixty days.
fn odoo_server() -> Stub {
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

/// What a command that succeeds prints.
#[track_caller]
fn printed_by(mut command: Command) -> String {
    let done = command.output().unwrap();
    let printed = String::from_utf8(done.stdout).unwrap();
    let errors = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{command:?}\n{printed}{errors}");
    printed
}

/// Dates, durations, ports, login codes and the place of the database differ from run to run, and with them the width of
/// a table.
fn without_times(text: &str) -> String {
    let mut text = text.to_owned();
    for (found, put) in [
        (r"\d{2}/\d{2}/\d{4} \d{2}:\d{2}", "DATE"),
        (
            r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}",
            "INSTANT",
        ),
        (r"\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z", "INSTANT"),
        (r"\d+(,\d+)? (ms|s)\b", "DURATION"),
        (r"\d+(,\d+)? [KM]io\b", "SIZE"),
        (r"\S+/crmreco\.db\b", "DATABASE"),
        (r"\S+/\.env\b", "SETTINGS"),
        (r"http://[\d.]+:\d+/", "SERVER/"),
        (r"ticket=\w+", "TICKET"),
        (r"code : \S+", "CODE"),
        (r"─+", "─"),
        (r"[^\S\n]+", " "),
        (r"(?m) $", ""),
    ] {
        text = Regex::new(found)
            .unwrap()
            .replace_all(&text, put)
            .into_owned();
    }
    text
}

/// The same server for this machine alone, on a free port.
fn on_any_port(command: &str) -> String {
    match command.split_once("0.0.0.0:5000") {
        Some((before, after)) => format!("{before}127.0.0.1:0{after}"),
        None => format!("exec {command} --addr 127.0.0.1:0"),
    }
}

#[test]
fn only_times_are_left_out_of_comparisons() {
    let shown =
        "✓ a : réussie en 0,4 s\n 1   29/11/2026 09:38   20 ms   0 \n/home/a/crmreco.db {\"a\":1}";
    let expected = "✓ a : réussie en DURATION\n 1 DATE DURATION 0\nDATABASE {\"a\":1}";
    assert_eq!(without_times(shown), expected);
}
