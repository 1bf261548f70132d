//! A sync that is stopped leaves nothing half-done, and the next one repairs the rest.

use std::fmt::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{Estate, Outcome, counts};

/// Enough for a sync to be still under way when it is stopped.
const ROWS: usize = 60_000;

fn estate() -> Estate {
    let estate = Estate::empty();
    let mut text = "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n".to_owned();
    for row in 0..ROWS {
        writeln!(
            text,
            "V{row:08};FA{};C{};P{};27/12/2024;2;bouteille;12,50;25,00",
            row / 3,
            row % 500,
            row % 40
        )
        .unwrap();
    }
    estate.export("ventes.csv", text);
    estate
}

/// Waits until the run is in the history, which is before its first row is read.
fn under_way(estate: &Estate) -> Child {
    let mut command = estate.command(&["sync", "cave", "--json"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !estate
        .crmreco(&["logs", "cave", "--json"])
        .stdout
        .contains("\"running\"")
    {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the sync ended before it could be stopped"
        );
        assert!(Instant::now() < deadline, "no run in the history");
    }
    child
}

fn stop(child: Child, signal: &str) -> Option<i32> {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    if signal == "-KILL" {
        assert_eq!(output.status.code(), None);
        return None;
    }
    Outcome::from(output).code
}

fn assert_nothing_is_half_done(estate: &Estate) {
    let log = estate.crmreco(&["logs", "cave", "--json"]).exits(0).json()["logs"][0].clone();
    assert_eq!(
        (&log["status"], &log["success"]),
        (&"interrupted".into(), &false.into()),
        "{log:#}"
    );
    assert_eq!(estate.sql("PRAGMA integrity_check"), ["ok"]);
    // The state before the load or the one after it, never between.
    let rows: usize = estate.sql("SELECT count(*) FROM sales_lines")[0]
        .parse()
        .unwrap();
    assert!(rows == 0 || rows == ROWS, "{rows}");
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!(sales.inserted, u64::try_from(ROWS - rows).unwrap());
    assert_eq!(
        estate.sql("SELECT count(*), count(DISTINCT sale_line_key) FROM sales_lines"),
        [format!("{ROWS}|{ROWS}")]
    );
}

#[test]
fn ctrl_c_is_130_and_rolls_back() {
    let estate = estate();
    assert_eq!(stop(under_way(&estate), "-INT"), Some(130));
    assert_nothing_is_half_done(&estate);
}

#[test]
fn term_is_143_and_rolls_back() {
    let estate = estate();
    assert_eq!(stop(under_way(&estate), "-TERM"), Some(143));
    assert_nothing_is_half_done(&estate);
}

#[test]
fn the_next_command_closes_the_run_of_a_killed_one_as_interrupted() {
    let estate = estate();
    stop(under_way(&estate), "-KILL");
    assert_nothing_is_half_done(&estate);
}

#[test]
fn a_second_sync_exits_4_at_once_while_the_first_goes_on() {
    let estate = estate();
    let first = under_way(&estate);
    estate.crmreco(&["sync", "cave"]).exits(4);
    let shown = estate.crmreco(&["show", "cave", "--json"]).exits(0).json();
    let ended = Outcome::from(first.wait_with_output().unwrap()).exits(0);
    assert_eq!(ended.json()["records_processed"]["SALES_LINES"], ROWS);
    assert_eq!(shown["status"]["status"], "syncing");
}
