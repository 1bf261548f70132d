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

/// `cave` was removed and its rows stay; `chai` is still there.
fn left_over() -> Estate {
    let estate = two_synced();
    estate.crmreco(&["remove", "cave", "--yes"]).exits(0);
    estate
}

#[test]
fn list_names_removed_connectors_with_rows() {
    let estate = two_synced();
    let leftovers = |estate: &Estate| {
        let list = estate.crmreco(&["list", "--json"]).exits(0).json();
        list["leftovers"].clone()
    };
    assert_eq!(leftovers(&estate), serde_json::json!([]));
    assert!(!estate.crmreco(&["list"]).exits(0).stdout.contains("retiré"));
    estate.crmreco(&["remove", "cave", "--yes"]).exits(0);
    assert_eq!(leftovers(&estate), serde_json::json!(["cave"]));
    estate.crmreco(&["list"]).exits(0).says(&[
        "Un connecteur retiré a encore des lignes en base : cave",
        "crmreco remove cave --purge",
    ]);
    estate.crmreco(&["remove", "chai", "--yes"]).exits(0);
    estate.crmreco(&["list"]).exits(0).says(&[
        "Aucun connecteur n'est enregistré",
        "Des connecteurs retirés ont encore des lignes en base : cave, chai",
    ]);
    assert_eq!(leftovers(&estate), serde_json::json!(["cave", "chai"]));
}

#[test]
fn what_a_removed_connector_left_can_be_purged() {
    let estate = left_over();
    let others = rows_of(&estate, "chai");
    let (text, rows) = (estate.env_text(), rows_of(&estate, "cave"));
    estate
        .crmreco(&["remove", "cave", "--yes"])
        .exits(3)
        .says(&["« cave » est déjà retiré", "Ajoutez --purge"]);
    estate
        .crmreco(&["remove", "cave", "--purge"])
        .exits(3)
        .says(&["--yes"]);
    assert_eq!(rows_of(&estate, "cave"), rows);
    let purge = ["remove", "cave", "--purge", "--yes"];
    estate
        .crmreco(&purge)
        .exits(0)
        .says(&["Lignes et historique de 'cave' effacés"]);
    assert_eq!(rows_of(&estate, "cave"), 0);
    assert_eq!(
        estate.sql("SELECT count(*) FROM runs WHERE source = 'cave'"),
        ["0"]
    );
    assert_eq!(
        (rows_of(&estate, "chai"), estate.env_text()),
        (others, text)
    );
    assert!(!estate.home().join("locks/cave.lock").exists());
    estate
        .crmreco(&purge)
        .exits(3)
        .says(&["Aucun connecteur ne s'appelle « cave »"]);
}

#[test]
fn a_history_without_rows_is_purged_too() {
    let estate = Estate::empty();
    estate.crmreco(&["sync", "cave"]).exits(1);
    estate.crmreco(&["remove", "cave", "--yes"]).exits(0);
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["leftovers"], serde_json::json!([]), "it has no rows");
    estate
        .crmreco(&["remove", "cave", "--purge", "--yes", "--json"])
        .exits(0);
    assert_eq!(estate.sql("SELECT count(*) FROM runs"), ["0"]);
}

#[test]
fn what_is_being_synced_is_not_purged() {
    let estate = left_over();
    let rows = rows_of(&estate, "cave");
    let _lock = crate::exit_codes::hold_lock(&estate, "cave");
    estate
        .crmreco(&["remove", "cave", "--purge", "--yes"])
        .exits(4);
    assert_eq!(rows_of(&estate, "cave"), rows);
}

#[test]
fn a_purge_without_a_database_makes_none() {
    let estate = Estate::empty();
    estate
        .crmreco(&["remove", "cave", "--purge", "--yes"])
        .exits(0);
    assert!(!estate.database().exists());
}
