//! Requests that are too much: refused in bounded time and memory, while others are answered as ever.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use super::answer::until_closed;
use super::served::{PATIENCE, Served};
use crate::common::Estate;

/// What the process may ever hold, whatever is sent to it.
const MOST_KIB: u64 = 64 * 1024;

fn head(served: &Served, length: usize) -> String {
    format!(
        "POST /connectors HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
        served.address()
    )
}

#[test]
fn a_body_of_many_megabytes_is_refused_without_being_held() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let many = 100 << 20;
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut stream = served.connect();
                stream.write_all(head(&served, many).as_bytes()).unwrap();
                let chunk = vec![b'x'; 64 * 1024];
                // Until the server will have no more of it.
                while stream.write_all(&chunk).is_ok() {}
            });
        }
    });
    let mut sent = head(&served, 10 << 20).into_bytes();
    sent.extend(vec![b'x'; 10 << 20]);
    for answer in served.raw(&sent) {
        answer.is(413).says(&["64 Kio"]);
    }
    served.json("/connectors").is(200);
    assert!(served.peak_kib() < MOST_KIB, "{} KiB", served.peak_kib());
}

#[test]
fn an_announced_body_that_is_too_long_is_refused_before_it_is_sent() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    for length in [64 * 1024 + 1, usize::MAX >> 1] {
        let mut stream = served.connect();
        stream.write_all(head(&served, length).as_bytes()).unwrap();
        let answers = until_closed(stream);
        assert_eq!(answers.len(), 1, "{answers:#?}");
        assert_eq!(answers[0].status, 413, "{answers:#?}");
    }
    let chunked = format!(
        "POST /connectors HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        served.address()
    );
    let mut sent = chunked.into_bytes();
    for _ in 0..20 {
        sent.extend(b"2000\r\n");
        sent.extend(vec![b'x'; 0x2000]);
        sent.extend(b"\r\n");
    }
    for answer in served.raw(&sent) {
        answer.is(413);
    }
    served.json("/connectors").is(200);
}

#[test]
fn a_head_too_long_or_of_too_many_lines_is_431() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let host = format!("Host: {}", served.address());
    let long = format!("X-Long: {}", "x".repeat(100 * 1024));
    let many: Vec<_> = (0..1000).map(|number| format!("X-{number}: x")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    for more in [&[long.as_str()][..], &many] {
        let lines = [&["GET /connectors HTTP/1.1", &host][..], more].concat();
        for answer in served.raw(lines.join("\r\n") + "\r\n\r\n") {
            answer.is(431);
        }
    }
    let address = format!("GET /{} HTTP/1.1", "x".repeat(100 * 1024));
    for answer in served.raw([&address, &host, "", ""].join("\r\n")) {
        assert!([414, 431].contains(&answer.status), "{answer}");
    }
    served.json("/connectors").is(200);
    assert!(served.peak_kib() < MOST_KIB);
}

#[test]
fn a_slow_body_is_408_after_a_while() {
    let estate = Estate::of("plain");
    let served = Served::open(&estate);
    let mut stream = served.connect();
    stream.write_all(head(&served, 1000).as_bytes()).unwrap();
    let mut slow = stream.try_clone().unwrap();
    let begun = Instant::now();
    let trickle = thread::spawn(move || {
        while slow.write_all(b"x").is_ok() && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(500));
        }
    });
    let answers = until_closed(stream);
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(answers[0].status, 408, "{answers:#?}");
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
    trickle.join().unwrap();
    served.json("/connectors").is(200);
}
