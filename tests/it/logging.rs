//! The log: off by default, on standard error alone, one line per event in either form, never in the way of
//! the answer.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::common::{Estate, Outcome, TABLES, fixtures};
use crate::exit_codes::hold_lock;

/// The events of a log in JSON. Every line is one, and says what every event must.
#[track_caller]
pub fn events(outcome: &Outcome) -> Vec<Value> {
    let event = |line: &str| {
        let event: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{error}: {line}: {outcome:#?}"));
        for key in ["timestamp", "level", "message", "target"] {
            assert!(event[key].is_string(), "{key}: {line}");
        }
        event
    };
    outcome.stderr.lines().map(event).collect()
}

/// The events with this message.
pub fn said<'e>(events: &'e [Value], message: &str) -> Vec<&'e Value> {
    let said = events.iter().filter(|event| event["message"] == message);
    said.collect()
}

/// The program with a log in JSON of all there is to say.
pub fn logged(estate: &Estate, args: &[&str]) -> Outcome {
    let mut command = estate.command(args);
    command.env("CRMRECO_LOG", "trace");
    Outcome::of(command.env("CRMRECO_LOG_FORMAT", "json"))
}

fn with_variable(estate: &Estate, variable: (&str, &str), args: &[&str]) -> Outcome {
    Outcome::of(estate.command(args).env(variable.0, variable.1))
}

#[test]
fn nothing_is_logged_by_default() {
    let estate = Estate::of("plain");
    for command in [&["sync", "cave"][..], &["list"], &["test", "cave"]] {
        let outcome = estate.crmreco(command).exits(0);
        assert_eq!(outcome.stderr, "");
        for off in ["off", "", " "] {
            let outcome = with_variable(&estate, ("CRMRECO_LOG", off), command).exits(0);
            assert_eq!(outcome.stderr, "", "{off:?}");
        }
    }
}

#[test]
fn v_logs_events_and_vv_logs_details() {
    let estate = Estate::of("plain");
    let outcome = estate.crmreco(&["sync", "cave", "-v"]).exits(0);
    for message in [
        "run begun",
        "planned",
        "file read",
        "table committed",
        "run ended",
    ] {
        assert!(outcome.stderr.contains(message), "{message}: {outcome:#?}");
        assert!(!outcome.stdout.contains(message), "{message}: {outcome:#?}");
    }
    assert!(!outcome.stderr.contains("file surveyed"), "{outcome:#?}");
    assert!(
        outcome.stdout.contains("synchronisation réussie"),
        "{outcome:#?}"
    );
    for verbose in [&["-vv", "sync", "cave"][..], &["sync", "-v", "-v", "cave"]] {
        let outcome = estate.crmreco(verbose).exits(0);
        assert!(outcome.stderr.contains("file surveyed"), "{outcome:#?}");
    }
}

#[test]
fn json_log_events_agree_with_the_output() {
    let estate = Estate::of("plain");
    let args = ["sync", "cave", "--json", "-vv", "--log-format", "json"];
    let outcome = estate.crmreco(&args).exits(0);
    let (answer, events) = (outcome.json(), events(&outcome));
    let (begun, ended) = (said(&events, "run begun"), said(&events, "run ended"));
    assert_eq!((begun.len(), ended.len()), (1, 1), "{events:#?}");
    assert_eq!(begun[0]["run_id"], answer["run_id"]);
    assert_eq!(ended[0]["status"], "success");
    assert_eq!(ended[0]["seconds"], answer["duration_seconds"]);
    let committed = said(&events, "table committed");
    assert_eq!(committed.len(), TABLES.len());
    for event in committed {
        let table = event["table"].as_str().unwrap();
        for (count, value) in answer["records"][table].as_object().unwrap() {
            assert_eq!(&event[count], value, "{table} {count}: {event:#}");
        }
        for (phase, seconds) in answer["phases"]["tables"][table].as_object().unwrap() {
            assert_eq!(&event[phase], seconds, "{table} {phase}: {event:#}");
        }
    }
    // Read on a thread of its own, for the same connector.
    let read = said(&events, "file read");
    let sales = read
        .iter()
        .find(|event| event["file"] == "ventes.csv")
        .unwrap();
    assert_eq!(sales["rows"], 5);
    assert_eq!(sales["bytes"], estate.export_text("ventes.csv").len());
    assert_eq!(sales["span"]["connector"], "cave");
    assert_eq!(said(&events, "file surveyed").len(), 5);
}

#[test]
fn the_log_does_not_grow_with_the_rows() {
    let length = |rows: usize| {
        let estate = Estate::empty();
        let row = |at| format!("C{at};Dupont\n");
        let rows: String = (0..rows).map(row).collect();
        estate.export("clients.csv", format!("code_client;nom\n{rows}"));
        let outcome = logged(&estate, &["sync", "cave", "--json"]).exits(0);
        let mut messages: Vec<String> = events(&outcome)
            .iter()
            .map(|event| event["message"].to_string())
            .collect();
        // The machine is not ours alone.
        messages.retain(|message| !message.contains("waited for the database"));
        messages
    };
    assert_eq!(length(3), length(6_000));
}

#[test]
fn the_environment_names_levels_for_all_or_by_part() {
    let estate = Estate::of("plain");
    let args = ["sync", "cave", "--log-format", "json"];
    let of = |levels: &str| {
        let outcome = with_variable(&estate, ("CRMRECO_LOG", levels), &args).exits(0);
        events(&outcome)
    };
    assert!(of("info").iter().all(|event| event["level"] == "INFO"));
    assert!(of("DEBUG").iter().any(|event| event["level"] == "DEBUG"));
    assert!(of("warn").is_empty());
    let store = of("warn,crmreco::store=debug");
    assert!(!store.is_empty());
    for event in store {
        let target = event["target"].as_str().unwrap();
        assert!(target.starts_with("crmreco::store"), "{event:#}");
    }
}

#[test]
fn the_command_line_wins_over_the_environment() {
    let estate = Estate::of("plain");
    let mut command = estate.command(&["sync", "cave", "-v", "--log-format", "text"]);
    command
        .env("CRMRECO_LOG", "off")
        .env("CRMRECO_LOG_FORMAT", "json");
    let outcome = Outcome::of(&mut command).exits(0);
    assert!(outcome.stderr.contains(" INFO "), "{outcome:#?}");
    assert!(!outcome.stderr.contains('{') || outcome.stderr.contains("sync{connector="));
    let json = with_variable(&estate, ("CRMRECO_LOG_FORMAT", "json"), &["list", "-vv"]);
    assert_eq!(said(&events(&json), "database open").len(), 1);
}

#[test]
fn an_invalid_level_is_refused_in_french() {
    let estate = Estate::of("plain");
    for (variable, value, hint) in [
        ("CRMRECO_LOG", "blah", "warn,crmreco::store=debug"),
        ("CRMRECO_LOG", "ureq=debug", "warn,crmreco::store=debug"),
        ("CRMRECO_LOG_FORMAT", "xml", "text ou json"),
    ] {
        let outcome = with_variable(&estate, (variable, value), &["sync", "cave"]).exits(3);
        assert_eq!(outcome.stdout, "");
        let outcome = outcome.says(&[variable, value, "n'est pas", hint]);
        assert_eq!(outcome.stderr.lines().count(), 2, "{outcome:#?}");
        let args = ["sync", "cave", "--json"];
        let answer = with_variable(&estate, (variable, value), &args)
            .exits(3)
            .json();
        assert_eq!(answer["success"], false);
        assert!(answer["message"].as_str().unwrap().contains(variable));
    }
    estate.crmreco(&["list", "--log-format", "xml"]).exits(2);
    assert!(!estate.database().exists());
}

#[test]
fn quiet_silences_results_but_not_the_log() {
    let estate = Estate::of("plain");
    let outcome = estate.crmreco(&["sync", "cave", "--quiet", "-v"]).exits(0);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("run ended"), "{outcome:#?}");
    for line in outcome.stderr.lines() {
        assert!(line.contains(" INFO "), "{line}");
    }
}

#[test]
fn log_events_name_their_connector() {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.exports());
    let args = ["sync", "--all", "--jobs", "2", "--json"];
    let outcome = logged(&estate, &args).exits(0);
    outcome.json();
    let events = events(&outcome);
    for name in ["cave", "chai"] {
        let ours = |event: &&Value| event["span"]["connector"] == name;
        for (message, times) in [("run begun", 1), ("file read", 5), ("table committed", 5)] {
            let said = said(&events, message);
            let said = said.into_iter().filter(ours).count();
            assert_eq!(said, times, "{name} {message}");
        }
    }
}

#[test]
fn failures_are_logged_with_their_cause() {
    let estate = Estate::bare();
    estate.connector("cave", &estate.root().join("nowhere"));
    for command in [&["test", "cave"][..], &["sync", "cave"]] {
        let args = [command, &["--json"]].concat();
        let outcome = logged(&estate, &args).exits(1);
        outcome.json();
        let events = events(&outcome);
        let failed = said(&events, "failed");
        assert_eq!(failed.len(), 1, "{events:#?}");
        assert_eq!(failed[0]["level"], "ERROR");
        assert_eq!(failed[0]["span"]["connector"], "cave");
        assert!(failed[0]["error"].as_str().unwrap().contains("nowhere"));
    }
    let outcome = logged(&estate, &["show", "nobody"]).exits(3);
    let mut lines = outcome.stderr.lines();
    let failed = lines.find(|line| line.contains(r#""message":"failed""#));
    let event: Value = serde_json::from_str(failed.unwrap()).unwrap();
    assert_eq!(
        (&event["connector"], &event["kind"]),
        (&"nobody".into(), &"NotFound".into())
    );
}

#[test]
fn settings_rewritten_are_logged_without_a_value() {
    let estate = Estate::bare();
    let path = estate.exports().display().to_string();
    let add = [
        "add", "cave", "--type", "isavigne", "--path", &path, "--json",
    ];
    for (args, change) in [
        (&add[..], "set"),
        (&["remove", "cave", "--yes", "--json"], "removed"),
    ] {
        let outcome = logged(&estate, args).exits(0);
        let events = events(&outcome);
        let rewritten = said(&events, "settings rewritten");
        assert_eq!(rewritten.len(), 1, "{outcome:#?}");
        assert!(rewritten[0][change].as_u64().unwrap() > 0, "{outcome:#?}");
        assert!(!outcome.stderr.contains(&path), "{outcome:#?}");
    }
}

#[test]
fn a_migration_is_logged_once() {
    let estate = Estate::of("plain");
    let frozen = fixtures().join("databases/v1.sql");
    let sql = std::fs::read_to_string(frozen).unwrap();
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    database.execute_batch(&sql).unwrap();
    drop(database);
    let outcome = logged(&estate, &["list", "--json"]).exits(0);
    let events_of_first = events(&outcome);
    let migrated = said(&events_of_first, "database migrated");
    assert_eq!(migrated.len(), 1, "{outcome:#?}");
    assert_eq!(migrated[0]["from"], 1);
    let again = events(&logged(&estate, &["list", "--json"]).exits(0));
    assert_eq!(said(&again, "database migrated").len(), 0);
}

#[test]
fn a_run_whose_process_died_is_logged_when_it_is_closed() {
    let estate = Estate::of("plain");
    estate.sync();
    rusqlite::Connection::open(estate.database())
        .unwrap()
        .execute("UPDATE runs SET status = 'running', ended_at = NULL", [])
        .unwrap();
    let events = events(&logged(&estate, &["list", "--json"]).exits(0));
    let closed = said(&events, "run closed as interrupted: its process died");
    assert_eq!(closed.len(), 1, "{events:#?}");
    assert_eq!(
        (&closed[0]["source"], &closed[0]["run_id"]),
        (&"cave".into(), &1.into())
    );
}

#[test]
fn a_connector_that_is_busy_is_logged_try_by_try() {
    let estate = Estate::of("plain");
    let _held = hold_lock(&estate, "cave");
    let outcome = logged(&estate, &["sync", "cave", "--json"]).exits(4);
    let events = events(&outcome);
    assert_eq!(said(&events, "lock held by another process").len(), 4);
    assert_eq!(said(&events, "lock taken").len(), 0);
}

#[test]
fn a_wait_for_the_database_is_logged_with_its_length() {
    let estate = Estate::of("plain");
    estate.sync();
    let other = rusqlite::Connection::open(estate.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut command = estate.command(&["sync", "cave", "--json", "-vv", "--log-format", "json"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut next = |message: &str| {
        let events = log.by_ref().map(|line| line.unwrap());
        let events = events.map(|line| serde_json::from_str::<Value>(&line).unwrap());
        let mut said = events.filter(|event| event["message"] == message);
        said.next().unwrap_or_else(|| panic!("no « {message} »"))
    };
    // Once SQLite has waited as long as it does by itself, and the program asks again.
    let held = next("database held by another writer");
    other.execute_batch("COMMIT").unwrap();
    let waited = next("waited for the database");
    let seconds = |event: &Value| event["seconds"].as_f64().unwrap();
    assert!(seconds(&held) > 0.0, "{held:#}");
    assert!(seconds(&waited) >= seconds(&held), "{waited:#}");
    next("run ended");
    assert!(child.wait().unwrap().success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_failed_write_of_the_log_is_ignored() {
    let estate = Estate::of("plain");
    for nowhere in ["2>/dev/full", "2>&-"] {
        let piped = estate.command(&["sync", "cave", "--full", "--json", "-vv"]);
        let mut command = Command::new("sh");
        let script = format!("exec \"$0\" \"$@\" {nowhere}");
        command
            .args(["-c", &script])
            .arg(piped.get_program())
            .args(piped.get_args());
        command.env_clear();
        command.envs(
            piped
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        let outcome = Outcome::of(&mut command).exits(0);
        assert_eq!(outcome.json()["success"], true, "{nowhere}");
    }
}
