//! Running syncs of all processes: every page shows them, and no second sync of the same connector starts.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::held::Held;
use super::served::{JSON, PAGE, PATIENCE, Served};
use crate::common::{Estate, Outcome, messages};
use crate::odoo::when::When;

fn by_command(estate: &Estate) -> Child {
    let mut command = estate.command(&["sync", "cave", "--json"]);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().unwrap()
}

fn runs(estate: &Estate) -> Vec<String> {
    estate.sql("SELECT run_id, status FROM runs ORDER BY run_id")
}

/// An open stream of events.
pub struct Events(BufReader<TcpStream>);

impl Events {
    pub fn of(served: &Served) -> Self {
        let mut stream = served.connect();
        let request = format!(
            "GET /connectors/api/events HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n",
            served.address(),
            served.cookie().unwrap()
        );
        stream.write_all(request.as_bytes()).unwrap();
        Self(BufReader::new(stream))
    }

    /// The next event that says so.
    #[track_caller]
    pub fn until(&mut self, says: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut line = String::new();
        while Instant::now() < deadline {
            line.clear();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the stream ended");
            if let Some(data) = line.strip_prefix("data: ") {
                let pulse: Value = serde_json::from_str(data).unwrap();
                if says(&pulse) {
                    return pulse;
                }
            }
        }
        panic!("no event says so");
    }

    /// Whether nothing but the rest of an event comes, then the end.
    pub fn ends(mut self) -> bool {
        let mut line = String::new();
        loop {
            line.clear();
            match self.0.read_line(&mut line) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }
}

fn names(pulse: &Value) -> Vec<&str> {
    let syncing = pulse["syncing"].as_array().unwrap().iter();
    syncing
        .map(|one| one["connector_name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_sync_of_cron_is_shown_and_blocks_ours() {
    let held = Held::new();
    let estate = &held.estate;
    let served = Served::of(estate);
    let mut events = Events::of(&served);
    let before = events.until(|_| true);
    assert_eq!(before, json!({"syncing": [], "last_run_id": null}));

    let cron = by_command(estate);
    held.is_under_way();
    let listed = served.json("/connectors").document();
    assert_eq!(listed["connectors"]["cave"]["status"], "syncing");
    assert_eq!(
        listed["status"]["connectors_by_status"]["syncing"], 1,
        "{listed:#}"
    );
    served.page("/connectors").is(200).says(&[
        "En cours",
        "data-progress=\"cave\"",
        "http-equiv=\"refresh\"",
    ]);
    served
        .page("/connectors/cave")
        .is(200)
        .says(&["En cours", "data-progress=\"cave\""]);
    events.until(|pulse| names(pulse) == ["cave"]);

    let (rows, kept) = (estate.dump(), runs(estate));
    let refused = served
        .post("/connectors/cave/sync")
        .json(&json!({}))
        .send()
        .is(409)
        .document();
    assert_eq!(refused["connector_name"], "cave");
    assert!(
        messages(&refused, "errors")
            .concat()
            .contains("déjà en cours"),
        "{refused:#}"
    );
    let page = served
        .post("/connectors/cave/sync")
        .header("Accept", PAGE)
        .send();
    page.is(409).says(&["Déjà en cours"]);
    assert_eq!((estate.dump(), runs(estate)), (rows, kept));

    held.let_go();
    let answer = Outcome::from(cron.wait_with_output().unwrap())
        .exits(0)
        .json();
    let after = events.until(|pulse| names(pulse).is_empty());
    assert_eq!(after["last_run_id"], answer["run_id"]);
    let page = served.page("/connectors").is(200).says(&["✓ Sain"]);
    assert!(!page.text().contains("http-equiv=\"refresh\""), "{page}");
    assert_eq!(
        served.json("/connectors/cave/logs").document()["logs"][0],
        answer
    );
}

#[test]
fn a_sync_of_the_server_blocks_the_command_and_shows_its_progress() {
    // At a page of customers.
    let held = Held::at(When::data().nth(7));
    let estate = &held.estate;
    let served = Served::of(estate);
    served.forgery_token();
    let mut events = Events::of(&served);
    thread::scope(|scope| {
        let ours = scope.spawn(|| served.post("/connectors/cave/sync").json(&json!({})).send());
        held.is_under_way();
        estate.crmreco(&["sync", "cave", "--json"]).exits(4);
        let refused = served
            .post("/connectors/cave/sync")
            .header("Accept", JSON)
            .send();
        refused.is(409);
        let shown = estate.crmreco(&["show", "cave", "--json"]).exits(0).json();
        assert_eq!(shown["status"]["status"], "syncing");
        let pulse = events.until(|pulse| pulse["syncing"][0]["unit"].is_string());
        assert_eq!(names(&pulse), ["cave"]);
        let keys: Vec<_> = pulse["syncing"][0].as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "bytes",
                "connector_name",
                "label",
                "of_bytes",
                "rows",
                "run_bytes",
                "run_of_bytes",
                "table",
                "unit"
            ]
        );
        assert_eq!(runs(estate), ["1|running"]);
        held.let_go();
        let answer = ours.join().unwrap().is(200).document();
        assert_eq!(
            (&answer["success"], &answer["run_id"]),
            (&json!(true), &json!(1))
        );
        events.until(|pulse| pulse["last_run_id"] == 1 && names(pulse).is_empty());
    });
    assert_eq!(runs(estate), ["1|success"]);
}

#[test]
fn other_connectors_can_be_synced_and_shown_meanwhile() {
    let held = Held::new();
    let estate = &held.estate;
    estate.export("clients.csv", "code_client;nom\nC1;Durand\n");
    for name in ["chai", "depot"] {
        estate.connector(name, &estate.exports());
    }
    let served = Served::of(estate);
    served.forgery_token();
    thread::scope(|scope| {
        let first = scope.spawn(|| served.post("/connectors/cave/sync").json(&json!({})).send());
        held.is_under_way();
        for name in ["chai", "depot"] {
            let path = format!("/connectors/{name}/sync");
            let answer = served
                .post(&path)
                .json(&json!({}))
                .send()
                .is(200)
                .document();
            assert_eq!(answer["records_processed"]["CUSTOMERS"], 1);
            served
                .post(&format!("/connectors/{name}/test"))
                .send()
                .is(200);
            served.json(&format!("/connectors/{name}/logs")).is(200);
        }
        held.let_go();
        first.join().unwrap().is(200);
    });
}

#[test]
fn a_client_that_disconnects_does_not_end_the_sync() {
    let held = Held::new();
    let estate = &held.estate;
    let served = Served::of(estate);
    let mut stream = served.connect();
    let request = format!(
        "POST /connectors/cave/sync HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nX-CSRF-Token: {}\r\nContent-Length: 0\r\n\r\n",
        served.address(),
        served.cookie().unwrap(),
        served.forgery_token()
    );
    stream.write_all(request.as_bytes()).unwrap();
    held.is_under_way();
    drop(stream);
    // Time for the server to notice.
    thread::sleep(Duration::from_millis(300));
    assert_eq!(
        served.json("/connectors/cave").document()["status"]["status"],
        "syncing"
    );
    held.let_go();
    Events::of(&served).until(|pulse| pulse["last_run_id"] == 1 && names(pulse).is_empty());
    assert_eq!(runs(estate), ["1|success"]);
    assert_eq!(
        served.json("/connectors/cave/logs").document()["logs"][0]["success"],
        true
    );
}

#[test]
fn event_streams_are_limited_and_block_no_request() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let mut listeners: Vec<_> = (0..64).map(|_| Events::of(&served)).collect();
    for listener in &mut listeners {
        listener.until(|_| true);
    }
    served
        .json("/connectors/api/events")
        .fails(503, &["Trop de pages"]);
    served.json("/connectors").is(200);
    served
        .post("/connectors/cave/sync")
        .json(&json!({}))
        .send()
        .is(200);
    for listener in &mut listeners {
        listener.until(|pulse| pulse["last_run_id"] == 1);
    }
    // Who left is noticed when there is something to tell.
    drop(listeners);
    let deadline = Instant::now() + PATIENCE;
    loop {
        served
            .post("/connectors/cave/sync")
            .json(&json!({}))
            .send()
            .is(200);
        let mut stream = served.connect();
        let request = format!(
            "GET /connectors/api/events HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n",
            served.address(),
            served.cookie().unwrap()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        if line.contains(" 200 ") {
            break;
        }
        assert!(Instant::now() < deadline, "no place is ever free again");
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn queued_syncs_are_shown_as_running() {
    let held = Held::new();
    let served = Served::of(&held.estate);
    let token = served.forgery_token();
    let press = |name: &str| {
        let sync = served.ask("POST", &format!("/connectors/{name}/sync"));
        let sync = sync.form(&[("csrf_token", token)]);
        sync.header("Accept", PAGE).send().is(303);
    };
    press("cave");
    for name in ["chai", "cuvier", "depot", "pressoir", "quai"] {
        held.and(name);
        press(name);
    }
    held.are_under_way(4);
    // A fifth sync is not shown late because it is queued.
    let pulse = Events::of(&served).until(|pulse| names(pulse).len() == 6);
    assert_eq!(names(&pulse)[5], "quai");
    let list = served.json("/connectors").document();
    for name in ["cave", "quai"] {
        assert_eq!(list["connectors"][name]["status"], "syncing", "{name}");
    }
    let again = served.post("/connectors/quai/sync").send().is(409);
    assert_eq!(again.document()["connector_name"], "quai");
    held.let_go();
    Events::of(&served).until(|pulse| names(pulse).is_empty() && pulse["last_run_id"] == 6);
    let successes = "SELECT count(*) FROM runs WHERE status = 'success'";
    assert_eq!(held.estate.sql(successes), ["6"]);
}
