//! However long what a source says is, what is kept and shown of it is short.

use crate::common::{Estate, messages};
use crate::serve::served::Served;

/// Of a message in the history (see `canonical::text`).
const MOST_BYTES: usize = 4096;

fn longest(estate: &Estate, query: &str) -> usize {
    estate.sql(query).concat().parse().unwrap()
}

#[test]
fn a_header_of_a_hundred_thousand_columns_is_twenty_names_and_a_count() {
    let estate = Estate::of("plain");
    let unknown: Vec<_> = (0..15_000).map(|number| format!("c{number}")).collect();
    let unknown = unknown.join(";");
    estate.export(
        "clients.csv",
        format!("code_client;nom;{unknown}\nC1;Dupont\n"),
    );
    let answer = estate.crmreco(&["sync", "cave", "--json"]).json();
    let told = messages(&answer, "warnings").concat();
    assert!(told.contains("c18, c19 et 14980 autres"), "{told}");
    let most = longest(
        &estate,
        "SELECT max(length(CAST(message AS BLOB))) FROM run_messages",
    );
    assert!(most < 1000, "{most}");
}

#[test]
fn a_message_of_long_names_ends_at_four_kibibytes_between_two_characters() {
    let estate = Estate::of("plain");
    let long = |sign: char| format!("x{}", sign.to_string().repeat(9_000));
    let header = format!("code_client;nom;{};{}", long('é'), long('ü'));
    estate.export("clients.csv", format!("{header}\nC1;Dupont;a;b\n"));
    let answer = estate.crmreco(&["sync", "cave", "--json"]).json();
    let lengths: Vec<usize> = ["errors", "warnings"]
        .iter()
        .flat_map(|key| messages(&answer, key))
        .map(|message| message.len())
        .collect();
    assert!(
        lengths.iter().all(|length| *length <= MOST_BYTES),
        "{lengths:?}"
    );
    let most = longest(
        &estate,
        "SELECT max(length(CAST(message AS BLOB))) FROM run_messages",
    );
    assert!(most <= MOST_BYTES, "{most}");
}

#[test]
fn each_part_of_a_reject_is_cut() {
    let estate = Estate::of_bad("plain");
    let quantity = format!("Quantité {}", "é".repeat(5_000));
    let estate = estate.setting("COLUMN__SALES_LINES__QUANTITY_UNITS", &quantity);
    let header = format!("numero;client;produit;date;{quantity}");
    let row = format!("F1;C1;P1;2025-01-02;{}", "douze ".repeat(5_000));
    estate.export("ventes.csv", format!("{header}\n{row}\n"));
    let answer = estate.crmreco(&["sync", "cave", "--json"]).json();
    assert_eq!(estate.rejects().len(), 1, "{answer:#}");
    for part in ["origin", "position", "column_name", "value"] {
        let query = format!("SELECT max(length(CAST({part} AS BLOB))) FROM rejects");
        let most = longest(&estate, &query);
        assert!(most <= MOST_BYTES, "{part}: {most}");
    }
    // With its place.
    let most = longest(
        &estate,
        "SELECT max(length(CAST(reason AS BLOB))) FROM rejects",
    );
    assert!(most <= 4 * MOST_BYTES, "{most}");
}

#[test]
fn long_texts_of_older_versions_are_cut_on_pages() {
    let estate = Estate::of("plain");
    estate.sync();
    let database = rusqlite::Connection::open(estate.database()).unwrap();
    let long = "colonne ".repeat(1_000_000);
    database
        .execute(
            "INSERT INTO run_messages VALUES (1, 900, 'error', ?1)",
            [&long],
        )
        .unwrap();
    for number in 0..1000 {
        database
            .execute(
                "INSERT INTO run_messages VALUES (1, 1000 + ?1, 'warning', 'un fichier')",
                [number],
            )
            .unwrap();
    }
    database
        .execute(
            "INSERT INTO rejects (run_id, source, table_name, origin, position, column_name, value, reason)
             VALUES (1, 'cave', 'CUSTOMERS', 'clients.csv', '1', 'nom', ?1, ?1)",
            [&long],
        )
        .unwrap();
    drop(database);
    let served = Served::of(&estate);
    for path in [
        "/connectors",
        "/connectors/cave",
        "/connectors/cave/rejects?run=1",
    ] {
        let page = served.page(path).is(200);
        assert!(page.bytes() < 200_000, "{path}: {} bytes", page.bytes());
    }
    let page = served
        .page("/connectors/cave")
        .says(&["980 autres ne sont pas montrés ici"]);
    assert_eq!(page.text().matches("un fichier").count(), 20);
    // Machines get all of them, each cut.
    let shown = served.json("/connectors/cave/logs").document();
    let warnings = shown["logs"][0]["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1000);
    assert!(shown.to_string().len() < 200_000);
}

#[test]
fn at_most_twenty_connectors_are_named() {
    let estate = Estate::bare();
    for number in 0..30 {
        estate.connector(&format!("chai_{number:02}"), &estate.exports());
    }
    let outcome = estate.crmreco(&["show", "xyz"]).exits(3);
    outcome.says(&["chai_00", "chai_19 et 10 autres"]);
}
