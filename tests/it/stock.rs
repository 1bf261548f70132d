//! Stock is a snapshot: the newest file alone, in place of all that was there.

use std::fmt::Write;
use std::fs;

use crate::common::{Estate, assert_says, counts, messages};

fn keys(estate: &Estate) -> Vec<String> {
    estate.sql("SELECT stock_key FROM stock_levels ORDER BY 1")
}

fn stock_of(products: usize) -> String {
    (1..=products).fold(
        "produit_key;entrepot;quantite\n".to_owned(),
        |mut text, product| {
            writeln!(text, "P{product:03};Principal;{product}").unwrap();
            text
        },
    )
}

#[test]
fn only_the_newest_file_is_read() {
    let estate = Estate::of("stock_snapshots");
    assert_eq!(counts(&estate.sync(), "STOCK_LEVELS").read, 2);
    let rows = estate.sql(
        "SELECT stock_key, product_key, warehouse, quantity_units, reserved_qty, available_qty, quantity_bottles_75cl_eq
         FROM stock_levels ORDER BY 1",
    );
    assert_eq!(
        rows,
        [
            "isavigne-P1@Principal|P1|Principal|90|15|75|90",
            "isavigne-P3@Chai n°2|P3|Chai n°2|30|0|30|30"
        ]
    );
}

#[test]
fn a_snapshot_replaces_the_rows_of_the_one_before() {
    let estate = Estate::of("stock_snapshots");
    let newest = estate.exports().join("stock_2024-12-27.csv");
    fs::rename(&newest, estate.root().join("later.csv")).unwrap();
    estate.sync();
    assert_eq!(
        keys(&estate),
        ["isavigne-P1@Principal", "isavigne-P2@Principal"]
    );

    fs::rename(estate.root().join("later.csv"), &newest).unwrap();
    let stock = counts(&estate.sync(), "STOCK_LEVELS");
    assert_eq!(
        (stock.read, stock.inserted, stock.updated, stock.deleted),
        (2, 1, 1, 1)
    );
    assert_eq!(
        keys(&estate),
        ["isavigne-P1@Principal", "isavigne-P3@Chai n°2"]
    );
}

#[test]
fn a_stock_without_warehouse_is_keyed_by_its_product() {
    let estate = Estate::of("stock_without_warehouse");
    estate.sync();
    assert_eq!(
        estate.sql("SELECT stock_key, quantity_units FROM stock_levels"),
        ["isavigne-P1|12"]
    );
}

#[test]
fn a_snapshot_that_would_delete_more_than_a_fifth_fails_and_names_the_flag() {
    let estate = Estate::empty();
    estate.export("stock.csv", stock_of(60));
    estate.sync();
    let before = estate.dump();
    estate.export("stock.csv", stock_of(47));
    let answer = estate.sync_with(&[], 1);
    assert_says(
        &messages(&answer, "errors").concat(),
        &["autorisant cette suppression"],
    );
    assert_eq!(estate.dump(), before);

    let stock = counts(&estate.sync_with(&["--allow-shrink"], 0), "STOCK_LEVELS");
    assert_eq!((stock.deleted, stock.unchanged), (13, 47));
    assert_eq!(keys(&estate).len(), 47);
}

#[test]
fn a_snapshot_may_delete_a_fifth() {
    let estate = Estate::empty();
    estate.export("stock.csv", stock_of(60));
    estate.sync();
    estate.export("stock.csv", stock_of(48));
    assert_eq!(counts(&estate.sync(), "STOCK_LEVELS").deleted, 12);
}

#[test]
fn a_small_table_may_shrink() {
    let estate = Estate::empty();
    estate.export("stock.csv", stock_of(49));
    estate.sync();
    estate.export("stock.csv", stock_of(5));
    assert_eq!(counts(&estate.sync(), "STOCK_LEVELS").deleted, 44);
}

#[test]
fn a_snapshot_keeps_the_stock_of_another_connector() {
    let estate = Estate::of("stock_without_warehouse");
    estate.connector("chai", &estate.exports());
    estate.crmreco(&["sync", "--all", "--json"]).exits(0);
    estate.export("stock.csv", "produit_key;quantite\nP2;7\n");
    estate.sync();
    let rows = estate.sql("SELECT source, product_key FROM stock_levels ORDER BY source");
    assert_eq!(rows, ["cave|P2", "chai|P1"]);
}

#[test]
fn a_rejected_row_of_a_snapshot_keeps_the_existing_row() {
    let estate = Estate::empty().setting("MAX_REJECTS", "50%");
    estate.export("stock.csv", "produit_key;quantite\nP1;1\nP2;2\n");
    estate.sync();
    estate.export("stock.csv", "produit_key;quantite\nP1;un\nP2;3\n");
    let stock = counts(&estate.sync(), "STOCK_LEVELS");
    assert_eq!((stock.rejected, stock.updated, stock.deleted), (1, 1, 0));
    assert_eq!(
        estate.sql("SELECT product_key, quantity_units FROM stock_levels ORDER BY 1"),
        ["P1|1", "P2|3"]
    );
}

#[test]
fn a_written_total_may_stand_above_its_rows_or_beside_totals_of_groups() {
    let header = "code_produit;depot;quantite\n";
    let rows = "P1;Chai;100\nP1;Cave;50\n";
    let estate = Estate::empty();
    for (text, differs) in [
        (format!("{header}{rows}P1;Total;150\nTotal;;150\n"), false),
        (format!("{header}{rows}P1;Total;150\nTotal;;140\n"), true),
        (format!("{header}Total;;150\n{rows}"), false),
        (format!("{header}Total;;140\n{rows}"), true),
    ] {
        estate.export("stock.csv", &text);
        let warnings = messages(&estate.sync(), "warnings");
        let is_said = |warning: &String| warning.contains("n'est pas la somme des lignes lues");
        assert_eq!(
            warnings.iter().any(is_said),
            differs,
            "{text}\n{warnings:#?}"
        );
    }
}
