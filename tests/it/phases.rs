//! Where the time of a run went: in its answer, in its history, and for people who ask.

use std::fs;

use serde_json::Value;

use crate::common::{Estate, Outcome, TABLES, fixtures};

const OF_TABLE: [&str; 5] = [
    "read_seconds",
    "wait_seconds",
    "write_seconds",
    "figures_seconds",
    "commit_seconds",
];

fn keys(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn the_json_output_ends_with_phases() {
    let estate = Estate::of("plain");
    let outcome = estate.crmreco(&["sync", "cave", "--json"]).exits(0);
    let answer = outcome.json();
    let place = |key: &str| outcome.stdout.find(&format!("\n  \"{key}\"")).unwrap();
    for key in keys(&answer) {
        assert!(key == "phases" || place(key) < place("phases"), "{key}");
    }
    let phases = &answer["phases"];
    let mut of_run = keys(phases);
    of_run.sort_unstable();
    assert_eq!(of_run, ["plan_seconds", "segments_seconds", "tables"]);
    let whole = answer["duration_seconds"].as_f64().unwrap();
    for table in TABLES {
        let times = phases["tables"][table].as_object().unwrap();
        assert_eq!(times.len(), OF_TABLE.len(), "{times:?}");
        for phase in OF_TABLE {
            // No phase takes longer than the run, but for the rounding of each.
            let time = times[phase].as_f64().unwrap();
            assert!(
                (0.0..=whole + 0.001).contains(&time),
                "{table} {phase}: {answer:#}"
            );
        }
    }
}

#[test]
fn the_history_keeps_phases() {
    let estate = Estate::of("plain");
    let answer = estate.sync();
    let logs = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    assert_eq!(logs["logs"][0]["phases"], answer["phases"]);
    let shown = estate.crmreco(&["show", "cave", "--json"]).exits(0).json();
    assert_eq!(shown["sync_logs"][0]["phases"], answer["phases"]);
    estate
        .crmreco(&["remove", "cave", "--purge", "--yes"])
        .exits(0);
    assert_eq!(estate.sql("SELECT count(*) FROM run_phases"), ["0"]);
}

#[test]
fn a_table_that_is_not_read_has_no_phases() {
    let estate = Estate::of("plain");
    estate.sync();
    let again = estate.sync();
    assert!(keys(&again["phases"]["tables"]).is_empty(), "{again:#}");
    let one = estate.sync_with(&["--full", "--source", "products"], 0);
    assert_eq!(keys(&one["phases"]["tables"]), ["PRODUCTS"]);
}

#[test]
fn a_failed_table_has_its_reading_time() {
    let answer = Estate::of("many_rejects").sync_with(&[], 1);
    assert!(
        answer["phases"]["tables"]["CUSTOMERS"].is_object(),
        "{answer:#}"
    );
}

#[test]
fn a_dry_run_prints_phases_and_keeps_none() {
    let estate = Estate::of("plain");
    estate.sync();
    let kept = estate.sql("SELECT * FROM run_phases");
    let answer = estate.sync_with(&["--full", "--dry-run"], 0);
    assert_eq!(keys(&answer["phases"]["tables"]).len(), TABLES.len());
    assert_eq!(estate.sql("SELECT * FROM run_phases"), kept);
}

#[test]
fn old_interrupted_and_unstarted_runs_have_no_phases() {
    let estate = Estate::of("plain");
    let sql = fs::read_to_string(fixtures().join("databases/v1.sql")).unwrap();
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    database.execute_batch(&sql).unwrap();
    let begin = "INSERT INTO runs (source, connector_type, status, started_at)
                 VALUES ('cave', 'isavigne', 'running', '2026-11-22T23:41:13Z')";
    database.execute(begin, []).unwrap();
    drop(database);
    let logs = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    for (at, status) in [(0, "interrupted"), (1, "success")] {
        let log = &logs["logs"][at];
        assert_eq!(
            (&log["status"], &log["phases"]),
            (&status.into(), &Value::Null)
        );
    }
    let missing = estate
        .crmreco(&["sync", "nobody", "--json"])
        .exits(3)
        .json();
    assert_eq!(missing["phases"], Value::Null);
}

#[test]
fn phases_are_printed_with_v() {
    let estate = Estate::of("plain");
    let words = ["Durées", "Préparation", "Lecture", "Écriture", "Validation"];
    let sees = |outcome: Outcome, expected: bool| {
        let outcome = outcome.exits(0);
        for word in words {
            assert_eq!(
                outcome.stdout.contains(word),
                expected,
                "{word}: {outcome:#?}"
            );
        }
    };
    sees(estate.crmreco(&["sync", "cave", "--full"]), false);
    sees(estate.crmreco(&["sync", "cave", "--full", "-v"]), true);
    sees(estate.crmreco(&["show", "cave"]), false);
    sees(estate.crmreco(&["show", "cave", "-v"]), true);
}
