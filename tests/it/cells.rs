//! Numbers, dates and yes/no in cells. What cannot be read is rejected with a reason, never guessed.

use crate::common::{Estate, counts};

#[test]
fn every_way_to_write_a_number_is_read() {
    let estate = Estate::of("numbers");
    estate.sync();
    let totals = estate.sql("SELECT price_total_eur FROM sales_lines ORDER BY sale_line_key");
    assert_eq!(
        totals,
        [
            "1234.5", "1234.5", "1234.5", "1234.5", "1234.5", "12.5", "-3", "-3", "-3", "1500"
        ]
    );
}

#[test]
fn an_invalid_number_is_rejected_with_column_value_and_reason() {
    let estate = Estate::of_bad("not_numbers");
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!((sales.read, sales.rejected), (9, 8));
    assert_eq!(
        estate.rejects(),
        [
            "2|quantite|douze",
            "3|quantite|inf",
            "4|quantite|NaN",
            "5|quantite|10000000000001",
            "6|quantite|-1e14",
            "7|quantite|12,34,56",
            "8|quantite|1-2",
            "9|quantite|",
        ]
    );
    assert_eq!(
        estate.sql("SELECT DISTINCT table_name, origin FROM rejects"),
        ["SALES_LINES|ventes.csv"]
    );
    assert_eq!(
        estate.sql("SELECT count(*) FROM rejects WHERE length(reason) < 10"),
        ["0"],
        "each says why"
    );
}

#[test]
fn other_cells_of_the_column_decide_an_ambiguous_number() {
    for (trap, total) in [
        ("number_decided_by_thousands", "1234"),
        ("number_decided_by_decimals", "1.234"),
    ] {
        let estate = Estate::of(trap);
        estate.sync();
        assert_eq!(
            estate.sql(
                "SELECT price_total_eur FROM sales_lines WHERE sale_line_key = 'isavigne-vente|#V1'"
            ),
            [total],
            "{trap}"
        );
    }
}

#[test]
fn an_ambiguous_number_is_rejected() {
    let estate = Estate::of_bad("number_undecided");
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!((sales.inserted, sales.rejected), (1, 1));
    assert_eq!(estate.rejects(), ["2|montant_ttc|1.234"]);
}

#[test]
fn every_way_to_write_a_date_is_read_day_first() {
    let estate = Estate::of("dates");
    estate.sync();
    let dates =
        estate.sql("SELECT substr(date_sale, 1, 10) FROM sales_lines ORDER BY sale_line_key");
    let christmas = "2024-12-27";
    assert_eq!(
        dates,
        [
            christmas,
            christmas,
            christmas,
            christmas,
            christmas,
            christmas,
            "2025-04-03"
        ]
    );
}

#[test]
fn an_impossible_or_future_date_is_rejected() {
    let estate = Estate::of_bad("not_dates");
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!((sales.read, sales.rejected), (8, 7));
    assert_eq!(
        estate.rejects(),
        [
            "2|date|31/02/2025",
            "3|date|12/27/2025",
            "4|date|01/01/2100",
            "5|date|hier",
            "6|date|",
            "7|date|2025-13-01",
            "8|date|0",
        ]
    );
}

#[test]
fn control_characters_reject_their_row_but_a_tab_does_not() {
    let estate = Estate::of_bad("control_characters");
    let customers = counts(&estate.sync(), "CUSTOMERS");
    assert_eq!((customers.inserted, customers.rejected), (1, 2));
    assert_eq!(estate.sql("SELECT city FROM customers"), ["Col mar"]);
}

#[test]
fn a_cell_longer_than_64_kib_rejects_its_row() {
    let estate = Estate::empty().setting("MAX_REJECTS", "100%");
    let (longest, too_long) = ("x".repeat(64 * 1024), "x".repeat(64 * 1024 + 1));
    estate.export(
        "clients.csv",
        format!("code_client;nom;adresse\nC1;Dupont;{longest}\nC2;Müller;{too_long}\n"),
    );
    let customers = counts(&estate.sync(), "CUSTOMERS");
    assert_eq!((customers.inserted, customers.rejected), (1, 1));
}

#[test]
fn yes_and_no_have_many_names() {
    let estate = Estate::of("booleans");
    estate.sync();
    let flags = estate.sql("SELECT email_opt_out FROM customers ORDER BY customer_key");
    assert_eq!(
        flags,
        ["1", "0", "1", "0", "1", "0", "1", "0", "1", "0", "1"]
    );
}

#[test]
fn a_rejected_row_keeps_the_existing_row() {
    let estate = Estate::of_bad("plain");
    estate.sync();
    let before = estate.sql("SELECT * FROM sales_lines ORDER BY sale_line_key");
    estate.export(
        "ventes.csv",
        estate
            .export_text("ventes.csv")
            .replace("27/12/2024;6;", "31/02/2025;7;"),
    );
    let sales = counts(&estate.sync(), "SALES_LINES");
    assert_eq!((sales.rejected, sales.unchanged), (1, 4));
    assert_eq!(
        estate.sql("SELECT * FROM sales_lines ORDER BY sale_line_key"),
        before
    );
}

#[test]
fn bottles_are_counted_in_75_cl_whatever_the_unit() {
    let estate = Estate::of("bottles");
    let answer = estate.sync();
    let bottles =
        estate.sql("SELECT unit, quantity_bottles_75cl_eq FROM sales_lines ORDER BY sale_line_key");
    let expected = [
        "bouteille|2",
        "magnum|4",
        "demi|1",
        "carton de 6|12",
        "caisse 12|24",
        "C6|12",
        "6x75cl|12",
        "carton|24",
        "37,5 cl|1",
        "clavelin|1.6533",
        "double magnum|8",
        "litre|2.6667",
    ];
    assert_eq!(bottles[..expected.len()], expected);
    // Without a unit: the product's own format, then 75 cl. An unknown unit counts as bottles, with a warning.
    let last: Vec<_> = bottles[expected.len()..]
        .iter()
        .map(|row| row.rsplit('|').next().unwrap())
        .collect();
    assert_eq!(last, ["2", "2", "4"]);
    crate::common::the_message(&answer, "warnings", "machin");
}

#[test]
fn a_setting_gives_the_bottles_of_a_case() {
    let estate = Estate::of("bottles").setting("CASE_SIZE", "6");
    estate.sync();
    assert_eq!(
        estate.sql("SELECT quantity_bottles_75cl_eq FROM sales_lines WHERE unit = 'carton'"),
        ["12"]
    );
}

#[test]
fn a_hostile_cell_is_cut_and_printed_without_control_characters() {
    let estate = Estate::of_bad("plain");
    let long = "x".repeat(100_000);
    estate.export(
        "clients.csv",
        format!("code_client;nom\nC1;\u{1b}[31mrouge\nC2;{long}\nC3;Dupont\n"),
    );
    estate.sync();
    let values = estate.sql("SELECT value FROM rejects ORDER BY reject_id");
    assert_eq!(values[0], "\u{241b}[31mrouge");
    assert_eq!(
        values[1].chars().count(),
        201,
        "two hundred, and an ellipsis"
    );
    let told = estate.crmreco(&["logs", "cave", "--rejects"]).exits(0);
    assert!(!told.text().contains('\u{1b}'), "{}", told.text());
}
