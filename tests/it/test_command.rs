//! `test`: can it be read right now? Nothing is written whatever the answer.

use serde_json::json;

use crate::common::{Estate, assert_says};
use crate::ordered::Shape;

#[test]
fn a_readable_folder_is_ok_file_by_file() {
    let estate = Estate::of("plain");
    let outcome = estate.crmreco(&["test", "cave", "--json"]).exits(0);
    let shape = Shape::of(&outcome.stdout);
    shape.starts_with(&["success", "message", "status", "checks"]);
    shape
        .at("checks")
        .at("0")
        .starts_with(&["name", "ok", "detail", "rows"]);

    let answer = outcome.json();
    assert_eq!(
        (&answer["success"], &answer["message"]),
        (&json!(true), &json!("✓ Connexion OK"))
    );
    let checks = answer["checks"].as_array().unwrap();
    for (name, rows) in [
        ("clients.csv", 3),
        ("produits.csv", 2),
        ("ventes.csv", 5),
        ("stock.csv", 2),
        ("contacts.csv", 1),
    ] {
        let check = checks
            .iter()
            .find(|check| check["name"] == name)
            .unwrap_or_else(|| panic!("{name}: {answer:#}"));
        assert_eq!(
            (&check["ok"], &check["rows"]),
            (&json!(true), &json!(rows)),
            "{name}"
        );
    }
}

#[test]
fn the_status_is_that_of_the_connector() {
    let estate = Estate::of("plain");
    assert_eq!(
        estate.crmreco(&["test", "cave", "--json"]).exits(0).json()["status"],
        "idle"
    );
    estate.sync();
    assert_eq!(
        estate.crmreco(&["test", "cave", "--json"]).exits(0).json()["status"],
        "healthy"
    );
}

#[test]
fn a_missing_folder_is_reported_by_test() {
    let estate = Estate::bare();
    estate.connector("cave", &estate.root().join("nowhere"));
    let answer = estate.crmreco(&["test", "cave", "--json"]).exits(1).json();
    assert_eq!(answer["success"], false);
    let message = answer["message"].as_str().unwrap();
    assert!(message.starts_with('✗'), "{message}");
    assert_says(message, &["nowhere"]);
    estate
        .crmreco(&["test", "cave"])
        .exits(1)
        .says(&["✗", "nowhere"]);
}

#[test]
fn an_unreadable_file_is_reported_and_the_others_are_ok() {
    let estate = Estate::of("missing_column");
    let answer = estate.crmreco(&["test", "cave", "--json"]).exits(1).json();
    assert_eq!(answer["success"], false);
    let checks = answer["checks"].as_array().unwrap();
    let check = |name: &str| {
        checks
            .iter()
            .find(|check| check["name"] == name)
            .unwrap_or_else(|| panic!("{answer:#}"))
    };
    assert_eq!(check("clients.csv")["ok"], false);
    assert_says(
        check("clients.csv")["detail"].as_str().unwrap(),
        &["code_client"],
    );
    assert_eq!(check("produits.csv")["ok"], true);
}

#[test]
fn test_prints_the_same_as_a_table() {
    let outcome = Estate::of("plain").crmreco(&["test", "cave"]).exits(0);
    assert_says(
        &outcome.stdout,
        &["✓ Connexion OK", "clients.csv", "ventes.csv"],
    );
}

#[test]
fn test_writes_nothing() {
    let estate = Estate::of("plain");
    estate.crmreco(&["test", "cave"]).exits(0);
    let logs = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    assert_eq!(logs["total"], 0);
    estate.sync();
    let before = estate.dump();
    estate.export("clients.csv", "code_client;nom\nC9;Nouveau\n");
    estate.crmreco(&["test", "cave"]).exits(0);
    assert_eq!(estate.dump(), before);
}

#[test]
fn several_connectors_are_reported_in_order_and_the_worst_code_wins() {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.root().join("nowhere"));
    let answer = estate
        .crmreco(&["test", "chai", "cave", "--json"])
        .exits(1)
        .json();
    let successes: Vec<_> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|each| each["success"].clone())
        .collect();
    assert_eq!(successes, [json!(false), json!(true)]);
    let all = estate.crmreco(&["test", "--all", "--json"]).exits(1).json();
    assert_eq!(all.as_array().unwrap().len(), 2);
}
