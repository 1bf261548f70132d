//! What passes is waited out: the sync ends as if nothing had been. What does not pass is never asked twice.

use std::thread;
use std::time::{Duration, Instant};

use super::call::Call;
use super::fault::{Fault, RetryAfter};
use super::house::House;
use super::site::Site;
use super::stub::Stub;
use super::when::When;
use crate::common::{SQL_TABLES, TABLES, assert_says, counts, the_message};

const LINES: &str = "sale.order.line";

fn both() -> [House; 2] {
    [House::of(3), House::of(3).by_rpc()]
}

/// What is in the five tables, but for when it was written there.
fn content(site: &Site) -> Vec<String> {
    let mut cells = Vec::new();
    for table in SQL_TABLES {
        let columns = format!(
            "SELECT name FROM pragma_table_info('{table}') WHERE name NOT IN ('updated_at', 'run_id')"
        );
        let columns = site.estate.sql(&columns).join(", ");
        cells.extend(site.estate.sql(&format!(
            "SELECT '{table}', {columns} FROM {table} ORDER BY 1, 2, 3"
        )));
    }
    cells
}

/// The tables after a sync that nothing disturbs.
fn undisturbed(house: &House) -> Vec<String> {
    let stub = Stub::at_home(house.clone());
    let site = Site::of(&stub);
    site.sync();
    content(&site)
}

/// Most of a test's time is pauses: its cases wait together.
fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, test: impl Fn(T) + Sync) {
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| test(case));
        }
    });
}

/// How many rows were asked for, page after page.
fn limits(stub: &Stub) -> Vec<u64> {
    let calls = stub.calls(LINES, "search_read");
    let pages = calls.iter().filter(|call| call.order() == Some("id"));
    pages.filter_map(Call::limit).collect()
}

/// A first sync in which the first question for lines fails so; it takes as long as it must, and no longer than a bit.
#[track_caller]
fn passes(house: &House, fault: Fault, at_least: Duration) {
    let shown = format!("{fault:?}, JSON-RPC: {}", house.rpc);
    let stub = Stub::at_home(house.clone());
    stub.fault(When::call(LINES, "search_read"), fault);
    let site = Site::of(&stub).setting("TIMEOUT", "1");
    let begun = Instant::now();
    site.sync();
    let took = begun.elapsed();
    assert!(took >= at_least, "{shown}: {took:?}");
    assert!(
        took < at_least + Duration::from_secs(20),
        "{shown}: {took:?}"
    );
    assert_eq!(content(&site), undisturbed(house), "{shown}");
    assert_eq!(stub.calls(LINES, "search_read").len(), 3, "{shown}");
}

const HALF_A_SECOND: Duration = Duration::from_millis(500);

#[test]
fn a_restarting_server_is_retried() {
    at_once(both(), |house| {
        at_once([502, 503, 504], |status| {
            passes(&house, Fault::Html(status), HALF_A_SECOND);
        });
    });
}

#[test]
fn a_broken_response_is_retried() {
    at_once(both(), |house| {
        at_once([Fault::Reset, Fault::CutBody], |fault| {
            passes(&house, fault, HALF_A_SECOND);
        });
    });
}

#[test]
fn a_worker_out_of_memory_is_retried() {
    at_once(both(), |house| {
        passes(&house, Fault::memory_error(), HALF_A_SECOND);
    });
}

#[test]
fn a_response_timeout_is_retried() {
    // Each byte of the second comes in time, the last one would not.
    let trickle = || Fault::Trickle(1, Duration::from_millis(50));
    at_once(both(), |house| {
        at_once([Fault::Hang, trickle()], |fault| {
            passes(&house, fault, Duration::from_secs(1));
        });
    });
}

#[test]
fn a_short_retry_after_is_respected() {
    let waits = [
        (RetryAfter::Unsaid, 500),
        (RetryAfter::Seconds(2), 2_000),
        // A date has no fractions of a second.
        (RetryAfter::Date(Duration::from_secs(4)), 3_000),
    ];
    at_once(both(), |house| {
        at_once(waits, |(wait, at_least)| {
            passes(
                &house,
                Fault::TooMany(wait),
                Duration::from_millis(at_least),
            );
        });
    });
}

#[test]
fn a_long_retry_after_fails() {
    let hour = Duration::from_secs(3_600);
    let later = vec![("Retry-After".to_owned(), "3600".to_owned())];
    for fault in [
        Fault::TooMany(RetryAfter::Seconds(3_600)),
        Fault::TooMany(RetryAfter::Date(hour)),
        Fault::Status(503, later, String::new()),
    ] {
        let stub = Stub::at_home(House::of(3));
        stub.fault(When::call(LINES, "search_read"), fault);
        let begun = Instant::now();
        let answer = Site::of(&stub).sync_with(&[], 1);
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert_says(
            &the_message(&answer, "errors", "Ventes"),
            &["HTTP", "Relancez"],
        );
        assert_eq!(stub.calls(LINES, "search_read").len(), 1);
    }
}

#[test]
fn a_restart_during_the_first_request_is_retried_too() {
    let cases = [
        (House::of(3), When::any()),
        (House::of(3).by_rpc(), When::call("common", "version")),
        (House::of(3).by_rpc(), When::call("common", "authenticate")),
    ];
    at_once(cases, |(house, when)| {
        let stub = Stub::at_home(house.clone());
        stub.fault(when, Fault::Html(503));
        Site::of(&stub).sync();
    });
}

#[test]
fn page_sizes_halve_on_errors_and_grow_back() {
    at_once([House::of(2_600), House::of(2_600).by_rpc()], |house| {
        let stub = Stub::at_home(house.clone());
        let questions = || When::call(LINES, "search_read");
        // The first is for the newest line, the second for the first page.
        stub.fault(questions().nth(3), Fault::memory_error());
        stub.fault(questions().nth(4), Fault::Html(502));
        let site = Site::of(&stub);
        let begun = Instant::now();
        let answer = site.sync();
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_millis(1_500),
            "the second pause is twice the first: {took:?}"
        );
        assert_eq!(counts(&answer, "SALES_LINES").inserted, 2_600);
        // Five pages are answered before a larger one is tried.
        let small = [250; 5];
        assert_eq!(
            limits(&stub),
            [&[1_000, 1_000, 500][..], &small, &[500]].concat()
        );
        let after = stub.calls(LINES, "search_read");
        let after: Vec<_> = after.iter().filter_map(Call::after).collect();
        assert_eq!(
            after,
            [0, 1_000, 1_000, 1_000, 1_250, 1_500, 1_750, 2_000, 2_250]
        );
        let sum = site
            .estate
            .sql("SELECT count(*), sum(price_total_eur) FROM sales_lines");
        assert_eq!(sum, [format!("2600|{}", 2_600 * 60)]);
    });
}

#[test]
fn a_rate_limit_does_not_change_the_page_size() {
    let stub = Stub::at_home(House::of(3));
    stub.fault(
        When::call(LINES, "search_read").nth(2),
        Fault::TooMany(RetryAfter::Seconds(0)),
    );
    Site::of(&stub).sync();
    assert_eq!(limits(&stub), [1_000, 1_000]);
}

#[test]
fn a_table_that_never_arrives_keeps_its_rows_and_the_others_load() {
    let house = House::of(3);
    let stub = Stub::at_home(house.clone());
    let site = Site::of(&stub);
    site.sync();
    let before = content(&site);
    let quants = When::call("stock.quant", "search_read");
    stub.fault(quants.always(), Fault::Html(504));
    stub.fault(
        When::call("res.partner", "search_read").nth(2),
        Fault::replace(|mut rows| {
            rows[0]["name"] = "Dupont".into();
            rows
        }),
    );
    stub.forget();
    let answer = site.sync_with(&["--full"], 1);
    let error = the_message(&answer, "errors", "Stock");
    assert_says(&error, &["n'est pas disponible", "HTTP 504", "relancez"]);
    assert_eq!(stub.calls("stock.quant", "search_read").len(), 5);
    let reads = TABLES.map(|table| counts(&answer, table).read);
    assert_eq!(reads, [3, 1, 3, 0, 0]);
    let after = content(&site);
    let of = |rows: &[String], table: &str| -> Vec<String> {
        rows.iter()
            .filter(|row| row.starts_with(table))
            .cloned()
            .collect()
    };
    assert_eq!(of(&after, "stock_levels"), of(&before, "stock_levels"));
    assert_ne!(of(&after, "customers"), of(&before, "customers"));
}

#[test]
fn a_restart_of_half_a_minute_is_waited_for() {
    at_once(both(), |house| {
        let stub = Stub::at_home(house.clone());
        // More often than any other failure is tried again.
        let away = When::call(LINES, "search_read").times(6);
        stub.fault(away, Fault::Html(502));
        let site = Site::of(&stub);
        site.sync();
        assert_eq!(content(&site), undisturbed(&house));
    });
}

#[test]
fn a_page_that_a_proxy_cuts_is_asked_for_in_smaller_ones() {
    // Some 200 bytes a line: what is longer than a hundred kilobytes is cut, as if it ended there.
    let cut = |call: &Call| call.limit() > Some(500);
    at_once([House::of(1_200), House::of(1_200).by_rpc()], |house| {
        let stub = Stub::at_home(house.clone());
        let large = When::page_above(LINES, 500).always();
        let wrapping = if house.rpc {
            r#"{"jsonrpc": "2.0", "result": "#
        } else {
            ""
        };
        let rows = r#"{"id": 7}, "#.repeat(10_000);
        let cut_off = format!("{wrapping}[{rows}");
        stub.fault(large, Fault::Status(200, Vec::new(), cut_off));
        let site = Site::of(&stub);
        site.sync();
        assert_eq!(content(&site), undisturbed(&house));
        let pages = stub.calls(LINES, "search_read");
        let pages = pages.iter().filter(|call| call.order() == Some("id"));
        let (large, small): (Vec<_>, Vec<_>) = pages.partition(|call| cut(call));
        assert!(!large.is_empty() && small.len() >= 3, "{large:?} {small:?}");
    });
}

#[test]
fn permanent_errors_are_not_retried() {
    let words = "Invalid field 'mobile' on 'res.partner'";
    for house in both() {
        for (fault, told) in [
            (
                Fault::rpc_error("odoo.exceptions.AccessDenied", "Access Denied"),
                "clé API",
            ),
            (
                Fault::access_error("Vous n'avez pas le droit"),
                "refuse l'accès",
            ),
            (
                Fault::rpc_error("werkzeug.exceptions.NotFound", "no such method"),
                "",
            ),
            (Fault::unprocessable("bad argument"), "bad argument"),
            (Fault::value_error(words), words),
            (Fault::InvalidJson, "illisible"),
            (Fault::LoginPage, "page web"),
        ] {
            let shown = format!("{fault:?}, JSON-RPC: {}", house.rpc);
            let stub = Stub::at_home(house.clone());
            stub.fault(When::call("stock.quant", "search_read").always(), fault);
            let answer = Site::of(&stub).sync_with(&[], 1);
            assert_eq!(stub.calls("stock.quant", "search_read").len(), 1, "{shown}");
            let error = the_message(&answer, "errors", "Stock");
            assert_says(&error, &[told]);
            assert_eq!(counts(&answer, "CUSTOMERS").inserted, 3, "{shown}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_stop_ends_the_wait_for_a_silent_server() {
    use std::process::{Command, Stdio};
    let stub = Stub::at_home(House::of(3));
    stub.fault(When::call(LINES, "search_read"), Fault::Hang);
    let site = Site::of(&stub);
    let mut command = site.estate.command(&["sync", "cave", "--json"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while stub.calls(LINES, "search_read").is_empty() {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let begun = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(site.estate.sql("SELECT count(*) FROM sales_lines"), ["0"]);
}
