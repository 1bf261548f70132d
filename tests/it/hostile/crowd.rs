//! Many processes at once on an empty home: the first one creates the database, and the others use it.

use std::process::{Child, Stdio};

use crate::common::{Estate, Outcome, assert_says};
use crate::strace::{self, Injection, Traced};

fn start(estate: &Estate, args: &[&str]) -> Child {
    let mut command = estate.command(args);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().unwrap()
}

/// Runs all of `commands` at once.
fn at_once(estate: &Estate, commands: &[Vec<String>]) -> Vec<Outcome> {
    let start = |args: &Vec<String>| {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        start(estate, &args)
    };
    let children: Vec<Child> = commands.iter().map(start).collect();
    let ended = children.into_iter().map(Child::wait_with_output);
    ended.map(|output| Outcome::from(output.unwrap())).collect()
}

fn command(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn ten_connectors_at_once_on_a_new_home_all_succeed() {
    let names: Vec<String> = (0..10).map(|number| format!("cave_{number}")).collect();
    let estate = Estate::of("plain");
    for name in &names {
        estate.connector(name, &estate.exports());
    }
    // New, then known; then all tables again.
    for more in [&[][..], &[], &["--full"]] {
        let commands: Vec<_> = names
            .iter()
            .map(|name| command(&[&["sync", name, "--json"], more].concat()))
            .collect();
        for outcome in at_once(&estate, &commands) {
            assert_eq!(outcome.exits(0).json()["success"], true);
        }
        let rows = estate.sql("SELECT source, count(*) FROM sales_lines GROUP BY 1 ORDER BY 1");
        let all: Vec<_> = names.iter().map(|name| format!("{name}|5")).collect();
        assert_eq!(rows, all);
    }
    assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"]);
}

#[test]
fn one_connector_many_times_at_once_is_synced_by_one_at_a_time() {
    let estate = Estate::of("plain");
    let commands = vec![command(&["sync", "cave", "--json"]); 6];
    let outcomes = at_once(&estate, &commands);
    let codes: Vec<_> = outcomes.iter().map(|outcome| outcome.code).collect();
    assert!(codes.contains(&Some(0)), "{codes:?}");
    for outcome in outcomes {
        match outcome.code {
            Some(0) => assert_eq!(outcome.json()["success"], true),
            Some(4) => assert_eq!(outcome.json()["success"], false),
            _ => panic!("{outcome:#?}"),
        }
    }
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
    let inserted = "SELECT sum(inserted) FROM run_tables WHERE table_name = 'SALES_LINES'";
    assert_eq!(estate.sql(inserted), ["5"]);
}

#[test]
fn queries_are_answered_meanwhile() {
    let estate = Estate::of("plain");
    let mut commands = vec![command(&["sync", "cave"])];
    for look in ["list", "status", "metrics"] {
        commands.extend(vec![command(&[look, "--json"]); 3]);
    }
    for outcome in at_once(&estate, &commands) {
        outcome.exits(0);
    }
    estate.sync();
}

#[test]
fn simultaneous_writes_lose_no_setting() {
    let estate = Estate::bare();
    let names: Vec<String> = (0..10).map(|number| format!("cave_{number}")).collect();
    let add = |name: &String| command(&["add", name, "--type", "isavigne", "--path", "/tmp"]);
    let commands: Vec<_> = names.iter().map(add).collect();
    for outcome in at_once(&estate, &commands) {
        outcome.exits(0);
    }
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    let listed: Vec<_> = list["connectors"].as_object().unwrap().keys().collect();
    assert_eq!(listed, names.iter().collect::<Vec<_>>());
}

#[test]
fn a_lack_of_threads_is_reported_and_the_next_sync_does_the_rest() {
    if strace::is_missing() {
        return;
    }
    let estate = Estate::of("plain");
    for nth in [1, 2] {
        let none_left = Injection::at("?clone,?clone3", "error=EAGAIN", nth).and_after();
        let sync = estate.command(&["sync", "cave", "--full"]);
        let traced = Traced::run(&sync, &none_left);
        assert!(traced.was_hit);
        let outcome = Outcome::from(traced.output).exits(1);
        assert_says(&outcome.text(), &["fil d'exécution", "--jobs 1"]);
    }
    assert_eq!(estate.sync()["success"], true);
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
}
