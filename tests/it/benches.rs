//! The benchmark against its peers runs on an estate of a few lines: every case ends with the right rows. Durations
//! are not checked.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::is_installed;

const SALES: u64 = 1_000;
const ALL: u64 = SALES + 300 + 50 + 80;

/// The results of a run without the peers that pip would install.
fn results() -> Value {
    let work = TempDir::new().unwrap();
    let file = work.path().join("results.json");
    let done = Command::new("python3")
        .arg("-B")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers"))
        .args(["--sales", &SALES.to_string()])
        .args(["--customers", "300", "--wines", "50", "--stock", "80"])
        .args(["--rounds", "1", "--quick-runs", "1"])
        .args(["--no-pip", "--shuffled", "--tenfold"])
        .args(["--program", env!("CARGO_BIN_EXE_crmreco")])
        .arg("--work")
        .arg(work.path())
        .arg("--json")
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn the_benchmark_of_pages_runs() {
    if let Some(tool) = ["python3", "hey"].into_iter().find(|tool| !is_found(tool)) {
        let needs_all_tools = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
        assert!(!needs_all_tools, "{tool} is not installed");
        return;
    }
    let work = TempDir::new().unwrap();
    let file = work.path().join("results.json");
    let done = Command::new("python3")
        .arg("-B")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/pages"))
        .args(["--sales", "500", "--customers", "100", "--connectors", "3"])
        .args([
            "--rate",
            "20",
            "--seconds",
            "2",
            "--rounds",
            "1",
            "--page-alone",
        ])
        .args(["--program", env!("CARGO_BIN_EXE_crmreco")])
        .arg("--work")
        .arg(work.path().join("estate"))
        .arg("--json")
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let results: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let page = &results["servers"]["the page of connectors"];
    assert!(page["answers"].as_f64().unwrap() > 10.0, "{page}");
    assert!(results["bytes"].as_u64().unwrap() > 10_000);
}

/// Whether `tool` is there to be run; not every one knows `--version`.
#[cfg(target_os = "linux")]
fn is_found(tool: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", "command -v \"$0\"", tool])
        .output();
    found.is_ok_and(|found| found.status.success())
}

/// What a sync counts, that inserts, updates and leaves so many rows.
fn counts(inserted: u64, updated: u64, unchanged: u64) -> Value {
    json!({"inserted": inserted, "updated": updated, "unchanged": unchanged, "rejected": 0})
}

#[test]
fn the_benchmark_runs_every_case_to_the_right_rows() {
    let absent = ["python3", "sqlite3"]
        .into_iter()
        .find(|tool| !is_installed(tool));
    if let Some(tool) = absent {
        let needs_all_tools = std::env::var_os("CRMRECO_TEST_ALL_TOOLS").is_some();
        assert!(!needs_all_tools, "{tool} is not installed");
        return;
    }
    let results = results();
    let contenders = results["contenders"].as_array().unwrap();
    let outcome = |name: &str| {
        let found = contenders.iter().find(|one| one["name"] == name);
        let found = found.unwrap_or_else(|| panic!("{name} took no part"));
        assert!(found["ratio"].as_f64().unwrap() > 0.0);
        assert!(found["peak_mib"].as_f64().unwrap() > 0.0);
        found["outcome"].clone()
    };
    for import in ["import", "import-keyed", "import-upsert"] {
        assert_eq!(outcome(import), json!(SALES));
    }
    let changed = outcome("changed")["updated"].as_u64().unwrap();
    assert!(changed > 0);
    for (name, expected) in [
        ("first-sales", counts(SALES, 0, 0)),
        ("first-folder", counts(ALL, 0, 0)),
        ("unchanged", counts(0, 0, 0)),
        ("changed", counts(0, changed, SALES - changed)),
        ("full", counts(0, 0, ALL)),
        ("shuffled", counts(0, 0, SALES)),
        ("first-sales-tenfold", counts(10 * SALES, 0, 0)),
        ("first-folder-tenfold", counts(9 * SALES + ALL, 0, 0)),
    ] {
        assert_eq!(outcome(name), expected, "{name}");
    }
    let commands = results["commands"].as_array().unwrap();
    let commands: Vec<&Value> = commands.iter().map(|one| &one["name"]).collect();
    assert_eq!(commands, ["status", "metrics", "list", "logs", "--version"]);
}
