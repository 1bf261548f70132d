//! Requests that cannot be answered as they were asked: each has its documented status, in the form its reader reads.

use serde_json::json;

use super::served::{JSON, PAGE, Served};
use crate::common::Estate;

#[test]
fn invalid_parameters_are_400_and_named() {
    let estate = Estate::of("plain");
    estate.sync();
    let served = Served::of(&estate);
    for (query, word) in [
        ("logs?limit=abc", "limit"),
        ("logs?limit=-1", "limit"),
        ("logs?limit=1.5", "limit"),
        ("logs?limit=1001", "1000"),
        ("logs?limit=99999999999999999999999", "limit"),
        ("logs?offset=abc", "offset"),
        ("logs?offset=-1", "offset"),
        ("receipt?run=abc", "run"),
        ("receipt?offset=-1", "offset"),
        ("rejects?run=abc", "run"),
        ("rejects?run=9223372036854775808", "run"),
        ("rejects?limit=abc", "limit"),
        ("rejects?offset=%FF", "offset"),
    ] {
        let path = format!("/connectors/cave/{query}");
        served.json(&path).fails(400, &[word]);
    }
    served
        .page("/connectors/cave?offset=abc")
        .is(400)
        .says(&["offset", "nombre"]);
    served
        .page("/connectors/cave/rejects?run=abc")
        .is(400)
        .says(&["run"]);
}

#[test]
fn a_sync_with_invalid_options_is_400_and_does_nothing() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for (body, word) in [
        (json!({"source": "wine"}), "sales_lines"),
        (json!({"source": 7}), "source"),
        (json!({"source": ["customers"]}), "source"),
        (json!({"source": {"table": "customers"}}), "source"),
        (json!({"last_sync": "yesterday"}), "2025-12-27T16:00:00"),
        (json!({"last_sync": 1}), "last_sync"),
        (json!({"last_sync": "2025-02-30T00:00:00"}), "last_sync"),
        (json!([]), "objet JSON"),
        (json!("customers"), "objet JSON"),
        (json!(null), "objet JSON"),
    ] {
        let sync = served.post("/connectors/cave/sync").json(&body);
        sync.send().fails(400, &[word]);
    }
    for text in [
        "{",
        "source=customers",
        "{\"source\": customers}",
        "{} {}",
        "\u{feff}{}",
        "nul\0",
    ] {
        let sync = served.post("/connectors/cave/sync").body(JSON, text);
        sync.send().fails(400, &["objet JSON"]);
    }
    let page = served.post("/connectors/cave/sync").header("Accept", PAGE);
    let page = page.form(&[("source", "wine")]).send().is(400);
    assert!(page.is_page(), "{page}");
    let logs = served.json("/connectors/cave/logs").document();
    assert_eq!(logs["total"], 0, "{logs:#}");
}

#[test]
fn a_body_of_another_type_is_415_and_one_too_long_413() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for kind in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/xml",
        "",
    ] {
        let sync = served
            .post("/connectors/cave/sync")
            .body(kind, "source=customers");
        sync.send().fails(415, &["application/json"]);
    }
    let most = 64 * 1024;
    for (length, status) in [(most, 400), (most + 1, 413)] {
        let sync = served
            .post("/connectors/cave/sync")
            .body(JSON, vec![b'x'; length]);
        sync.send().fails(status, &[]);
    }
    assert_eq!(served.json("/connectors/cave/logs").document()["total"], 0);
}

#[test]
fn an_unknown_connector_is_404() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for path in ["", "/logs", "/rejects", "/receipt"] {
        let path = format!("/connectors/cav{path}");
        served.json(&path).fails(404, &["« cav »", "cave"]);
    }
    for path in ["/test", "/sync"] {
        let path = format!("/connectors/cav{path}");
        let json = served.post(&path).header("Accept", JSON);
        json.send().fails(404, &["« cav »", "cave"]);
        let page = served.post(&path).header("Accept", PAGE).send().is(404);
        assert!(page.is_page(), "{page}");
    }
    // Pages name no command.
    let page = served
        .page("/connectors/quelquun")
        .is(404)
        .says(&["quelquun"]);
    assert!(!page.text().contains("crmreco add"), "{page}");
    served.page("/connecteurs").is(404).says(&["n'existe pas"]);
    served.json("/connecteurs").fails(404, &["n'existe pas"]);
    served.json("/connectors/cave/history").fails(404, &[]);
    served.json("/connectors/api/history").fails(404, &[]);
    assert!(!estate.database().exists() || estate.sql("SELECT * FROM runs").is_empty());
}

#[test]
fn other_methods_are_405_with_the_allowed_ones() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for (path, allowed) in [
        ("/connectors", "GET,HEAD,POST"),
        ("/connectors/cave", "GET,HEAD"),
        ("/connectors/cave/logs", "GET,HEAD"),
        ("/connectors/cave/sync", "POST"),
        ("/connectors/api/status", "GET,HEAD"),
        ("/login", "GET,HEAD,POST"),
    ] {
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
            let token = served.forgery_token();
            let answer = served.ask(method, path).header("X-CSRF-Token", token);
            let answer = answer.header("Accept", JSON).send().fails(405, &[]);
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        }
    }
    for path in ["/connectors/cave/sync", "/connectors/cave/test", "/logout"] {
        for method in ["GET", "HEAD"] {
            let answer = served.ask(method, path).send().is(405);
            assert_eq!(answer.header("allow"), Some("POST"), "{method} {path}");
        }
        served.page(path).is(405).says(&["/connectors"]);
    }
    assert!(
        served.json("/connectors/cave/logs").document()["logs"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_head_is_answered_as_a_get_without_its_body() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    for path in [
        "/connectors",
        "/connectors/cave",
        "/connectors/api/metrics",
        "/nowhere",
    ] {
        let (head, get) = (
            served.ask("HEAD", path).send(),
            served.ask("GET", path).send(),
        );
        assert_eq!((head.status, head.bytes()), (get.status, 0), "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
    }
}
