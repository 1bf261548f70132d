//! `python3 docs/pictures` works, and the picture of the terminal shows what the program prints today.

use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use tempfile::TempDir;

use super::ROOT;
use crate::common::is_installed;

const MOST_BYTES: usize = 150_000;

#[cfg(unix)]
#[test]
fn the_pictures_are_those_of_this_program() {
    let needs_all_tools = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
    if !is_installed("python3") {
        assert!(!needs_all_tools, "python3 is not installed");
        return;
    }
    let has_browser = is_installed("chromium");
    assert!(has_browser || !needs_all_tools, "chromium is not installed");
    let folder = TempDir::new().unwrap();
    let script = Path::new(ROOT).join("docs/pictures");
    let mut command = Command::new("python3");
    command.arg("-B").arg(&script);
    command.arg("--to").arg(folder.path());
    command.args(["--program", env!("CARGO_BIN_EXE_crmreco")]);
    if !has_browser {
        command.arg("--terminal-only");
    }
    let done = command.output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");

    let kept = fs::read_to_string(script.join("terminal.svg")).unwrap();
    let made = fs::read_to_string(folder.path().join("terminal.svg")).unwrap();
    let stale = "docs/pictures/terminal.svg is stale: python3 docs/pictures";
    assert_eq!(texts(&kept), texts(&made), "{stale}");
    assert!(kept.len() < MOST_BYTES);

    let folders = [Some(script.as_path()), has_browser.then_some(folder.path())];
    for page in folders.into_iter().flatten() {
        let png = fs::read(page.join("page.png")).unwrap();
        assert!(png.starts_with(b"\x89PNG\r\n"));
        assert!((10_000..MOST_BYTES).contains(&png.len()), "{}", png.len());
    }
}

/// The texts of an SVG in order, durations aside.
fn texts(svg: &str) -> Vec<String> {
    let text = Regex::new("<tspan[^>]*>([^<]*)</tspan>").unwrap();
    let duration = Regex::new(r"\d+(,\d+)? (ms|s)\b").unwrap();
    let found = text.captures_iter(svg);
    found
        .map(|text| duration.replace_all(&text[1], "DURATION").into_owned())
        .collect()
}
