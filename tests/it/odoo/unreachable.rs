//! A server that cannot be read at all: each reason has a sentence of its own, what to do, exit code 1, a row in the
//! history, and leaves every table as it was.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use serde_json::json;

use super::exchange::Exchange;
use super::fault::Fault;
use super::site::{Site, doorstep_18, doorstep_19};
use super::spy::Spy;
use super::stub::{KEY, Stub};
use super::when::When;
use crate::common::{copy_folder, fixtures};

/// `cave` reads that server; the tables hold the rows of another connector.
fn site_at(url: &str) -> Site {
    let site = Site::at(url, "cave").setting("TIMEOUT", "5");
    let plain = fixtures().join("isavigne/plain");
    copy_folder(&plain, &site.estate.exports());
    site.estate.connector("chai", &site.estate.exports());
    site.run(&["sync", "chai"]).exits(0);
    assert!(site.rows().len() > 10);
    site
}

/// An Odoo that always fails so where the fault is, and what is said of it.
#[track_caller]
fn fails_with(exchanges: Vec<Exchange>, when: When, fault: Fault, words: &[&str]) {
    let stub = Stub::of(exchanges);
    stub.fault(when.always(), fault);
    let site = site_at(&stub.url());
    site.fails(words);
    site.keeps_no_secret();
}

/// A closed port.
fn closed_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// A server that answers every connection with these bytes, whatever it is asked.
fn answering(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(bytes);
        }
    });
    format!("http://127.0.0.1:{port}")
}

#[test]
fn the_port_is_closed() {
    let url = format!("http://127.0.0.1:{}", closed_port());
    site_at(&url).fails(&[&url, "injoignable", "connexion refusée", "adresse"]);
}

#[test]
fn the_name_of_the_server_is_unknown() {
    site_at("https://odoo.invalid").fails(&[
        "https://odoo.invalid",
        "injoignable",
        "nom de serveur",
    ]);
}

#[test]
fn https_is_used_on_a_plain_port() {
    // So answers a web server that waits for plain requests.
    let plain = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let url = plain.replace("http://", "https://");
    site_at(&url).fails(&[
        "Pas de connexion sécurisée",
        &url,
        "ce port ne parle pas https",
    ]);
}

#[test]
fn the_response_is_not_http() {
    let url = answering(b"SSH-2.0-OpenSSH_9.6\r\n");
    site_at(&url).fails(&[&url, "n'est pas un serveur web", "Vérifiez l'adresse"]);
}

#[test]
fn an_error_page_is_reported_by_its_status() {
    for (status, words) in [
        (404, ["ne connaît pas l'API d'Odoo", "Vérifiez l'adresse"]),
        (410, ["ne connaît pas l'API d'Odoo", "Vérifiez l'adresse"]),
        (401, ["refuse l'entrée", "mandataire"]),
        (403, ["refuse l'entrée", "mandataire"]),
        (500, ["est en panne", "journal"]),
    ] {
        let number = format!("HTTP {status}");
        let words = [&words[..], &[&number]].concat();
        fails_with(doorstep_19(), When::any(), Fault::Html(status), &words);
    }
}

#[test]
fn the_database_is_missing_by_json_2() {
    let stub = Stub::of(doorstep_19());
    let site = Site::at(&stub.url(), "cellier");
    site.fails(&["base « cellier » n'existe pas", "réglage DB"]);
}

#[test]
fn the_database_is_missing_by_json_rpc() {
    let message =
        "connection to server on socket failed: FATAL:  database \"cave\" does not exist\n";
    let fault = Fault::rpc_error("psycopg2.OperationalError", message);
    let when = When::call("common", "authenticate");
    fails_with(
        doorstep_18(),
        when,
        fault,
        &["base « cave » n'existe pas", "réglage DB"],
    );
}

#[test]
fn the_key_is_refused_by_json_2() {
    let when = When::call("res.users", "context_get");
    let words = [
        "refuse la clé API de « crm »",
        "expirée",
        "Nouvelle clé API",
        "API_KEY",
    ];
    fails_with(doorstep_19(), when, Fault::unauthorized(), &words);
}

#[test]
fn a_key_refused_by_json_rpc_is_never_tried_again() {
    let stub = Stub::of(doorstep_18());
    let site = Site::of(&stub).setting("API_KEY", "une-autre-cle-de-test");
    let logins = || stub.calls("common", "authenticate").len();
    for (command, tried) in [("test", 1), ("sync", 2)] {
        let outcome = site.run(&[command, "cave"]).exits(1);
        outcome.says(&["refuse la clé API de « crm »", "API_KEY"]);
        assert_eq!(
            logins(),
            tried,
            "after five of them Odoo refuses the right key too"
        );
    }
    assert!(stub.requests().iter().all(|asked| {
        asked
            .call
            .as_ref()
            .is_none_or(|call| call.model == "common")
    }));
}

#[test]
fn a_key_refused_by_json_2_is_never_tried_again() {
    let stub = Stub::of(doorstep_19());
    let site = Site::of(&stub).setting("API_KEY", "une-autre-cle-de-test");
    site.sync_fails(&["refuse la clé API"]);
    assert_eq!(stub.requests().len(), 2, "{:?}", stub.requests());
}

#[test]
fn the_subscription_has_no_external_api() {
    let message = "API access is not included in your pricing plan. Please upgrade.";
    let fault = || Fault::rpc_error("odoo.exceptions.AccessDenied", message);
    let words = ["abonnement", "API externe", "Personnalisé"];
    let when = When::call("res.users", "context_get");
    fails_with(doorstep_19(), when, fault(), &words);
    let when = When::call("common", "authenticate");
    fails_with(doorstep_18(), when, fault(), &words);
}

#[test]
fn a_proxy_redirects_to_a_login_page() {
    let words = ["page web au lieu de données", "mandataire", "connexion"];
    fails_with(doorstep_19(), When::any(), Fault::LoginPage, &words);
    let when = When::call("res.users", "context_get");
    fails_with(doorstep_19(), when, Fault::LoginPage, &words);
    let when = When::call("common", "authenticate");
    fails_with(doorstep_18(), when, Fault::LoginPage, &words);
}

#[test]
fn the_key_does_not_follow_to_another_host() {
    for status in [301, 302, 303, 307, 308] {
        for (exchanges, when) in [
            (doorstep_19(), When::any()),
            (doorstep_19(), When::call("res.users", "context_get")),
            (doorstep_18(), When::call("common", "authenticate")),
        ] {
            let (stub, spy) = (Stub::of(exchanges), Spy::start());
            let elsewhere = format!("{}/ailleurs", spy.url());
            stub.fault(when.always(), Fault::Redirect(status, elsewhere.clone()));
            let site = Site::of(&stub);
            site.sync_fails(&["renvoie vers", &elsewhere, "La clé n'y a pas été envoyée"]);
            assert!(!spy.heard(KEY), "{status}");
            assert_eq!(spy.requests().len(), 0, "{status}: nothing else either");
        }
    }
}

#[test]
fn plain_http_redirects_to_https() {
    let stub = Stub::of(doorstep_19());
    let secure = "https://127.0.0.1/web/version";
    stub.fault(
        When::any().always(),
        Fault::Redirect(301, secure.to_owned()),
    );
    site_at(&stub.url()).fails(&["renvoie vers", secure, "donnez-la comme URL"]);
}

#[test]
fn control_characters_of_a_redirect_are_not_printed() {
    let stub = Stub::of(doorstep_19());
    let long = format!("https://ailleurs.invalid/{}", "x".repeat(5_000));
    stub.fault(When::any().always(), Fault::Redirect(302, long));
    let outcome = Site::of(&stub).run(&["test", "cave"]).exits(1);
    assert!(outcome.text().len() < 1_000, "{outcome:?}");
}

#[test]
fn the_response_is_not_from_odoo() {
    for body in ["", "[{\"id\": 1, \"name\": \"Rie", "null", "[]", "7"] {
        let fault = || Fault::Status(200, Vec::new(), body.to_owned());
        fails_with(
            doorstep_19(),
            When::any(),
            fault(),
            &["est illisible", "JSON", "mandataire"],
        );
    }
    for body in ["", "{\"id\": 1, \"name\": \"Rie", "null", "[]", "7", "{}"] {
        let fault = Fault::Status(200, Vec::new(), body.to_owned());
        let when = When::call("common", "authenticate");
        fails_with(doorstep_18(), when, fault, &["est illisible", "JSON"]);
    }
    for body in ["", "{\"uid\": 2,"] {
        let fault = Fault::Status(200, Vec::new(), body.to_owned());
        let when = When::call("res.users", "context_get");
        fails_with(doorstep_19(), when, fault, &["est illisible", "JSON"]);
    }
}

#[test]
fn a_server_error_is_quoted_without_its_traceback() {
    let said = "could not serialize access\n  due to concurrent update";
    let fault = Fault::rpc_error("psycopg2.errors.SerializationFailure", said);
    let when = When::call("res.users", "context_get");
    fails_with(
        doorstep_19(),
        when,
        fault,
        &[
            "Odoo refuse",
            "could not serialize access due to",
            "administrateur",
        ],
    );
}

#[test]
fn a_key_in_a_server_error_is_not_printed() {
    let said = format!("invalid token '{KEY}' for crm");
    for (exchanges, when) in [
        (doorstep_19(), When::call("res.users", "context_get")),
        (doorstep_18(), When::call("common", "authenticate")),
    ] {
        let fault = Fault::value_error(&said);
        fails_with(exchanges, when, fault, &["invalid token '••••' for crm"]);
    }
}

#[test]
fn one_silent_server_does_not_block_other_connectors() {
    let url = format!("http://127.0.0.1:{}", closed_port());
    let site = site_at(&url);
    let answers = site.run(&["sync", "--all", "--json"]).exits(1).json();
    let success = |name: &str| {
        let answers = answers.as_array().unwrap();
        let answer = answers
            .iter()
            .find(|answer| answer["connector_name"] == name);
        answer.unwrap()["success"].clone()
    };
    assert_eq!(
        (success("cave"), success("chai")),
        (json!(false), json!(true))
    );
}
