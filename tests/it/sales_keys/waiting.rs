//! Incomplete files: they wait with a warning each time, and not for ever.

use std::fs::File;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::{changes, documents, sales, total};
use crate::common::{Estate, assert_says, counts, messages, the_message};

const MINUTE: Duration = Duration::from_secs(60);

/// An export whose last line broke off, as of one still being copied.
fn cut() -> String {
    sales(&["1;C1;P1;05/01/2025;6;60,00", "2;C1;P1;06/01/2025;1;10,00"]) + "3;C1;P1;07/0"
}

/// The whole of it.
fn whole() -> String {
    sales(&[
        "1;C1;P1;05/01/2025;6;60,00",
        "2;C1;P1;06/01/2025;1;10,00",
        "3;C1;P1;07/01/2025;1;5,00",
    ])
}

/// Sets when a file was last changed.
fn touch(estate: &Estate, name: &str, at: SystemTime) {
    let file = File::options()
        .write(true)
        .open(estate.exports().join(name))
        .unwrap();
    file.set_modified(at).unwrap();
}

fn tells_that_it_waits(answer: &Value, name: &str) {
    let told = the_message(answer, "warnings", "prochaine synchronisation");
    assert_says(&told, &[name]);
}

/// Since when the file waits, in seconds since 1970.
fn since(estate: &Estate, name: &str) -> Option<i64> {
    let label = estate
        .sql(&format!(
            "SELECT label FROM cursors WHERE mark = 'waiting:{name}'"
        ))
        .pop()?;
    Some(label.split_once(':').unwrap().0.parse().unwrap())
}

/// As if the file had waited for so much longer.
fn wait(estate: &Estate, name: &str, time: Duration) {
    let (since, hash) = {
        let label = estate
            .sql(&format!(
                "SELECT label FROM cursors WHERE mark = 'waiting:{name}'"
            ))
            .concat();
        let [since, still_since, hash] = label.splitn(3, ':').collect::<Vec<_>>()[..] else {
            panic!("{label}");
        };
        let earlier = |second: &str| second.parse::<u64>().unwrap() - time.as_secs();
        ((earlier(since), earlier(still_since)), hash.to_owned())
    };
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    let label = format!("{}:{}:{hash}", since.0, since.1);
    let changed = database
        .execute(
            "UPDATE cursors SET label = ?1 WHERE mark = ?2",
            [label, format!("waiting:{name}")],
        )
        .unwrap();
    assert_eq!(changed, 1);
}

#[test]
fn a_recent_file_with_a_cut_last_line_waits_with_a_warning_each_time() {
    let estate = Estate::empty();
    estate.export("ventes.csv", cut());
    for _ in 0..3 {
        let answer = estate.sync();
        tells_that_it_waits(&answer, "ventes.csv");
        assert_eq!(
            counts(&answer, "SALES_LINES"),
            crate::common::Counts::default()
        );
        assert_eq!(documents(&estate), Vec::<String>::new());
    }
}

#[test]
fn a_waiting_file_is_printed() {
    let estate = Estate::empty();
    estate.export("ventes.csv", cut());
    estate
        .crmreco(&["sync", "cave"])
        .exits(0)
        .says(&["ventes.csv", "prochaine synchronisation"]);
}

#[test]
fn a_waiting_file_is_loaded_when_it_is_complete() {
    let estate = Estate::empty();
    estate.export("ventes.csv", cut());
    estate.sync();
    assert!(since(&estate, "ventes.csv").is_some());
    estate.export("ventes.csv", whole());
    let answer = estate.sync();
    assert_eq!(total(&estate), "3|75");
    assert_eq!(
        messages(&answer, "warnings")
            .iter()
            .filter(|one| one.contains("prochaine"))
            .count(),
        0
    );
    assert_eq!(since(&estate, "ventes.csv"), None);
}

#[test]
fn after_ten_minutes_unchanged_the_rows_are_loaded_and_the_last_rejected() {
    let estate = Estate::empty();
    estate.export("ventes.csv", cut());
    touch(&estate, "ventes.csv", SystemTime::now() - 9 * MINUTE);
    tells_that_it_waits(&estate.sync(), "ventes.csv");
    touch(&estate, "ventes.csv", SystemTime::now() - 11 * MINUTE);
    let answer = estate.sync();
    assert_eq!(total(&estate), "2|70");
    assert_eq!(changes(&answer), [2, 0, 0, 0, 1]);
    assert_eq!(since(&estate, "ventes.csv"), None);
    // It is read; when the rest comes, it is read again.
    assert_eq!(changes(&estate.sync()), [0; 5]);
    estate.export("ventes.csv", whole());
    estate.sync();
    assert_eq!(total(&estate), "3|75");
}

/// The clock of the file server is ahead.
#[test]
fn a_time_in_the_future_counts_as_now_until_two_syncs_saw_the_same() {
    let estate = Estate::empty();
    estate.export("ventes.csv", cut());
    touch(&estate, "ventes.csv", SystemTime::now() + 600 * MINUTE);
    tells_that_it_waits(&estate.sync(), "ventes.csv");
    wait(&estate, "ventes.csv", 9 * MINUTE);
    tells_that_it_waits(&estate.sync(), "ventes.csv");
    wait(&estate, "ventes.csv", 2 * MINUTE);
    let answer = estate.sync();
    assert_eq!(changes(&answer), [2, 0, 0, 0, 1]);
    assert_eq!(total(&estate), "2|70");
}

/// The file is written all day.
#[test]
fn after_a_day_the_sync_fails() {
    let estate = Estate::empty();
    estate.export("ventes.csv", cut());
    estate.sync();
    wait(&estate, "ventes.csv", 23 * 60 * MINUTE);
    // It still moves: another content, changed now.
    estate.export("ventes.csv", cut() + "1");
    let answer = estate.sync();
    tells_that_it_waits(&answer, "ventes.csv");
    wait(&estate, "ventes.csv", 2 * 60 * MINUTE);
    estate.export("ventes.csv", cut() + "1/");
    let answer = estate.sync_with(&[], 1);
    assert_says(
        &messages(&answer, "errors").concat(),
        &["ventes.csv", "24 heures"],
    );
    assert_eq!(documents(&estate), Vec::<String>::new());
    // Other tables load all the same.
    estate.export("clients.csv", "code_client;nom\r\nC1;Durand\r\n");
    estate.export("ventes.csv", cut() + "1/2");
    estate.sync_with(&[], 1);
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["1"]);
    estate.export("ventes.csv", whole());
    estate.sync();
    assert_eq!(total(&estate), "3|75");
}

/// What moves is not as whole as it will ever be, however long it has been known.
#[test]
fn a_file_changed_since_the_last_sync_is_not_settled() {
    let estate = Estate::empty();
    estate.export("ventes.csv", cut());
    estate.sync();
    wait(&estate, "ventes.csv", 20 * MINUTE);
    estate.export("ventes.csv", cut() + "1");
    tells_that_it_waits(&estate.sync(), "ventes.csv");
    // A minute later nothing has changed, but that is too early to tell.
    tells_that_it_waits(&estate.sync(), "ventes.csv");
}

/// Syncs come every five minutes, and each finds more: it waits since the first.
#[test]
fn a_file_changed_at_every_sync_waits_since_the_first() {
    let estate = Estate::empty();
    estate.export("ventes.csv", cut());
    estate.sync();
    let first = since(&estate, "ventes.csv").unwrap();
    wait(&estate, "ventes.csv", 5 * MINUTE);
    estate.export("ventes.csv", cut() + "1");
    estate.sync();
    let now = since(&estate, "ventes.csv").unwrap();
    assert!(
        now <= first - 300,
        "it waits since {first} - 300 s, not since {now}"
    );
}

/// The file was taken away while it waited; weeks later another one has its name.
#[test]
fn a_new_file_does_not_inherit_the_wait_of_a_deleted_one() {
    let estate = Estate::empty();
    estate.export("clients.csv", "code_client;nom\r\nC1;Durand\r\n");
    estate.export("ventes.csv", cut());
    estate.sync();
    std::fs::remove_file(estate.exports().join("ventes.csv")).unwrap();
    estate.sync();
    if since(&estate, "ventes.csv").is_some() {
        wait(&estate, "ventes.csv", 30 * 24 * 60 * MINUTE);
    }
    estate.export("ventes.csv", cut().replace("60,00", "61,00"));
    tells_that_it_waits(&estate.sync(), "ventes.csv");
}

#[test]
fn a_newer_file_of_other_days_does_not_wait() {
    let estate = Estate::empty();
    estate.export("ventes_2025-01.csv", cut());
    estate.export("ventes_2025-02.csv", sales(&["9;C1;P1;05/02/2025;1;9,00"]));
    let answer = estate.sync();
    tells_that_it_waits(&answer, "ventes_2025-01.csv");
    assert_eq!(documents(&estate), ["9"]);
    assert!(since(&estate, "ventes_2025-01.csv").is_some());
    estate.export("ventes_2025-01.csv", whole());
    estate.sync();
    assert_eq!(documents(&estate), ["1", "2", "3", "9"]);
}

#[test]
fn a_newer_file_of_the_same_days_waits_too() {
    let estate = Estate::empty();
    estate.export("ventes_a.csv", cut());
    touch(&estate, "ventes_a.csv", SystemTime::now() - 2 * MINUTE);
    estate.export("ventes_b.csv", sales(&["1;C1;P1;05/01/2025;7;70,00"]));
    let answer = estate.sync();
    tells_that_it_waits(&answer, "ventes_a.csv");
    assert_says(
        &the_message(&answer, "warnings", "attend que"),
        &["ventes_b.csv", "ventes_a.csv"],
    );
    assert_eq!(documents(&estate), Vec::<String>::new());
    estate.export("ventes_a.csv", whole());
    touch(&estate, "ventes_a.csv", SystemTime::now() - MINUTE);
    estate.sync();
    assert_eq!(total(&estate), "3|85");
}

/// A date that marks the end of a wait is no state of a file: the table settles.
#[test]
fn files_of_other_tables_wait_too() {
    let estate = Estate::empty();
    estate.export(
        "clients.csv",
        "code_client;nom;email\r\nC1;Durand;a@b.fr\r\nC2;Pe",
    );
    tells_that_it_waits(&estate.sync(), "clients.csv");
    touch(&estate, "clients.csv", SystemTime::now() - 11 * MINUTE);
    estate.sync();
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["1"]);
}

/// A stock that waits leaves the one before in place.
#[test]
fn a_waiting_stock_count_replaces_nothing() {
    let estate = Estate::empty();
    estate.export("stock.csv", "produit_key;quantite\r\nP1;5\r\nP2;6\r\n");
    estate.sync();
    estate.export(
        "stock.csv",
        "produit_key;quantite;depot\r\nP1;7;Cave\r\nP2;8",
    );
    tells_that_it_waits(&estate.sync(), "stock.csv");
    assert_eq!(
        estate.sql("SELECT quantity_units FROM stock_levels ORDER BY 1"),
        ["5", "6"]
    );
    assert!(since(&estate, "stock.csv").is_some());
}

/// Keys change while a file waits: its lines of before stay.
#[test]
fn a_change_of_keys_keeps_the_lines_of_a_waiting_file() {
    let estate = Estate::empty();
    estate.export("ventes_2025-01.csv", whole());
    estate.export("ventes_2025-02.csv", sales(&["9;C1;P1;05/02/2025;1;9,00"]));
    estate.sync();
    estate.export("ventes_2025-01.csv", cut());
    super::sync_as(&estate, &[("SALES_KEY", "document+date")], 0);
    assert_eq!(total(&estate), "4|84");
    estate.export("ventes_2025-01.csv", whole());
    super::sync_as(&estate, &[("SALES_KEY", "document+date")], 0);
    assert_eq!(total(&estate), "4|84");
    super::assert_settled(&estate, &[("SALES_KEY", "document+date")]);
}
