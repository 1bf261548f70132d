//! `logs`: the history, newest first, page by page, and the rows that were rejected.

use serde_json::{Value, json};

use crate::common::{Estate, assert_says};
use crate::list_and_show::LOG;
use crate::ordered::Shape;

fn logs(estate: &Estate, args: &[&str]) -> Value {
    estate
        .crmreco(&[&["logs", "cave", "--json"], args].concat())
        .exits(0)
        .json()
}

fn run_ids(answer: &Value, list: &str) -> Vec<Value> {
    answer[list]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| log["run_id"].clone())
        .collect()
}

/// Two rejected rows in a first run, one in a second.
fn estate_with_rejects() -> (Estate, [Value; 2]) {
    let estate = Estate::of_bad("row_lengths");
    let first = estate.sync()["run_id"].clone();
    estate.export(
        "clients_suite.csv",
        "code_client;nom;ville\nC5;Dupont;Nice;en trop\nC6;Martin;Metz\n",
    );
    let second = estate.sync()["run_id"].clone();
    (estate, [first, second])
}

#[test]
fn logs_have_their_documented_keys_in_order() {
    let estate = Estate::of("plain");
    estate.sync();
    let shape = Shape::of(&estate.crmreco(&["logs", "cave", "--json"]).exits(0).stdout);
    shape.starts_with(&["connector_name", "total", "logs", "limit", "offset"]);
    shape.at("logs").at("0").starts_with(&LOG);
}

#[test]
fn logs_repeat_the_output_of_the_sync() {
    let estate = Estate::of("table_from_name");
    let answer = estate.sync();
    let log = logs(&estate, &[])["logs"][0].clone();
    for key in LOG {
        assert_eq!(log[key], answer[key], "{key}");
    }
    assert_eq!(log["status"], "success");
}

#[test]
fn a_failed_run_is_in_the_history() {
    let estate = Estate::of("plain");
    estate.export("clients.csv", "");
    let answer = estate.sync_with(&[], 1);
    let log = logs(&estate, &[])["logs"][0].clone();
    assert_eq!(
        (&log["status"], &log["success"], &log["errors"]),
        (&json!("error"), &json!(false), &answer["errors"])
    );
}

#[test]
fn history_is_newest_first_and_paged() {
    let estate = Estate::of("plain");
    let runs: Vec<_> = (0..4).map(|_| estate.sync()["run_id"].clone()).collect();
    let all = logs(&estate, &[]);
    assert_eq!(
        run_ids(&all, "logs"),
        [&runs[3], &runs[2], &runs[1], &runs[0]].map(Clone::clone)
    );
    assert_eq!(
        (&all["total"], &all["limit"], &all["offset"]),
        (&json!(4), &json!(50), &json!(0))
    );

    let page = logs(&estate, &["--limit", "2", "--offset", "1"]);
    assert_eq!(
        run_ids(&page, "logs"),
        [&runs[2], &runs[1]].map(Clone::clone)
    );
    assert_eq!(
        (&page["total"], &page["limit"], &page["offset"]),
        (&json!(4), &json!(2), &json!(1))
    );
    assert_eq!(
        run_ids(&logs(&estate, &["--offset", "9"]), "logs"),
        Vec::<Value>::new()
    );
}

#[test]
fn logs_without_history_are_empty() {
    let answer = logs(&Estate::of("plain"), &[]);
    assert_eq!((&answer["total"], &answer["logs"]), (&json!(0), &json!([])));
}

#[test]
fn rejects_have_their_keys_in_order() {
    let (estate, _) = estate_with_rejects();
    let shape = Shape::of(
        &estate
            .crmreco(&["logs", "cave", "--rejects", "--json"])
            .exits(0)
            .stdout,
    );
    shape.starts_with(&[
        "connector_name",
        "run_id",
        "total",
        "limit",
        "offset",
        "rejects",
    ]);
    shape.at("rejects").at("0").starts_with(&[
        "run_id", "table", "origin", "position", "column", "value", "reason",
    ]);
}

#[test]
fn rejects_are_those_of_the_newest_run_unless_another_is_named() {
    let (estate, [first, second]) = estate_with_rejects();
    let newest = logs(&estate, &["--rejects"]);
    assert_eq!((&newest["run_id"], &newest["total"]), (&second, &json!(1)));
    let reject = &newest["rejects"][0];
    assert_eq!(
        (
            &reject["run_id"],
            &reject["table"],
            &reject["origin"],
            &reject["position"]
        ),
        (
            &second,
            &json!("CUSTOMERS"),
            &json!("clients_suite.csv"),
            &json!("2")
        )
    );
    assert!(!reject["reason"].as_str().unwrap().is_empty());

    let run = first
        .as_str()
        .map_or_else(|| first.to_string(), str::to_owned);
    let older = logs(&estate, &["--rejects", &run]);
    assert_eq!((&older["run_id"], &older["total"]), (&first, &json!(2)));
    let positions: Vec<_> = older["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reject| reject["position"].clone())
        .collect();
    assert_eq!(positions, ["3", "4"]);
}

#[test]
fn a_run_without_rejects_does_not_hide_earlier_rejects() {
    let (estate, [_, second]) = estate_with_rejects();
    estate.sync();
    assert_eq!(logs(&estate, &["--rejects"])["run_id"], second);
}

#[test]
fn rejects_are_paged() {
    let estate = Estate::of_bad("not_numbers");
    estate.sync();
    let page = logs(&estate, &["--rejects", "--limit", "2", "--offset", "3"]);
    let values: Vec<_> = page["rejects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reject| reject["value"].clone())
        .collect();
    assert_eq!(values, ["10000000000001", "-1e14"]);
    assert_eq!(
        (&page["total"], &page["limit"], &page["offset"]),
        (&json!(8), &json!(2), &json!(3))
    );
}

#[test]
fn rejects_are_printed_with_place_value_and_reason() {
    let estate = Estate::of_bad("not_dates");
    estate.sync();
    let reason = estate.sql("SELECT reason FROM rejects WHERE value = '31/02/2025'");
    let text = estate
        .crmreco(&["logs", "cave", "--rejects"])
        .exits(0)
        .stdout;
    assert_says(&text, &["ventes.csv", "31/02/2025"]);
    // The reason may be folded in a table: its first word is enough.
    assert_says(&text, &[reason[0].split_whitespace().next().unwrap()]);
}

#[test]
fn an_unknown_name_or_run_is_refused() {
    let (estate, _) = estate_with_rejects();
    estate.crmreco(&["logs", "chai"]).exits(3).says(&["chai"]);
    let outcome = estate.crmreco(&["logs", "cave", "--rejects", "999999"]);
    assert_ne!(outcome.code, Some(0), "{outcome:?}");
}
