//! `status` and `metrics`: what a monitor watches.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{Estate, TABLES, messages};
use crate::ordered::Shape;

pub const STATUS: [&str; 7] = [
    "timestamp",
    "connectors_registered",
    "connectors_by_status",
    "total_syncs",
    "successful_syncs",
    "failed_syncs",
    "avg_sync_duration_seconds",
];
pub const METRICS: [&str; 5] = [
    "timestamp",
    "total_records_synced",
    "records_by_table",
    "total_errors",
    "total_warnings",
];

fn status(estate: &Estate) -> Value {
    estate.crmreco(&["status", "--json"]).exits(0).json()
}

/// Two good syncs of one connector, a bad one of another, a third never synced.
fn estate() -> Estate {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.root().join("nowhere"));
    estate.connector("depot", &estate.exports());
    estate.sync();
    estate.sync();
    estate.crmreco(&["sync", "chai"]).exits(1);
    estate
}

#[test]
fn status_has_its_documented_keys_in_order() {
    let outcome = Estate::of("plain").crmreco(&["status", "--json"]).exits(0);
    Shape::of(&outcome.stdout).starts_with(&STATUS);
}

#[test]
fn status_names_who_is_in_error() {
    let estate = estate();
    assert_eq!(status(&estate)["in_error"], json!(["chai"]));
    let shown = estate.crmreco(&["status"]).exits(0).stdout;
    assert!(shown.contains("✗ En erreur : chai\n"), "{shown}");
    assert!(shown.contains("show chai"), "{shown}");
    let healthy = Estate::of("plain");
    healthy.sync();
    assert_eq!(status(&healthy)["in_error"], json!([]));
    assert!(
        !healthy
            .crmreco(&["status"])
            .exits(0)
            .stdout
            .contains("En erreur")
    );
}

#[test]
fn status_counts_connectors_and_syncs() {
    let answer = status(&estate());
    assert_eq!(answer["connectors_registered"], 3);
    for (state, count) in [("healthy", 1), ("error", 1), ("idle", 1)] {
        assert_eq!(answer["connectors_by_status"][state], count, "{answer:#}");
    }
    let syncs = [
        &answer["total_syncs"],
        &answer["successful_syncs"],
        &answer["failed_syncs"],
    ];
    assert_eq!(syncs, [&json!(3), &json!(2), &json!(1)]);
    assert!(answer["avg_sync_duration_seconds"].as_f64().unwrap() >= 0.0);
}

#[test]
fn status_without_connectors_is_all_zero() {
    let answer = status(&Estate::bare());
    let numbers = [
        "connectors_registered",
        "total_syncs",
        "successful_syncs",
        "failed_syncs",
    ];
    assert_eq!(numbers.map(|key| &answer[key]), [&json!(0); 4]);
}

#[test]
fn metrics_have_their_documented_keys_in_order_and_count_by_table() {
    let estate = estate();
    let outcome = estate.crmreco(&["metrics", "--json"]).exits(0);
    Shape::of(&outcome.stdout).starts_with(&METRICS);
    let answer = outcome.json();
    let by_table = TABLES.map(|table| answer["records_by_table"][table].as_u64().unwrap());
    assert_eq!(answer["total_records_synced"], by_table.iter().sum::<u64>());
    assert_eq!(by_table, [3, 2, 5, 2, 1]);
    assert!(
        answer["total_errors"].as_u64().unwrap() >= 1,
        "the unreachable folder: {answer:#}"
    );
}

#[test]
fn metrics_count_warnings() {
    let estate = Estate::of("unknown_file");
    let warnings = messages(&estate.sync(), "warnings").len();
    assert!(warnings > 0);
    let answer = estate.crmreco(&["metrics", "--json"]).exits(0).json();
    assert_eq!(
        (&answer["total_warnings"], &answer["total_errors"]),
        (&json!(warnings), &json!(0))
    );
}

#[test]
fn time_stamps_are_local_time_with_offset_to_the_second() {
    let estate = Estate::of("plain");
    let synced = estate.sync();
    let metrics = estate.crmreco(&["metrics", "--json"]).exits(0).json();
    for instant in [
        &status(&estate)["timestamp"],
        &metrics["timestamp"],
        &synced["timestamp"],
    ] {
        let text = instant.as_str().unwrap();
        let shape: String = text
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect();
        assert_eq!(shape, "0000-00-00T00:00:00+00:00", "{text}");
        assert!(
            text.ends_with("+01:00") || text.ends_with("+02:00"),
            "the time of Paris: {text}"
        );
    }
}

#[test]
fn max_age_is_kept_by_a_fresh_success() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.crmreco(&["status", "--max-age", "26h"]).exits(0);
    estate
        .crmreco(&["status", "--max-age", "26h", "--json"])
        .exits(0)
        .json();
}

#[test]
fn max_age_is_exceeded_by_a_connector_that_never_succeeded() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.connector("chai", &estate.root().join("nowhere"));
    estate
        .crmreco(&["status", "--max-age", "26h"])
        .exits(1)
        .says(&["chai"]);
    estate.crmreco(&["sync", "chai"]).exits(1);
    let outcome = estate
        .crmreco(&["status", "--max-age", "26h", "--json"])
        .exits(1);
    outcome.json();
    assert!(outcome.text().contains("chai"), "{outcome:?}");
}

#[test]
fn max_age_is_exceeded_by_an_old_success_and_failures_since_do_not_count() {
    let estate = Estate::of("plain");
    estate.sync();
    // Instants are kept to the second: two seconds are surely more than one.
    sleep(Duration::from_millis(2100));
    estate.export("clients.csv", "");
    estate.sync_with(&[], 1);
    estate
        .crmreco(&["status", "--max-age", "1s"])
        .exits(1)
        .says(&["cave"]);
    estate.crmreco(&["status", "--max-age", "26h"]).exits(0);
}

#[test]
fn a_max_age_that_is_no_duration_is_a_wrong_command_line() {
    for age in ["hier", "-1h"] {
        let outcome = Estate::of("plain").crmreco(&["status", "--max-age", age]);
        assert_eq!(outcome.code, Some(2), "{age}");
    }
}
