//! An end in good order: what was asked for is answered, what was under way ends or rolls back, the port is free.

use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::held::Held;
use super::served::{PATIENCE, Served};
use super::syncing::Events;
use crate::common::{Estate, messages};

#[test]
fn term_and_ctrl_c_stop_the_server_with_their_code_and_a_message() {
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let estate = Estate::of("plain");
        let mut served = Served::of(&estate);
        served.page("/connectors").is(200);
        served.signal(signal);
        assert_eq!(served.ended(), (Some(code), "\n".to_owned()));
        assert!(served.log().contains("Serveur arrêté"), "{}", served.log());
        // Free for the next one.
        drop(TcpListener::bind(served.address()).unwrap());
        assert!(TcpStream::connect(served.address()).is_err());
    }
}

#[test]
fn open_streams_and_idle_connections_do_not_delay_the_stop() {
    let estate = Estate::of("plain");
    let mut served = Served::of(&estate);
    let mut events = Events::of(&served);
    events.until(|_| true);
    let idle = [served.connect(), served.connect()];
    served.page("/connectors").is(200);
    let begun = Instant::now();
    served.signal("-TERM");
    assert_eq!(served.ended().0, Some(143));
    assert!(events.ends());
    // Less than it would give to answers still under way.
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    drop(idle);
}

#[test]
fn a_stop_rolls_back_a_running_sync_and_stores_and_returns_it() {
    let held = Held::new();
    let estate = &held.estate;
    let mut served = Served::of(estate);
    let token = served.forgery_token().to_owned();
    let cookie = served.cookie().unwrap().to_owned();
    let address = served.address();
    let waiting = thread::spawn(move || {
        let client: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let sync = client
            .post(format!("http://{address}/connectors/cave/sync"))
            .header("Cookie", cookie)
            .header("X-CSRF-Token", token);
        let mut response = sync.send_json(json!({})).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), text)
    });
    held.is_under_way();
    served.signal("-TERM");
    assert_eq!(served.ended().0, Some(143));
    let (status, text) = waiting.join().unwrap();
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (status, &answer["success"], &answer["status"]),
        (503, &json!(false), &json!("interrupted")),
        "{text}"
    );
    assert!(!messages(&answer, "errors").is_empty(), "{text}");
    let logs = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    assert_eq!(logs["logs"][0], answer);
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["0"]);
    assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"]);
    held.let_go();
    estate.sync();
}

#[test]
fn queued_syncs_do_not_start_after_a_stop() {
    let held = Held::new();
    let estate = &held.estate;
    let mut served = Served::of(estate);
    let token = served.forgery_token().to_owned();
    for name in ["chai", "cuvier", "depot", "pressoir", "quai"] {
        held.and(name);
        let sync = served.ask("POST", &format!("/connectors/{name}/sync"));
        let sync = sync.form(&[("csrf_token", token.as_str())]);
        sync.header("Accept", super::served::PAGE).send().is(303);
    }
    held.are_under_way(4);
    served.signal("-TERM");
    assert_eq!(served.ended().0, Some(143));
    let runs = "SELECT status, count(*) FROM runs GROUP BY status";
    assert_eq!(estate.sql(runs), ["interrupted|4"]);
}

#[test]
fn the_next_server_closes_the_run_of_a_killed_one() {
    let held = Held::new();
    let estate = &held.estate;
    let served = Served::of(estate);
    let token = served.forgery_token().to_owned();
    let form = [("csrf_token", token.as_str())];
    served
        .ask("POST", "/connectors/cave/sync")
        .header("Accept", super::served::PAGE)
        .form(&form)
        .send()
        .is(303);
    held.is_under_way();
    drop(served);
    let served = Served::of(estate);
    let shown = served.json("/connectors/cave").document();
    assert_eq!(shown["sync_logs"][0]["status"], "interrupted", "{shown:#}");
    assert_eq!(shown["status"]["status"], "error");
    held.let_go();
    served.post("/connectors/cave/sync").send().is(200);
}

#[test]
fn an_unavailable_address_is_1_with_advice() {
    let estate = Estate::of("plain");
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    estate
        .crmreco(&["serve", "--addr", &address])
        .exits(1)
        .says(&[&address, "déjà prise", "--addr"]);
    // Of the block kept for documentation: no machine has it.
    let mut command = estate.command(&["serve", "--addr", "192.0.2.1:0"]);
    let elsewhere =
        crate::common::Outcome::of(command.env("CRMRECO_SERVE_TOKEN", super::answer::TOKEN));
    elsewhere
        .exits(1)
        .says(&["n'est pas de cette machine", "--addr"]);
    for wrong in ["localhost:5000", "127.0.0.1", "127.0.0.1:99999", ":5000"] {
        estate.crmreco(&["serve", "--addr", wrong]).exits(2);
    }
    for wrong in ["crm.example:5000", "https://crm.example", "", "a b"] {
        estate.crmreco(&["serve", "--host", wrong]).exits(2);
    }
}

#[test]
fn without_json_the_url_is_printed() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let estate = Estate::of("plain");
    let mut command = estate.command(&["serve", "--addr", "127.0.0.1:0"]);
    let mut process = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(
        line.contains("http://127.0.0.1:") && line.trim_end().ends_with("/connectors"),
        "{line}"
    );
}

#[test]
fn an_unusable_home_is_reported_before_serving() {
    let estate = Estate::of("plain");
    std::fs::write(estate.database(), "not a database, for sure not one at all").unwrap();
    estate
        .crmreco(&["serve", "--addr", "127.0.0.1:0"])
        .exits(1)
        .says(&["crmreco.db"]);
}
