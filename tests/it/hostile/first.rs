//! The first sync of a database locks it while it loads: queries are answered, writers wait, and no file is left
//! behind.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::held::Held;
use crate::common::{Estate, Outcome};
use crate::strace::{self, Injection, Traced};

/// A home whose database holds a history and no rows: `chai` failed, `cave` is still to be synced.
fn estate() -> Estate {
    let estate = Estate::of("plain");
    estate.connector("chai", &estate.root().join("nowhere"));
    estate.crmreco(&["sync", "chai"]).exits(1);
    estate
}

/// What SQLite, or the program, puts beside the database.
fn beside(estate: &Estate, ending: &str) -> PathBuf {
    let database = fs::canonicalize(estate.database()).unwrap();
    PathBuf::from(format!("{}{ending}", database.display()))
}

fn journal(estate: &Estate) -> PathBuf {
    beside(estate, "-journal")
}

/// Where the first load holds the database: its journal was opened once before, to take the log's place.
const LOADING: (&str, usize) = ("openat", 2);

fn held(estate: &Estate) -> Held {
    let (calls, nth) = LOADING;
    let held = Held::at(estate, &journal(estate), calls, nth);
    let held = held.expect("a first sync has a journal");
    let stranger = rusqlite::Connection::open(estate.database()).unwrap();
    let looked = stranger.query_row("SELECT count(*) FROM runs", [], |_| Ok(()));
    let error = looked.expect_err("the database is not held");
    let code = error.sqlite_error_code();
    assert_eq!(code, Some(rusqlite::ErrorCode::DatabaseBusy));
    held
}

fn copy(estate: &Estate) -> PathBuf {
    beside(estate, "-before")
}

/// The database alone, with its write-ahead log for the next to come, and every row.
#[track_caller]
fn assert_settled(estate: &Estate) {
    let files = fs::read_dir(estate.home()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut beside: Vec<_> = names
        .filter(|name| name.starts_with("crmreco.db"))
        .collect();
    beside.sort();
    assert_eq!(beside, ["crmreco.db"]);
    assert_eq!(estate.sql("PRAGMA journal_mode"), ["wal"]);
    assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"]);
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
}

#[test]
fn queries_during_a_first_sync_see_the_earlier_state() {
    if strace::is_missing() {
        return;
    }
    let estate = estate();
    let held = held(&estate);
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["connectors"]["cave"]["status"], "syncing");
    assert_eq!(list["connectors"]["chai"]["status"], "error");
    assert_eq!(list["metrics"]["total_records_synced"], 0);
    for look in [
        &["status"][..],
        &["metrics"],
        &["logs", "chai"],
        &["show", "cave"],
    ] {
        let outcome = estate.crmreco(look).exits(0);
        assert_eq!(outcome.stderr, "", "{look:?}");
    }
    estate.crmreco(&["sync", "cave"]).exits(4);
    assert_eq!(held.goes_on().exits(0).json()["success"], true);
    assert_settled(&estate);
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["connectors"]["cave"]["status"], "healthy");
}

#[test]
fn queries_are_answered_where_the_database_is_a_link() {
    if strace::is_missing() {
        return;
    }
    let estate = estate();
    let elsewhere = estate.root().join("elsewhere.db");
    fs::rename(estate.database(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, estate.database()).unwrap();
    let held = held(&estate);
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["connectors"]["cave"]["status"], "syncing");
    held.goes_on().exits(0);
    assert!(!copy(&estate).exists());
}

#[test]
fn ctrl_c_ends_the_wait_for_a_first_sync() {
    if strace::is_missing() {
        return;
    }
    let estate = estate();
    estate.connector("caveau", &estate.exports());
    let held = held(&estate);
    for more in [&[][..], &["--dry-run"]] {
        let mut other = estate.command(&[&["sync", "caveau", "--json"], more].concat());
        let piped = other.stdout(Stdio::piped()).stderr(Stdio::piped());
        let other = piped.spawn().unwrap();
        thread::sleep(Duration::from_millis(500));
        let pid = other.id().to_string();
        let sent = Command::new("kill").args(["-INT", &pid]).status();
        assert!(sent.unwrap().success());
        let asked = Instant::now();
        Outcome::from(other.wait_with_output().unwrap()).exits(130);
        assert!(asked.elapsed() < Duration::from_secs(3), "{more:?}");
    }
    held.goes_on().exits(0);
}

#[test]
fn writers_and_dry_runs_wait_for_a_first_sync() {
    if strace::is_missing() {
        return;
    }
    for more in [&[][..], &["--dry-run"]] {
        let estate = estate();
        estate.connector("caveau", &estate.exports());
        let held = held(&estate);
        let mut other = estate.command(&[&["sync", "caveau", "--json"], more].concat());
        let piped = other.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut other = piped.spawn().unwrap();
        thread::sleep(Duration::from_millis(500));
        assert!(other.try_wait().unwrap().is_none(), "{more:?}");
        held.goes_on().exits(0);
        let outcome = Outcome::from(other.wait_with_output().unwrap()).exits(0);
        assert_eq!(outcome.json()["records_processed"]["SALES_LINES"], 5);
    }
}

#[test]
fn the_next_sync_deletes_the_copy_of_a_killed_one() {
    if strace::is_missing() {
        return;
    }
    let estate = estate();
    let (calls, nth) = LOADING;
    let kill = Injection::at(calls, "signal=KILL", nth).on(&[journal(&estate)]);
    let killed = Traced::run(&estate.command(&["sync", "cave"]), &kill);
    assert_eq!(killed.signal(), Some(9));
    assert!(copy(&estate).exists());
    let list = estate.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["connectors"]["cave"]["status"], "error", "{list:#}");
    estate.sync();
    assert_settled(&estate);
}

/// A leftover copy is never read, and the next command deletes it.
#[test]
fn the_copy_of_a_killed_sync_is_never_read() {
    let estate = estate();
    estate.sync();
    let left = [copy(&estate), beside(&estate, "-before-journal")];
    for command in ["list", "sync"] {
        for path in &left {
            fs::write(path, "cut").unwrap();
        }
        if command == "list" {
            let metrics = estate.crmreco(&["metrics", "--json"]).exits(0).json();
            assert_eq!(metrics["records_by_table"]["SALES_LINES"], 5);
        } else {
            let more = estate.export_text("ventes.csv");
            estate.export("ventes.csv", more.replace("36,00", "36,01"));
            estate.sync();
        }
        assert_settled(&estate);
    }
}

/// The database has a rollback journal, and a reader prevents the switch: other readers still work.
#[test]
fn a_database_without_its_log_can_be_read_beside_a_reader() {
    let estate = estate();
    estate.sync();
    let reader = rusqlite::Connection::open(estate.database()).unwrap();
    let switched = reader.pragma_update(None, "journal_mode", "DELETE");
    switched.unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let rows = reader.query_row("SELECT count(*) FROM runs", [], |row| row.get(0));
    assert_eq!(rows, Ok(2));
    let asked = Instant::now();
    estate.crmreco(&["list"]).exits(0);
    assert!(asked.elapsed() < Duration::from_secs(3));
    drop(reader);
    estate.crmreco(&["list"]).exits(0);
    assert_settled(&estate);
}

#[test]
fn an_earlier_reader_is_neither_waited_for_nor_disturbed() {
    let estate = estate();
    let reader = rusqlite::Connection::open(estate.database()).unwrap();
    let count = || {
        let count = reader.query_row("SELECT count(*) FROM sales_lines", [], |row| row.get(0));
        count.unwrap()
    };
    reader.execute_batch("BEGIN").unwrap();
    let before: i64 = count();
    estate.sync();
    assert_eq!((before, count()), (0, 0));
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(count(), 5);
    drop(reader);
    assert_settled(&estate);
}

/// Small pages: where few rows change, little is written.
#[test]
fn a_new_database_has_pages_of_8_kib() {
    let estate = estate();
    estate.sync();
    assert_eq!(estate.sql("PRAGMA page_size"), ["8192"]);
}

/// Nor by a load that waits for him: it would keep everybody else out for as long as it waits.
#[test]
fn a_reader_that_blocks_a_load_does_not_block_other_readers() {
    let estate = estate();
    estate.sync();
    let reader = rusqlite::Connection::open(estate.database()).unwrap();
    reader
        .pragma_update(None, "journal_mode", "DELETE")
        .unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let rows = reader.query_row("SELECT count(*) FROM runs", [], |row| row.get(0));
    assert_eq!(rows, Ok(2));
    let more = estate.export_text("ventes.csv");
    estate.export("ventes.csv", more.replace("36,00", "36,01"));
    let mut sync = estate
        .command(&["sync", "cave", "--quiet"])
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(4) {
        let asked = Instant::now();
        estate.crmreco(&["list"]).exits(0);
        assert!(
            asked.elapsed() < Duration::from_secs(2),
            "{:?}",
            asked.elapsed()
        );
    }
    assert!(
        sync.try_wait().unwrap().is_none(),
        "it did not wait for the reader"
    );
    reader.execute_batch("COMMIT").unwrap();
    drop(reader);
    assert!(sync.wait().unwrap().success());
    assert_settled(&estate);
}

/// Between its creation and its lock, and with two commands at once.
#[test]
fn the_copy_of_a_running_first_sync_is_never_deleted() {
    for _ in 0..10 {
        let estate = estate();
        let mut sync = estate
            .command(&["sync", "cave", "--quiet"])
            .spawn()
            .unwrap();
        while sync.try_wait().unwrap().is_none() {
            let asked = Instant::now();
            estate.crmreco(&["list"]).exits(0);
            assert!(
                asked.elapsed() < Duration::from_secs(3),
                "{:?}",
                asked.elapsed()
            );
        }
        assert!(sync.wait().unwrap().success());
        estate.crmreco(&["list"]).exits(0);
        assert_settled(&estate);
    }
}
