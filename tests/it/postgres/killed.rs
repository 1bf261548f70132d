//! Killed at random instants, client and server leave each table as it was before its load or as it is after.
//!
//! `CRMRECO_TEST_KILLS=300` does that many; without it, a few.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::server::{Options, Server, is_missing};
use crate::common::{Estate, Outcome, copy_folder, fixtures};

fn kills() -> u64 {
    let asked = std::env::var("CRMRECO_TEST_KILLS").ok();
    asked.map_or(6, |asked| asked.parse().expect("a number"))
}

fn estate(url: &str) -> Estate {
    let estate = Estate::on(url);
    estate.connector("cave", &estate.exports());
    copy_folder(&fixtures().join("truth/french"), &estate.exports());
    estate
}

/// What the next whole sync of each kill must end with.
fn truth(url: &str) -> Vec<String> {
    let estate = estate(url);
    estate.sync();
    values(&estate)
}

/// All values of the five tables.
fn values(estate: &Estate) -> Vec<String> {
    let tables = crate::common::SQL_TABLES.iter().flat_map(|table| {
        let key = estate.sql(&format!(
            "SELECT name FROM pragma_table_info('{table}') WHERE pk = 2"
        ));
        estate.sql(&format!(
            "SELECT '{table}', {}, row_hash FROM {table} ORDER BY 2",
            key[0]
        ))
    });
    tables.collect()
}

#[test]
fn client_session_and_server_are_killed_in_turn() {
    if is_missing() {
        return;
    }
    let server = Server::start(&Options::default());
    let url = server.fresh_database();
    let truth = truth(&url);
    for kill in 0..kills() {
        let estate = estate(&url);
        let mut command = estate.command(&["sync", "cave", "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Spread over a sync, by a step that is no divisor of it.
        thread::sleep(Duration::from_millis(30 + kill * 97 % 900));
        match kill % 3 {
            0 => child.kill().unwrap(),
            1 => {
                server.admin(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'crmreco%'",
                );
            }
            _ => {
                server.stop(true);
                server.start_again();
            }
        }
        let killed = Outcome::from(child.wait_with_output().unwrap());
        assert!(
            // A server that does not flush its log may forget the lease too.
            matches!(killed.code, None | Some(0 | 1 | 4)),
            "{kill}: {killed:#?}"
        );
        if estate.schema().exists() {
            assert_whole(&estate, &truth);
        }
        // A killed client leaves its lease, which the next sync of the same home takes at once.
        estate.sync();
        assert!(values(&estate) == truth, "{kill}");
        let again = estate.sync_with(&["--full"], 0);
        let changed = again["records"].to_string();
        assert!(!changed.contains("\"inserted\":1"), "{kill}: {changed}");
        assert!(values(&estate) == truth, "{kill}");
    }
}

/// Each table is as before, which is empty, or as after.
fn assert_whole(estate: &Estate, truth: &[String]) {
    let there = values(estate);
    for table in crate::common::SQL_TABLES {
        let of_table = |rows: &[String]| {
            let rows = rows
                .iter()
                .filter(|row| row.starts_with(&format!("{table}|")));
            rows.cloned().collect::<Vec<_>>()
        };
        let rows = of_table(&there);
        assert!(
            rows.is_empty() || rows == of_table(truth),
            "{table} is half done"
        );
    }
}
