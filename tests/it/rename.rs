//! `rename`: settings, rows, cursors, rejects and history change their name together.

use crate::common::{Estate, Outcome, SQL_TABLES, assert_says};
use crate::exit_codes::hold_lock;

/// Every row but for the name of its source and what runs count.
fn rows(estate: &Estate, source: &str) -> Vec<String> {
    let all = SQL_TABLES
        .iter()
        .chain(&["rejects", "cursors", "runs", "row_counts", "segmented"]);
    let all = all.flat_map(|table| {
        let columns = estate.sql(&format!("SELECT name FROM pragma_table_info('{table}')"));
        let kept = columns.into_iter().filter(|name| name != "source");
        let kept: Vec<String> = kept.collect();
        let kept = kept.join(", ");
        estate.sql(&format!(
            "SELECT '{table}', {kept} FROM {table} WHERE source = '{source}' ORDER BY {kept}"
        ))
    });
    all.collect()
}

#[test]
fn everything_follows_and_the_next_sync_changes_nothing() {
    let estate = Estate::of_bad("not_numbers");
    estate.connector("chai", &estate.exports());
    estate.crmreco(&["sync", "chai"]).exits(1);
    estate.sync();
    let (before, others) = (rows(&estate, "cave"), rows(&estate, "chai"));
    assert!(
        before.iter().any(|row| row.starts_with("rejects|")),
        "{before:?}"
    );
    let lines = estate.env_text();
    estate
        .crmreco(&["rename", "cave", "vieille_cave"])
        .exits(0)
        .says(&["✓ Connecteur 'cave' renommé en 'vieille_cave'", "cron"]);
    assert_eq!(
        estate.env_text(),
        lines.replace("__CAVE__", "__VIEILLE_CAVE__")
    );
    assert_eq!(rows(&estate, "vieille_cave"), before);
    assert!(rows(&estate, "cave").is_empty());
    assert_eq!(rows(&estate, "chai"), others);
    assert!(!estate.home().join("locks/cave.lock").exists());

    let logs = estate
        .crmreco(&["logs", "vieille_cave", "--json"])
        .exits(0)
        .json();
    assert_eq!(logs["total"], 1);
    estate
        .crmreco(&["show", "cave"])
        .exits(3)
        .says(&["Connecteurs enregistrés : chai, vieille_cave"]);
    let again = estate
        .crmreco(&["sync", "vieille_cave", "--json"])
        .exits(0)
        .json();
    for (table, counts) in again["records"].as_object().unwrap() {
        for kind in ["read", "inserted", "updated", "deleted"] {
            assert_eq!(counts[kind], 0, "{table} {kind}");
        }
    }
}

#[test]
fn a_connector_that_was_never_synced_is_renamed_without_a_database() {
    let estate = Estate::empty();
    let outcome = estate
        .crmreco(&["rename", "cave", "chai", "--json"])
        .exits(0);
    let answer = outcome.json();
    assert_eq!(answer["connector_name"], "chai");
    assert_eq!(answer["message"], "Connecteur 'cave' renommé en 'chai'");
    assert!(!estate.database().exists());
    assert!(estate.env_text().contains("__CHAI__TYPE=isavigne"));
    assert!(!estate.env_text().contains("RENAMED"));
}

#[test]
fn names_that_are_not_free_or_not_names_are_refused() {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.exports());
    estate.connector("parti", &estate.exports());
    estate.crmreco(&["sync", "--all"]).exits(0);
    estate.crmreco(&["remove", "parti", "--yes"]).exits(0);
    let (text, dump) = (estate.env_text(), estate.dump());
    for (old, new, words) in [
        (
            "nul",
            "neuf",
            &["Aucun connecteur ne s'appelle « nul »"][..],
        ),
        ("cave", "chai", &["Le nom « chai » est déjà pris"]),
        ("cave", "cave", &["« cave » porte déjà ce nom"]),
        ("cave", "new", &["réservé"]),
        ("cave", "La Cave", &["ne peut pas être un nom"]),
        (
            "cave",
            "parti",
            &[
                "garde déjà des lignes ou un historique sous le nom « parti »",
                "crmreco remove parti --purge",
            ],
        ),
    ] {
        let outcome = estate.crmreco(&["rename", old, new]).exits(3);
        assert_says(&outcome.text(), words);
        assert_eq!(
            (estate.env_text(), estate.dump()),
            (text.clone(), dump.clone()),
            "{new}"
        );
        assert!(!estate.home().join("locks/parti.lock").exists());
    }
}

#[test]
fn a_connector_that_is_synced_is_left_alone() {
    let estate = Estate::of("plain");
    estate.sync();
    let text = estate.env_text();
    for held in ["cave", "chai"] {
        let _lock = hold_lock(&estate, held);
        estate
            .crmreco(&["rename", "cave", "chai"])
            .exits(4)
            .says(&["en cours de synchronisation"]);
        assert_eq!(estate.env_text(), text);
    }
    estate.crmreco(&["rename", "cave", "chai"]).exits(0);
}

#[test]
fn settings_outside_the_file_are_named_first() {
    let estate = Estate::of("plain");
    let variable = "CRMRECO_CONNECTOR__CAVE__CASE_SIZE";
    let mut command = estate.command(&["rename", "cave", "chai"]);
    Outcome::of(command.env(variable, "6"))
        .exits(3)
        .says(&[variable, "Renommez d'abord"]);
    assert!(estate.env_text().contains("__CAVE__"));
}

/// What a kill between the two files leaves: the settings have the new name and a mark, the rows the old name.
fn half_renamed() -> Estate {
    let estate = Estate::of("plain");
    estate.sync();
    let text = estate.env_text().replace("__CAVE__", "__CHAI__");
    std::fs::write(estate.env_path(), text).unwrap();
    estate.env_lines("CRMRECO_CONNECTOR__CHAI__RENAMED_FROM=cave");
    estate
}

#[test]
fn any_command_does_the_rest_of_an_interrupted_rename() {
    for args in [
        &["list"][..],
        &["show", "chai"],
        &["sync", "chai"],
        &["sync", "chai", "--dry-run"],
        &["test", "chai"],
        &["set", "chai", "CASE_SIZE=6"],
        &["rename", "chai", "depot"],
        &["remove", "chai", "--yes"],
        &["metrics"],
    ] {
        let estate = half_renamed();
        estate.crmreco(args).exits(0);
        let name = if args[0] == "rename" { "depot" } else { "chai" };
        assert_eq!(
            estate.sql("SELECT DISTINCT source FROM sales_lines"),
            [name],
            "{args:?}"
        );
        assert!(!estate.env_text().contains("RENAMED_FROM"), "{args:?}");
    }
}

#[test]
fn an_interrupted_rename_is_no_setting_and_its_old_name_is_not_free() {
    let estate = half_renamed();
    // While another process holds the rows, the rest cannot be done.
    let lock = hold_lock(&estate, "cave");
    let answer = estate.crmreco(&["show", "chai", "--json"]).exits(0).json();
    assert!(answer["config"].get("RENAMED_FROM").is_none(), "{answer:#}");
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["leftovers"], serde_json::json!([]));
    let add = ["add", "cave", "--type", "isavigne", "--path", "/tmp"];
    estate.crmreco(&add).exits(3).says(&["déjà pris"]);
    estate.crmreco(&["sync", "chai"]).exits(4);
    drop(lock);
    estate
        .crmreco(&["sync", "chai"])
        .exits(0)
        .says(&["Rien de nouveau"]);
    estate.crmreco(&add).exits(0);
}

#[test]
fn a_sync_that_began_under_the_old_name_does_not_count_twice() {
    let estate = half_renamed();
    estate.env_lines("CRMRECO_CONNECTOR__CAVE__TYPE=isavigne");
    // Both names have rows: nothing is guessed.
    estate.crmreco(&["sync", "chai"]).exits(0);
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
}
