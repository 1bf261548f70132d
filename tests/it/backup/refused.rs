//! What a backup or a restore is not done for, each with its exit status and what to do.

use std::fs;
use std::fs::File;

use super::{assert_no_leftovers, back_up, elsewhere, kept, restoring, synced};
use crate::common::{Estate, Outcome};
use crate::exit_codes::hold_lock;

fn hold_backup_lock(estate: &Estate) -> File {
    let file = File::create(estate.home().join("crmreco.backup.lock")).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn a_restore_waits_for_no_sync() {
    let estate = synced();
    let (_, file) = back_up(&estate);
    estate.connector("chai", &estate.exports());
    let before = estate.dump();
    for name in ["cave", "chai", "gone"] {
        let lock = hold_lock(&estate, name);
        restoring(&estate, &file, &[]).exits(4).says(&[
            name,
            "en cours de synchronisation",
            "Attendez",
        ]);
        assert_eq!(estate.dump(), before);
        assert!(kept(&estate).is_empty());
        // A backup does not mind.
        back_up(&estate);
        drop(lock);
    }
    restoring(&estate, &file, &[]).exits(0);
    assert!(!estate.home().join("locks/gone.lock").exists());
}

#[test]
fn one_backup_or_restore_at_a_time() {
    let estate = synced();
    let (_, file) = back_up(&estate);
    let lock = hold_backup_lock(&estate);
    for args in [
        &["backup"][..],
        &["restore", file.to_str().unwrap(), "--yes"],
    ] {
        let outcome = estate.crmreco(args).exits(4);
        outcome.says(&[
            "restauration de ce dossier est en cours",
            "rien n'a été fait",
        ]);
    }
    estate.crmreco(&["backup", "verify", "--latest"]).exits(0);
    drop(lock);
    back_up(&estate);
}

#[test]
fn a_restore_is_confirmed_where_it_replaces_something() {
    let estate = synced();
    let (_, file) = back_up(&estate);
    let file = file.to_str().unwrap();
    estate
        .crmreco(&["restore", file])
        .exits(3)
        .says(&["rien n'a été restauré", "--yes"]);
    assert!(kept(&estate).is_empty());
    assert_no_leftovers(&estate);
    let other = elsewhere(&estate);
    other.crmreco(&["restore", file]).exits(0);
    assert_eq!(other.dump(), estate.dump());
}

#[test]
fn without_a_database_there_is_nothing_to_back_up() {
    let estate = Estate::of("plain");
    let refused = estate.crmreco(&["backup"]).exits(3);
    refused.says(&["Rien à sauvegarder", "crmreco.db", "Synchronisez d'abord"]);
    fs::remove_dir_all(estate.home()).unwrap();
    estate.crmreco(&["backup"]).exits(3);
    estate
        .crmreco(&["backup", "verify", "--latest"])
        .exits(1)
        .says(&["Aucune sauvegarde"]);
    assert!(!estate.home().exists());
}

#[test]
fn a_folder_that_is_missing_may_be_a_disk_that_is_not_mounted() {
    let estate = synced();
    let nas = estate.root().join("nas/crmreco");
    estate
        .crmreco(&["backup", "--to", nas.to_str().unwrap()])
        .exits(1)
        .says(&["nas/crmreco", "introuvable", "branchez le disque"]);
    assert!(!nas.exists());
    let file = estate.env_path();
    estate
        .crmreco(&["backup", "--to", file.to_str().unwrap()])
        .exits(1)
        .says(&["ce n'est pas un dossier"]);
}

#[test]
fn a_missing_backup_is_named() {
    let estate = synced();
    for args in [
        &["restore", "rien.tar.zst", "--yes"][..],
        &["backup", "verify", "rien.tar.zst"],
    ] {
        let outcome = estate.crmreco(args).exits(1);
        outcome.says(&["rien.tar.zst ne peut pas être lu : introuvable"]);
    }
    estate
        .crmreco(&["restore", ".", "--yes"])
        .exits(1)
        .says(&["c'est un dossier"]);
}

#[test]
fn a_wrong_command_line_is_2() {
    let estate = synced();
    for args in [
        &["backup", "--keep", "0"][..],
        &["backup", "--to", "-", "--json"],
        &["backup", "verify"],
        &["backup", "verify", "x", "--latest"],
        &["backup", "--keep", "2", "verify", "--latest"],
        &["restore"],
    ] {
        estate.crmreco(args).exits(2);
    }
}

#[test]
fn a_database_on_a_server_is_backed_up_by_the_server() {
    let estate = synced();
    let (_, file) = back_up(&estate);
    let file = file.to_str().unwrap();
    for args in [&["backup"][..], &["restore", file, "--yes"]] {
        let mut command = estate.command(args);
        command.env("CRMRECO_DATABASE", "postgres://cave@localhost/crm");
        Outcome::of(&mut command)
            .exits(3)
            .says(&["PostgreSQL", "pg_dump"]);
    }
    estate.env_lines("CRMRECO_DATABASE=postgres://cave:s3cret@localhost/crm");
    let outcome = estate.crmreco(&["backup"]).exits(3);
    assert!(!outcome.text().contains("s3cret"));
}

#[test]
fn a_damaged_database_is_not_backed_up_and_can_be_replaced() {
    let estate = synced();
    let before = estate.dump();
    let (_, file) = back_up(&estate);
    let sound = fs::read(estate.database()).unwrap();

    // Damaged inside: it opens, and SQLite finds the defect.
    let mut inside = sound.clone();
    for byte in &mut inside[8300..20_000] {
        *byte = 0x5a;
    }
    fs::write(estate.database(), &inside).unwrap();
    estate.crmreco(&["backup"]).exits(1).says(&["abîmée"]);
    assert_no_leftovers(&estate);
    estate.crmreco(&["backup", "verify", "--latest"]).exits(0);

    // Damaged so that it does not open.
    let mut outside = sound;
    outside[..100].fill(0x5a);
    fs::write(estate.database(), &outside).unwrap();
    fs::write(estate.home().join("crmreco.db-wal"), "old log").unwrap();
    let outcome = restoring(&estate, &file, &[]).exits(0);
    outcome.says(&[
        "Base restaurée",
        "ne s'ouvrait plus",
        "effacez de nouveau les clients",
    ]);
    assert_eq!(estate.dump(), before);
    let kept = kept(&estate);
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(fs::read(estate.home().join(&kept[0])).unwrap(), outside);
    assert!(!estate.home().join("crmreco.db-wal").exists());
    estate.sync();
}

#[test]
fn a_database_of_a_newer_version_is_not_replaced() {
    let estate = synced();
    let (_, file) = back_up(&estate);
    let db = rusqlite::Connection::open(estate.database()).unwrap();
    db.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(db);
    restoring(&estate, &file, &[])
        .exits(1)
        .says(&["version plus récente"]);
    assert!(kept(&estate).is_empty());
    estate.crmreco(&["backup"]).exits(1);
}
