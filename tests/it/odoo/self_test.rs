//! The doubles themselves: a test that leans on them must know that they would notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::Client;
use super::exchange::{Exchange, PLACEHOLDER, TRACEBACK, load};
use super::fault::{Fault, RetryAfter};
use super::recorder::Recorder;
use super::spy::Spy;
use super::stub::{KEY, Stub};
use super::when::When;

const PARTNERS: &str = "/json/2/res.partner/search_read";

fn partners(client: &Client, stub: &Stub, after: u64, limit: u64) -> (u16, Value) {
    client.ask(&stub.url(), PARTNERS, &page(after, limit))
}

fn page(after: u64, limit: u64) -> Value {
    json!({
        "domain": [["active", "=", true], ["id", ">", after]],
        "fields": ["name"], "order": "id", "limit": limit,
    })
}

fn rows(ids: &[u64]) -> Value {
    ids.iter()
        .map(|id| json!({"id": id, "name": format!("Client {id}")}))
        .collect()
}

/// Two pages of three rows at most, of which the second is the last.
fn two_pages() -> Vec<Exchange> {
    let call = ("res.partner", "search_read");
    vec![
        Exchange::json2("cave", call, page(0, 3), rows(&[2, 4, 5])),
        Exchange::json2("cave", call, page(5, 3), rows(&[7, 9])),
    ]
}

fn execute(key: &str, after: u64, limit: u64) -> Value {
    json!(["cave", 2, key, "res.partner", "search", [[["id", ">", after]]], {"order": "id", "limit": limit}])
}

fn question(service: &str, method: &str, args: &Value) -> Value {
    let params = json!({"service": service, "method": method, "args": args});
    json!({"id": 41, "method": "call", "jsonrpc": "2.0", "params": params})
}

fn rpc_server() -> Stub {
    let login = json!(["cave", "bot", PLACEHOLDER, {}]);
    Stub::of(vec![
        Exchange::rpc("common", "authenticate", login, json!(2)),
        Exchange::rpc(
            "object",
            "execute_kw",
            execute(PLACEHOLDER, 0, 9),
            json!([3, 8]),
        ),
    ])
}

#[test]
fn a_recorded_question_gets_its_answer() {
    let stub = Stub::of(two_pages());
    assert_eq!(
        partners(&Client::new(), &stub, 5, 3),
        (200, rows(&[7, 9])),
        "by JSON-2"
    );
    let asked = stub.calls("res.partner", "search_read");
    assert_eq!((asked[0].after(), asked[0].limit()), (Some(5), Some(3)));
    assert_eq!(stub.database(), "cave");

    let stub = rpc_server();
    let body = question("object", "execute_kw", &execute(KEY, 0, 9));
    assert_eq!(
        Client::new().ask(&stub.url(), "/jsonrpc", &body),
        (200, json!({"jsonrpc": "2.0", "id": 41, "result": [3, 8]})),
        "by JSON-RPC"
    );
    assert_eq!(stub.calls("res.partner", "search")[0].limit(), Some(9));
    assert_eq!(stub.login(), "bot");
}

#[test]
fn pages_of_another_size_are_cut_from_those_recorded() {
    let stub = Stub::of(two_pages());
    let client = Client::new();
    let cases: [(u64, u64, &[u64]); 6] = [
        (0, 2, &[2, 4]),
        (4, 2, &[5, 7]),
        (0, 100, &[2, 4, 5, 7, 9]),
        (3, 1, &[4]),
        (7, 2, &[9]),
        (9, 2, &[]),
    ];
    for (after, limit, ids) in cases {
        assert_eq!(partners(&client, &stub, after, limit), (200, rows(ids)));
    }

    let stub = rpc_server();
    let body = question("object", "execute_kw", &execute(KEY, 3, 1));
    let (_, answer) = client.ask(&stub.url(), "/jsonrpc", &body);
    assert_eq!(answer["result"], json!([8]));
}

fn read(ids: &[u64]) -> Value {
    json!({"ids": ids, "fields": ["name"]})
}

fn among(ids: &[u64]) -> Value {
    json!({"domain": [["id", "in", ids]], "order": "id"})
}

fn lists() -> Stub {
    Stub::of(vec![
        Exchange::json2("cave", ("uom.uom", "read"), read(&[9, 1]), rows(&[9, 1])),
        Exchange::json2(
            "cave",
            ("uom.uom", "search_read"),
            among(&[1, 3, 5]),
            rows(&[1, 5]),
        ),
    ])
}

#[test]
fn rows_named_by_their_ids_are_cut_too() {
    let stub = lists();
    let client = Client::new();
    let ask = |method: &str, body: &Value| {
        client.ask(&stub.url(), &format!("/json/2/uom.uom/{method}"), body)
    };
    assert_eq!(ask("read", &read(&[1])), (200, rows(&[1])));
    assert_eq!(ask("read", &read(&[1, 9])), (200, rows(&[1, 9])));
    let (_, found) = ask("search_read", &among(&[5, 3, 1]));
    assert_eq!(found, rows(&[1, 5]), "3 was asked for and is not there");
}

#[test]
#[should_panic(expected = "never recorded")]
fn an_id_that_nobody_asked_for_is_unexpected() {
    let stub = lists();
    let (path, body) = ("/json/2/uom.uom/search_read", among(&[1, 9]));
    assert_eq!(Client::new().ask(&stub.url(), path, &body).0, 500);
}

#[test]
#[should_panic(expected = "never recorded")]
fn what_follows_a_full_last_page_is_not_known() {
    let mut pages = two_pages();
    pages.truncate(1);
    let stub = Stub::of(pages);
    assert_eq!(partners(&Client::new(), &stub, 5, 3).0, 500);
}

#[test]
#[should_panic(expected = "never recorded")]
fn another_domain_is_unexpected() {
    let stub = Stub::of(two_pages());
    let mut body = page(0, 3);
    body["domain"][0][2] = json!(false);
    assert_eq!(Client::new().ask(&stub.url(), PARTNERS, &body).0, 500);
    stub.finish();
}

#[test]
#[should_panic(expected = "never recorded")]
fn pages_that_are_not_in_the_order_of_ids_are_unexpected() {
    let stub = Stub::of(two_pages());
    let mut body = page(0, 2);
    body["order"] = json!("name");
    assert_eq!(Client::new().ask(&stub.url(), PARTNERS, &body).0, 500);
}

#[test]
#[should_panic(expected = "User-Agent")]
fn a_client_without_its_name_is_unexpected() {
    let stub = Stub::of(two_pages());
    let body = page(0, 3).to_string();
    let sent = ureq::post(format!("{}{PARTNERS}", stub.url()))
        .content_type("application/json")
        .send(body);
    assert!(sent.is_err());
}

#[test]
fn a_wrong_key_or_database_is_refused_as_odoo_does() {
    let stub = Stub::of(two_pages());
    let mut client = Client::new();
    client.key = "wrong";
    let (status, error) = partners(&client, &stub, 0, 3);
    assert_eq!((status, &error["debug"]), (401, &json!(TRACEBACK)));
    assert_eq!(error["arguments"], json!(["Invalid apikey", 401]));
    client.database = "nulle-part";
    let (status, page) = partners(&client, &stub, 0, 3);
    assert_eq!((status, page.is_string()), (404, true));

    let stub = rpc_server();
    let login = question(
        "common",
        "authenticate",
        &json!(["cave", "bot", "wrong", {}]),
    );
    let (_, answer) = client.ask(&stub.url(), "/jsonrpc", &login);
    assert_eq!(answer["result"], json!(false));
    let call = question("object", "execute_kw", &execute("wrong", 0, 9));
    let (status, answer) = client.ask(&stub.url(), "/jsonrpc", &call);
    let name = &answer["error"]["data"]["name"];
    assert_eq!(
        (status, name),
        (200, &json!("odoo.exceptions.AccessDenied"))
    );
}

#[test]
fn answers_of_every_status_come_as_told_and_one_after_the_other() {
    let stub = Stub::of(two_pages());
    let faults = [
        (403, Fault::access_error("Pas le droit")),
        (500, Fault::memory_error()),
        (502, Fault::Html(502)),
        (429, Fault::TooMany(RetryAfter::Seconds(3))),
        (418, Fault::Status(418, Vec::new(), "{}".to_owned())),
        (200, Fault::LoginPage),
        (200, Fault::InvalidJson),
    ];
    let (statuses, faults): (Vec<_>, Vec<_>) = faults.into_iter().unzip();
    for fault in faults {
        stub.fault(When::data(), fault);
    }
    let client = Client::new();
    for status in statuses {
        let (answered, body) = partners(&client, &stub, 0, 3);
        assert_eq!(answered, status);
        assert!(!body.is_array(), "{body}");
    }
    assert_eq!(partners(&client, &stub, 0, 3).0, 200, "no fault is left");
    assert_eq!(stub.requests().len(), 8);
    assert_eq!(stub.connections(), 1, "kept alive");

    let stub = rpc_server();
    stub.fault(When::any(), Fault::memory_error());
    let body = question("object", "execute_kw", &execute(KEY, 0, 9));
    let (status, answer) = client.ask(&stub.url(), "/jsonrpc", &body);
    let name = &answer["error"]["data"]["name"];
    assert_eq!((status, name), (200, &json!("builtins.MemoryError")));
}

#[test]
fn a_date_to_retry_after_is_one_of_http() {
    let stub = Stub::of(two_pages());
    let wait = Duration::from_secs(90);
    stub.fault(When::any(), Fault::TooMany(RetryAfter::Date(wait)));
    let response = Client::new().post(&stub.url(), PARTNERS, &page(0, 3));
    let date = response.unwrap().headers()["Retry-After"].clone();
    let date = date.to_str().unwrap();
    assert!(date.len() == 29 && date.ends_with(" GMT"), "{date}");
}

#[test]
fn the_recorded_answer_can_be_altered_compressed_and_waited_for() {
    let stub = Stub::of(two_pages());
    let call = || When::call("res.partner", "search_read");
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    stub.fault(
        call().nth(2),
        Fault::replace(|mut rows| {
            rows[0]["name"] = json!(12);
            rows
        }),
    );
    stub.fault(
        call().nth(3),
        Fault::signal(move || {
            counted.fetch_add(1, Ordering::SeqCst);
        }),
    );
    stub.fault(call().times(1), Fault::Gzip);
    stub.fault(
        When::path(PARTNERS).nth(5),
        Fault::Trickle(20, Duration::from_millis(2)),
    );
    let client = Client::new();
    let answers: Vec<_> = (0..5).map(|_| partners(&client, &stub, 0, 3).1).collect();
    assert_eq!(answers[1][0]["name"], 12);
    for ordinary in [0, 2, 3, 4] {
        assert_eq!(answers[ordinary], rows(&[2, 4, 5]), "{ordinary}");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn answers_that_never_end_are_errors_of_the_connection() {
    let client = Client::waiting(Duration::from_millis(300));
    let began = Instant::now();
    for fault in [Fault::Hang, Fault::Reset, Fault::CutBody] {
        let stub = Stub::of(two_pages());
        stub.fault(When::any(), fault);
        let read = client
            .post(&stub.url(), PARTNERS, &page(0, 3))
            .and_then(|mut response| response.body_mut().read_to_string());
        assert!(read.is_err(), "{read:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
#[should_panic(expected = "never came to pass")]
fn a_fault_that_no_request_met_proves_nothing() {
    let stub = Stub::of(two_pages());
    stub.fault(When::data().nth(2), Fault::Hang);
    assert_eq!(partners(&Client::new(), &stub, 0, 3).0, 200);
}

#[test]
fn a_redirection_names_a_server_that_would_hear_the_key() {
    let (stub, spy) = (Stub::of(two_pages()), Spy::start());
    stub.fault(When::any().always(), Fault::Redirect(307, spy.url()));
    let client = Client::new();
    let response = client.post(&stub.url(), PARTNERS, &page(0, 3)).unwrap();
    assert_eq!(response.status(), 307);
    let location = response.headers()["Location"].to_str().unwrap();
    assert_eq!((location, spy.requests().len()), (spy.url().as_str(), 0));
    client.ask(location, PARTNERS, &page(0, 3));
    assert!(spy.heard(KEY));
}

#[test]
fn what_is_recorded_replays_and_holds_neither_key_nor_traceback() {
    let folder = tempfile::tempdir().unwrap();
    let (first, again) = (
        folder.path().join("18.0/1.jsonl"),
        folder.path().join("18.0/2.jsonl"),
    );
    let server = rpc_server();
    let data = json!({"name": "odoo.exceptions.UserError", "message": format!("vu {KEY}"), "debug": "Traceback, line 1"});
    let error = json!({"jsonrpc": "2.0", "id": 41, "error": {"code": 200, "data": data}});
    server.fault(
        When::any().nth(2),
        Fault::Status(200, Vec::new(), error.to_string()),
    );
    let recorder = Recorder::start(&server.url(), &first);
    let client = Client::new();
    let body = question("object", "execute_kw", &execute(KEY, 0, 9));
    let heard: Vec<_> = (0..2)
        .map(|_| client.ask(&recorder.url(), "/jsonrpc", &body))
        .collect();
    recorder.phase(&again);
    client.ask(&recorder.url(), "/jsonrpc", &body);

    let text = std::fs::read_to_string(&first).unwrap();
    assert!(!text.contains(KEY) && !text.contains("41"), "{text}");
    assert!(text.contains(TRACEBACK) && !text.contains("line 1"));
    assert_eq!((load(&first).len(), load(&again).len()), (2, 1));
    let replayed = Stub::of(load(&first));
    assert_eq!(client.ask(&replayed.url(), "/jsonrpc", &body), heard[0]);
    let (_, error) = client.ask(&replayed.url(), "/jsonrpc", &body);
    assert_eq!(error["error"]["data"]["message"], "vu CLE");
}
