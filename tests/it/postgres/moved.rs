//! `crmreco move`: the database goes to a server and back, equal on both sides, or stays.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::server::{Server, is_missing, psql};
use crate::common::{Estate, SQL_TABLES, counts};

/// An estate with rows, rejects and an erased customer in a file.
fn estate() -> Estate {
    let estate = Estate::of_bad("plain");
    estate.export("ventes_9.csv", "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n1;FA9;C1;RIESLING-2020;hier;6;bouteille;12,00;72,00\n");
    estate.sync_with(&[], 0);
    estate.crmreco(&["erase", "isavigne-C2", "--yes"]).exits(0);
    estate
}

fn everything(estate: &Estate) -> Vec<String> {
    let more = [
        "rejects",
        "runs",
        "run_tables",
        "run_messages",
        "cursors",
        "erasures",
        "erasure_marks",
    ];
    let tables = SQL_TABLES.iter().chain(&more);
    tables
        .flat_map(|table| {
            let mut rows = estate.sql(&format!("SELECT '{table}', * FROM {table}"));
            rows.sort();
            rows
        })
        .collect()
}

#[test]
fn there_and_back_everything_is_the_same() {
    if is_missing() || std::env::var_os("CRMRECO_TEST_DATABASE").is_some() {
        return;
    }
    let estate = estate();
    let before = everything(&estate);
    let lines = estate.sql("SELECT count(*) FROM sales_lines");
    let url = Server::shared().fresh_database();
    let answer = estate
        .crmreco(&["move", "--to", &url, "--json"])
        .exits(0)
        .json();
    assert_eq!(answer["success"], true, "{answer:#}");
    assert_eq!(
        answer["rows"]["SALES_LINES"].to_string(),
        lines[0],
        "{answer:#}"
    );
    assert!(estate.env_text().contains("CRMRECO_DATABASE="));
    let there = psql(
        &url,
        "SELECT count(*) FROM crmreco.sales_lines WHERE estate = 'default'",
    );
    assert_eq!(there, lines);
    // From here on it is the server's.
    std::fs::rename(estate.database(), estate.root().join("old.db")).unwrap();
    let answer = estate.sync_with(&["--full"], 0);
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 0, "{answer:#}");
    assert!(!estate.database().exists());
    let runs = psql(&url, "SELECT max(run_id) FROM crmreco.runs");
    estate
        .crmreco(&["move", "--to", "sqlite"])
        .exits(0)
        .says(&["égaux des deux côtés"]);
    assert!(!estate.env_text().contains("CRMRECO_DATABASE"));
    assert!(!estate.home().join("working-copy.db").exists());
    let after = everything(&estate);
    let of_rows = |rows: &[String]| {
        let rows = rows.iter().filter(|row| !row.starts_with("run"));
        rows.filter(|row| !row.starts_with("rejects") && !row.starts_with("cursors"))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(of_rows(&after), of_rows(&before));
    let answer = estate.sync_with(&["--full"], 0);
    assert_eq!(
        answer["run_id"].to_string(),
        (runs[0].parse::<i64>().unwrap() + 1).to_string()
    );
    assert_eq!(counts(&answer, "SALES_LINES").inserted, 0, "{answer:#}");
}

#[test]
fn what_cannot_be_moved_stays() {
    if is_missing() || std::env::var_os("CRMRECO_TEST_DATABASE").is_some() {
        return;
    }
    let (one, other) = (estate(), estate());
    let url = Server::shared().fresh_database();
    one.crmreco(&["move", "--to", &url]).exits(0);
    // The same again, after a move that was killed before the settings changed.
    let settings = one.env_text();
    std::fs::write(one.env_path(), settings.split("\n# Base").next().unwrap()).unwrap();
    one.crmreco(&["move", "--to", &url]).exits(0);
    one.crmreco(&["move", "--to", &url])
        .exits(3)
        .says(&["déjà là"]);
    // Another estate has other rows.
    let before = (everything(&other), other.env_text());
    other.export("ventes.csv", "");
    other
        .crmreco(&["move", "--to", &url])
        .exits(3)
        .says(&["a déjà d'autres lignes", "rien n'a été déplacé"]);
    other
        .crmreco(&["move", "--to", "postgresql://nobody@127.0.0.1:1/x"])
        .exits(1);
    other.crmreco(&["move", "--to", "sqlite"]).exits(3);
    assert_eq!((everything(&other), other.env_text()), before);
    other
        .crmreco(&["move", "--to", &url, "--estate", "autre"])
        .exits(0);
    let estates = psql(
        &url,
        "SELECT DISTINCT estate FROM crmreco.sales_lines ORDER BY 1",
    );
    assert_eq!(estates, ["autre", "default"]);
    // A database that the environment names is not the command's to change.
    let mut command = other.command(&["move", "--to", "sqlite"]);
    command.env("CRMRECO_DATABASE", &url);
    crate::common::Outcome::of(&mut command)
        .exits(3)
        .says(&["environnement"]);
}

#[test]
fn killed_at_any_instant_the_database_is_where_the_settings_say() {
    if is_missing() || std::env::var_os("CRMRECO_TEST_DATABASE").is_some() {
        return;
    }
    let estate = estate();
    let rows = |estate: &Estate| {
        let answer = estate.crmreco(&["metrics", "--json"]).exits(0).json();
        answer["records_by_table"].to_string()
    };
    let before = rows(&estate);
    let url = Server::shared().fresh_database();
    let (mut to, mut moves) = (url.as_str(), 0);
    for instant in 0..12_u64 {
        let mut command = estate.command(&["move", "--to", to]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        thread::sleep(Duration::from_millis(instant * 67 % 350));
        let _ = child.kill();
        child.wait().unwrap();
        if to == "sqlite" {
            psql(
                &url,
                "UPDATE crmreco.leases SET expires_at = now() - interval '1 minute'",
            );
        }
        assert_eq!(rows(&estate), before, "{instant}");
        let is_there = estate.env_text().contains("CRMRECO_DATABASE");
        let is_done = is_there == (to != "sqlite");
        if is_done {
            moves += 1;
            to = if is_there { "sqlite" } else { &url };
        }
    }
    assert!(moves > 0);
}
