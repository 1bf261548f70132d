//! What was told of a customer before, and what is told of one who was erased.

use std::fmt::Write;
use std::fs;

use super::{CLIENTS, SALES, THEIRS, assert_gone, bytes, erase, estate, holds};
use crate::common::{Estate, messages};

/// An estate whose history tells of the customer: an address in a warning, a name in two rejects, old versions of a row.
fn told() -> Estate {
    let estate = estate();
    // Rewritten rows leave their old bytes in free pages.
    let mut many = CLIENTS.to_owned();
    for at in 100..400 {
        writeln!(many, "C{at};Autre{at};Paul;autre{at}@example.com;;;;;").unwrap();
    }
    estate.export("clients.csv", many);
    estate.sync();
    let impossible = CLIENTS.replace("Jean.Zyxwvut@example.fr", "Jean Zyxwvut@example");
    estate.export("clients.csv", impossible);
    estate.sync();
    let shifted = CLIENTS.replace("C1;Zyxwvut;", "C1;ZyxwvÃ©ut;");
    estate.export("clients.csv", shifted);
    let wrong = SALES.replace(
        "C1;RIESLING-2020;27/12/2024;6",
        "C1;RIESLING-2020;27/12/2024;Zyxwvut",
    );
    estate.export("ventes.csv", wrong);
    estate.sync();
    estate.export("clients.csv", CLIENTS);
    estate.export("ventes.csv", SALES);
    estate.sync();
    estate
}

#[test]
fn rejects_and_messages_of_the_past_are_erased() {
    let estate = told();
    for text in THEIRS {
        let is_phone = text == "0611223344";
        assert!(is_phone || holds(&estate, text), "{text}");
    }
    let count = |table: &str| {
        estate
            .sql(&format!("SELECT count(*) FROM {table}"))
            .concat()
    };
    let [rejects, told, runs] = ["rejects", "run_messages", "runs"].map(count);
    let erased = erase(&estate, "isavigne-C1");
    assert_eq!(erased["erased"]["rejects"], 2, "{erased:#} {rejects}");
    assert!(
        erased["erased"]["messages"].as_u64().unwrap() >= 2,
        "{erased:#}"
    );
    // The row was rejected with their name; the sale that was rejected stays a rejected sale.
    let left = estate.sql("SELECT table_name, value, reason FROM rejects");
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].starts_with("SALES_LINES|NULL|"), "{left:?}");
    assert_eq!((count("run_messages"), count("runs")), (told, runs));
    let logs = estate.crmreco(&["logs", "cave", "--json"]).exits(0);
    assert!(logs.text().contains("effacé à sa demande"));
    let bytes = String::from_utf8_lossy(&bytes(&estate)).to_lowercase();
    assert!(!bytes.contains("zyxwvut@example") && !bytes.contains("jean"));
}

/// A row of an erased customer that cannot be read is not told of.
#[test]
fn nothing_is_rejected_or_remarked_of_an_erased_customer() {
    let estate = estate();
    erase(&estate, "isavigne-C1");
    for (from, to) in [
        ("Jean.Zyxwvut@example.fr", "Jean Zyxwvut@example"),
        ("06 11 22 33 44", "Jean au 06 11"),
        ("C1;Zyxwvut;", "C1;ZyxwvÃ©ut Jean;"),
        ("C1;Zyxwvut;Jean;", "C1;Zyxwvut\u{1};Jean;"),
        ("C1;Zyxwvut;Jean;", "C1;;Jean;"),
    ] {
        estate.export("clients.csv", CLIENTS.replacen(from, to, 1));
        let answer = estate.sync();
        let told = messages(&answer, "warnings");
        assert_eq!(
            told,
            ["1 client effacé à sa demande reste en dehors"],
            "{to}"
        );
        assert_eq!(answer["records"]["CUSTOMERS"]["rejected"], 0, "{answer:#}");
        assert_eq!(
            answer["records"]["CUSTOMERS"]["left_aside"], 1,
            "{answer:#}"
        );
        assert_gone(&estate);
    }
    // A sale is not theirs alone: it is rejected, without its value.
    let wrong = SALES.replace(
        "C1;RIESLING-2020;27/12/2024;6",
        "C1;RIESLING-2020;27/12/2024;Jean",
    );
    estate.export("ventes.csv", wrong);
    let answer = estate.sync();
    assert_eq!(
        answer["records"]["SALES_LINES"]["rejected"], 1,
        "{answer:#}"
    );
    assert_eq!(estate.rejects(), ["2|quantite|"]);
    assert_gone(&estate);
}

/// Even a reader that holds the database cannot keep the bytes for ever: the next command overwrites them.
#[test]
fn a_reader_that_stays_only_delays_the_overwriting() {
    let estate = estate();
    let reader = rusqlite::Connection::open(estate.database()).unwrap();
    reader
        .execute_batch("BEGIN; SELECT * FROM customers;")
        .unwrap();
    let erasing = {
        let mut command = estate.command(&["erase", "isavigne-C1", "--yes"]);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let begun = std::time::Instant::now();
    while estate.sql("SELECT count(*) FROM customers WHERE customer_key = 'isavigne-C1'") != ["0"] {
        assert!(begun.elapsed().as_secs() < 30);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    reader.execute_batch("COMMIT").unwrap();
    drop(reader);
    let ended = erasing.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_gone(&estate);
}

/// A first sync that was killed may leave a copy of the state before it, with rejects of a failed run.
#[test]
fn the_copy_of_a_killed_first_sync_goes() {
    let estate = estate();
    let copy = estate.home().join("crmreco.db-before");
    fs::copy(estate.database(), &copy).unwrap();
    erase(&estate, "isavigne-C1");
    assert!(!copy.exists());
    assert_gone(&estate);
}
