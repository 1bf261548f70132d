//! What the program asks: how often, in which order, and for which fields.
//!
//! Calls of a sync = a page for every thousand rows, as many of the orders of sales lines, and, where what changed alone
//! was read, a sweep: a page of ids for every ten thousand rows there are. Beside these a fixed number, however many rows
//! there are: 2 to learn who asks, for each model that fills a table 1 for its fields and 1 to count what is left out, 2
//! for each small table that rows lean on (fields, page), and 1 for the latest `write_date` of each model that rows are
//! made of. Nothing is asked twice in a sync: what several tables lean on is read once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::call::{Call, is_after};
use super::estate::{VERSIONS, replayed};
use super::house::House;
use super::site::Site;
use super::stub::Stub;
use crate::common::{Estate, counts};

/// A model that fills a table.
struct Source {
    model: &'static str,
    table: &'static str,
    /// Small tables that its rows lean on.
    references: &'static [&'static str],
    /// Models whose latest `write_date` is asked for.
    made_of: &'static [&'static str],
    /// The orders that its lines belong to.
    order: Option<&'static str>,
    counts_left_out: bool,
}

const PLAIN: Source = Source {
    model: "",
    table: "",
    references: &[],
    made_of: &[],
    order: None,
    counts_left_out: false,
};

const SOURCES: [Source; 6] = [
    Source {
        model: "res.partner",
        table: "CUSTOMERS",
        references: &["res.country"],
        made_of: &["res.partner"],
        ..PLAIN
    },
    Source {
        model: "product.product",
        table: "PRODUCTS",
        references: &[
            "product.template.attribute.value",
            "product.category",
            "res.company",
            "account.tax",
        ],
        made_of: &[
            "product.product",
            "product.template",
            "product.attribute.value",
        ],
        ..PLAIN
    },
    Source {
        model: "sale.order.line",
        table: "SALES_LINES",
        references: &["crm.team", "uom.uom", "res.company"],
        made_of: &[
            "sale.order.line",
            "sale.order",
            "res.partner",
            "product.product",
        ],
        order: Some("sale.order"),
        counts_left_out: true,
    },
    Source {
        model: "pos.order.line",
        table: "SALES_LINES",
        references: &["uom.uom", "res.company", "pos.config"],
        made_of: &[
            "pos.order.line",
            "pos.order",
            "res.partner",
            "product.product",
        ],
        order: Some("pos.order"),
        counts_left_out: true,
    },
    Source {
        model: "stock.quant",
        table: "STOCK_LEVELS",
        references: &["uom.uom"],
        ..PLAIN
    },
    Source {
        model: "mailing.trace",
        table: "CONTACT_HISTORY",
        references: &["mailing.mailing"],
        made_of: &["mailing.trace", "mailing.mailing", "utm.campaign"],
        counts_left_out: true,
        ..PLAIN
    },
];

/// Calls by model and method.
type Calls = BTreeMap<(String, String), usize>;

fn add(calls: &mut Calls, model: &str, method: &str, times: usize) {
    if times > 0 {
        *calls
            .entry((model.to_owned(), method.to_owned()))
            .or_default() += times;
    }
}

/// `changes`: the tables of which what changed alone is read.
fn expected(answer: &Value, changes: &[&str]) -> Calls {
    let mut calls = Calls::new();
    add(&mut calls, "res.users", "context_get", 1);
    add(&mut calls, "res.users", "search_read", 1);
    let (mut newest, mut references) = (BTreeSet::new(), BTreeSet::new());
    for source in &SOURCES {
        // Fewer than a thousand rows here: one page, which is asked for even where it is empty.
        let rows = counts(answer, source.table).read;
        assert!(rows < 1_000);
        add(&mut calls, source.model, "fields_get", 1);
        add(&mut calls, source.model, "search_read", 1);
        for model in source.references {
            let is_new = usize::from(references.insert(*model));
            add(&mut calls, model, "fields_get", is_new);
            add(&mut calls, model, "search_read", is_new);
        }
        for model in source.made_of {
            let is_new = newest.insert(*model);
            add(&mut calls, model, "search_read", usize::from(is_new));
        }
        if let Some(order) = source.order {
            add(&mut calls, order, "fields_get", 1);
            add(&mut calls, order, "search_read", usize::from(rows > 0));
        }
        add(
            &mut calls,
            source.model,
            "search_count",
            usize::from(source.counts_left_out),
        );
        let swept = changes.contains(&source.table);
        add(&mut calls, source.model, "search", usize::from(swept));
    }
    // Companies of archived buyers, and who asked not to be written to or called.
    add(&mut calls, "res.partner", "search_read", 1);
    add(&mut calls, "res.partner", "search", 2);
    calls
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

/// The tables of which a cursor was kept: stock is always read whole.
const WITH_CURSOR: [&str; 4] = ["CUSTOMERS", "PRODUCTS", "SALES_LINES", "CONTACT_HISTORY"];

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

#[test]
fn no_call_is_repeated_or_unused() {
    for version in VERSIONS {
        // An address was blacklisted in the third: nothing tells when, so all customers are read again.
        let phases: [(&str, &[&str]); 3] = [
            ("1-first", &[]),
            ("2-again", &WITH_CURSOR),
            ("3-changed", &WITH_CURSOR[1..]),
        ];
        for (phase, changes) in phases {
            let (stub, _estate, answer) = run(version, phase);
            assert_eq!(
                asked(&stub),
                expected(&answer, changes),
                "{version} {phase}"
            );
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
    // The newest line of each was written at midnight, what it leans on days before.
    let written = [
        ("res.partner", "2026-11-09 23:50:00"),
        ("product.product", "2026-11-04 23:50:00"),
        ("sale.order.line", "2026-11-19 23:50:00"),
        ("pos.order.line", "2026-11-19 23:50:00"),
        ("mailing.trace", "2026-11-19 23:50:00"),
    ];
    for version in VERSIONS {
        let (stub, ..) = run(version, "2-again");
        for (model, since) in written {
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
