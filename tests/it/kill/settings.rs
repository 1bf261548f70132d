//! `add`, `set`, `rename` and `remove`, killed or failed at every call: the settings are those of before or those of after, whole.

use std::fs;

use super::instants;
use super::promises::assert_whole;
use super::scenario;
use crate::common::{Estate, Outcome, assert_says};
use crate::strace::{self, CHANGES, Injection, Traced};

const ADD: &[&str] = &[
    "add", "grange", "--type", "isavigne", "--path", "/tmp", "--json",
];
const SET: &[&str] = &[
    "set",
    "cave",
    "MAX_REJECTS=50%",
    "--unset",
    "CASE_SIZE",
    "--json",
];
const RENAME: &[&str] = &["rename", "cave", "chai", "--json"];
const REMOVE: &[&str] = &["remove", "cave", "--yes", "--json"];
const PURGE: &[&str] = &["remove", "cave", "--purge", "--yes", "--json"];

/// Of the instants there are, a short run looks at one in this many.
const ONE_IN: usize = 12;

/// A connector that was synced, among lines of other people.
fn estate() -> Estate {
    let estate = scenario::first().estate();
    estate.env_lines("CRMRECO_CONNECTOR__CAVE__CASE_SIZE=12\n# à nous\nOTHER='x'");
    estate.sync();
    estate
}

/// Everything in the home that is, or was to become, the settings.
fn leftovers(estate: &Estate) -> Vec<String> {
    let names = fs::read_dir(estate.home()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name.starts_with(".env") && name != ".env")
        .collect()
}

/// `look` at the estate after `what` befell `args` at each instant, with the settings of before and of after.
fn at_every_instant(
    args: &[&str],
    calls: &[&str],
    what: &str,
    look: impl Fn(&Traced, &Estate, &str, &str),
) {
    from_every_instant(&estate(), args, calls, what, look);
}

/// The same, from the estate `before`.
fn from_every_instant(
    before: &Estate,
    args: &[&str],
    calls: &[&str],
    what: &str,
    look: impl Fn(&Traced, &Estate, &str, &str),
) {
    let after = before.copy();
    after.crmreco(args).exits(0);
    let mut hits = 0;
    let counts = strace::count(&before.copy().command(args), calls);
    for (salt, calls) in calls.iter().enumerate() {
        let names = calls.split(',').map(|name| name.trim_start_matches('?'));
        let count = names.filter_map(|name| counts.get(name)).max();
        for nth in instants(count.copied().unwrap_or(0), ONE_IN, salt) {
            let estate = before.copy();
            println!("{args:?}: {what} at {calls} number {nth}");
            let injection = Injection::at(calls, what, nth);
            let traced = Traced::run(&estate.command(args), &injection);
            if !traced.was_hit {
                assert_eq!(traced.output.status.code(), Some(0));
                break;
            }
            hits += 1;
            look(&traced, &estate, &before.env_text(), &after.env_text());
        }
    }
    println!("{args:?}: {what} at {hits} instants");
    assert!(hits > 0);
}

fn killed(args: &[&str]) {
    at_every_instant(args, &CHANGES, "signal=KILL", |_, estate, before, after| {
        let text = estate.env_text();
        assert!(text == before || text == after, "{text}");
        estate.crmreco(&["list"]).exits(0);
        assert_whole(estate);
        let rows = estate.sql("SELECT count(*) FROM customers");
        assert!(rows == ["3"] || args == PURGE, "{rows:?}");
        // Once the connector is forgotten, nobody could purge its rows any more.
        assert!(rows == ["3"] || rows == ["0"], "{rows:?}");
        assert!(args != PURGE || text == before || rows == ["0"]);
        if text == before {
            estate.crmreco(args).exits(0);
        }
        assert_eq!(estate.env_text(), after);
        // What a killed process left may hold keys: the next one that writes deletes it.
        let next = ["add", "depot", "--type", "isavigne", "--path", "/tmp"];
        estate.crmreco(&next).exits(0);
        assert!(leftovers(estate).is_empty(), "{:?}", leftovers(estate));
    });
}

#[test]
fn add_is_killed_at_every_instant() {
    if !strace::is_missing() {
        killed(ADD);
    }
}

#[test]
fn remove_is_killed_at_every_instant() {
    if !strace::is_missing() {
        killed(REMOVE);
        killed(PURGE);
    }
}

#[test]
fn set_is_killed_at_every_instant() {
    if !strace::is_missing() {
        killed(SET);
    }
}

/// The name under which the rows stand; there is one.
fn source(estate: &Estate) -> String {
    let names = estate.sql(
        "SELECT source FROM customers UNION SELECT source FROM sales_lines UNION SELECT source FROM runs
         UNION SELECT source FROM cursors UNION SELECT source FROM rejects",
    );
    assert_eq!(names.len(), 1, "{names:?}");
    names.concat()
}

/// After the next command, settings and rows have the same name, old or new, and no row comes twice.
fn assert_renamed_or_not(estate: &Estate, before: &str, after: &str) {
    estate.crmreco(&["list"]).exits(0);
    let text = estate.env_text();
    assert!(text == before || text == after, "{text}");
    let is_renamed = text == after;
    assert_eq!(source(estate), if is_renamed { "chai" } else { "cave" });
    assert_whole(estate);
    if !is_renamed {
        estate.crmreco(RENAME).exits(0);
    }
    assert_eq!(estate.env_text(), after);
    assert_eq!(source(estate), "chai");
    let again = estate
        .crmreco(&["sync", "chai", "--full", "--json"])
        .exits(0)
        .json();
    let counts = again["records"].as_object().unwrap();
    let written = counts
        .values()
        .flat_map(|counts| ["inserted", "updated", "deleted"].map(|kind| &counts[kind]));
    assert!(written.into_iter().all(|count| *count == 0), "{again:#}");
}

#[test]
fn rename_is_killed_at_every_instant() {
    if strace::is_missing() {
        return;
    }
    let killed = "signal=KILL";
    at_every_instant(RENAME, &CHANGES, killed, |_, estate, before, after| {
        assert_renamed_or_not(estate, before, after);
    });
}

#[test]
fn a_rename_that_was_killed_is_killed_again_at_every_instant() {
    if strace::is_missing() {
        return;
    }
    let half = estate();
    let text = half.env_text().replace("__CAVE__", "__CHAI__");
    fs::write(half.env_path(), text).unwrap();
    half.env_lines("CRMRECO_CONNECTOR__CHAI__RENAMED_FROM=cave");
    let killed = "signal=KILL";
    from_every_instant(&half, &["list"], &CHANGES, killed, |_, estate, _, after| {
        assert_renamed_or_not(estate, "", after);
    });
}

/// A disk that takes no more in the middle of a rename: it is done, or everything is as before.
#[test]
fn a_failed_rename_changes_nothing() {
    if strace::is_missing() {
        return;
    }
    let failing = [
        ("pwrite64", "error=ENOSPC"),
        ("write", "error=ENOSPC"),
        ("fsync", "error=EIO"),
        ("?rename,?renameat,?renameat2", "error=EACCES"),
    ];
    for (calls, what) in failing {
        at_every_instant(RENAME, &[calls], what, |traced, estate, before, after| {
            let outcome = Outcome::from(traced.output.clone());
            assert!(matches!(outcome.code, Some(0 | 1)), "{outcome:#?}");
            assert_renamed_or_not(estate, before, after);
        });
    }
}

/// A disk that takes no more, a rename that is refused: the old file is whole, and the message says so; or the new
/// one is there.
#[test]
fn a_failed_add_writes_nothing() {
    if strace::is_missing() {
        return;
    }
    let failing = [
        ("write", "error=ENOSPC"),
        ("fsync", "error=EIO"),
        ("?rename,?renameat,?renameat2", "error=EACCES"),
    ];
    for (calls, what) in failing {
        at_every_instant(ADD, &[calls], what, |traced, estate, before, after| {
            let outcome = Outcome::from(traced.output.clone());
            let text = estate.env_text();
            assert!(leftovers(estate).is_empty(), "{:?}", leftovers(estate));
            match outcome.code {
                Some(0) => assert_eq!(text, after),
                Some(1) => {
                    // Its answer is what could not be written, when standard output is what failed.
                    let is_told = text == before;
                    assert!(is_told || (calls == "write" && text == after), "{text}");
                    if is_told {
                        assert_says(
                            &outcome.text(),
                            &["l'ancien fichier est intact", "place libre"],
                        );
                    }
                }
                _ => panic!("{outcome:#?}"),
            }
        });
    }
}
