//! Backups while a sync runs: each holds the state of one instant, between two tables.

use std::fmt::Write;
use std::process::Stdio;

use super::{back_up, elsewhere, restore, restoring};
use crate::common::Estate;

/// Enough for several backups during one sync.
const ROWS: usize = 30_000;

/// Backups to make while syncs run.
const BACKUPS: usize = 3;

fn sales(price: &str) -> String {
    let mut text = "num_ligne;num_piece;code_client;produit_key;date;quantite;unite;prix_unitaire;montant_ttc\n".to_owned();
    for row in 0..ROWS {
        let (document, customer, product) = (row / 3, row % 500, row % 40);
        writeln!(
            text,
            "V{row:08};FA{document};C{customer};P{product};27/12/2024;2;bouteille;{price},00;{price}0,00"
        )
        .unwrap();
    }
    text
}

fn clients(town: &str) -> String {
    let mut text = "code_client;nom;ville\n".to_owned();
    for row in 0..500 {
        writeln!(text, "C{row};Client {row};{town}").unwrap();
    }
    text
}

/// What the tables say, each as one word: all of the old or all of the new.
fn state(estate: &Estate) -> String {
    estate
        .sql(
            "SELECT (SELECT group_concat(DISTINCT city) FROM customers),
                (SELECT group_concat(DISTINCT price_total_eur) FROM sales_lines),
                (SELECT count(*) FROM customers), (SELECT count(*) FROM sales_lines)",
        )
        .concat()
}

#[test]
fn a_backup_in_mid_sync_is_one_instant() {
    let estate = Estate::empty();
    estate.export("clients.csv", clients("Riquewihr"));
    estate.export("ventes.csv", sales("1"));
    estate.sync();
    let mut files = Vec::new();
    for (town, price) in [("Colmar", "2"), ("Riquewihr", "1")].into_iter().cycle() {
        estate.export("clients.csv", clients(town));
        estate.export("ventes.csv", sales(price));
        let mut command = estate.command(&["sync", "cave"]);
        let mut sync = command.stdout(Stdio::null()).spawn().unwrap();
        while sync.try_wait().unwrap().is_none() {
            files.push(back_up(&estate));
        }
        assert!(sync.wait().unwrap().success());
        if files.len() >= BACKUPS {
            break;
        }
    }
    for (answer, file) in files {
        let other = elsewhere(&estate);
        let restored = restore(&other, &file);
        assert_eq!(restored["sums"], answer["sums"]);
        let state = state(&other).replace(".0", "");
        let mut tables = state.split('|');
        // One town and one price: each table is as it was before its load, or as it was after.
        assert!(
            ["Riquewihr", "Colmar"].contains(&tables.next().unwrap()),
            "{state}"
        );
        assert!(["10", "20"].contains(&tables.next().unwrap()), "{state}");
        assert_eq!(tables.collect::<Vec<_>>(), ["500", "30000"]);
        // The run that was under way is one that was interrupted, and the next sync does the rest.
        other.crmreco(&["list"]).exits(0);
        let open = "SELECT count(*) FROM runs WHERE status = 'running'";
        assert_eq!(other.sql(open), ["0"]);
    }
}

#[test]
fn a_backup_waits_for_the_loads_of_a_first_sync() {
    let estate = Estate::empty();
    estate.export("clients.csv", clients("Riquewihr"));
    estate.export("ventes.csv", sales("1"));
    let mut command = estate.command(&["sync", "cave"]);
    let mut sync = command.stdout(Stdio::null()).spawn().unwrap();
    let mut made = 0;
    while sync.try_wait().unwrap().is_none() {
        let outcome = estate.crmreco(&["backup", "--json"]);
        if outcome.code == Some(3) {
            continue; // There is no database yet.
        }
        let answer = outcome.exits(0).json();
        let rows = answer["rows"]["SALES_LINES"].as_u64().unwrap();
        assert!([0, ROWS as u64].contains(&rows), "{answer:#}");
        made += 1;
    }
    assert!(sync.wait().unwrap().success());
    assert!(made > 0);
    assert_eq!(state(&estate).replace(".0", ""), "Riquewihr|10|500|30000");
}

/// A reader that has the database open, as the pages have it, sees one state or the other.
#[test]
fn others_may_have_the_database_open() {
    let estate = super::synced();
    let before = estate.dump();
    let (_, file) = back_up(&estate);
    estate.export("clients.csv", "code_client;nom\nC9;Nouveau\n");
    estate.sync();
    let reader = rusqlite::Connection::open(estate.database()).unwrap();
    let count = |reader: &rusqlite::Connection| -> u32 {
        reader
            .query_row("SELECT count(*) FROM customers", [], |row| row.get(0))
            .unwrap()
    };
    let new = count(&reader);
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(count(&reader), new);
    restoring(&estate, &file, &[]).exits(0);
    assert_eq!(count(&reader), new);
    reader.execute_batch("COMMIT").unwrap();
    assert_ne!(count(&reader), new);
    drop(reader);
    assert_eq!(estate.dump(), before);
}
