//! What the program asks: how often, in which order, and for which fields.
//!
//! Calls of a sync = a page for every thousand rows, as many of the orders of sales lines, four more for each thousand
//! lines of credit notes, and, where what changed alone was read, a sweep: a page of ids for every ten thousand rows there
//! are. Beside these a fixed number, however many rows there are: some 80 with all applications. Nothing is asked twice in
//! a sync but the counts of the rows, before they are read and after: what several tables lean on is read once.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::{Call, is_after};
use super::estate::{VERSIONS, replayed};
use super::house::House;
use super::site::Site;
use super::stub::Stub;
use crate::common::Estate;

/// Calls by model and method.
type Calls = BTreeMap<(String, String), usize>;

fn add(calls: &mut Calls, model: &str, method: &str, times: usize) {
    if times > 0 {
        *calls
            .entry((model.to_owned(), method.to_owned()))
            .or_default() += times;
    }
}

fn asked(stub: &Stub) -> Calls {
    let mut calls = Calls::new();
    for call in calls_of(stub) {
        add(&mut calls, &call.model, &call.method, 1);
    }
    calls
}

/// Not those that open a session by JSON-RPC.
fn calls_of(stub: &Stub) -> Vec<Call> {
    let calls = stub.requests().into_iter().filter_map(|asked| asked.call);
    calls.filter(|call| call.model != "common").collect()
}

/// Runs the phases up to `phase`, and gives the answer of the last with a stub that remembers it alone.
fn run(version: &str, phase: &str) -> (Stub, Estate, Value) {
    let (stub, estate) = replayed(&format!("{version}/1-first"));
    let mut answer = estate.sync();
    for later in ["2-again", "3-changed"] {
        if later <= phase {
            stub.phase(&format!("{version}/{later}"));
            stub.forget();
            answer = estate.sync();
        }
    }
    (stub, estate, answer)
}

/// Methods by which the server counts rows, before they are read and after.
const COUNTS: [&str; 3] = ["search_count", "read_group", "formatted_read_group"];

#[test]
fn no_call_is_repeated() {
    for version in VERSIONS {
        for phase in ["1-first", "2-again", "3-changed"] {
            let (stub, ..) = run(version, phase);
            let mut known: Vec<Call> = Vec::new();
            for call in calls_of(&stub) {
                let before = known.iter().filter(|known| **known == call).count();
                let most = usize::from(COUNTS.contains(&call.method.as_str()));
                assert!(before <= most, "{version} {phase}: {call:?}");
                known.push(call);
            }
        }
    }
}

#[test]
fn the_number_of_calls_grows_by_pages_only() {
    let calls_of_house = |rows: u64, again: bool| {
        let stub = Stub::at_home(House::of(rows));
        let site = Site::of(&stub);
        site.sync();
        if again {
            stub.forget();
            site.sync();
        }
        (asked(&stub), asked(&stub).values().sum::<usize>())
    };
    let (few, fixed) = calls_of_house(1, false);
    let (many, all) = calls_of_house(2_500, false);
    let more: Vec<_> = many
        .iter()
        .filter(|(call, times)| few.get(*call) != Some(*times))
        .collect();
    // Two pages more of customers, of lines, and of their orders.
    let read = |model: &str| (model.to_owned(), "search_read".to_owned());
    let models = ["res.partner", "sale.order", "sale.order.line"].map(read);
    assert!(more.iter().map(|(call, _)| *call).eq(&models), "{more:?}");
    assert_eq!(all, fixed + 6);
    // Nothing has changed: not a page of rows, and one of ids a model does for all.
    let (_, of_few) = calls_of_house(1, true);
    let (_, of_many) = calls_of_house(2_500, true);
    assert_eq!(of_many, of_few);
}

#[test]
fn a_session_is_opened_once() {
    for version in VERSIONS {
        let (stub, ..) = run(version, "1-first");
        let opening = stub.requests().into_iter().filter(|asked| {
            asked
                .call
                .as_ref()
                .is_none_or(|call| call.model == "common")
        });
        let paths: Vec<_> = opening.map(|asked| asked.request.path).collect();
        let json_rpc = ["/web/version", "/jsonrpc", "/jsonrpc"];
        let expected = if version == "19.0" {
            &json_rpc[..1]
        } else {
            &json_rpc
        };
        assert_eq!(paths, expected, "{version}");
    }
}

#[test]
fn rows_are_read_by_key_and_their_fields_by_name() {
    for version in VERSIONS {
        for phase in ["1-first", "2-again", "3-changed"] {
            let (stub, ..) = run(version, phase);
            for call in calls_of(&stub) {
                check(&call);
            }
        }
    }
}

#[track_caller]
fn check(call: &Call) {
    assert!(!call.arguments.contains_key("offset"), "{call:?}");
    if call.model != "res.users" {
        assert_eq!(call.context()["active_test"], false, "{call:?}");
    }
    if call.method == "search_read" {
        assert!(
            !call.fields().is_empty(),
            "everything, pictures included: {call:?}"
        );
    }
    if !["search_read", "search"].contains(&call.method.as_str()) || call.model == "res.users" {
        return;
    }
    // A cost is asked for product by product in the name of a company.
    if call.fields() == ["standard_price"] {
        return;
    }
    if call.order() == Some("write_date desc") {
        assert_eq!(
            (call.limit(), call.fields()),
            (Some(1), vec!["write_date"]),
            "{call:?}"
        );
        return;
    }
    let page = if call.method == "search" {
        10_000
    } else {
        1_000
    };
    assert_eq!(
        (call.order(), call.limit()),
        (Some("id"), Some(page)),
        "{call:?}"
    );
    let keys = call.domain().iter().filter(|term| is_after(term));
    assert_eq!(keys.count(), 1, "{call:?}");
    assert!(call.domain().last().is_some_and(is_after), "{call:?}");
}

#[test]
fn what_changed_is_asked_from_ten_minutes_before_the_newest_write() {
    // The newest row of each was written at midnight.
    let since = "2026-11-19 23:50:00";
    let written = [
        "res.partner",
        "product.product",
        "sale.order.line",
        "pos.order.line",
        "mailing.trace",
    ];
    for version in VERSIONS {
        let (stub, ..) = run(version, "2-again");
        for model in written {
            let calls = stub.calls(model, "search_read");
            let term = json!(["write_date", ">=", since]);
            let changed: Vec<_> = calls
                .iter()
                .filter(|call| call.domain().contains(&term))
                .collect();
            assert_eq!(changed.len(), 1, "{version} {model}");
            let parts = changed[0]
                .domain()
                .iter()
                .filter(|part| part[2] == since)
                .count();
            assert!(parts > 1, "{version} {model}: what rows lean on too");
            // The sweep: the same rows, whenever they were written.
            let mut all = changed[0].domain().to_vec();
            let from = all.len() - 2 * parts;
            all.drain(from..from + 2 * parts - 1);
            let sweeps = stub.calls(model, "search");
            let sweeps = sweeps.iter().filter(|call| call.domain() == all);
            assert_eq!(sweeps.count(), 1, "{version} {model}");
        }
    }
}
