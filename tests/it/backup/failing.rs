//! Disks that fill up and requests to stop: the old state stays, and what failed says so.

use std::fs;

use super::{assert_no_leftovers, back_up, kept, names, restoring, synced};
use crate::common::{Estate, Outcome, assert_says};
use crate::strace::{self, Injection, Traced};

/// Runs `args` on a disk that is full from each of a dozen writes on.
fn on_full_disks(
    calls: &str,
    estate: impl Fn() -> Estate,
    args: &[&str],
    check: impl Fn(&Estate, Outcome),
) {
    let counted = strace::count(&estate().command(args), &[calls]);
    let count = counted.get(calls).copied().unwrap_or(0);
    assert!(count > 0, "{calls}");
    for nth in (1..=count).step_by(count / 12 + 1) {
        let estate = estate();
        let full = Injection::at(calls, "error=ENOSPC", nth).and_after();
        let ended = Traced::run(&estate.command(args), &full);
        check(&estate, Outcome::from(ended.output));
    }
}

#[test]
fn a_full_disk_leaves_the_old_backup() {
    if strace::is_missing() {
        return;
    }
    let estate = || {
        let estate = synced();
        back_up(&estate);
        estate
    };
    let args = ["backup", "--json", "--keep", "1"];
    for calls in ["pwrite64", "write"] {
        on_full_disks(calls, estate, &args, |estate, outcome| {
            // Standard output is full too: the last writes are of the answer and the stamp.
            assert!(matches!(outcome.code, Some(0 | 1)), "{outcome:?}");
            let backups = names(&estate.home().join("backups"));
            // The old one goes once the new one is there, and remembered.
            let most = if outcome.code == Some(0) { 1 } else { 2 };
            assert!(
                (1..=most).contains(&backups.len()),
                "{backups:?} {outcome:?}"
            );
            estate.crmreco(&["backup", "verify", "--latest"]).exits(0);
            back_up(estate);
            assert_no_leftovers(estate);
        });
    }
}

#[test]
fn a_full_disk_is_told() {
    if strace::is_missing() {
        return;
    }
    let estate = synced();
    let counted = strace::count(&estate.command(&["backup"]), &["pwrite64"]);
    assert!(counted["pwrite64"] > 0);
    let full = Injection::at("pwrite64", "error=ENOSPC", 3).and_after();
    let outcome = Outcome::from(Traced::run(&estate.command(&["backup"]), &full).output);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_says(&outcome.text(), &["la place", "→"]);
    assert!(!outcome.text().contains("Sauvegarde faite"), "{outcome:?}");
}

#[test]
fn a_full_disk_leaves_the_database_in_its_place() {
    if strace::is_missing() {
        return;
    }
    let original = synced();
    let (_, file) = back_up(&original);
    let file = file.to_str().unwrap().to_owned();
    let old = original.dump();
    let estate = || {
        let estate = synced();
        estate.export("clients.csv", "code_client;nom\nC9;Nouveau\n");
        estate.sync();
        estate
    };
    let args = ["restore", &file, "--yes"];
    for calls in ["pwrite64", "write"] {
        on_full_disks(calls, estate, &args, |estate, outcome| {
            if kept(estate).is_empty() {
                assert_eq!(outcome.code, Some(1), "{outcome:?}");
                // On a disk without room for `write`, nothing can be told either.
                if calls == "pwrite64" {
                    assert_says(&outcome.text(), &["place", "→"]);
                }
                assert!(estate.dump().concat().contains("Nouveau"));
            } else {
                assert_eq!(estate.dump().len(), old.len(), "{outcome:?}");
            }
            assert_no_leftovers(estate);
            estate.sync();
        });
    }
}

#[test]
fn a_stop_is_obeyed_and_told() {
    if strace::is_missing() {
        return;
    }
    let estate = synced();
    let (_, file) = back_up(&estate);
    let before = (estate.dump(), names(&estate.home().join("backups")));
    let file = file.to_str().unwrap();
    for (args, what) in [
        (&["backup"][..], "Sauvegarde interrompue"),
        (&["restore", file, "--yes"], "Restauration interrompue"),
        (&["backup", "verify", file], "Vérification interrompue"),
    ] {
        for (signal, code) in [("TERM", 143), ("INT", 130)] {
            let stop = Injection::at("fchmod", &format!("signal={signal}"), 1);
            let outcome = Outcome::from(Traced::run(&estate.command(args), &stop).output);
            assert_eq!(outcome.code, Some(code), "{outcome:?}");
            assert_says(&outcome.text(), &[what, "rien n'a été changé"]);
            assert_eq!(
                before,
                (estate.dump(), names(&estate.home().join("backups")))
            );
            assert!(kept(&estate).is_empty());
            assert_no_leftovers(&estate);
        }
    }
    restoring(&estate, std::path::Path::new(file), &[]).exits(0);
    let _ = fs::metadata(file).unwrap();
}
