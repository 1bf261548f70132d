//! Files that would take hours, and signals that do not wait for them.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::packages::{HEADER, Part, ROW, SHEET, SHEET_END, workbook};
use crate::common::{Estate, Outcome, assert_says, counts, the_message};

/// An estate whose sales are two terabytes of nothing.
fn endless() -> Estate {
    let estate = Estate::of("plain");
    let sales = File::create(estate.exports().join("ventes.csv")).unwrap();
    sales.set_len(2 << 40).unwrap();
    estate
}

#[test]
fn a_file_larger_than_the_setting_is_refused_before_it_is_hashed() {
    let estate = endless();
    let begun = Instant::now();
    let tested = estate.crmreco(&["test", "cave", "--json"]).exits(1).json();
    let message = tested["message"].as_str().unwrap();
    assert_says(message, &["ventes.csv", "2 Tio", "MAX_FILE_SIZE", "4 Gio"]);
    let answer = estate.sync_with(&[], 1);
    let error = the_message(&answer, "errors", "ventes.csv");
    assert_says(&error, &["MAX_FILE_SIZE"]);
    assert_eq!(counts(&answer, "CUSTOMERS").inserted, 3);
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn the_setting_takes_bytes_and_their_multiples() {
    for (size, is_read) in [
        ("200", false),
        ("1K", true),
        ("1m", true),
        ("3G", true),
        ("1T", true),
    ] {
        let estate = Estate::of("plain").setting("MAX_FILE_SIZE", size);
        let sales = format!("{}\n", estate.export_text("ventes.csv").trim_end());
        assert!(sales.len() > 200 && sales.len() < 1024, "{}", sales.len());
        let answer = estate.sync_with(&[], i32::from(!is_read));
        let loaded = counts(&answer, "SALES_LINES").inserted;
        assert_eq!(loaded > 0, is_read, "{size}: {answer:#}");
    }
    for size in ["0", "-1", "4 Go", "beaucoup", "G", "99999999999T"] {
        let estate = Estate::of("plain").setting("MAX_FILE_SIZE", size);
        let outcome = estate.crmreco(&["sync", "cave"]).exits(3);
        assert_says(&outcome.text(), &["MAX_FILE_SIZE", "500M"]);
    }
}

/// Runs `command` until it has `file` open, then sends `signal`: it must end at once.
fn stopped(estate: &Estate, args: &[&str], file: &str, signal: &str) -> Outcome {
    let mut command = estate.command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    wait_for(&mut child, file);
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status();
    assert!(sent.unwrap().success());
    let begun = Instant::now();
    let outcome = Outcome::from(child.wait_with_output().unwrap());
    assert!(begun.elapsed() < Duration::from_secs(20), "{outcome:#?}");
    outcome
}

fn wait_for(child: &mut Child, file: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let folder = format!("/proc/{}/fd", child.id());
    loop {
        let open = fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut paths = open.filter_map(|entry| fs::read_link(entry.path()).ok());
        if paths.any(|path| path.ends_with(file)) {
            return;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before");
        assert!(Instant::now() < deadline, "{file} is never opened");
        thread::sleep(Duration::from_millis(1));
    }
}

fn assert_stopped(estate: &Estate, file: &str) {
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let outcome = stopped(estate, &["sync", "cave", "--json"], file, signal).exits(code);
        assert_eq!(outcome.json()["success"], false);
        let log = estate.crmreco(&["logs", "cave", "--json"]).json()["logs"][0].clone();
        assert_eq!(log["status"], "interrupted", "{log:#}");
        let outcome = stopped(estate, &["test", "cave", "--json"], file, signal).exits(code);
        let message = outcome.json()["message"].to_string();
        assert_says(&message, &["interrompu"]);
        let outcome = stopped(estate, &["test", "--all", "--json"], file, signal).exits(code);
        assert!(outcome.json().is_array(), "{outcome:#?}");
    }
    let args = ["sync", "cave", "--source", "customers", "--json"];
    stopped(estate, &args, file, "-TERM").exits(143);
}

#[test]
#[cfg(target_os = "linux")]
fn signals_end_the_hashing_of_a_file() {
    let estate = endless().setting("MAX_FILE_SIZE", "9T");
    assert_stopped(&estate, "ventes.csv");
}

#[test]
#[cfg(target_os = "linux")]
fn signals_end_the_inflating_of_a_workbook() {
    // Tens of millions of pieces between two cells.
    let begin = format!("{SHEET}{HEADER}{ROW}");
    let name = "xl/worksheets/sheet1.xml";
    let sheet = Part::of_size(name, &begin, "<a/>", 3 << 30, SHEET_END);
    let estate = Estate::empty().setting("FILE_PATTERN", "*");
    estate.export("ventes.xlsx", workbook(vec![sheet]));
    assert_stopped(&estate, "ventes.xlsx");
}
