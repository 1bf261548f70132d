//! A database that others hold, that is damaged, or that is none.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{is_long, make_fifo};
use crate::common::{Estate, Outcome, assert_says};
use crate::odoo::estate::replayed;
use crate::odoo::fault::Fault;
use crate::odoo::when::When;

/// A sync that has opened the database, and is about to write in it.
fn begun(estate: &Estate) -> Child {
    let mut command = estate.command(&["sync", "cave", "--json"]);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = piped.spawn().unwrap();
    wait_until("the database is open", || {
        has_open(&child, "crmreco.db-shm")
    });
    child
}

fn has_open(child: &Child, name: &str) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{}/fd", child.id())) else {
        return false;
    };
    files
        .filter_map(|file| fs::read_link(file.ok()?.path()).ok())
        .any(|path| path.ends_with(name))
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "never saw that {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Another program that writes in the database, until it is dropped.
fn hold(estate: &Estate) -> rusqlite::Connection {
    let holder = rusqlite::Connection::open(estate.database()).unwrap();
    holder.busy_timeout(Duration::from_secs(60)).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    holder
}

#[test]
fn a_sync_waits_for_another_program_that_writes() {
    let estate = Estate::of("plain");
    estate
        .crmreco(&["sync", "cave", "--source", "products"])
        .exits(0);
    let holder = hold(&estate);
    let child = begun(&estate);
    // Longer than SQLite itself waits; in the long version, as long as a backup may take.
    thread::sleep(Duration::from_secs(if is_long() { 60 } else { 6 }));
    // Who only looks is not kept waiting.
    estate.crmreco(&["list"]).exits(0);
    holder.execute_batch("ROLLBACK").unwrap();
    let outcome = Outcome::from(child.wait_with_output().unwrap());
    assert_eq!(outcome.exits(0).json()["success"], true);
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
}

#[test]
fn ctrl_c_ends_the_wait_for_another_program() {
    let estate = Estate::of("plain");
    estate.sync();
    let holder = hold(&estate);
    let child = begun(&estate);
    interrupt(&child);
    let outcome = Outcome::from(child.wait_with_output().unwrap()).exits(130);
    assert_eq!(outcome.json()["success"], false);
    drop(holder);
    assert_eq!(estate.sql("SELECT DISTINCT status FROM runs"), ["success"]);
    estate.sync();
}

/// A dry run takes the same lock, and must be as easy to stop.
#[test]
fn ctrl_c_ends_the_wait_of_a_dry_run() {
    let estate = Estate::of("plain");
    estate.sync();
    let holder = hold(&estate);
    let mut command = estate.command(&["sync", "cave", "--dry-run", "--json"]);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = piped.spawn().unwrap();
    wait_until("the database is open", || {
        has_open(&child, "crmreco.db-shm")
    });
    interrupt(&child);
    Outcome::from(child.wait_with_output().unwrap()).exits(130);
    drop(holder);
}

/// Closing a stopped run is not worth a wait of ten minutes: the next command closes it.
#[test]
fn ctrl_c_stops_a_sync_whose_run_cannot_be_closed() {
    let (stub, estate) = replayed("19.0/1-first");
    stub.fault(When::data().nth(2), Fault::Hang);
    let mut command = estate.command(&["sync", "cave", "--json"]);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = piped.spawn().unwrap();
    let is_data = |asked: &crate::odoo::stub::Asked| {
        let call = asked.call.as_ref();
        call.is_some_and(crate::odoo::call::Call::is_data)
    };
    wait_until("the server hangs", || {
        stub.requests()
            .iter()
            .filter(|asked| is_data(asked))
            .count()
            >= 2
    });
    let holder = hold(&estate);
    interrupt(&child);
    Outcome::from(child.wait_with_output().unwrap()).exits(130);
    drop(holder);
    let logs = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json();
    assert_eq!(logs["logs"][0]["status"], "interrupted", "{logs:#}");
}

/// Every command on this database works, or names the damaged file and what to do.
#[track_caller]
fn assert_sound_or_told(estate: &Estate) {
    for command in [
        &["list"][..],
        &["logs", "cave"],
        &["sync", "cave", "--full"],
    ] {
        let outcome = estate.crmreco(command);
        match outcome.code {
            Some(0) => {}
            Some(1) => assert_says(&outcome.text(), &["crmreco.db", "sauvegarde"]),
            _ => panic!("{command:?}: {outcome:#?}"),
        }
    }
}

#[test]
fn an_overwritten_page_is_reported_or_harmless() {
    let sound = Estate::empty();
    sound.connector("cave", "../exports".as_ref());
    let plain = crate::common::fixtures().join("isavigne/plain");
    crate::common::copy_folder(&plain, &sound.exports());
    sound.sync();
    let size = fs::metadata(sound.database()).unwrap().len();
    let page = 8 * 1024;
    let step = if is_long() { 1 } else { 4 };
    let mut damaged = 0;
    for number in (0..size / page).step_by(step) {
        for rubbish in [0x00_u8, 0xff, 0x0d] {
            let estate = sound.copy();
            let file = File::options().write(true).open(estate.database());
            let bytes = vec![rubbish; 8 * 1024];
            file.unwrap().write_all_at(&bytes, number * page).unwrap();
            println!("page {number} overwritten with {rubbish:#x}");
            assert_sound_or_told(&estate);
            damaged += 1;
        }
    }
    println!("{damaged} damaged databases");
}

#[test]
fn a_truncated_database_is_reported() {
    let sound = Estate::of("plain");
    sound.sync();
    let bytes = fs::read(sound.database()).unwrap();
    let page = 8 * 1024;
    for length in [page, page + 1, bytes.len() / 2, bytes.len() - page] {
        let estate = Estate::of("plain");
        fs::write(estate.database(), &bytes[..length]).unwrap();
        println!("cut after {length} bytes");
        for command in [&["list"][..], &["sync", "cave", "--full"]] {
            let outcome = estate.crmreco(command).exits(1);
            assert_says(&outcome.text(), &["crmreco.db", "sauvegarde"]);
        }
        // The damaged file is unchanged.
        assert!(fs::read(estate.database()).unwrap() == bytes[..length]);
    }
}

/// To SQLite a file without a whole page is a database without a table, which is how every database begins.
#[test]
fn an_empty_file_is_a_new_database() {
    let estate = Estate::of("plain");
    fs::write(estate.database(), "").unwrap();
    estate.crmreco(&["list"]).exits(0);
    estate.sync();
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["5"]);
}

#[test]
fn folders_and_devices_are_refused_as_database_lock_and_settings() {
    let database = Estate::of("plain");
    fs::create_dir(database.database()).unwrap();
    let fifo = Estate::of("plain");
    make_fifo(&fifo.database());
    let locks = Estate::of("plain");
    fs::write(locks.home().join("locks"), "").unwrap();
    let lock = Estate::of("plain");
    fs::create_dir_all(lock.home().join("locks/cave.lock")).unwrap();
    for estate in [database, fifo, locks, lock] {
        let outcome = estate.crmreco(&["sync", "cave"]).exits(1).says(&["→"]);
        assert!(!outcome.text().contains("os error"), "{outcome:#?}");
    }
    let settings = Estate::bare();
    fs::create_dir(settings.env_path()).unwrap();
    settings.crmreco(&["list"]).exits(1).says(&["dossier", "→"]);
}
