//! A server that fails in the middle of a sync: each table is as before or as after it, the message says what happened, and
//! the next sync ends with the right rows.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::server::{OWNER, Options, Server, can_mount, is_missing, psql};
use crate::common::{Estate, Outcome, copy_folder, set_mode};

/// The sample estate.
fn sample() -> Estate {
    let estate = Estate::empty();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/exports");
    copy_folder(&examples, &estate.exports());
    set_mode(&estate.home(), 0o700);
    estate
}

const ROWS: [(&str, u32); 4] = [
    ("customers", 500),
    ("product_catalog", 120),
    ("sales_lines", 4993),
    ("stock_levels", 240),
];

/// Rows of each table, and one number for all of them.
fn state(url: &str) -> Vec<(u32, String)> {
    let of = |(table, _): &(&str, u32)| {
        let sql =
            format!("SELECT count(*), coalesce(sum(row_hash::numeric), 0) FROM crmreco.{table}");
        let rows = psql(url, &sql);
        let (count, sum) = rows[0].split_once('|').unwrap();
        (count.parse().unwrap(), sum.to_owned())
    };
    ROWS.iter().map(of).collect()
}

fn command(estate: &Estate, url: &str, args: &[&str]) -> Command {
    let mut command = estate.command(args);
    command.env("CRMRECO_DATABASE", url);
    command
}

fn sync(estate: &Estate, url: &str) -> Outcome {
    Outcome::of(&mut command(estate, url, &["sync", "cave"]))
}

/// A sync during which `harm` is done after `delay`.
fn harmed_sync(estate: &Estate, url: &str, delay: Duration, harm: impl FnOnce()) -> Outcome {
    let mut command = command(estate, url, &["sync", "cave"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    thread::sleep(delay);
    harm();
    Outcome::from(child.wait_with_output().unwrap())
}

/// What a whole sync ends with, and how long it takes.
fn truth(server: &Server) -> (Vec<(u32, String)>, Duration) {
    let url = server.fresh_database();
    let started = Instant::now();
    sync(&sample(), &url).exits(0);
    let took = started.elapsed();
    let state = state(&url);
    let counts = state.iter().map(|(count, _)| *count);
    assert!(counts.eq(ROWS.iter().map(|(_, count)| *count)), "{state:?}");
    (state, took)
}

/// Every table is empty or whole, and the next sync makes all of them whole.
#[track_caller]
fn ends_well(estate: &Estate, url: &str, truth: &[(u32, String)]) {
    let exists = psql(url, "SELECT to_regclass('crmreco.sales_lines') IS NOT NULL");
    if exists == ["t"] {
        for (now, whole) in state(url).iter().zip(truth) {
            assert!(now.0 == 0 || now == whole, "{now:?}, {whole:?}");
        }
    }
    sync(estate, url).exits(0);
    assert_eq!(state(url), truth);
}

#[test]
fn a_server_that_crashes_leaves_nothing_half_done() {
    if is_missing() {
        return;
    }
    let server = Server::start(&Options {
        settings: vec!["fsync = on".to_owned(), "full_page_writes = on".to_owned()],
        ..Options::default()
    });
    let (truth, took) = truth(&server);
    let mut failed = 0;
    for part in [3, 5, 7] {
        let (estate, url) = (sample(), server.fresh_database());
        let outcome = harmed_sync(&estate, &url, took * part / 8, || server.stop(true));
        if outcome.code != Some(0) {
            failed += 1;
            outcome.exits(1).says(&["PostgreSQL", "→"]);
        }
        server.start_again();
        // The lease could not be given back.
        if psql(&url, "SELECT to_regclass('crmreco.leases') IS NOT NULL") == ["t"] {
            let sql = "UPDATE crmreco.leases SET expires_at = now() - interval '1 second'";
            psql(&url, sql);
        }
        ends_well(&estate, &url, &truth);
    }
    assert!(failed > 0, "no crash met a sync");
}

#[test]
fn sessions_that_are_ended_leave_nothing_half_done() {
    if is_missing() {
        return;
    }
    let server = Server::start(&Options::default());
    let (truth, took) = truth(&server);
    for part in [3, 5, 7] {
        let (estate, url) = (sample(), server.fresh_database());
        let end = || {
            let sql =
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'crmreco'";
            server.admin(sql);
        };
        let outcome = harmed_sync(&estate, &url, took * part / 8, end);
        if outcome.code != Some(0) {
            outcome.exits(1).says(&["PostgreSQL", "Relancez"]);
        }
        ends_well(&estate, &url, &truth);
    }
}

#[test]
fn a_time_limit_of_the_role_is_named() {
    if is_missing() {
        return;
    }
    let server = Server::start(&Options::default());
    let (truth, _) = truth(&server);
    for (setting, words) in [
        ("statement_timeout", "statement_timeout"),
        (
            "idle_in_transaction_session_timeout",
            "idle_in_transaction_session_timeout",
        ),
    ] {
        let (estate, url) = (sample(), server.fresh_database());
        server.admin(&format!("ALTER ROLE {OWNER} SET {setting} = 1"));
        let outcome = sync(&estate, &url);
        if outcome.code != Some(0) {
            outcome.exits(1).says(&[words]);
        }
        server.admin(&format!("ALTER ROLE {OWNER} RESET ALL"));
        ends_well(&estate, &url, &truth);
    }
}

#[test]
fn a_full_disk_of_the_server_is_named() {
    if is_missing() || !can_mount() {
        return;
    }
    let server = Server::start(&Options {
        disk: Some("10m"),
        ..Options::default()
    });
    let (truth, _) = truth(&server);
    let place = server.small_disk().display().to_string();
    server.admin(&format!(
        "CREATE TABLESPACE small OWNER {OWNER} LOCATION '{place}'"
    ));
    let (estate, database) = (sample(), server.fresh_name());
    server.admin(&format!(
        "ALTER DATABASE {database} SET default_tablespace = small"
    ));
    let url = server.url(OWNER, &database);
    let filler = "CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 7500)";
    psql(&url, filler);
    sync(&estate, &url).exits(1).says(&[
        "Le disque du serveur PostgreSQL est plein",
        "Libérez de la place",
    ]);
    psql(&url, "DROP TABLE filler");
    ends_well(&estate, &url, &truth);
}

#[test]
fn a_standby_serves_what_only_reads() {
    if is_missing() {
        return;
    }
    let server = Server::start(&Options::default());
    let (database, estate) = (server.fresh_name(), sample());
    let primary = server.url(OWNER, &database);
    sync(&estate, &primary).exits(0);
    let standby = server.standby();
    let copy = standby.url(OWNER, &database);
    arrived(
        &copy,
        "SELECT count(*) FROM crmreco.runs WHERE status = 'success'",
        "1",
    );
    for args in [
        &["list"][..],
        &["status"],
        &["show", "cave"],
        &["logs", "cave"],
        &["export", "customers"],
        &["query", "SELECT count(*) FROM customers"],
    ] {
        Outcome::of(&mut command(&estate, &copy, args)).exits(0);
    }
    sync(&estate, &copy)
        .exits(1)
        .says(&["lecture seule", "target_session_attrs"]);
    // Of both, that which takes writes.
    let both = format!(
        "postgresql://{OWNER}@127.0.0.1:{},127.0.0.1:{}/{database}?target_session_attrs=read-write",
        standby.port(),
        server.port()
    );
    sync(&estate, &both).exits(0);
    // The primary goes, and the standby takes its place: the same address leads there.
    arrived(&copy, "SELECT expires_at < now() FROM crmreco.leases", "t");
    server.stop(true);
    standby.admin("SELECT pg_promote()");
    sync(&estate, &both).exits(0);
    let listed = Outcome::of(&mut command(&estate, &both, &["list"]));
    listed.exits(0).says(&["Sain"]);
}

/// Waits until a standby has it.
#[track_caller]
fn arrived(url: &str, sql: &str, value: &str) {
    let started = Instant::now();
    while psql(url, sql) != [value] {
        assert!(started.elapsed() < Duration::from_secs(30), "{sql}");
        thread::sleep(Duration::from_millis(50));
    }
}
