//! Which files of the folder are read, as which table, in which order, and when they are read again.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::common::{Estate, counts, messages, the_message};

const HEADER: &str = "code_client;nom;ville\n";

/// How many rows of each table were read.
fn read(answer: &serde_json::Value) -> [u64; 5] {
    crate::common::TABLES.map(|table| counts(answer, table).read)
}

#[test]
fn a_file_name_gives_the_table_ignoring_case_and_accents() {
    let answer = Estate::of("table_from_name").sync();
    assert_eq!(read(&answer), [1, 2, 1, 1, 1]);
}

#[test]
fn the_header_decides_when_two_words_match() {
    let answer = Estate::of("two_words").sync();
    assert_eq!(read(&answer), [2, 0, 1, 0, 0]);
}

#[test]
fn a_file_of_no_table_is_a_warning_with_its_name() {
    let answer = Estate::of("unknown_file").sync();
    the_message(&answer, "warnings", "divers.csv");
    assert_eq!(read(&answer), [1, 0, 0, 0, 0]);
}

#[test]
fn the_pattern_chooses_files_whatever_their_case() {
    let estate = Estate::of("pattern").setting("FILE_PATTERN", "client*.csv");
    assert_eq!(read(&estate.sync()), [1, 0, 0, 0, 0]);
}

#[test]
fn hidden_temporary_and_nested_files_are_not_read() {
    let estate = Estate::of("hidden_and_temporary");
    assert_eq!(read(&estate.sync()), [1, 0, 0, 0, 0]);
    assert_eq!(
        estate.sql("SELECT customer_key FROM customers"),
        ["isavigne-C1"]
    );
}

#[test]
fn files_are_read_by_the_date_in_their_name() {
    let estate = Estate::of("oldest_first");
    // The modification times say the contrary, and do not count.
    for (name, age) in [
        ("clients_2025-01-10.csv", 1000),
        ("clients_2025-01-02.csv", 10),
    ] {
        age_file(&estate, name, age);
    }
    estate.sync();
    assert_eq!(estate.sql("SELECT city FROM customers"), ["Colmar"]);
}

#[test]
fn files_without_a_date_are_read_by_modification_time() {
    let estate = Estate::empty();
    for (name, city, age) in [
        ("clients_a.csv", "Colmar", 10),
        ("clients_b.csv", "Nice", 1000),
    ] {
        estate.export(name, format!("{HEADER}C1;Dupont;{city}\n"));
        age_file(&estate, name, age);
    }
    estate.sync();
    assert_eq!(estate.sql("SELECT city FROM customers"), ["Colmar"]);
}

fn age_file(estate: &Estate, name: &str, seconds: u64) {
    let file = File::options()
        .write(true)
        .open(estate.exports().join(name))
        .unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds))
        .unwrap();
}

#[test]
fn a_renamed_copy_is_not_read_again() {
    let estate = Estate::of("plain");
    estate.sync();
    fs::copy(
        estate.exports().join("clients.csv"),
        estate.exports().join("clients_bis.csv"),
    )
    .unwrap();
    fs::rename(
        estate.exports().join("ventes.csv"),
        estate.exports().join("ventes_2025.csv"),
    )
    .unwrap();
    assert_eq!(read(&estate.sync()), [0; 5]);
}

#[test]
fn a_file_that_changed_is_read_again() {
    let estate = Estate::of("plain");
    estate.sync();
    estate.export(
        "clients.csv",
        estate.export_text("clients.csv").replace("Nice", "Cannes"),
    );
    let clients = counts(&estate.sync(), "CUSTOMERS");
    assert_eq!(
        (clients.read, clients.updated, clients.unchanged),
        (3, 1, 2)
    );
    assert_eq!(
        estate.sql("SELECT city FROM customers WHERE customer_key = 'isavigne-C3'"),
        ["Cannes"]
    );
}

#[test]
fn full_reads_every_file_again_and_changes_nothing() {
    let estate = Estate::of("plain");
    let first = estate.sync();
    let before = estate.dump();
    let again = estate.sync_with(&["--full"], 0);
    assert_eq!(read(&again), read(&first));
    assert_eq!(estate.dump(), before);
}

#[test]
fn a_deleted_file_deletes_no_row() {
    let estate = Estate::of("plain");
    estate.sync();
    fs::remove_file(estate.exports().join("clients.csv")).unwrap();
    estate.sync_with(&["--full"], 0);
    assert_eq!(estate.sql("SELECT count(*) FROM customers"), ["3"]);
}

#[test]
fn a_file_whose_last_line_is_cut_waits_for_the_next_sync() {
    let estate = Estate::of("plain");
    let whole = estate.export_text("ventes.csv");
    let cut = whole.trim_end().rsplit_once(';').unwrap().0;
    estate.export("ventes.csv", cut);
    let answer = estate.sync();
    the_message(&answer, "warnings", "ventes.csv");
    assert_eq!(read(&answer), [3, 2, 0, 2, 1]);
    assert_eq!(estate.sql("SELECT count(*) FROM sales_lines"), ["0"]);

    estate.export("ventes.csv", whole);
    assert_eq!(counts(&estate.sync(), "SALES_LINES").inserted, 5);
}

/// After ten minutes unchanged, the file will not be completed.
#[test]
fn a_last_line_that_is_still_cut_after_ten_minutes_is_rejected_and_the_rest_is_read() {
    let estate = Estate::of("plain");
    let whole = estate.export_text("ventes.csv");
    let cut = whole.trim_end().rsplit_once(';').unwrap().0;
    estate.export("ventes.csv", cut);
    age_file(&estate, "ventes.csv", 660);
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!((sales.inserted, sales.rejected), (4, 1));
    let reject = estate.sql("SELECT origin, position, reason FROM rejects");
    assert_eq!(reject.len(), 1);
    assert!(
        reject[0].starts_with("ventes.csv|6|dernière ligne coupée"),
        "{reject:?}"
    );
    assert_eq!(read(&estate.sync()), [0; 5]);
}

#[test]
fn a_whole_last_line_needs_no_line_end() {
    let estate = Estate::empty();
    estate.export(
        "clients.csv",
        format!("{HEADER}C1;Dupont;Nice\nC2;Müller;Colmar"),
    );
    assert_eq!(read(&estate.sync()), [2, 0, 0, 0, 0]);
}

#[test]
fn an_empty_file_is_an_error_that_names_it() {
    let estate = Estate::of("plain");
    estate.export("clients.csv", "");
    let answer = estate.sync_with(&[], 1);
    the_message(&answer, "errors", "clients.csv");
    assert_eq!(
        read(&answer),
        [0, 2, 5, 2, 1],
        "the other tables are loaded"
    );
}

#[test]
fn a_header_alone_is_a_warning_without_existing_rows() {
    let estate = Estate::empty();
    estate.export("clients.csv", HEADER);
    let answer = estate.sync();
    the_message(&answer, "warnings", "clients.csv");
}

#[test]
fn a_header_alone_is_an_error_with_existing_rows() {
    for name in ["clients.csv", "stock.csv"] {
        let estate = Estate::of("plain");
        estate.sync();
        let before = estate.dump();
        let header = estate.export_text(name).lines().next().unwrap().to_owned();
        estate.export(name, header + "\n");
        let answer = estate.sync_with(&[], 1);
        the_message(&answer, "errors", name);
        assert_eq!(estate.dump(), before, "{name}");
    }
}

#[test]
fn an_empty_folder_is_not_a_plain_success() {
    let estate = Estate::empty();
    let answer = estate.crmreco(&["sync", "cave", "--json"]).json();
    let said = [messages(&answer, "errors"), messages(&answer, "warnings")].concat();
    assert!(!said.is_empty(), "{answer:#}");
}

#[test]
fn a_copy_of_an_older_file_does_not_restore_old_values() {
    let estate = Estate::empty();
    let old = format!("{HEADER}C1;Ancien;Nice\n");
    estate.export("clients_2024-01-01.csv", &old);
    estate.export(
        "clients_2024-02-01.csv",
        format!("{HEADER}C1;Nouveau;Nice\n"),
    );
    estate.export("clients_2024-03-01.csv", &old);
    estate.sync();
    assert_eq!(estate.sql("SELECT last_name FROM customers"), ["Nouveau"]);
}

#[test]
fn newer_files_wait_for_an_older_incomplete_one() {
    let estate = Estate::empty();
    estate.export(
        "clients_2024-01-01.csv",
        format!("{HEADER}C2;Autre;Nice\nC1;Anc"),
    );
    estate.export(
        "clients_2024-02-01.csv",
        format!("{HEADER}C1;Nouveau;Nice\n"),
    );
    let answer = estate.sync();
    assert_eq!(read(&answer), [0, 0, 0, 0, 0]);
    the_message(
        &answer,
        "warnings",
        "clients_2024-01-01.csv : la dernière ligne est coupée",
    );
    the_message(
        &answer,
        "warnings",
        "clients_2024-02-01.csv : attend que clients_2024-01-01.csv soit lisible",
    );
    estate.export(
        "clients_2024-01-01.csv",
        format!("{HEADER}C2;Autre;Nice\nC1;Ancien;Nice\n"),
    );
    estate.sync();
    assert_eq!(
        estate.sql("SELECT last_name FROM customers ORDER BY customer_key"),
        ["Nouveau", "Autre"]
    );
}
