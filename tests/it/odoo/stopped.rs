//! A sync of Odoo that is stopped leaves nothing half-done, wherever it was, and the next one repairs the rest.

use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use super::agrees::assert_agrees;
use super::call::Call;
use super::estate::{replayed, truth};
use super::fault::Fault;
use super::stub::{Asked, Stub};
use super::when::When;
use crate::common::{Estate, Outcome, SQL_TABLES, TABLES, counts};

fn spawn(estate: &Estate) -> Child {
    let mut command = estate.command(&["sync", "cave", "--json"]);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().unwrap()
}

fn send(signal: &str, process: u32) {
    let sent = Command::new("kill")
        .args([signal, &process.to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Kills a first sync when it has asked for the n-th time, before it is answered.
fn kill_at(n: usize) -> (Stub, Estate) {
    let (stub, estate) = replayed("19.0/1-first");
    let process = Arc::new(OnceLock::new());
    let victim = Arc::clone(&process);
    let kill = Fault::signal(move || send("-KILL", *victim.wait()));
    stub.fault(When::any().nth(n), kill);
    let child = spawn(&estate);
    process.set(child.id()).unwrap();
    assert_eq!(
        child.wait_with_output().unwrap().status.code(),
        None,
        "killed at {n}"
    );
    (stub, estate)
}

/// Each table as before its load or as after it.
fn assert_whole_tables(estate: &Estate, n: usize) {
    let truth = truth("19.0", "1-first");
    for (table, name) in SQL_TABLES.into_iter().zip(TABLES) {
        let rows = estate
            .sql(&format!("SELECT count(*) FROM {table}"))
            .concat();
        let all = truth[name]["rows"].to_string();
        assert!(rows == "0" || rows == all, "{table} holds {rows} after {n}");
    }
}

#[test]
fn the_next_sync_repairs_one_killed_at_any_request() {
    let (stub, estate) = replayed("19.0/1-first");
    estate.sync();
    let requests = stub.requests().len();
    drop((stub, estate));
    assert!(requests > 40, "{requests}");
    // Four at a time: each waits for its processes most of the time.
    thread::scope(|scope| {
        for first in 1..=4 {
            scope.spawn(move || (first..=requests).step_by(4).for_each(killed_and_repaired));
        }
    });
}

fn killed_and_repaired(n: usize) {
    let (stub, estate) = kill_at(n);
    assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"], "{n}");
    assert_whole_tables(&estate, n);
    // Tables that were whole are asked for changes.
    stub.phase("19.0/2-again");
    estate.sync();
    assert_agrees(&estate, &truth("19.0", "1-first"));
    let left = "SELECT count(*) FROM runs WHERE status = 'running'";
    assert_eq!(estate.sql(left), ["0"], "{n}");
}

/// Asks a hanging server to stop, at the n-th request for rows.
fn terminate_at(n: usize) {
    let (stub, estate) = replayed("19.0/1-first");
    stub.fault(When::data().nth(n), Fault::Hang);
    let child = spawn(&estate);
    let deadline = Instant::now() + Duration::from_secs(30);
    let is_data = |asked: &Asked| asked.call.as_ref().is_some_and(Call::is_data);
    while stub
        .requests()
        .iter()
        .filter(|asked| is_data(asked))
        .count()
        < n
    {
        assert!(Instant::now() < deadline, "never asked {n} times");
        thread::sleep(Duration::from_millis(5));
    }
    let stopped = Instant::now();
    send("-TERM", child.id());
    let outcome = Outcome::from(child.wait_with_output().unwrap()).exits(143);
    assert!(
        stopped.elapsed() < Duration::from_secs(2),
        "{:?}",
        stopped.elapsed()
    );
    assert_eq!(outcome.json()["success"], false);
    let log = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    assert_eq!(log["logs"][0]["status"], "interrupted", "{log:#}");
    assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"]);
    assert_whole_tables(&estate, n);
    stub.phase("19.0/2-again");
    let answer = estate.sync();
    assert_agrees(&estate, &truth("19.0", "1-first"));
    assert!(counts(&answer, "CONTACT_HISTORY").inserted > 0);
}

#[test]
fn term_during_a_hanging_request_is_143_at_once() {
    // The session, a small table, the pages of customers, products and sales, the stock.
    for n in [1, 2, 7, 13, 20, 26] {
        terminate_at(n);
    }
}
