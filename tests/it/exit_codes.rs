//! Every row of the table of exit codes, but for the signals.

use std::fs::{self, File};

use crate::common::{Estate, assert_says};

/// Takes the lock of a connector, as a sync that is under way does; it is free again when the file is dropped.
pub fn hold_lock(estate: &Estate, name: &str) -> File {
    let folder = estate.home().join("locks");
    fs::create_dir_all(&folder).unwrap();
    let file = File::create(folder.join(format!("{name}.lock"))).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn success_is_0() {
    let estate = Estate::of("plain");
    let commands: [&[&str]; 9] = [
        &["--help"],
        &["--version"],
        &["list"],
        &["test", "cave"],
        &["sync", "cave"],
        &["show", "cave"],
        &["logs", "cave"],
        &["status"],
        &["metrics"],
    ];
    for command in commands {
        let outcome = estate.crmreco(command).exits(0);
        assert!(!outcome.stdout.is_empty(), "{command:?}");
    }
}

#[test]
fn a_failed_run_is_1() {
    let unreachable = Estate::bare();
    unreachable.connector("cave", &unreachable.root().join("nowhere"));
    for command in [
        &["test", "cave"][..],
        &["sync", "cave"],
        &["status", "--max-age", "26h"],
    ] {
        unreachable.crmreco(command).exits(1).says(&["cave"]);
    }
    Estate::of("many_rejects")
        .crmreco(&["sync", "cave"])
        .exits(1)
        .says(&["clients.csv"]);
    Estate::of("missing_column")
        .crmreco(&["sync", "cave"])
        .exits(1);
}

#[test]
fn a_wrong_command_line_is_2() {
    let estate = Estate::of("plain");
    let commands: [&[&str]; 10] = [
        &[],
        &["danse"],
        &["list", "--nope"],
        &["sync"],
        &["test"],
        &["show"],
        &["sync", "cave", "--source", "wines"],
        &["sync", "cave", "--jobs", "deux"],
        &["sync", "cave", "--all"],
        &["logs", "cave", "--limit", "-1"],
    ];
    for command in commands {
        let outcome = estate.crmreco(command);
        assert_eq!(outcome.code, Some(2), "{command:?}: {outcome:?}");
        assert!(
            outcome.stdout.is_empty() && !outcome.stderr.is_empty(),
            "{command:?}: {outcome:?}"
        );
    }
}

#[test]
fn a_wrong_or_missing_configuration_is_3() {
    let estate = Estate::of("plain");
    for command in [
        &["show", "chai"][..],
        &["test", "chai"],
        &["sync", "chai"],
        &["logs", "chai"],
        &["remove", "chai", "--yes"],
    ] {
        estate.crmreco(command).exits(3).says(&["chai"]);
    }
    estate
        .crmreco(&["add", "cave", "--type", "isavigne", "--path", "/tmp"])
        .exits(3)
        .says(&["cave"]);

    let no_path = Estate::bare();
    no_path.env_lines("CRMRECO_CONNECTOR__CAVE__TYPE=isavigne");
    no_path
        .crmreco(&["sync", "cave"])
        .exits(3)
        .says(&["EXPORT_PATH"]);
    let no_kind = Estate::bare();
    no_kind.env_lines("CRMRECO_CONNECTOR__CAVE__TYPE=sage");
    no_kind.crmreco(&["sync", "cave"]).exits(3).says(&["sage"]);
}

#[test]
fn an_unreadable_env_file_is_3_and_says_which_line_without_showing_it() {
    let estate = Estate::bare();
    let line = "CRMRECO_CONNECTOR__CAVE__API KEY = s3cret s3cret";
    estate.env_lines(&format!(
        "# fine\nCRMRECO_CONNECTOR__CAVE__TYPE=isavigne\n{line}"
    ));
    for (command, code) in [
        (["list", "--json"], 0),
        (["test", "cave"], 3),
        (["sync", "cave"], 3),
    ] {
        let outcome = estate.crmreco(&command).exits(code).says(&["ligne 3"]);
        assert!(!outcome.text().contains("s3cret"), "{outcome:?}");
    }
    fs::write(estate.env_path(), b"# fine\nA=\xe9s3cret\n").unwrap();
    let outcome = estate
        .crmreco(&["list"])
        .exits(3)
        .says(&["ligne 2", "UTF-8"]);
    assert!(!outcome.text().contains("s3cret"), "{outcome:?}");
}

#[test]
fn a_failure_under_json_is_one_document_too() {
    let estate = Estate::of("plain");
    for command in ["show", "test", "sync", "logs"] {
        let answer = estate.crmreco(&[command, "chai", "--json"]).exits(3).json();
        assert_eq!(answer["success"], false, "{command}");
        assert_says(answer["message"].as_str().unwrap(), &["chai"]);
    }
}

#[test]
fn a_sync_running_in_another_process_is_4_and_changes_nothing() {
    let estate = Estate::of("plain");
    let lock = hold_lock(&estate, "cave");
    let refused = estate.crmreco(&["sync", "cave"]).exits(4).says(&["cave"]);
    if cfg!(target_os = "linux") {
        let holder = format!("(processus {}", std::process::id());
        assert_says(&refused.text(), &[&holder]);
    }
    let answer = estate.crmreco(&["sync", "cave", "--json"]).exits(4).json();
    assert_eq!(answer["success"], false);
    assert_eq!(
        estate.crmreco(&["logs", "cave", "--json"]).exits(0).json()["total"],
        0
    );

    drop(lock);
    estate.sync();
}

#[test]
fn a_leftover_lock_file_does_not_block() {
    let estate = Estate::of("plain");
    drop(hold_lock(&estate, "cave"));
    assert!(estate.home().join("locks/cave.lock").exists());
    estate.sync();
}

#[test]
fn the_lock_of_one_connector_does_not_block_another() {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.exports());
    let _lock = hold_lock(&estate, "chai");
    estate.sync();
}

#[test]
fn a_running_sync_does_not_block_queries() {
    let estate = Estate::of("plain");
    estate.sync();
    let _lock = hold_lock(&estate, "cave");
    for command in [
        &["list"][..],
        &["show", "cave"],
        &["logs", "cave"],
        &["status"],
        &["metrics"],
        &["test", "cave"],
    ] {
        estate.crmreco(command).exits(0);
    }
}
