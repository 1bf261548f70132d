//! `remove` forgets a connector; its rows and its history stay unless they are to be purged.

use crate::common::{Estate, SQL_TABLES};

fn rows_of(estate: &Estate, source: &str) -> usize {
    let count = |table| {
        estate
            .sql(&format!("SELECT 1 FROM {table} WHERE source = '{source}'"))
            .len()
    };
    SQL_TABLES.into_iter().map(count).sum()
}

fn two_synced() -> Estate {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.exports());
    estate.crmreco(&["sync", "--all"]).exits(0);
    estate
}

#[test]
fn without_a_terminal_remove_requires_yes() {
    let estate = two_synced();
    let before = estate.env_text();
    let outcome = estate.crmreco(&["remove", "cave"]).says(&["--yes"]);
    assert!([Some(2), Some(3)].contains(&outcome.code), "{outcome:?}");
    assert_eq!(estate.env_text(), before);
}

#[test]
fn remove_keeps_the_rows() {
    let estate = two_synced();
    let rows = rows_of(&estate, "cave");
    estate
        .crmreco(&["remove", "cave", "--yes"])
        .exits(0)
        .says(&["cave"]);
    assert!(!estate.env_text().contains("__CAVE__"));
    assert!(estate.env_text().contains("__CHAI__"));
    estate.crmreco(&["show", "cave"]).exits(3);
    assert!(rows > 0);
    assert_eq!(rows_of(&estate, "cave"), rows);
}

#[test]
fn purge_deletes_rows_and_history_of_that_connector_only() {
    let estate = two_synced();
    let others = rows_of(&estate, "chai");
    estate
        .crmreco(&["remove", "cave", "--purge", "--yes", "--json"])
        .exits(0)
        .json();
    assert_eq!(rows_of(&estate, "cave"), 0);
    assert!(others > 0);
    assert_eq!(rows_of(&estate, "chai"), others);
    let status = estate.crmreco(&["status", "--json"]).exits(0).json();
    assert_eq!(status["total_syncs"], 1, "the history of the other is left");
}

#[test]
fn history_is_found_again_when_the_connector_comes_back() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.crmreco(&["remove", "cave", "--yes"]).exits(0);
    estate.connector("cave", &estate.exports());
    let logs = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    assert_eq!(logs["total"], 1);
}

#[test]
fn a_purged_connector_starts_afresh() {
    let estate = Estate::of("plain");
    let first = estate.sync();
    estate
        .crmreco(&["remove", "cave", "--purge", "--yes"])
        .exits(0);
    estate.connector("cave", &estate.exports());
    assert_eq!(estate.sync()["records"], first["records"]);
}

#[test]
fn an_unknown_name_is_refused() {
    let estate = Estate::of("plain");
    estate
        .crmreco(&["remove", "chai", "--yes"])
        .exits(3)
        .says(&["chai"]);
}

#[test]
fn remove_keeps_a_connector_with_the_same_prefix() {
    let estate = Estate::of("plain");
    estate.connector("cave_2", &estate.exports());
    estate.crmreco(&["remove", "cave", "--yes"]).exits(0);
    assert!(!estate.env_text().contains("__CAVE__"));
    assert!(estate.env_text().contains("__CAVE_2__EXPORT_PATH"));
}
