//! The key is in `.env` and nowhere else, and what the server says of its own code stays with it: no output of any
//! command after a success or any failure, no file of the home, no list of processes.

use serde_json::json;

use super::exchange::TRACEBACK;
use super::fault::{Fault, RetryAfter};
use super::house::House;
use super::site::{Site, assert_discreet};
use super::spy::Spy;
use super::stub::{KEY, Stub};
use super::when::When;

const LINES: &str = "sale.order.line";

/// All that can be asked of `cave`, as people and as programs ask it.
fn ask_everything(site: &Site) {
    for command in [
        &["test", "cave"][..],
        &["sync", "cave"],
        &["sync", "cave", "--full", "--dry-run"],
        &["show", "cave"],
        &["list"],
        &["logs", "cave"],
        &["logs", "cave", "--rejects"],
        &["status"],
        &["metrics"],
    ] {
        site.run(command);
        site.run(&[command, &["--json"]].concat());
    }
    site.keeps_no_secret();
}

#[test]
fn a_successful_sync_prints_no_secret() {
    for house in [House::of(60), House::of(60).by_rpc()] {
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        site.sync();
        ask_everything(&site);
        assert!(site.estate.env_text().contains(KEY));
    }
}

/// As a server that logs its requests has it from `Authorization: Basic`, or from a JSON that escapes all it likes.
#[test]
fn an_encoded_key_in_a_response_is_not_printed() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let basic = STANDARD.encode(format!("crm@cave.fr:{KEY}"));
    let mut house = House::of(60);
    house.partners[0]["name"] = json!(format!("Basic {basic}"));
    let stub = Stub::at_home(house);
    let site = Site::of(&stub);
    site.sync();
    let names = site.estate.sql("SELECT last_name FROM customers WHERE last_name LIKE 'Basic%' OR company_name LIKE 'Basic%'");
    let all = site.estate.dump().join("\n");
    assert!(all.contains("••••"), "{names:?}");
    // Of the 57 signs that stand for the key, those at its ends may be its neighbours' too.
    let inner = &basic[basic.len() - 50..basic.len() - 4];
    assert!(!all.contains(inner), "{names:?}");
}

#[test]
fn a_key_in_a_server_s_rows_is_not_printed() {
    for rpc in [false, true] {
        let mut house = House::of(60);
        (house.rpc, house.login, house.company) = (rpc, KEY, KEY);
        house.partners[0]["name"] = json!([KEY]);
        house.partners[1]["name"] = json!(format!("Clé {KEY}"));
        let stub = Stub::at_home(house);
        let site = Site::of(&stub).setting("MAX_REJECTS", "10");
        site.sync();
        let rejects = site.estate.sql("SELECT value FROM rejects");
        assert_eq!(rejects, ["[\"••••\"]"]);
        ask_everything(&site);
    }
}

/// Each quotes the key and a traceback, as some server might.
pub fn failures(elsewhere: &str) -> Vec<Fault> {
    let quoting = format!("{KEY} {TRACEBACK}");
    let page = |status: u16| {
        let html = vec![("Content-Type".to_owned(), "text/html".to_owned())];
        Fault::Status(status, html, quoting.clone())
    };
    vec![
        Fault::unauthorized(),
        Fault::access_error(&format!("Non {KEY}.\n\n\t- Groupe/{KEY}")),
        Fault::unprocessable(&format!("bad {KEY}")),
        Fault::value_error(&format!("{KEY} is no field")),
        Fault::rpc_error(&format!("x.{KEY}"), &format!("no field {KEY}")),
        Fault::rpc_error("builtins.KeyError", &format!("Object {KEY} doesn't exist")),
        Fault::rpc_error(
            "psycopg2.OperationalError",
            &format!("database {KEY} does not exist"),
        ),
        page(200),
        page(404),
        page(500),
        Fault::Status(500, Vec::new(), format!("\"{quoting}\"")),
        Fault::Status(200, Vec::new(), quoting.clone()),
        Fault::Redirect(302, format!("{elsewhere}/?key={KEY}")),
        Fault::TooMany(RetryAfter::Seconds(3_600)),
        Fault::InvalidJson,
    ]
}

#[test]
fn a_failed_sync_prints_no_secret() {
    let spy = Spy::start();
    for rpc in [false, true] {
        for fault in failures(&spy.url()) {
            let mut house = House::of(3);
            house.rpc = rpc;
            let stub = Stub::at_home(house);
            stub.fault(When::call(LINES, "search_read").always(), fault);
            let site = Site::of(&stub);
            site.run(&["sync", "cave"]).exits(1);
            for command in [
                &["sync", "cave", "--json"][..],
                &["logs", "cave"],
                &["logs", "cave", "--json"],
                &["show", "cave"],
            ] {
                site.run(command);
            }
            site.keeps_no_secret();
        }
    }
    assert!(spy.requests().is_empty());
}

#[test]
fn an_unreadable_server_is_reported_without_the_key() {
    let spy = Spy::start();
    for (rpc, model, method) in [
        (false, "res.users", "context_get"),
        (true, "common", "version"),
        (true, "common", "authenticate"),
    ] {
        for fault in failures(&spy.url()) {
            let mut house = House::of(3);
            house.rpc = rpc;
            let stub = Stub::at_home(house);
            stub.fault(When::call(model, method).always(), fault);
            let site = Site::of(&stub);
            for command in [
                &["test", "cave"][..],
                &["test", "cave", "--json"],
                &["sync", "cave"],
                &["sync", "cave", "--json"],
            ] {
                site.run(command).exits(1);
            }
            site.run(&["logs", "cave", "--json"]).exits(0);
            site.keeps_no_secret();
        }
    }
    assert!(spy.requests().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_list_of_processes_shows_no_key() {
    use std::fs;
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let stub = Stub::at_home(House::of(3));
    stub.fault(When::call(LINES, "search_read"), Fault::Hang);
    let site = Site::of(&stub);
    let mut command = site.estate.command(&["sync", "cave"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while stub.calls(LINES, "search_read").is_empty() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    let process = format!("/proc/{}", child.id());
    for file in ["cmdline", "environ"] {
        let seen = fs::read(format!("{process}/{file}")).unwrap();
        assert!(!seen.is_empty());
        assert_discreet(&String::from_utf8_lossy(&seen));
    }
    for thread in fs::read_dir(format!("{process}/task")).unwrap() {
        let name = fs::read_to_string(thread.unwrap().path().join("comm")).unwrap();
        assert_discreet(&name);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Where a kill leaves its journal, it holds no more than the database does.
    site.keeps_no_secret();
}
