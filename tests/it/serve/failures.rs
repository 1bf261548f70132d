//! Failures behind the server: sources, database, settings. It reports them and keeps running.

use std::fs;

use serde_json::json;

use super::served::{JSON, PAGE, Served};
use crate::common::{Estate, messages};

#[test]
fn an_unreadable_source_is_502_with_the_documented_output_and_stored() {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.root().join("nowhere"));
    let served = Served::of(&estate);
    let tested = served
        .post("/connectors/chai/test")
        .send()
        .is(502)
        .document();
    assert_eq!(
        (&tested["success"], &tested["status"]),
        (&json!(false), &json!("error"))
    );
    assert_eq!(served.json("/connectors/chai/logs").document()["total"], 0);
    let synced = served
        .post("/connectors/chai/sync")
        .json(&json!({}))
        .send()
        .is(502)
        .document();
    assert_eq!(messages(&synced, "errors").len(), 1, "{synced:#}");
    let kept = served.json("/connectors/chai/logs").document();
    assert_eq!(kept["logs"][0], synced);
    let listed = served.json("/connectors").document()["connectors"]["chai"].clone();
    assert_eq!(listed["status"], "error");
    assert_eq!(listed["last_error"], synced["errors"][0]);
    served
        .page("/connectors")
        .is(200)
        .says(&["✗ Erreur", "nowhere"]);
}

#[test]
fn one_table_that_fails_is_502_and_the_others_are_loaded() {
    let estate = Estate::of("plain");
    estate.export("clients.csv", "");
    let served = Served::of(&estate);
    let synced = served
        .post("/connectors/cave/sync")
        .json(&json!({}))
        .send()
        .is(502)
        .document();
    assert_eq!(synced["records_processed"]["SALES_LINES"], 5);
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
}

#[test]
fn invalid_settings_are_reported_for_their_connector_only() {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.exports());
    estate.env_lines("CRMRECO_CONNECTOR__CHAI__MAX_REJECTS=beaucoup");
    let served = Served::of(&estate);
    served.json("/connectors").is(200);
    served.page("/connectors/chai").is(200);
    let synced = served
        .post("/connectors/chai/sync")
        .json(&json!({}))
        .send()
        .is(422);
    let synced = synced.document();
    assert_eq!(
        (&synced["success"], &synced["connector_name"]),
        (&json!(false), &json!("chai"))
    );
    assert_eq!(
        served
            .post("/connectors/chai/test")
            .send()
            .is(422)
            .document()["success"],
        false
    );
    served
        .post("/connectors/cave/sync")
        .json(&json!({}))
        .send()
        .is(200);
}

#[test]
fn a_damaged_database_is_500_until_it_is_repaired() {
    let estate = Estate::of("plain");
    estate.sync();
    let served = Served::of(&estate);
    served.json("/healthz").is(200);
    let whole = fs::read(estate.database()).unwrap();
    fs::write(estate.database(), vec![b'x'; whole.len()]).unwrap();
    for path in [
        "/connectors",
        "/connectors/cave",
        "/connectors/cave/logs",
        "/connectors/api/status",
    ] {
        served.json(path).fails(500, &["crmreco.db"]);
        served
            .ask("GET", path)
            .header("Accept", PAGE)
            .send()
            .is(500)
            .says(&["crmreco.db"]);
    }
    assert_unhealthy(&served);
    let synced = served
        .post("/connectors/cave/sync")
        .header("Accept", JSON)
        .send()
        .is(500);
    assert_eq!(synced.document()["connector_name"], "cave");
    fs::write(estate.database(), whole).unwrap();
    served.json("/healthz").is(200);
    served.page("/connectors").is(200).says(&["✓ Sain"]);
}

#[test]
fn an_unreadable_settings_file_is_reported_until_it_is_repaired() {
    let estate = Estate::of("plain");
    let served = Served::of(&estate);
    let whole = estate.env_text();
    estate.env_lines("CRMRECO_CONNECTOR__CAVE__ENCODING=\"utf");
    // A line that cannot be read stops its own connector alone.
    let list = served.json("/connectors").is(200).document();
    assert_eq!(list["connectors"]["cave"]["status"], "error");
    served.page("/connectors").is(200).says(&[".env, ligne 3"]);
    fs::write(estate.env_path(), b"CRMRECO_CONNECTOR__CAVE__ENCODING=\xe9").unwrap();
    served.json("/connectors").fails(500, &[".env"]);
    served.page("/connectors").is(500).says(&[".env"]);
    assert_unhealthy(&served);
    fs::write(estate.env_path(), whole).unwrap();
    served.json("/connectors").is(200);
}

/// The health check needs no login and returns no details.
#[track_caller]
fn assert_unhealthy(served: &Served) {
    let answer = served.json("/healthz").is(503);
    assert_eq!(answer.document(), serde_json::json!({"success": false}));
}
