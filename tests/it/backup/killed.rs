//! Killed at every call that changes a file: the old backups are there, and the database is the old one or the restored one.

use std::fs;
use std::path::{Path, PathBuf};

use super::{assert_no_leftovers, back_up, kept, names, restore, synced};
use crate::common::Estate;
use crate::strace::{self, CHANGES, Injection, Traced};

/// Of the calls of a kind, a short run looks at one in this many.
const ONE_IN: usize = 9;

/// Kills `args` of a fresh `estate()` at each instant looked at; then `check` is called. Returns the number of kills.
fn at_every_instant<T>(
    estate: impl Fn() -> (Estate, T),
    args: impl Fn(&T) -> Vec<String>,
    mut check: impl FnMut(&Estate, &T, &str),
) -> usize {
    let (first, what) = estate();
    let calls = strace::count(&first.command(&args(&what)), &CHANGES);
    let is_long = std::env::var_os("CRMRECO_TEST_KILLS").is_some();
    let step = if is_long { 1 } else { ONE_IN };
    let mut kills = 0;
    for kind in CHANGES {
        let names = kind.split(',').map(|name| name.trim_start_matches('?'));
        let count = names
            .filter_map(|name| calls.get(name))
            .max()
            .copied()
            .unwrap_or(0);
        for nth in (1..=count).step_by(step) {
            let (estate, what) = estate();
            let command = estate.command(&args(&what));
            let killed = Traced::run(&command, &Injection::at(kind, "signal=KILL", nth));
            if !killed.was_hit {
                break;
            }
            kills += 1;
            check(&estate, &what, &format!("{kind} number {nth}"));
        }
    }
    kills
}

#[test]
fn a_backup_is_whole_or_not_there_at_every_instant() {
    if strace::is_missing() {
        return;
    }
    let original = relative();
    let fresh = || {
        let estate = original.copy();
        let (_, file) = back_up(&estate);
        (estate, file)
    };
    let (mut before, mut after) = (0, 0);
    let kills = at_every_instant(
        fresh,
        |_| vec!["backup".to_owned()],
        |estate, old: &PathBuf, at| {
            assert_eq!(estate.dump(), original.dump(), "{at}");
            let folder = old.parent().unwrap();
            let backups = names(folder).into_iter();
            let backups: Vec<String> = backups.filter(|name| !name.starts_with('.')).collect();
            for name in &backups {
                let file = folder.join(name);
                let verify = ["backup", "verify", file.to_str().unwrap()];
                estate.crmreco(&verify).exits(0);
            }
            match backups.len() {
                1 => before += 1,
                2 => after += 1,
                other => panic!("{at}: {other} backups"),
            }
            assert!(folder.join(old.file_name().unwrap()).exists(), "{at}");
            // The next one cleans up.
            back_up(estate);
            assert_no_leftovers(estate);
        },
    );
    println!("backup: {kills} kills, {before} before and {after} after");
    assert!(before > 0 && after > 0, "{before}, {after}");
}

/// An estate whose copies work: its connector names the exports relative to the home.
fn relative() -> Estate {
    let estate = Estate::bare();
    let synced = synced();
    crate::common::copy_folder(&synced.exports(), &estate.exports());
    estate.connector("cave", Path::new("../exports"));
    let estate = estate.setting("MAX_REJECTS", "100%");
    estate.sync();
    estate
}

/// An estate with a backup, and a newer state.
fn newer() -> (Estate, PathBuf, Vec<String>) {
    let estate = relative();
    let old = estate.dump();
    let (_, file) = back_up(&estate);
    estate.export("clients.csv", "code_client;nom\nC9;Nouveau\n");
    estate.sync();
    (estate, file, old)
}

#[test]
fn a_restore_is_done_or_not_begun_at_every_instant() {
    if strace::is_missing() {
        return;
    }
    let (original, file, old) = newer();
    let new = original.dump();
    assert_ne!(old, new);
    let (mut before, mut after) = (0, 0);
    let kills = at_every_instant(
        || (original.copy(), file.clone()),
        |file| {
            vec![
                "restore".to_owned(),
                file.display().to_string(),
                "--yes".to_owned(),
            ]
        },
        |estate, file, at| {
            let dump = estate.dump();
            if dump == new {
                before += 1;
            } else {
                assert_eq!(dump, old, "{at}");
                assert_eq!(kept(estate).len(), 1, "{at}");
                after += 1;
            }
            assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"], "{at}");
            restore(estate, file);
            assert_eq!(estate.dump(), old, "{at}");
            assert_no_leftovers(estate);
            estate.sync();
            assert_eq!(estate.dump().len(), new.len(), "{at}");
        },
    );
    println!("restore: {kills} kills, {before} before and {after} after");
    assert!(before > 0 && after > 0, "{before}, {after}");
}

#[test]
fn a_restore_into_a_new_home_or_over_a_damaged_database_is_done_or_not_begun() {
    if strace::is_missing() {
        return;
    }
    let (original, file, old) = newer();
    for is_damaged in [false, true] {
        let fresh = || {
            let estate = original.copy();
            if is_damaged {
                fs::write(estate.database(), "no database").unwrap();
                fs::write(estate.home().join("crmreco.db-wal"), "no log").unwrap();
            } else {
                fs::remove_file(estate.database()).unwrap();
            }
            (estate, file.clone())
        };
        let (mut before, mut after) = (0, 0);
        at_every_instant(
            fresh,
            |file| {
                vec![
                    "restore".to_owned(),
                    file.display().to_string(),
                    "--yes".to_owned(),
                ]
            },
            |estate, file, at| {
                let database = fs::read(estate.database());
                match database {
                    Ok(bytes) if bytes == b"no database" && is_damaged => before += 1,
                    Err(_) if !is_damaged => before += 1,
                    _ => {
                        assert_eq!(estate.dump(), old, "{at}");
                        after += 1;
                    }
                }
                restore(estate, file);
                assert_eq!(estate.dump(), old, "{at}");
                assert_no_leftovers(estate);
            },
        );
        assert!(before > 0 && after > 0, "{before}, {after}");
    }
}
