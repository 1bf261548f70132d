//! Bytes that are no HTTP, or not quite: answered 4xx or not at all, and the next client as ever.

use std::io::Write;
use std::thread;
use std::time::Duration;

use super::answer::until_closed;
use super::served::Served;
use crate::common::Estate;

/// The beginning of a TLS handshake.
const TLS: &[u8] = &[
    0x16, 0x03, 0x01, 0x00, 0xa5, 0x01, 0x00, 0x00, 0xa1, 0x03, 0x03, 0x5f, 0x0d, 0x0a, 0x0d, 0x0a,
];

#[test]
fn an_invalid_request_is_4xx_and_closes_the_connection() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let host = format!("Host: {}", served.address());
    let lines = |lines: &[&str]| (lines.join("\r\n") + "\r\n\r\n").into_bytes();
    for bytes in [
        TLS.to_vec(),
        b"\0\0\0\0\r\n\r\n".to_vec(),
        vec![0xff; 4096],
        b"\r\n\r\n\r\n\r\nhello\r\n\r\n".to_vec(),
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec(),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
        lines(&["GET /connectors HTTP/9.9", &host]),
        lines(&["GET /connectors", &host]),
        lines(&["GET  /connectors HTTP/1.1", &host]),
        lines(&["GET /connec tors HTTP/1.1", &host]),
        lines(&["G\u{e9}T /connectors HTTP/1.1", &host]),
        lines(&["GET /connectors HTTP/1.1", &host, "no colon"]),
        lines(&["GET /connectors HTTP/1.1", &host, "X: a\0b"]),
        lines(&["GET /connectors HTTP/1.1", &host, " folded: x"]),
        lines(&["POST /connectors HTTP/1.1", &host, "Content-Length: -1"]),
        lines(&["POST /connectors HTTP/1.1", &host, "Content-Length: x"]),
        lines(&[
            "POST /connectors HTTP/1.1",
            &host,
            "Content-Length: 1",
            "Content-Length: 2",
        ]),
        lines(&[
            "POST /connectors HTTP/1.1",
            &host,
            "Transfer-Encoding: cloud",
        ]),
        lines(&[
            "POST /connectors HTTP/1.1",
            &host,
            "Connection: close",
            "Transfer-Encoding: chunked",
            "",
            "zz",
        ]),
    ] {
        for answer in served.raw(&bytes) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            assert!((400..500).contains(&answer.status), "{text}: {answer}");
        }
    }
    served.json("/connectors").is(200);
}

#[test]
fn a_body_with_two_lengths_starts_no_second_request() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let smuggled = format!(
        "POST /nowhere HTTP/1.1\r\nHost: {0}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n\
         0\r\n\r\nGET /connectors HTTP/1.1\r\nHost: {0}\r\nConnection: close\r\n\r\n",
        served.address()
    );
    for answer in served.raw(smuggled) {
        assert!((400..500).contains(&answer.status), "{answer}");
    }
}

#[test]
fn requests_sent_one_after_the_other_are_answered_in_order() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let mut sent = String::new();
    for (path, connection) in [
        ("/healthz", "keep-alive"),
        ("/connectors/cave/logs", "keep-alive"),
        ("/nowhere", "keep-alive"),
        ("/connectors/api/status", "close"),
    ] {
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: {connection}\r\n\r\n"
        );
        sent.push_str(&head);
    }
    let statuses: Vec<_> = served
        .raw(sent)
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert_eq!(statuses, [200, 200, 404, 200]);
}

#[test]
fn a_connection_is_kept_for_the_next_request_also_after_a_refusal() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let mut stream = served.connect();
    for (path, connection) in [
        ("/connectors", "keep-alive"),
        ("/nowhere", "keep-alive"),
        ("/healthz", "close"),
    ] {
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: {connection}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
    }
    assert_eq!(until_closed(stream).len(), 3);
}

#[test]
fn a_connection_is_kept_after_an_unused_body() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let host = format!("Host: {}", served.address());
    let elsewhere = "Origin: http://ailleurs.example";
    for (line, status) in [
        ("GET /connectors HTTP/1.1", 200),
        ("GET /nowhere HTTP/1.1", 404),
        ("POST /connectors/cave/sync HTTP/1.1", 403),
    ] {
        let mut stream = served.connect();
        let head = [line, &host, elsewhere, "Content-Length: 5", "", ""].join("\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        // A server that answers before the body has come would take it for the next request, or close.
        thread::sleep(Duration::from_millis(200));
        stream.write_all(b"a=b&c").unwrap();
        let next = ["GET /healthz HTTP/1.1", &host, "Connection: close", "", ""].join("\r\n");
        stream.write_all(next.as_bytes()).unwrap();
        let answers = until_closed(stream);
        let told: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(told, [status, 200], "{answers:#?}");
        assert_eq!(answers[0].header("connection"), None, "{answers:#?}");
    }
}

#[test]
fn a_connection_closed_after_an_unread_body_announces_it() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let host = format!("Host: {}", served.address());
    let post = "POST /connectors/cave/sync HTTP/1.1";
    let elsewhere = "Origin: http://ailleurs.example";
    for (lines, status) in [
        // Too long, and it never comes.
        (&[post, &host, "Content-Length: 65537"][..], 413),
        (&[post, &host, "Content-Length: 104857600"], 413),
        // Waits for our word before it sends what nobody wants.
        (
            &[
                post,
                &host,
                elsewhere,
                "Content-Length: 5",
                "Expect: 100-continue",
            ],
            403,
        ),
        (
            &["GET /connectors HTTP/1.1", &host, "Content-Length: 5"],
            200,
        ),
    ] {
        let answers = served.raw([lines, &["", ""]].concat().join("\r\n"));
        assert_eq!(answers.len(), 1, "{lines:?}: {answers:#?}");
        assert_eq!(answers[0].status, status, "{lines:?}: {answers:#?}");
        let connection = answers[0].header("connection");
        assert_eq!(connection, Some("close"), "{lines:?}: {answers:#?}");
    }
}

#[test]
fn a_client_may_disconnect_at_any_moment() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let head = format!(
        "POST /connectors/cave/test HTTP/1.1\r\nHost: {}\r\nContent-Length: 5\r\n\r\nabc",
        served.address()
    );
    for length in (0..head.len()).step_by(7) {
        let mut stream = served.connect();
        stream.write_all(&head.as_bytes()[..length]).unwrap();
    }
    served.json("/connectors").is(200);
}
