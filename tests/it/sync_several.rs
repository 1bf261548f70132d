//! Several connectors at once: an array of answers, the highest of the codes, and each with its own rows.

use serde_json::{Value, json};

use crate::common::{Estate, check_counts, counts};

fn two() -> Estate {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.exports());
    estate
}

fn names(answers: &Value) -> Vec<&str> {
    answers
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["connector_name"].as_str().unwrap())
        .collect()
}

#[test]
fn several_names_are_reported_in_the_order_given() {
    let estate = two();
    let answers = estate
        .crmreco(&["sync", "chai", "cave", "--json"])
        .exits(0)
        .json();
    assert_eq!(names(&answers), ["chai", "cave"]);
    answers.as_array().unwrap().iter().for_each(check_counts);
}

#[test]
fn all_is_every_connector() {
    let answers = two().crmreco(&["sync", "--all", "--json"]).exits(0).json();
    let mut names = names(&answers);
    names.sort_unstable();
    assert_eq!(names, ["cave", "chai"]);
}

#[test]
fn jobs_do_not_change_the_output() {
    let estate = two();
    let folder = estate.exports();
    for name in ["depot", "grange"] {
        estate.connector(name, &folder);
    }
    let answers = estate
        .crmreco(&[
            "sync", "grange", "cave", "depot", "chai", "--jobs", "4", "--json",
        ])
        .exits(0)
        .json();
    assert_eq!(names(&answers), ["grange", "cave", "depot", "chai"]);
    for answer in answers.as_array().unwrap() {
        check_counts(answer);
        assert_eq!(counts(answer, "SALES_LINES").inserted, 5, "{answer:#}");
    }
    let rows = estate.sql("SELECT source, count(*) FROM sales_lines GROUP BY 1 ORDER BY 1");
    assert_eq!(rows, ["cave|5", "chai|5", "depot|5", "grange|5"]);
}

#[test]
fn the_rows_of_two_connectors_never_mix() {
    let estate = two();
    estate.crmreco(&["sync", "--all"]).exits(0);
    let chai = estate.sql("SELECT * FROM customers WHERE source = 'chai' ORDER BY customer_key");
    estate.export(
        "clients.csv",
        estate.export_text("clients.csv").replace("Nice", "Cannes"),
    );
    estate.sync();
    assert_eq!(
        estate.sql("SELECT * FROM customers WHERE source = 'chai' ORDER BY customer_key"),
        chai
    );
}

#[test]
fn a_failure_stops_no_other_connector_and_its_code_wins() {
    let estate = two();
    estate.connector("vide", &estate.root().join("nowhere"));
    let answers = estate
        .crmreco(&["sync", "vide", "cave", "chai", "--json"])
        .exits(1)
        .json();
    let successes: Vec<_> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["success"].clone())
        .collect();
    assert_eq!(successes, [json!(false), json!(true), json!(true)]);
}

#[test]
fn several_connectors_have_a_line_each_and_a_summary() {
    let estate = two();
    estate.connector("vide", &estate.root().join("nowhere"));
    let first = estate.crmreco(&["sync", "--all"]).exits(1);
    let lines: Vec<&str> = first
        .stdout
        .lines()
        .filter(|line| line.starts_with('✓'))
        .collect();
    assert_eq!(lines.len(), 2, "{first:?}");
    assert!(
        lines[0].starts_with("✓ cave : ") && lines[0].contains(" ajoutées ("),
        "{first:?}"
    );
    let last = first.stderr.lines().last().unwrap_or_default();
    assert_eq!(last, "✗ 3 connecteurs : 2 réussis, 1 en échec : vide");
    let again = estate.crmreco(&["sync", "cave", "chai"]).exits(0);
    let again: Vec<&str> = again.stdout.lines().collect();
    assert!(
        again[0].starts_with("✓ cave : rien de nouveau ("),
        "{again:?}"
    );
    assert_eq!(again.last(), Some(&"✓ 2 connecteurs : 2 réussis"));
    let quiet = estate
        .crmreco(&["sync", "cave", "chai", "--quiet"])
        .exits(0);
    assert_eq!(quiet.text(), "");
}

#[test]
fn the_highest_code_wins() {
    let estate = two();
    estate.connector("vide", &estate.root().join("nowhere"));
    let _held = crate::exit_codes::hold_lock(&estate, "chai");
    let answers = estate
        .crmreco(&["sync", "vide", "chai", "cave", "--json"])
        .exits(4)
        .json();
    let successes: Vec<_> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|answer| answer["success"].clone())
        .collect();
    assert_eq!(successes, [json!(false), json!(false), json!(true)]);
    estate
        .crmreco(&["sync", "vide", "fantome", "--json"])
        .exits(3)
        .json();
}
