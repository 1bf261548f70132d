//! A thousand who connect and say nothing of use: the others are answered all the same.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit, setrlimit};

use super::served::{PATIENCE, Served};
use crate::common::Estate;

const MOST_KIB: u64 = 64 * 1024;

/// How many connections this process can hold beside its other files.
fn most() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    match limit.maximum {
        Some(files) if files < 2000 => 400,
        _ => 1000,
    }
}

#[test]
fn a_thousand_slow_clients_block_no_other_and_time_out() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let mut slow: Vec<TcpStream> = (0..most())
        .map(|number| {
            let mut stream = served.connect();
            // Nothing, half a line, half a head.
            let begun = ["", "GET /conn", "GET /connectors HTTP/1.1\r\nHost: loc"];
            stream.write_all(begun[number % 3].as_bytes()).unwrap();
            stream
        })
        .collect();
    let begun = Instant::now();
    served.json("/connectors").is(200);
    served.post("/connectors/cave/sync").send().is(200);
    // A second or so each; far below what the slow ones are given.
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert!(served.peak_kib() < MOST_KIB, "{} KiB", served.peak_kib());
    let deadline = Instant::now() + PATIENCE;
    for stream in &mut slow {
        let mut rest = Vec::new();
        // A connection that began a request may be told why.
        match stream.read_to_end(&mut rest) {
            Ok(_) => {}
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
        assert!(Instant::now() < deadline, "they are never sent away");
    }
    served.json("/connectors").is(200);
}

#[test]
fn connections_above_the_limit_wait() {
    if most() < 1000 {
        return;
    }
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let crowd: Vec<TcpStream> = (0..2100).map(|_| served.connect()).collect();
    // Answered at the latest when the first of them are sent away.
    served.json("/connectors").is(200);
    assert!(served.peak_kib() < MOST_KIB, "{} KiB", served.peak_kib());
    drop(crowd);
    served.json("/connectors").is(200);
}

/// Of those who have not come in, each with a request that is answered: what costs something is not theirs.
#[test]
fn five_hundred_requests_delay_no_other_by_a_second() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let ask = |path: &str, accept: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n").repeat(5)
    };
    let requests = [
        ask("/healthz", "application/json"),
        ask("/connectors", "text/html"),
        ask("/connectors/api/metrics", "application/json"),
        ask("/login", "text/html"),
    ];
    most();
    let mut flood: Vec<TcpStream> = (0..500).map(|_| served.connect()).collect();
    for round in 0..3 {
        for (number, stream) in flood.iter_mut().enumerate() {
            let request = &requests[number % requests.len()];
            stream.write_all(request.as_bytes()).unwrap();
        }
        let begun = Instant::now();
        served.page("/connectors").is(200);
        let took = begun.elapsed();
        println!("round {round}: {took:?}");
        assert!(took < Duration::from_secs(1), "round {round}: {took:?}");
    }
}
