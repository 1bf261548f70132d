//! `list` and `show`: every connector with its state, one connector with its settings and history.

use serde_json::{Value, json};

use crate::common::{Estate, LABELS, assert_says};
use crate::ordered::Shape;

pub const STATE: [&str; 4] = ["type", "status", "last_sync", "last_error"];
pub const LOG: [&str; 10] = [
    "success",
    "connector_type",
    "records_processed",
    "duration_seconds",
    "errors",
    "warnings",
    "timestamp",
    "connector_name",
    "run_id",
    "records",
];

fn list(estate: &Estate) -> Value {
    estate.crmreco(&["list", "--json"]).exits(0).json()
}

#[test]
fn list_has_its_documented_keys_in_order() {
    let estate = Estate::of("plain");
    estate.sync();
    let shape = Shape::of(&estate.crmreco(&["list", "--json"]).exits(0).stdout);
    shape.starts_with(&["connectors", "status", "metrics", "recent_syncs"]);
    shape.at("connectors").at("cave").starts_with(&STATE);
    shape
        .at("status")
        .starts_with(&crate::status_and_metrics::STATUS);
    shape
        .at("metrics")
        .starts_with(&crate::status_and_metrics::METRICS);
    shape.at("recent_syncs").at("0").starts_with(&LOG);
}

#[test]
fn list_without_connectors_is_empty() {
    let answer = list(&Estate::bare());
    assert_eq!(
        (&answer["connectors"], &answer["recent_syncs"]),
        (&json!({}), &json!([]))
    );
    assert_eq!(answer["status"]["connectors_registered"], 0);
}

#[test]
fn a_connector_goes_from_idle_to_healthy_to_error() {
    let estate = Estate::of("plain");
    assert_eq!(
        list(&estate)["connectors"]["cave"],
        json!({"type": "isavigne", "status": "idle", "last_sync": null, "last_error": null, "last_success": null})
    );

    let synced = estate.sync();
    let state = list(&estate)["connectors"]["cave"].clone();
    assert_eq!(
        (&state["status"], &state["last_error"]),
        (&json!("healthy"), &Value::Null)
    );
    assert_eq!(state["last_sync"], synced["timestamp"]);
    assert_eq!(state["last_success"], synced["timestamp"]);

    estate.export("clients.csv", "");
    estate.sync_with(&[], 1);
    let state = list(&estate)["connectors"]["cave"].clone();
    assert_eq!(state["status"], "error");
    assert_says(state["last_error"].as_str().unwrap(), &["clients.csv"]);
}

#[test]
fn list_prints_the_same_as_a_table() {
    let estate = Estate::of("plain");
    estate.sync();
    estate
        .crmreco(&["list"])
        .exits(0)
        .says(&["cave", "isavigne", "✓ Sain", "Dernière sync"]);
    estate.export("clients.csv", "");
    estate.sync_with(&[], 1);
    estate
        .crmreco(&["list"])
        .exits(0)
        .says(&["cave", "✗ Erreur", "clients.csv"]);
}

#[test]
fn the_latest_syncs_come_first() {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.exports());
    for name in ["cave", "chai"] {
        estate.crmreco(&["sync", name]).exits(0);
    }
    let answer = list(&estate);
    let names: Vec<_> = answer["recent_syncs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|log| log["connector_name"].clone())
        .collect();
    assert_eq!(names, ["chai", "cave"]);
}

#[test]
fn show_has_its_documented_keys_in_order() {
    let estate = Estate::of("plain");
    estate.sync();
    let outcome = estate.crmreco(&["show", "cave", "--json"]).exits(0);
    let shape = Shape::of(&outcome.stdout);
    shape.starts_with(&["connector_name", "status", "sync_logs", "config"]);
    shape.at("status").starts_with(&STATE);
    shape.at("sync_logs").at("0").starts_with(&LOG);
    let answer = outcome.json();
    assert_eq!(answer["connector_name"], "cave");
    assert_says(
        &answer["config"].to_string(),
        &[&estate.exports().display().to_string()],
    );
}

#[test]
fn show_prints_the_state_and_the_counts_by_table() {
    let estate = Estate::of("plain");
    estate.sync();
    let outcome = estate.crmreco(&["show", "cave"]).exits(0).says(&[
        "cave",
        "isavigne",
        "✓ Sain",
        "Dernière sync",
    ]);
    assert_says(&outcome.stdout, &LABELS);
}

#[test]
fn show_of_an_unknown_connector_is_one_document_too() {
    let outcome = Estate::of("plain")
        .crmreco(&["show", "chai", "--json"])
        .exits(3);
    assert_eq!(outcome.json()["success"], false);
    assert_says(outcome.json()["message"].as_str().unwrap(), &["chai"]);
}
