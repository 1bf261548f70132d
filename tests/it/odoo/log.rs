//! What the log says of talks with a server: each answer, each new try, and never the key, however it is written.

use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::exchange::TRACEBACK;
use super::fault::Fault;
use super::house::House;
use super::secrets::failures;
use super::site::Site;
use super::spy::Spy;
use super::stub::{KEY, Stub};
use super::when::When;
use crate::common::{Estate, Outcome};
use crate::logging::{events, logged, said};

const LINES: &str = "sale.order.line";

/// `secret` as it may stand in a text: as it is, or within something that was written in base64.
fn guises(secret: &str) -> Vec<String> {
    let mut guises = vec![secret.to_owned()];
    for before in 0..3 {
        let bytes = [&vec![b' '; before], secret.as_bytes()].concat();
        // Those signs that tell of the secret alone, whatever stands around it.
        let (begin, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            guises.push(engine.encode(&bytes)[begin..end].to_owned());
        }
    }
    guises
}

fn leak(text: &str, secrets: &[&str]) -> Option<String> {
    let guises = secrets.iter().flat_map(|secret| guises(secret));
    guises
        .into_iter()
        .find(|guise| text.contains(guise.as_str()))
}

#[test]
fn the_leak_check_finds_encoded_secrets() {
    for wrapped in [
        format!("key={KEY}"),
        format!("Basic {}", STANDARD_NO_PAD.encode(format!("crm:{KEY}"))),
        format!("Basic {}", STANDARD_NO_PAD.encode(format!("{KEY}:"))),
        URL_SAFE_NO_PAD.encode(format!("bearer {KEY} and more")),
        STANDARD_NO_PAD.encode(format!("{{\"args\":[\"cave\",\"{KEY}\"]}}")),
    ] {
        assert!(leak(&wrapped, &[KEY]).is_some(), "{wrapped}");
    }
    assert_eq!(leak("nothing to see", &[KEY]), None);
}

/// Every command about `cave`, logged as much as can be in both forms: nothing of the secrets is in it.
#[track_caller]
fn log_everything(estate: &Estate, secrets: &[&str]) {
    let mut lines = 0;
    for args in [
        &["test", "cave"][..],
        &["sync", "cave"],
        &["sync", "cave", "--full", "--dry-run"],
        &["show", "cave"],
        &["logs", "cave"],
        &["logs", "cave", "--rejects"],
        &["list"],
        &["status"],
        &["metrics"],
    ] {
        for form in ["text", "json"] {
            let mut command = estate.command(args);
            command
                .env("CRMRECO_LOG", "trace")
                .env("CRMRECO_LOG_FORMAT", form);
            // A log that is sent on must not contain this password either.
            let proxy = "http://mandataire:m0t-de-passe@127.0.0.1:9";
            command.env("HTTP_PROXY", proxy).env("ALL_PROXY", proxy);
            let outcome = Outcome::of(&mut command);
            let secrets = [secrets, &["m0t-de-passe", TRACEBACK]].concat();
            assert_eq!(
                leak(&outcome.text(), &secrets),
                None,
                "{args:?}: {outcome:#?}"
            );
            lines += outcome.stderr.lines().count();
        }
    }
    assert!(lines > 0, "nothing was logged");
}

#[test]
fn no_log_line_contains_the_key_after_a_success() {
    for house in [House::of(60), House::of(60).by_rpc()] {
        let stub = Stub::at_home(house);
        let site = Site::of(&stub);
        log_everything(&site.estate, &[KEY]);
        site.keeps_no_secret();
    }
}

#[test]
fn no_log_line_contains_the_key_after_a_failure() {
    let spy = Spy::start();
    for rpc in [false, true] {
        for fault in failures(&spy.url()) {
            let mut house = House::of(3);
            house.rpc = rpc;
            let stub = Stub::at_home(house);
            stub.fault(When::call(LINES, "search_read").always(), fault);
            let site = Site::of(&stub);
            let outcome = logged(&site.estate, &["sync", "cave", "--json"]).exits(1);
            assert_eq!(
                leak(&outcome.text(), &[KEY, TRACEBACK]),
                None,
                "{outcome:#?}"
            );
            assert!(
                !said(&events(&outcome), "failed").is_empty(),
                "{outcome:#?}"
            );
        }
    }
    assert!(spy.requests().is_empty());
}

#[test]
fn no_log_line_contains_a_part_of_a_password_in_a_url() {
    for url in [
        "https://jean-du-chai:tr3s-secret@cave.exemple.fr",
        "http://jean-du-chai:tr3s-secret@127.0.0.1:9",
        "jean-du-chai:tr3s-secret@cave",
        "http://cave.exemple.fr:99999/@jean-du-chai:tr3s-secret@",
    ] {
        let site = Site::at(url, "cave");
        log_everything(&site.estate, &[KEY, "tr3s-secret", "jean-du-chai"]);
    }
    // Through a proxy whose address holds one, to a server on another machine.
    let site = Site::at("http://192.0.2.1", "cave").setting("ALLOW_HTTP", "true");
    log_everything(&site.estate.setting("TIMEOUT", "1"), &[KEY]);
}

#[test]
fn settings_given_to_add_are_not_logged() {
    let estate = Estate::bare();
    let args = [
        "add",
        "cave",
        "--type",
        "odoo",
        "--url",
        "https://cave.exemple.fr",
        "--db",
        "cave",
        "--user",
        "crm",
    ];
    let mut command = estate.command(&args);
    command.env("CRMRECO_CONNECTOR__CAVE__API_KEY", KEY);
    let outcome = Outcome::of(command.env("CRMRECO_LOG", "trace")).exits(0);
    assert!(
        outcome.stderr.contains("settings rewritten"),
        "{outcome:#?}"
    );
    assert_eq!(leak(&outcome.text(), &[KEY]), None, "{outcome:#?}");
}

#[test]
fn each_response_is_logged_with_its_size() {
    let stub = Stub::at_home(House::of(60));
    let site = Site::of(&stub);
    let outcome = logged(&site.estate, &["sync", "cave", "--json"]).exits(0);
    let events = events(&outcome);
    let answers = said(&events, "Odoo answered");
    let asked = stub.calls(LINES, "search_read").len();
    let pages = answers.iter().filter(|event| {
        (&event["model"], &event["method"]) == (&LINES.into(), &"search_read".into())
    });
    let pages: Vec<&&Value> = pages.collect();
    assert_eq!(pages.len(), asked, "{events:#?}");
    assert!(
        pages.iter().any(|page| page["rows"].as_u64() > Some(1)),
        "{pages:#?}"
    );
    for page in pages {
        assert!(page["bytes"].as_u64() > Some(0), "{page:#}");
        assert_eq!(page["attempt"], 1, "{page:#}");
        assert_eq!(page["span"]["connector"], "cave", "{page:#}");
    }
    let greeted = said(&events, "Odoo answers");
    assert_eq!((greeted.len(), &greeted[0]["version"]), (1, &"19.0".into()));
}

#[test]
fn each_retry_is_logged_with_its_reason() {
    let stub = Stub::at_home(House::of(3));
    stub.fault(When::page_above(LINES, 1), Fault::Html(503));
    let site = Site::of(&stub);
    let outcome = logged(&site.estate, &["sync", "cave", "--json"]).exits(0);
    let events = events(&outcome);
    let tries = said(&events, "trying again");
    assert_eq!(tries.len(), 1, "{events:#?}");
    assert_eq!(
        (&tries[0]["level"], &tries[0]["what"]),
        (&"WARN".into(), &LINES.into())
    );
    assert!(tries[0]["failure"].as_str().unwrap().contains("503"));
    assert!(tries[0]["pause_seconds"].as_f64().unwrap() > 0.0);
    let again = said(&events, "Odoo answered").into_iter();
    let again: Vec<&Value> = again.filter(|event| event["attempt"] == 2).collect();
    assert_eq!(again.len(), 1, "{events:#?}");
    assert_eq!(again[0]["model"], LINES);
}

#[test]
fn a_slow_server_counts_in_the_right_phase() {
    let slow = Duration::from_millis(300);
    let stub = Stub::at_home(House::of(3));
    stub.fault(
        When::page_above(LINES, 1),
        Fault::signal(move || thread::sleep(slow)),
    );
    let answer = Site::of(&stub).sync();
    let read = &answer["phases"]["tables"]["SALES_LINES"]["read_seconds"];
    assert!(read.as_f64().unwrap() >= slow.as_secs_f64(), "{answer:#}");
}
