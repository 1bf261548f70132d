//! Several machines, each with a home of its own, on one database.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::server::{Server, is_missing};
use crate::common::{Estate, Outcome, counts};

const SALE: &str = "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n\
    1;FA900;C1;RIESLING-2020;27/12/2025;6;bouteille;12,00;72,00\n";

/// A machine with the connector `cave`.
fn machine() -> Estate {
    let estate = Estate::on(&Server::shared().fresh_database());
    estate.connector("cave", &estate.exports());
    crate::common::copy_folder(
        &crate::common::fixtures().join("isavigne/plain"),
        &estate.exports(),
    );
    estate
}

#[test]
fn what_one_syncs_the_others_see_and_go_on_with() {
    if is_missing() {
        return;
    }
    let one = machine();
    let other = one.beside();
    let third = Estate::beside(&one);
    one.sync();
    assert_eq!(other.dump(), one.dump());
    let answer = other.sync();
    assert_eq!(counts(&answer, "SALES_LINES").read, 0, "{answer:#}");
    one.export("ventes_2.csv", SALE);
    other.sync();
    // The working copy of the first is out of date by now.
    one.export("ventes_3.csv", SALE.replace("72,00", "70,00"));
    let answer = one.sync();
    assert_eq!(counts(&answer, "SALES_LINES").updated, 1, "{answer:#}");
    let list = third.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["recent_syncs"].as_array().unwrap().len(), 4);
    let answer = third.sync_with(&["--full"], 0);
    let sales = counts(&answer, "SALES_LINES");
    assert_eq!((sales.inserted, sales.deleted), (0, 0), "{answer:#}");
}

/// What was purged and loaded anew begins to count its versions anew: a working copy from before is out of date all the same.
#[test]
fn a_working_copy_from_before_a_purge_is_out_of_date() {
    if is_missing() {
        return;
    }
    let one = machine();
    let other = one.beside();
    one.sync();
    other.sync_with(&["--full"], 0);
    let purged = one.crmreco(&["remove", "cave", "--purge", "--yes"]);
    purged.exits(0);
    one.env_lines(&other.env_text());
    let sales = one.export_text("ventes.csv");
    let (first, _) = sales.trim_end().rsplit_once('\n').unwrap();
    one.export("ventes.csv", format!("{first}\n"));
    one.sync();
    let before = one.dump();
    // All rows are there already; the one that went is not taken for one of them.
    one.export("ventes.csv", sales);
    let answer = other.sync_with(&["--full"], 0);
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 1, "{answer:#}");
    assert_eq!(other.dump().len(), before.len() + 1);
}

#[test]
fn a_connector_is_synced_by_one_machine_at_a_time() {
    if is_missing() {
        return;
    }
    let one = machine();
    one.sync();
    one.schema().sql(
        "UPDATE @leases SET host = 'poste-2', pid = 4711, expires_at = now() + interval '1 minute'",
    );
    let other = one.beside();
    let refused = other.crmreco(&["sync", "cave"]).exits(4);
    refused.says(&["déjà en cours", "poste-2", "4711"]);
    // Commands that read are not in its way, and do not take its run for dead.
    one.schema().sql(
        "INSERT INTO @runs (estate, source, connector_type, status, started_at)
         VALUES ('default', 'cave', 'isavigne', 'running', now())",
    );
    other.crmreco(&["list"]).exits(0);
    assert_eq!(
        one.schema()
            .sql("SELECT count(*) FROM @runs WHERE status = 'running'"),
        ["1"]
    );
    one.schema()
        .sql("UPDATE @leases SET expires_at = now() - interval '1 minute'");
    other.crmreco(&["list"]).exits(0);
    assert_eq!(
        one.schema()
            .sql("SELECT count(*) FROM @runs WHERE status = 'interrupted'"),
        ["1"]
    );
    other.sync();
}

#[test]
fn of_many_racers_one_wins() {
    if is_missing() {
        return;
    }
    let one = machine();
    let machines: Vec<Estate> = (0..8).map(|_| one.beside()).collect();
    let started: Vec<_> = machines
        .iter()
        .map(|machine| {
            let mut command = machine.command(&["sync", "cave", "--json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        })
        .collect();
    let codes: Vec<Option<i32>> = started
        .into_iter()
        .map(|child| Outcome::from(child.wait_with_output().unwrap()).code)
        .collect();
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert!(
        codes.iter().all(|code| matches!(code, Some(0 | 4))),
        "{codes:?}"
    );
    let answer = one.sync();
    assert_eq!(counts(&answer, "CUSTOMERS").read, 0, "{answer:#}");
    let inserted = one.sql("SELECT sum(inserted), (SELECT count(*) FROM customers) FROM run_tables WHERE table_name = 'CUSTOMERS'");
    let (inserted, there) = inserted[0].split_once('|').unwrap();
    assert_eq!(inserted, there);
}

/// A holder that was stopped, and goes on after another machine took over, changes nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_holder_that_wakes_up_is_fenced_off() {
    if is_missing() {
        return;
    }
    let one = machine();
    let other = one.beside();
    one.sync();
    one.export("ventes_2.csv", SALE);
    let mut command = one.command(&["sync", "cave", "--full", "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let held = one.schema();
    // The rows of the lease are locked: the holder waits at the end of its first publication, and is stopped there.
    let mut blocker = postgres::Client::connect(held.address(), postgres::NoTls).unwrap();
    let mut locked = blocker.transaction().unwrap();
    let name = held.variables()[1].1.to_owned();
    locked
        .batch_execute(&format!(
            "LOCK TABLE {name}.cursors IN ACCESS EXCLUSIVE MODE"
        ))
        .unwrap();
    let child = command.spawn().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    let begun = Instant::now();
    while held.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE 'crmreco%'").is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(20));
        thread::sleep(Duration::from_millis(20));
    }
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    held.sql("UPDATE @leases SET expires_at = now() - interval '1 minute'");
    locked.rollback().unwrap();
    other.sync();
    let before = other.dump();
    rustix::process::kill_process(pid, rustix::process::Signal::CONT).unwrap();
    let outcome = Outcome::from(child.wait_with_output().unwrap());
    assert_ne!(outcome.code, Some(0), "{outcome:#?}");
    assert_eq!(other.dump(), before);
    let answer = other.sync_with(&["--full"], 0);
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 0, "{answer:#}");
}

#[test]
fn a_working_copy_can_be_deleted_or_damaged() {
    if is_missing() {
        return;
    }
    let one = machine();
    one.sync();
    let before = one.dump();
    let copy = one.home().join("working-copy.db");
    std::fs::remove_file(&copy).unwrap();
    let answer = one.sync_with(&["--full"], 0);
    assert_eq!(counts(&answer, "SALES_LINES").updated, 0, "{answer:#}");
    std::fs::write(&copy, "not a database, for sure not one at all").unwrap();
    one.sync_with(&["--full"], 0);
    assert_eq!(one.dump(), before);
}

#[test]
fn a_new_home_reads_what_is_there_and_creates_nothing() {
    if is_missing() {
        return;
    }
    let one = machine();
    let list = one.crmreco(&["list", "--json"]).exits(0).json();
    assert_eq!(list["metrics"]["total_records_synced"], 0, "{list:#}");
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = '";
    let name = one.schema().variables()[1].1.to_owned();
    assert_eq!(one.schema().sql(&format!("{schemas}{name}'")), ["0"]);
}
